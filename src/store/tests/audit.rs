//! The trail after somebody with the database, and without the key, was at it.

use std::sync::Arc;
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use crate::store::testing::{NOON, act, closed, findings, found, id, moved, nothing, of, on_both};
use crate::store::{CHECKPOINT_EVERY, Database, Seen};

/// Two sessions, one closed with a revocation after it, and somebody who was refused.
pub(super) async fn trail(database: &Database) {
    for n in 1..=2 {
        let session = found(n, 7, &n.to_string());
        let own = |whats: &[&'static str]| {
            whats.iter().map(|what| act(Some(&id(n)), what)).collect::<Vec<_>>()
        };
        database
            .commit(Commit { events: own(&[kind::LOOKED_UP]), ..of(session.clone()) })
            .await
            .unwrap();
        let session = moved(commands::model::session::Session { version: 1, ..session }, NOON);
        database
            .commit(Commit { events: own(&[kind::STARTED, kind::CHOSEN]), ..of(session.clone()) })
            .await
            .unwrap();
        let session = closed(commands::model::session::Session { version: 2, ..session }, NOON);
        database
            .commit(Commit { events: own(&[kind::CLOSED, kind::REVOKE_ASKED]), ..of(session) })
            .await
            .unwrap();
    }
    database
        .commit(Commit {
            events: vec![act(None, kind::REFUSED), act(None, kind::REFUSED)],
            ..nothing(NOON)
        })
        .await
        .unwrap();
}

/// What is found after these statements.
pub(super) async fn after(database: &Database, statements: &[String]) -> Vec<String> {
    let mut bent = database.pools.writes.begin().await.unwrap();
    for statement in statements {
        let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *bent).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
    }
    bent.commit().await.unwrap();
    findings(database, None).await
}

