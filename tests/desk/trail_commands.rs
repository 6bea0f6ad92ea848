//! `support-desk trail verify` and `support-desk trail export`, run as a program.

use std::fs::File;
use std::process::Stdio;

use insta::assert_snapshot;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::installation::{Installation, KEY, TRAIL_KEY, keyring};
use crate::program::Ended;

/// Returns a place whose trail has one look-up and one checkpoint, and that checkpoint.
async fn with_one_event() -> (Installation, String) {
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types("/support technical email:nobody@example.com").await;
    ben.sees().await;
    program.signal("-TERM");
    let ended = program.ends().await;
    let line = ended
        .stderr
        .lines()
        .find(|line| line.contains("trail checkpoint written"))
        .unwrap_or_else(|| panic!("{ended:?}"));
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let checkpoint = line["checkpoint"].as_str().unwrap().to_owned();
    assert!(checkpoint.starts_with("1:") && checkpoint.len() == 88, "{checkpoint}");
    (place, checkpoint)
}

async fn verify(place: &Installation, more: &str) -> Ended {
    place.start(&format!("trail verify{more}"), &[("RUST_LOG", "warn")]).ends().await
}

async fn bends(place: &Installation, statement: String) {
    let mut store = AnyConnection::connect(&place.store_url()).await.unwrap();
    assert!(
        sqlx::query(AssertSqlSafe(statement)).execute(&mut store).await.unwrap().rows_affected()
            > 0
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn verify_reports_findings_and_exit_codes() {
    let (place, checkpoint) = with_one_event().await;
    let well = verify(&place, &format!(" --checkpoint {checkpoint}")).await;
    assert_eq!((well.code, well.stderr.as_str()), (Some(0), ""), "{well:?}");
    assert_snapshot!(well.stdout.replace(&checkpoint, "1:…"), @"
    1 events in 1 chains: nothing was changed, removed, moved or cut off
    the public keys came from the database, where a writer can have put them: to rule that out, use --public-key with the keys that `support-desk key` printed
    the newest checkpoint is 1:…; compare it with the newest in the log
    ");

    let other = verify(&place, " --checkpoint 1:another").await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert_snapshot!(other.stdout.replace(&checkpoint, "1:…"), @"
    checkpoint 1 differs from the one in the log, or was removed
    1 events in 1 chains: 1 finding
    the public keys came from the database, where a writer can have put them: to rule that out, use --public-key with the keys that `support-desk key` printed
    the newest checkpoint is 1:…; compare it with the newest in the log
    ");
    let later = verify(&place, " --checkpoint 3:another").await;
    assert_eq!(
        (later.code, later.stdout.lines().next()),
        (Some(1), Some("checkpoints 2 to 3 are missing")),
        "{later:?}"
    );
    let no_checkpoint = verify(&place, " --checkpoint one").await;
    assert_eq!(no_checkpoint.code, Some(2), "{no_checkpoint:?}");
    assert!(
        no_checkpoint.stderr.contains("write it as NUMBER:SIGNATURE, as in the log"),
        "{no_checkpoint:?}"
    );

    bends(&place, "update events set actor = 'discord:1', at = 0".to_owned()).await;
    let bent = verify(&place, "").await;
    assert_eq!((bent.code, bent.stderr.as_str()), (Some(1), ""), "{bent:?}");
    let chain = bent.stdout.split(':').take(2).collect::<Vec<_>>().join(":");
    assert!(chain.starts_with("actor discord:"), "{bent:?}");
    assert_snapshot!(bent.stdout.replace(&checkpoint, "1:…").replace(&chain, "actor ben"), @"
    actor ben: event 1 (looked_up, 1970-01-01T00:00:00Z) was changed, moved or forged
    1 events in 1 chains: 1 finding
    the public keys came from the database, where a writer can have put them: to rule that out, use --public-key with the keys that `support-desk key` printed
    the newest checkpoint is 1:…; compare it with the newest in the log
    ");
}

#[tokio::test]
async fn export_writes_json_lines_and_csv() {
    let (place, _) = with_one_event().await;
    let lines = place.start("trail export", &[]).ends().await;
    assert_eq!((lines.code, lines.stderr.as_str()), (Some(0), ""), "{lines:?}");
    let event = lines.stdout.lines().find(|line| line.contains("looked_up")).unwrap();
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let (actor, at) = (event["actor"].as_str().unwrap(), event["at"].as_str().unwrap());
    assert_eq!(
        (&event["kind"], &event["seq"], event["chain"].as_str()),
        (&"looked_up".into(), &1.into(), Some(actor))
    );

    let csv = place.start("trail export --format csv", &[]).ends().await;
    assert_eq!(csv.code, Some(0), "{csv:?}");
    let (names, row) = csv.stdout.split_once('\n').unwrap();
    assert_eq!(names, "at,chain,seq,actor,session,kind,details,about,key,signature");
    assert!(row.starts_with(&format!("{at},{actor},1,{actor},,looked_up,\"{{")), "{row}");

    let before = place.start(&format!("trail export --to {at}"), &[]).ends().await;
    assert_eq!((before.code, before.stdout.contains("looked_up")), (Some(0), false), "{before:?}");
    let from = place.start(&format!("trail export --from {at}"), &[]).ends().await;
    assert!(from.stdout.contains("looked_up"), "{from:?}");
    let wrong = place.start("trail export --from yesterday", &[]).ends().await;
    assert!(
        wrong.code == Some(2) && wrong.stderr.contains("write it like 2026-01-31T00:00:00Z"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn small_commands_need_only_their_settings() {
    let (place, _) = with_one_event().await;
    let url = place.store_url();
    let store = ("DATABASE_URL", url.as_str());
    let (key, trail_key) = (("STORE_KEY", KEY), ("TRAIL_KEY", TRAIL_KEY));
    bends(&place, "insert into lockouts (subject, until) values ('agent:1', 1)".to_owned()).await;
    for (command, settings) in [
        ("trail verify", &[store][..]),
        ("unlock agent:1", &[store, key, trail_key]),
        ("trail prune", &[store, key, trail_key]),
        ("rekey", &[store, key, trail_key]),
        ("end-sessions", &[store, key, trail_key]),
        ("trail export", &[store]),
        ("migrate", &[store]),
        ("key", &[]),
    ] {
        let ended = place.start_with(command, settings).ends().await;
        // The events that a command writes are log lines too.
        let is_event = |line: &str| line.contains("\"target\":\"support_desk::trail\"");
        assert!(ended.code == Some(0) && ended.stderr.lines().all(is_event), "{ended:?}");
        assert!(!ended.stdout.is_empty(), "{command}");
    }
    let without_keys = place.start_with("rekey", &[store]).ends().await;
    for missing in ["STORE_KEY: is not set", "TRAIL_KEY: is not set"] {
        assert!(without_keys.sentence().contains(missing), "{without_keys:?}");
    }
    assert!(!without_keys.stderr.contains("DISCORD"), "{without_keys:?}");

    for command in ["trail verify", "trail export", "unlock agent:1"] {
        let elsewhere = url.replace("desk.db", "none.db");
        let settings = [("DATABASE_URL", elsewhere.as_str()), key, trail_key];
        let ended = place.start_with(command, &settings).ends().await;
        assert!(ended.sentence().contains("none.db does not exist"), "{ended:?}");
    }
}

#[tokio::test]
async fn keys_of_another_store_are_refused() {
    let (place, _) = with_one_event().await;
    let store_key = ("STORE_KEY", "JSlFx/M1+t9uFbuHP00RfVqh4jq6YKMSIr+gPqRSk3g=");
    let trail_key = ("TRAIL_KEY", "trail-secret:JSlFx/M1+t9uFbuHP00RfVqh4jq6YKMSIr+gPqRSk3g=");
    bends(&place, "insert into lockouts (subject, until) values ('agent:1', 1)".to_owned()).await;
    let foreign_store =
        "STORE_KEY does not belong to this store: none of its rows was written under it";
    let foreign_trail =
        "TRAIL_KEY does not belong to this store: it has been signed with other keys only";
    for command in ["unlock agent:1", "end-sessions", "trail prune"] {
        let ended = place.start(command, &[store_key]).ends().await;
        assert!(ended.sentence().trim_end().ends_with(foreign_store), "{command}: {ended:?}");
        let ended = place.start(command, &[trail_key]).ends().await;
        assert!(ended.sentence().trim_end().ends_with(foreign_trail), "{command}: {ended:?}");
    }
    let swapped = [("STORE_KEY", TRAIL_KEY), ("TRAIL_KEY", KEY)];
    let swapped = place.start("unlock agent:1", &swapped).ends().await;
    assert!(
        swapped.stderr.contains("STORE_KEY: write 32 random bytes in base64")
            && swapped.stderr.contains("TRAIL_KEY: write trail-secret:"),
        "{swapped:?}"
    );
    let missing = place.start("rekey", &[trail_key]).ends().await;
    assert!(missing.sentence().contains("add it there, or use --lost-trail-key"), "{missing:?}");
    let intact = verify(&place, "").await;
    assert_eq!(intact.code, Some(0), "{intact:?}");
}

#[tokio::test]
async fn auditor_needs_the_public_key_only() {
    let (place, checkpoint) = with_one_event().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let public = keyring().trail.current().public().to_string();
    std::fs::write(path("keys"), format!("# of the desk\n{public}\n")).unwrap();
    let url = place.store_url();
    let store = [("DATABASE_URL", url.as_str())];
    let trusted = format!("trail verify --public-key {}", path("keys"));
    let well = place.start_with(&trusted, &store).ends().await;
    assert_eq!(well.code, Some(0), "{well:?}");
    assert!(!well.stdout.contains("came from the database"), "{well:?}");

    // The export is verified without the database.
    let exported = place.start_with("trail export", &store).ends().await;
    std::fs::write(path("export"), &exported.stdout).unwrap();
    let in_file = format!("{trusted} --file {} --checkpoint {checkpoint}", path("export"));
    let well = place.start_with(&in_file, &[]).ends().await;
    assert_eq!(well.code, Some(0), "{well:?}");
    std::fs::write(path("export"), exported.stdout.replace("looked_up", "loked_up")).unwrap();
    let bent = place.start_with(&in_file, &[]).ends().await;
    assert_eq!(bent.code, Some(1), "{bent:?}");
    assert!(bent.stdout.contains("was changed, moved or forged"), "{bent:?}");
    std::fs::write(path("export"), &exported.stdout[..exported.stdout.len() / 2]).unwrap();
    let cut = place.start_with(&in_file, &[]).ends().await;
    assert!(cut.sentence().trim_end().ends_with("is no line of an export"), "{cut:?}");

    for (file, sentence) in [
        ("none", "cannot read "),
        ("export", "not `trail-public:` and 32 bytes in base64, as `support-desk key` prints it"),
    ] {
        let ended = place
            .start_with(&format!("trail verify --public-key {}", path(file)), &store)
            .ends()
            .await;
        assert!(ended.sentence().contains(sentence), "{ended:?}");
    }
}

#[tokio::test]
async fn new_keys_are_printed_as_settings() {
    let place = Installation::new().await;
    let printed = place.start_with("key", &[]).ends().await;
    let lines: Vec<_> = printed.stdout.lines().collect();
    let store = lines[0].strip_prefix("STORE_KEY=").unwrap();
    let trail = lines[1].strip_prefix("TRAIL_KEY=").unwrap();
    let keys = support_desk::keyring::Keyring::parse(store, trail).unwrap();
    assert_eq!(lines[3], format!("# {}", keys.trail.current().public()));
    assert_eq!(lines.len(), 4, "{printed:?}");
}

#[tokio::test]
async fn full_or_closed_output_ends_the_command() {
    let (place, _) = with_one_event().await;
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for (command, sentence) in [
        ("key", "support-desk: cannot write the result: No space left on device"),
        ("check", "support-desk: cannot write the result: No space left on device"),
        ("trail verify", "support-desk: No space left on device"),
        ("trail export", "support-desk: No space left on device"),
    ] {
        let ended = place.start_into(command, full()).ends().await;
        assert!(ended.sentence().starts_with(sentence), "{command}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{command}: {ended:?}");
    }
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    // A result that was not read to its end is no success.
    for (command, code) in [("trail export", 0), ("trail verify", 1), ("check", 1)] {
        let ended = place.start_into(command, closed()).ends().await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{command}");
    }
}

#[tokio::test]
async fn refused_prune_leaves_no_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, _) = with_one_event().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    let prune = |before: &str| format!("trail prune --before {before} --export {}", file.display());
    let future = place.start(&prune("9000-01-01T00:00:00Z"), &[]).ends().await;
    let is_refused = future.stderr.contains("this time is in the future");
    assert!(future.code == Some(2) && is_refused, "{future:?}");

    let before = prune("2020-01-01T00:00:00Z");
    let foreign = ("TRAIL_KEY", "trail-secret:JSlFx/M1+t9uFbuHP00RfVqh4jq6YKMSIr+gPqRSk3g=");
    let refused = place.start(&before, &[foreign]).ends().await;
    assert_eq!((refused.code, file.exists()), (Some(1), false), "{refused:?}");

    let done = place.start(&before, &[]).ends().await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
