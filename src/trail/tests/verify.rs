//! Verification after tampering by a person with the database but without the key.

use std::sync::Arc;
use std::time::Duration;

use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use crate::store::Database;
use crate::store::seal::test_key;
use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, findings, found, id, moved, on_both,
};
use crate::trail::{AuditSummary, CHECKPOINT_EVERY, ExportFormat, audit, export};

/// Writes twelve events: two closed sessions with a revocation, and two refusals outside sessions.
pub(super) async fn write_trail(database: &Database) {
    for n in 1..=2 {
        let session = found(n, 7, &n.to_string());
        let own = |kinds: &[&'static str]| {
            kinds.iter().map(|kind| event(Some(&id(n)), kind)).collect::<Vec<_>>()
        };
        database
            .commit(Commit { events: own(&[kind::LOOKED_UP]), ..commit_of(session.clone()) })
            .await
            .unwrap();
        let session = moved(commands::model::session::Session { version: 1, ..session }, NOON);
        database
            .commit(Commit {
                events: own(&[kind::STARTED, kind::CHOSEN]),
                ..commit_of(session.clone())
            })
            .await
            .unwrap();
        let session = closed(commands::model::session::Session { version: 2, ..session }, NOON);
        database
            .commit(Commit {
                events: own(&[kind::CLOSED, kind::REVOKE_ASKED]),
                ..commit_of(session)
            })
            .await
            .unwrap();
    }
    database
        .commit(Commit {
            events: vec![event(None, kind::REFUSED), event(None, kind::REFUSED)],
            ..empty_commit(NOON)
        })
        .await
        .unwrap();
}

/// Tampers with the database by these statements and returns the findings.
pub(super) async fn findings_after(database: &Database, statements: &[String]) -> Vec<String> {
    let mut transaction = database.pools.writes.begin().await.unwrap();
    for statement in statements {
        let done =
            sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
    }
    transaction.commit().await.unwrap();
    findings(database, None).await
}

#[tokio::test]
async fn intact_trail_has_no_findings() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let database = bed.open().await;
        let summary = audit(&database, None, |finding| panic!("{finding}")).await.unwrap();
        assert_eq!(summary, AuditSummary { events: 12, chains: 3, checkpoint: None });
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_tampering_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let (one, two) = (id(1), id(2));
        let (free, back) = (100, 3);
        for (statements, expected) in [
            (
                vec![format!(
                    "update events set actor = 'discord:8' where chain = '{one}' and seq = 2"
                )],
                vec![format!(
                    "session {one}: event 2 (started, 2023-11-14T22:13:20Z) was changed or forged"
                )],
            ),
            (
                vec![format!(
                    "update events set actor = 'discord:7' where chain = '{one}' and seq = 2"
                )],
                vec![],
            ),
            (
                vec![
                    format!("update events set seq = {free} where chain = '{one}' and seq = 2"),
                    format!("update events set seq = 2 where chain = '{one}' and seq = 3"),
                    format!(
                        "update events set seq = {back} where chain = '{one}' and seq = {free}"
                    ),
                ],
                vec![
                    format!("session {one}: event 2 was moved there from 3"),
                    format!("session {one}: event 3 was moved there from 2"),
                ],
            ),
            (
                vec![format!("delete from events where chain = '{one}' and seq in (2, 3)")],
                vec![format!("session {one}: events 2 to 3 were removed")],
            ),
            (
                vec![format!("delete from events where chain = '{one}' and seq > 3")],
                vec![format!(
                    "session {one}: the events after 1 were removed; the last was event 5"
                )],
            ),
            (
                vec![format!("delete from events where chain = '{one}'")],
                vec![format!("session {one}: all events were removed; the last was event 5")],
            ),
            (
                vec![
                    format!("delete from sessions where id = '{one}'"),
                    "delete from events where chain = 'discord:7' and seq = 2".to_owned(),
                ],
                vec![
                    "actor discord:7: the events after 1 were removed; the last was event 2"
                        .to_owned(),
                ],
            ),
            (
                vec![
                    "update chains set seq = 1, mac = (select mac from events where chain = \
                     'discord:7' and seq = 1)"
                        .to_owned(),
                    format!("delete from sessions where id = '{two}'"),
                ],
                vec![format!("session {two}: its row was removed")],
            ),
        ] {
            assert_eq!(findings_after(&database, &statements).await, expected, "{statements:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn removed_session_is_found_by_checkpoint() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let made = database.checkpoint(NOON).await.unwrap().unwrap();
        assert_eq!((made.seq, made.heads), (1, 3));
        assert_eq!(findings(&database, Some((1, &made.mac))).await, [""; 0]);
        let (one, two) = (id(1), id(2));
        assert_eq!(
            findings_after(
                &database,
                &[
                    format!("delete from events where chain = '{one}'"),
                    format!("delete from sessions where id = '{one}'"),
                    // Together with its head, which becomes the MAC of the last remaining event.
                    format!("delete from events where chain = '{two}' and seq > 2"),
                    format!(
                        "update sessions set trail_seq = 2, trail_mac =
                             (select mac from events where chain = '{two}' and seq = 2) where id \
                             = '{two}'"
                    ),
                ]
            )
            .await,
            [
                format!(
                    "session {two}: the events after 2 were removed; checkpoint 1 names event 5"
                ),
                format!(
                    "session {one}: all events and its row were removed; checkpoint 1 names it"
                ),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn trail_is_invalid_under_another_key() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let other =
            Database::open(&bed.url, Arc::new(test_key(2)), bed.clock.clone()).await.unwrap();
        assert_eq!(findings(&other, None).await.len(), 12);
    })
    .await;
}

/// Writes one more event outside sessions.
async fn add_event(database: &Database, after: Duration) {
    let refused = TrailEvent { at: NOON + after, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(NOON) }).await.unwrap();
}