#[tokio::test]
async fn a_trail_that_nobody_touched_has_no_findings() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let seen = bed.open().await.audit(None, |finding| panic!("{finding}")).await.unwrap();
        assert_eq!(seen, Seen { events: 12, chains: 3, checkpoint: None });
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_tampering_is_named() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let (one, two) = (id(1), id(2));
        let (moved, back) = (100, 3);
        for (statements, expected) in [
            (
                vec![format!("update events set actor = 'discord:8' where chain = '{one}' and seq = 2")],
                vec![format!("session {one}: event 2 (started, 2023-11-14T22:13:20Z) was changed, or is not ours")],
            ),
            (vec![format!("update events set actor = 'discord:7' where chain = '{one}' and seq = 2")], vec![]),
            (
                vec![
                    format!("update events set seq = {moved} where chain = '{one}' and seq = 2"),
                    format!("update events set seq = 2 where chain = '{one}' and seq = 3"),
                    format!("update events set seq = {back} where chain = '{one}' and seq = {moved}"),
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
                vec![format!("session {one}: cut off after event 1; there were 5")],
            ),
            (
                vec![format!("delete from events where chain = '{one}'")],
                vec![format!("session {one}: cut off after event 0; there were 5")],
            ),
            (
                vec![
                    format!("delete from sessions where id = '{one}'"),
                    "delete from events where chain = 'discord:7' and seq = 2".to_owned(),
                ],
                vec!["the events of discord:7: cut off after event 1; there were 2".to_owned()],
            ),
            (
                vec![
                    "update chains set seq = 1, mac = (select mac from events where chain = 'discord:7' and seq = 1)".to_owned(),
                    format!("delete from sessions where id = '{two}'"),
                ],
                vec![format!("session {two}: its row was removed")],
            ),
        ] {
            assert_eq!(after(&database, &statements).await, expected, "{statements:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_gone_without_a_trace_is_named_by_the_checkpoint() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let made = database.checkpoint(NOON).await.unwrap().unwrap();
        assert_eq!((made.seq, made.heads), (1, 3));
        assert_eq!(findings(&database, Some((1, &made.mac))).await, [""; 0]);
        let (one, two) = (id(1), id(2));
        assert_eq!(
            after(
                &database,
                &[
                    format!("delete from events where chain = '{one}'"),
                    format!("delete from sessions where id = '{one}'"),
                    // Together with its head, which is the mac of the event that is the last now.
                    format!("delete from events where chain = '{two}' and seq > 2"),
                    format!(
                        "update sessions set trail_seq = 2, trail_mac =
                             (select mac from events where chain = '{two}' and seq = 2) where id = '{two}'"
                    ),
                ]
            )
            .await,
            [
                format!("session {two}: cut off after event 2; there were 5 at checkpoint 1"),
                format!("session {one}: missing altogether; checkpoint 1 names it"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_exported_in_its_order() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let later = TrailEvent { at: NOON + Duration::from_secs(1), ..act(None, kind::REFUSED) };
        database.commit(Commit { events: vec![later], ..nothing(NOON) }).await.unwrap();
        let export = async |from: Option<Timestamp>, to: Option<Timestamp>, shape| {
            let mut out = Vec::new();
            crate::trail::export(&database, shape, from, to, &mut out).await.unwrap();
            String::from_utf8(out).unwrap()
        };
        let json = export(None, None, crate::trail::Shape::Jsonl).await;
        assert_eq!(json.lines().count(), 13);
        let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!((&first["at"], &first["seq"], &first["details"]["n"]), (&"2023-11-14T22:13:20Z".into(), &1.into(), &1.into()));
        let second = NOON + Duration::from_secs(1);
        assert_eq!(export(Some(second), None, crate::trail::Shape::Jsonl).await.lines().count(), 1);
        assert_eq!(export(None, Some(second), crate::trail::Shape::Jsonl).await.lines().count(), 12);
        let csv = export(Some(second), None, crate::trail::Shape::Csv).await;
        assert!(
            csv.starts_with("at,chain,seq,actor,session,kind,details,mac\n2023-11-14T22:13:21Z,discord:7,3,discord:7,,refused,"),
            "{csv}"
        );
        assert!(csv.contains(r#""{""n"":1}""#), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn a_trail_goes_on_under_the_same_key_and_not_under_another() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let other =
            Database::open(&bed.url, Arc::new(crate::store::testing::key(2)), bed.clock.clone())
                .await
                .unwrap();
        assert_eq!(findings(&other, None).await.len(), 12);
    })
    .await;
}

/// Acts once more, outside of any session.
async fn acts_again(database: &Database, after: Duration) {
    let act = TrailEvent { at: NOON + after, ..act(None, kind::REFUSED) };
    database.commit(Commit { events: vec![act], ..nothing(NOON) }).await.unwrap();
}

#[tokio::test]
async fn a_cut_off_that_a_checkpoint_named_is_not_forgotten_with_the_next() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        for _ in 0..3 {
            acts_again(&database, Duration::ZERO).await;
        }
        let second = Duration::from_secs(1);
        database.checkpoint(NOON).await.unwrap().unwrap();
        let cut = [
            "delete from events where chain = 'discord:7' and seq > 3".to_owned(),
            "update chains set seq = 3, mac = (select mac from events where chain = 'discord:7' and seq = 3)".to_owned(),
        ];
        let expected = "the events of discord:7: cut off after event 3; there were 5 at checkpoint 1";
        assert_eq!(after(&database, &cut).await, [expected]);
        acts_again(&database, second).await;
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        let expected = "the events of discord:7: cut off after event 4; there were 5 at checkpoint 1";
        assert_eq!(findings(&database, None).await, [expected]);
        acts_again(&database, second).await;
        acts_again(&database, second).await;
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap().unwrap();
        let expected = "the events of discord:7: event 5 (refused, 2023-11-14T22:13:21Z) is not the one that checkpoint 1 names: \
                        the chain was cut off, and went on";
        assert_eq!(findings(&database, None).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn numbers_out_of_all_bounds_are_named_like_others() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let one = id(1);
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(
            after(&database, &["update checkpoints set seq = 1000000000000 where seq = 2".to_owned()]).await,
            ["checkpoints 2 to 999999999999 are missing"]
        );
        assert_eq!(
            findings(&database, Some((i64::MAX, "x"))).await[1..],
            ["checkpoints 1000000000001 to 9223372036854775807 are missing"]
        );
        assert_eq!(
            after(&database, &["update checkpoints set seq = -7 where seq = 1".to_owned()]).await,
            ["checkpoint -7 was changed, or is not the one in the log", "checkpoints 1 to 999999999999 are missing",]
        );
        after(&database, &["delete from checkpoints".to_owned(), "delete from checkpoint_heads".to_owned()]).await;
        let far = [
            format!("update events set details = '{{}}' where chain = '{one}' and seq = 3"),
            format!("update events set seq = {} where chain = '{one}' and seq = 5", i64::MAX),
        ];
        assert_eq!(
            after(&database, &far).await,
            [
                format!("session {one}: event 3 (ecosystem_chosen, 2023-11-14T22:13:20Z) was changed, or is not ours"),
                format!("session {one}: events 5 to 9223372036854775806 were removed"),
                format!("session {one}: its head is not its last event"),
            ]
        );
        let below = [format!("update events set seq = -1 where chain = '{one}' and seq = 1")];
        let below = after(&database, &below).await;
        assert_eq!(
            below[..2],
            [format!("session {one}: event -1 was moved there from 1"), format!("session {one}: event 1 was removed"),]
        );
    })
    .await;
}

#[tokio::test]
async fn an_event_that_nobody_touched_is_not_named_beside_one_without_its_mac() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let one = id(1);
        let named = |n, what, how| {
            format!("session {one}: event {n} ({what}, 2023-11-14T22:13:20Z) was changed{how}")
        };
        let (ours, too) = (", or is not ours", " too, or only the one before it");
        for (mac, third) in [("null", ours), ("'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'", too)]
        {
            let lost =
                [format!("update events set mac = {mac} where chain = '{one}' and seq in (2, 3)")];
            let expected = [named(2, "started", ours), named(3, "ecosystem_chosen", third)];
            assert_eq!(after(&database, &lost).await, expected, "{mac}");
        }
        // Of the event after one that was changed together with its mac nobody can tell.
        let both =
            [format!("update events set details = '{{}}' where chain = '{one}' and seq = 3")];
        let expected =
            [named(2, "started", ours), named(3, "ecosystem_chosen", too), named(4, "closed", too)];
        assert_eq!(after(&database, &both).await, expected);
    })
    .await;
}

