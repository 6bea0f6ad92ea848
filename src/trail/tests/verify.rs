//! Verification after events and heads were changed, moved or removed without the key.

use std::sync::Arc;

use super::signed_trail::{findings_after, write_trail};
use crate::keyring::test_keyring;
use crate::store::testing::{NOON, findings, id, on_both};
use crate::store::{Database, ForeignKey};
use crate::trail::{AuditSummary, audit, verify};

#[tokio::test]
async fn intact_trail_has_no_findings() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let database = bed.open().await;
        let keys = database.keys.trail.public();
        let audited = audit(&database.pools, &keys, None, |finding| panic!("{finding}"));
        let expected = AuditSummary { events: 12, chains: 3, ..AuditSummary::default() };
        assert_eq!(audited.await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn keys_of_another_store_are_recognized() {
    on_both(async |bed| {
        let own = bed.open().await;
        let foreign =
            Database::open(&bed.url, Arc::new(test_keyring(2)), bed.clock.clone()).await.unwrap();
        assert_eq!(foreign.foreign_key().await.unwrap(), None, "the store is empty");
        assert!(own.publish_trail_key().await.unwrap());
        assert_eq!(foreign.foreign_key().await.unwrap(), Some(ForeignKey::Trail));
        write_trail(&own).await;
        assert_eq!(own.foreign_key().await.unwrap(), None);
        assert_eq!(foreign.foreign_key().await.unwrap(), Some(ForeignKey::Store));
        let refused = foreign.unlock("agent:1", NOON).await.unwrap_err().to_string();
        assert!(refused.contains("STORE_KEY does not belong to this store"), "{refused}");
        assert!(!foreign.publish_trail_key().await.unwrap(), "another key has signed");
        assert!(
            !foreign.publish_trail_key().await.unwrap(),
            "until `rekey` says that it replaces it"
        );
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
                    "session {one}: event 2 (started, 2023-11-14T22:13:20Z) was changed, moved or forged"
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
                    format!(
                        "session {one}: event 2 (ecosystem_chosen, 2023-11-14T22:13:20Z) was \
                         changed, moved or forged"
                    ),
                    format!(
                        "session {one}: event 3 (started, 2023-11-14T22:13:20Z) cannot be \
                         verified, because the event before it was changed"
                    ),
                    format!(
                        "session {one}: event 4 (closed, 2023-11-14T22:13:20Z) cannot be \
                         verified, because the event before it was changed"
                    ),
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
                    "update chains set seq = 1, signature = (select signature from events where chain = \
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
            Database::open(&bed.url, Arc::new(test_keyring(2)), bed.clock.clone()).await.unwrap();
        let found = findings(&other, None).await;
        assert_eq!(found.len(), 12);
        assert!(found.iter().all(|found| found.contains("was signed with the unknown key")));
    })
    .await;
}

#[tokio::test]
async fn edited_row_is_found_with_public_keys() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let (one, two) = (id(1), id(2));
        let statements = [
            format!("update sessions set discord_id = 8 where id = '{one}'"),
            format!("update sessions set closed_at = null, closed_why = null where id = '{two}'"),
        ];
        let owner = format!("session {one}: its row belongs to another agent than its events");
        assert_eq!(
            findings_after(&database, &statements).await,
            [
                owner.clone(),
                format!("session {two}: its row and its events differ about its close"),
                owner,
            ]
        );
        let mut out = Vec::new();
        assert!(!verify(&database.pools, None, None, &mut out).await.unwrap());
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("the public keys came from the database"), "{out}");
        let keys = Some(database.keys.trail.public());
        let mut out = Vec::new();
        assert!(!verify(&database.pools, keys, None, &mut out).await.unwrap());
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains("the public keys came from the database"), "{out}");
        assert!(out.contains("12 events in 3 chains: 3 findings"), "{out}");
    })
    .await;
}

#[tokio::test]
async fn removed_row_of_a_session_is_found_beside_a_forged_chain() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let one = id(1);
        let statements = [
            format!("delete from sessions where id = '{one}'"),
            format!(
                "insert into chains select chain, seq, signature from events
                 where chain = '{one}' and seq = 5"
            ),
        ];
        let removed = format!("session {one}: its row was removed");
        assert_eq!(findings_after(&database, &statements).await, [removed]);
    })
    .await;
}
