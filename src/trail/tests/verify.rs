//! Verification after events and heads were changed, moved or removed without the key.

use std::sync::Arc;

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::seal::test_key;
use crate::store::testing::{NOON, findings, id, on_both};
use crate::trail::{AuditSummary, audit};

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
async fn key_of_another_store_is_recognized() {
    on_both(async |bed| {
        let own = bed.open().await;
        let foreign =
            Database::open(&bed.url, Arc::new(test_key(2)), bed.clock.clone()).await.unwrap();
        assert!(foreign.has_fitting_key().await.unwrap(), "there is no event yet");
        write_trail(&own).await;
        assert!(own.has_fitting_key().await.unwrap());
        assert!(!foreign.has_fitting_key().await.unwrap());
        let refused = foreign.unlock("agent:1", NOON).await.unwrap_err().to_string();
        assert!(refused.contains("STORE_KEY does not belong to this store"), "{refused}");
        // Forged events are newer than all others.
        for n in 0..30 {
            let forge = format!(
                "insert into events (chain, seq, at, actor, kind, details, mac)
                 values ('forged{n}', 1, 9000000000000000, 'a', 'b', '{{}}', 'c')"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(forge)).execute(&own.pools.writes).await.unwrap();
        }
        assert!(own.has_fitting_key().await.unwrap(), "forged events do not hide the others");
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