#[tokio::test]
async fn cells_of_another_type_are_named_and_hide_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        if !bed.url.starts_with("sqlite:") {
            // The server does not let anybody.
            return;
        }
        trail(&database).await;
        database.checkpoint(NOON).await.unwrap().unwrap();
        let (one, two) = (id(1), id(2));
        let of = |session: &commands::model::words::SessionId, n, what| {
            format!("session {session}: event {n} ({what}, 2023-11-14T22:13:20Z) was changed, or is not ours")
        };
        let bent = [
            format!("update events set details = x'00' where chain = '{one}' and seq = 2"),
            format!("update events set details = cast(x'ff' as text) where chain = '{one}' and seq = 4"),
            format!("update events set actor = 'discord:8' where chain = '{two}' and seq = 3"),
        ];
        let found = [of(&one, 2, "started"), of(&one, 4, "closed"), of(&two, 3, "ecosystem_chosen")];
        assert_eq!(after(&database, &bent).await, found);
        for shape in [crate::trail::Shape::Jsonl, crate::trail::Shape::Csv] {
            let mut out = Vec::new();
            crate::trail::export(&database, shape, None, None, &mut out).await.unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(out.lines().filter(|line| line.contains("2023-11")).count(), 12, "{out}");
            assert_eq!(out.matches("\"details\":null").count(), if shape == crate::trail::Shape::Jsonl { 2 } else { 0 });
        }
        let bent = [
            format!("update events set seq = 'last' where chain = '{two}' and seq = 5"),
            "update checkpoints set heads = 'many'".to_owned(),
            format!("update checkpoint_heads set mac = x'00' where chain = '{two}'"),
            "update chains set seq = 'two'".to_owned(),
        ];
        assert_eq!(
            after(&database, &bent).await,
            [
                "checkpoint 1 was changed, or is not the one in the log".to_owned(),
                "the events of discord:7: its head is not its last event".to_owned(),
                of(&one, 2, "started"),
                of(&one, 4, "closed"),
                format!("session {two}: an event (revoke_asked, 2023-11-14T22:13:20Z) has no number any more"),
                of(&two, 3, "ecosystem_chosen"),
                format!("session {two}: cut off after event 4; there were 5"),
            ]
        );
    })
    .await;
}
