//! `support-desk trail verify` and `support-desk trail export`, run as a program.

use std::fs::File;
use std::process::Stdio;

use insta::assert_snapshot;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::program::{Ended, Installation, KEY};

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
    assert!(checkpoint.starts_with("1:") && checkpoint.len() == 45, "{checkpoint}");
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
    the newest checkpoint is 1:…; compare it with the newest in the log
    ");

    let other = verify(&place, " --checkpoint 1:another").await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert_snapshot!(other.stdout.replace(&checkpoint, "1:…"), @"
    checkpoint 1 was changed, or differs from the one in the log
    1 events in 1 chains: 1 finding
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
        no_checkpoint.stderr.contains("write it as NUMBER:MAC, as in the log"),
        "{no_checkpoint:?}"
    );

    bends(&place, "update events set actor = 'discord:1', at = 0".to_owned()).await;
    let bent = verify(&place, "").await;
    assert_eq!((bent.code, bent.stderr.as_str()), (Some(1), ""), "{bent:?}");
    let chain = bent.stdout.split(':').take(2).collect::<Vec<_>>().join(":");
    assert!(chain.starts_with("actor discord:"), "{bent:?}");
    assert_snapshot!(bent.stdout.replace(&checkpoint, "1:…").replace(&chain, "actor ben"), @"
    actor ben: event 1 (looked_up, 1970-01-01T00:00:00Z) was changed or forged
    1 events in 1 chains: 1 finding
    the newest checkpoint is 1:…; compare it with the newest in the log
    ");
}

#[tokio::test]
async fn export_writes_json_lines_and_csv() {
    let (place, _) = with_one_event().await;
    let lines = place.start("trail export", &[]).ends().await;
    assert_eq!((lines.code, lines.stderr.as_str()), (Some(0), ""), "{lines:?}");
    let event: serde_json::Value = serde_json::from_str(lines.stdout.trim_end()).unwrap();
    let (actor, at) = (event["actor"].as_str().unwrap(), event["at"].as_str().unwrap());
    assert_eq!(
        (&event["kind"], &event["seq"], event["chain"].as_str()),
        (&"looked_up".into(), &1.into(), Some(actor))
    );

    let csv = place.start("trail export --format csv", &[]).ends().await;
    assert_eq!(csv.code, Some(0), "{csv:?}");
    let (names, row) = csv.stdout.split_once('\n').unwrap();
    assert_eq!(names, "at,chain,seq,actor,session,kind,details,mac");
    assert!(row.starts_with(&format!("{at},{actor},1,{actor},,looked_up,\"{{")), "{row}");

    let before = place.start(&format!("trail export --to {at}"), &[]).ends().await;
    assert_eq!((before.code, before.stdout.as_str()), (Some(0), ""), "{before:?}");
    let from = place.start(&format!("trail export --from {at}"), &[]).ends().await;
    assert_eq!(from.stdout, lines.stdout);
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
    let key = ("STORE_KEY", KEY);
    bends(&place, "insert into lockouts (subject, until) values ('agent:1', 1)".to_owned()).await;
    for (command, settings) in [
        ("trail verify", &[store, key][..]),
        ("unlock agent:1", &[store, key]),
        ("trail export", &[store]),
        ("migrate", &[store]),
        ("key", &[]),
    ] {
        let ended = place.start_with(command, settings).ends().await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}: {ended:?}");
        assert!(!ended.stdout.is_empty(), "{command}");
    }
    let without_key = place.start_with("trail verify", &[store]).ends().await;
    assert!(without_key.sentence().contains("STORE_KEY: is not set"), "{without_key:?}");
    assert!(!without_key.stderr.contains("DISCORD"), "{without_key:?}");

    for command in ["trail verify", "trail export", "unlock agent:1"] {
        let elsewhere = url.replace("desk.db", "none.db");
        let ended = place.start_with(command, &[("DATABASE_URL", &elsewhere), key]).ends().await;
        assert!(ended.sentence().contains("none.db does not exist"), "{ended:?}");
    }
}

#[tokio::test]
async fn key_of_another_store_is_refused() {
    let (place, _) = with_one_event().await;
    let other = ("STORE_KEY", "JSlFx/M1+t9uFbuHP00RfVqh4jq6YKMSIr+gPqRSk3g=");
    let verified = place.start("trail verify", &[other]).ends().await;
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert_snapshot!(verified.stdout, @"STORE_KEY does not belong to this store: no event or checkpoint of the trail fits it");
    bends(&place, "insert into lockouts (subject, until) values ('agent:1', 1)".to_owned()).await;
    let unlocked = place.start("unlock agent:1", &[other]).ends().await;
    assert_snapshot!(unlocked.sentence(), @"support-desk: unlocking a subject: STORE_KEY does not belong to this store: no event or checkpoint of the trail fits it");
    let intact = verify(&place, "").await;
    assert_eq!(intact.code, Some(0), "{intact:?}");
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