#[tokio::test]
async fn cut_off_is_found_by_an_older_checkpoint() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        for _ in 0..3 {
            add_event(&database, Duration::ZERO).await;
        }
        let second = Duration::from_secs(1);
        database.checkpoint(NOON).await.unwrap().unwrap();
        let cut = [
            "delete from events where chain = 'discord:7' and seq > 3".to_owned(),
            "update chains set seq = 3, mac = (select mac from events where chain = 'discord:7' \
             and seq = 3)"
                .to_owned(),
        ];
        let expected = "actor discord:7: the events after 3 were removed; checkpoint 1 names \
         event 5";
        assert_eq!(findings_after(&database, &cut).await, [expected]);
        add_event(&database, second).await;
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        let expected = "actor discord:7: the events after 4 were removed; checkpoint 1 names \
         event 5";
        assert_eq!(findings(&database, None).await, [expected]);
        add_event(&database, second).await;
        add_event(&database, second).await;
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap().unwrap();
        let expected = "actor discord:7: event 5 (refused, 2023-11-14T22:13:21Z) is not the one \
         that checkpoint 1 names: the chain was cut off and continued";
        assert_eq!(findings(&database, None).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn extreme_numbers_are_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let one = id(1);
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(
            findings_after(
                &database,
                &["update checkpoints set seq = 1000000000000 where seq = 2".to_owned()]
            )
            .await,
            ["checkpoints 2 to 999999999999 are missing"]
        );
        assert_eq!(
            findings(&database, Some((i64::MAX, "x"))).await[1..],
            ["checkpoints 1000000000001 to 9223372036854775807 are missing"]
        );
        assert_eq!(
            findings_after(
                &database,
                &["update checkpoints set seq = -7 where seq = 1".to_owned()]
            )
            .await,
            [
                "checkpoint -7 was changed, or differs from the one in the log",
                "checkpoints 1 to 999999999999 are missing",
            ]
        );
        findings_after(
            &database,
            &["delete from checkpoints".to_owned(), "delete from checkpoint_heads".to_owned()],
        )
        .await;
        let far = [
            format!("update events set details = '{{}}' where chain = '{one}' and seq = 3"),
            format!("update events set seq = {} where chain = '{one}' and seq = 5", i64::MAX),
        ];
        assert_eq!(
            findings_after(&database, &far).await,
            [
                format!(
                    "session {one}: event 3 (ecosystem_chosen, 2023-11-14T22:13:20Z) was \
                 changed or forged"
                ),
                format!("session {one}: events 5 to 9223372036854775806 were removed"),
                format!("session {one}: its head does not match its last event"),
            ]
        );
        let below = [format!("update events set seq = -1 where chain = '{one}' and seq = 1")];
        let below = findings_after(&database, &below).await;
        assert_eq!(
            below[..2],
            [
                format!("session {one}: event -1 was moved there from 1"),
                format!("session {one}: event 1 was removed"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn event_beside_lost_mac_is_not_accused() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let one = id(1);
        let finding = |n, kind, verdict| {
            format!("session {one}: event {n} ({kind}, 2023-11-14T22:13:20Z) {verdict}")
        };
        let changed = "was changed or forged";
        let unverifiable = "cannot be verified, because the event before it was changed";
        for (mac, third) in
            [("null", changed), ("'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'", unverifiable)]
        {
            let statement =
                [format!("update events set mac = {mac} where chain = '{one}' and seq in (2, 3)")];
            let expected = [finding(2, "started", changed), finding(3, "ecosystem_chosen", third)];
            assert_eq!(findings_after(&database, &statement).await, expected, "{mac}");
        }
        // The event after one that was changed together with its MAC cannot be verified.
        let statement =
            [format!("update events set details = '{{}}' where chain = '{one}' and seq = 3")];
        let expected = [
            finding(2, "started", changed),
            finding(3, "ecosystem_chosen", unverifiable),
            finding(4, "closed", unverifiable),
        ];
        assert_eq!(findings_after(&database, &statement).await, expected);
    })
    .await;
}

#[tokio::test]
async fn wrongly_typed_cell_hides_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        if !bed.url.starts_with("sqlite:") {
            // PostgreSQL enforces the types.
            return;
        }
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap().unwrap();
        let (one, two) = (id(1), id(2));
        let changed = |session: &commands::model::words::SessionId, n, kind| {
            format!(
                "session {session}: event {n} ({kind}, 2023-11-14T22:13:20Z) was changed or forged"
            )
        };
        let statements = [
            format!("update events set details = x'00' where chain = '{one}' and seq = 2"),
            format!(
                "update events set details = cast(x'ff' as text) where chain = '{one}' and seq = 4"
            ),
            format!("update events set actor = 'discord:8' where chain = '{two}' and seq = 3"),
        ];
        let expected = [
            changed(&one, 2, "started"),
            changed(&one, 4, "closed"),
            changed(&two, 3, "ecosystem_chosen"),
        ];
        assert_eq!(findings_after(&database, &statements).await, expected);
        for format in [ExportFormat::Jsonl, ExportFormat::Csv] {
            let mut out = Vec::new();
            export(&database, format, None, None, &mut out).await.unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.lines().filter(|line| line.contains("2023-11")).count(), 12, "{out}");
            assert_eq!(
                out.matches("\"details\":null").count(),
                if format == ExportFormat::Jsonl { 2 } else { 0 }
            );
        }
        let statements = [
            format!("update events set seq = 'last' where chain = '{two}' and seq = 5"),
            "update checkpoints set heads = 'many'".to_owned(),
            format!("update checkpoint_heads set mac = x'00' where chain = '{two}'"),
            "update chains set seq = 'two'".to_owned(),
        ];
        assert_eq!(
            findings_after(&database, &statements).await,
            [
                "checkpoint 1 was changed, or differs from the one in the log".to_owned(),
                "actor discord:7: its head does not match its last event".to_owned(),
                changed(&one, 2, "started"),
                changed(&one, 4, "closed"),
                format!(
                    "session {two}: the number of an event (revoke_asked, \
                 2023-11-14T22:13:20Z) cannot be read"
                ),
                changed(&two, 3, "ecosystem_chosen"),
                format!("session {two}: the events after 4 were removed; the last was event 5"),
            ]
        );
    })
    .await;
}
