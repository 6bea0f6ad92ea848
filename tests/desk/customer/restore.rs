//! Erasures that a restored backup has lost.

use std::fs;

use super::{CORE_ID, JULIA, TOM, ends, execute, pseudonym, runs, starts, with_two_sessions};

#[tokio::test]
async fn erasure_is_repeated_after_a_restore() {
    let place = with_two_sessions().await;
    let julia = pseudonym(&place, CORE_ID).await;
    let backup = fs::read(place.store_file("")).unwrap();
    let erased = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    // The log as a shipper has kept it, with the same line twice and a line of another program.
    let log = format!("{0}not JSON\n{0}", erased.stderr);
    fs::write(place.folder.path().join("shipped.jsonl"), log).unwrap();
    let command = "customer erase --from-log shipped.jsonl";
    let nothing = place.start(&format!("{command} --yes"), &[]).ends().await;
    assert_eq!(
        (nothing.code, nothing.stdout.as_str()),
        (Some(0), "no erasure of the log has to be repeated\n"),
        "{nothing:?}"
    );

    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.store_file(ending));
    }
    fs::write(place.store_file(""), backup).unwrap();
    assert_eq!(pseudonym(&place, CORE_ID).await, julia);
    let shown = place.start(command, &[]).ends().await;
    let lines: Vec<_> = shown.stdout.lines().collect();
    assert_eq!((shown.code, lines.len()), (Some(0), 3), "{shown:?}");
    assert!(lines[0].starts_with(&format!("would erase C-{}: sessions: 2", &julia[..6])));

    // Neither Core nor its address is needed.
    let (url, key, trail) =
        (place.store_url(), crate::installation::KEY, crate::installation::TRAIL_KEY);
    let settings = [("DATABASE_URL", url.as_str()), ("STORE_KEY", key), ("TRAIL_KEY", trail)];
    let erased = place.start_with(&format!("{command} --yes"), &settings).ends().await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    assert!(erased.stdout.starts_with("erased C-"), "{erased:?}");
    let again = place.start_with(&format!("{command} --yes"), &settings).ends().await;
    assert!(again.stdout.starts_with("no erasure of the log"), "{again:?}");
    let gone = place.start(&format!("customer export < {JULIA}"), &[]).ends().await;
    assert!(gone.sentence().contains("nothing is stored about this customer"), "{gone:?}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test]
async fn open_session_and_broken_line_of_a_log_are_reported() {
    let (place, program) = runs().await;
    let ben = place.sandbox.discord.person("ben");
    starts(&ben, TOM).await;
    ends(program).await;
    let tom = pseudonym(&place, "usr-tom").await;
    let line = |customer: &str| {
        let details = format!(r#"{{\"customer\":\"{customer}\",\"sessions\":1}}"#);
        let target = support_desk::trail::TRAIL;
        format!(r#"{{"target":"{target}","kind":"customer_erased","details":"{details}"}}"#)
    };
    let log = [line(&tom), line("nobody"), line(&"0".repeat(26))].join("\n");
    fs::write(place.folder.path().join("log"), log).unwrap();
    // A lockout of the backup is no reason.
    let lockout =
        format!("insert into lockouts (subject, until) values ('customer:{tom}', {})", i64::MAX);
    execute(&place.store_url(), lockout).await;
    let refused = place.start("customer erase --from-log log --yes", &[]).ends().await;
    let lines: Vec<_> = refused.stdout.lines().collect();
    assert_eq!((refused.code, lines.len()), (Some(1), 3), "{refused:?}");
    assert!(lines[0].contains("has 1 open session(s)"), "{refused:?}");
    assert_eq!(lines[1], "line 2 of the log names an erasure and cannot be read");

    execute(&place.store_url(), "update sessions set closed_at = 1".to_owned()).await;
    let erased = place.start("customer erase --from-log log --yes", &[]).ends().await;
    assert!(erased.stdout.contains("erased C-"), "{erased:?}");
    let missing = place.start("customer erase --from-log none", &[]).ends().await;
    assert!(missing.sentence().contains("cannot read none"), "{missing:?}");
}
