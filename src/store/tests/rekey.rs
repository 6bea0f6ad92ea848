//! The replacement of keys: planned, after a leak, and after a loss.

use std::sync::Arc;

use commands::model::account::AccountLink;
use commands::model::trail::kind;
use commands::model::words::CloseReason;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::keyring::{Keyring, test_keyring};
use crate::store::store_keys::test_store_key;
use crate::store::testing::{
    NOON, TestBed, commit_of, empty_commit, event, findings, found, id, on_both, save, started,
};
use crate::store::{CannotRekey, Database, ForeignKey, LostKeys, Rekeyed, StoreKeys};
use crate::trail::keys::test_trail_key;
use crate::trail::rotation::Rotation;
use crate::trail::{CHECKPOINT_EVERY, OtherKey, TrailKeys};

/// Returns keys with these bytes: the current ones, and the earlier ones as pairs.
pub(super) fn keyring(current: u8, old: &[u8]) -> Keyring {
    let pairs = old.iter().map(|byte| OtherKey::Pair(test_trail_key(*byte)));
    Keyring {
        store: StoreKeys::new(
            test_store_key(current),
            old.iter().map(|byte| test_store_key(*byte)).collect(),
        ),
        trail: TrailKeys::new(test_trail_key(current), pairs.collect()),
    }
}

pub(super) async fn open(bed: &TestBed, keys: Keyring) -> Database {
    Database::open(&bed.url, Arc::new(keys), bed.clock.clone()).await.unwrap()
}

pub(super) fn link() -> AccountLink {
    AccountLink {
        discord_id: 7,
        agent_id: "sub-7".to_owned(),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: test_keyring(1).store.mac("ana@waizant.example"),
        linked_at: NOON,
    }
}

/// Writes an open session of a customer, an account link and a checkpoint under the first keys.
pub(super) async fn write(bed: &TestBed) -> Database {
    let database = open(bed, keyring(1, &[])).await;
    database.migrate().await.unwrap();
    database.publish_trail_key().await.unwrap();
    database.look_up("core-id", "").await.unwrap();
    let commit = Commit { account_link: Some(Box::new(link())), ..empty_commit(NOON) };
    database.commit(commit).await.unwrap();
    let session = save(&database, found(1, 7, "julia")).await;
    let mut commit = commit_of(started(session, NOON));
    commit.events = vec![event(Some(&id(1)), kind::STARTED)];
    database.commit(commit).await.unwrap();
    database.checkpoint(NOON).await.unwrap();
    database
}

/// Writes one more event into the session's chain.
async fn go_on(database: &Database, kind: &'static str) {
    let session = (*database.reload(&id(1)).await.unwrap().unwrap().session()).clone();
    let mut commit = commit_of(session);
    commit.events = vec![event(Some(&id(1)), kind)];
    database.commit(commit).await.unwrap();
}

#[tokio::test]
async fn planned_rotation_closes_nothing_and_keeps_the_trail() {
    Box::pin(on_both(async |bed| {
        let first = write(&bed).await;
        let pseudonym = first.find_pseudonym("core-id").await.unwrap().unwrap();
        // Each replica gets the new keys among the others first.
        let ready = open(&bed, keyring(1, &[2])).await;
        let switched = open(&bed, keyring(2, &[1])).await;
        assert_eq!(switched.foreign_key().await.unwrap(), None);
        go_on(&switched, kind::STAYED).await;
        assert!(ready.reload(&id(1)).await.unwrap().is_some(), "under the coming key");

        let done = switched.rekey(LostKeys::default()).await.unwrap();
        let old = test_trail_key(1).id().to_string();
        assert_eq!((done.foreign, done.tampered, done.replaced), (0, 0, vec![old.clone()]));
        assert!(done.rows >= 3, "a link, a customer and the customer's key: {}", done.rows);
        let again = switched.rekey(LostKeys::default()).await.unwrap();
        assert_eq!(again, Rekeyed::default(), "once is enough");

        // The old key is not needed any more, except its public half.
        let public = OtherKey::Public(test_trail_key(1).public().clone());
        let keys = Keyring {
            store: StoreKeys::new(test_store_key(2), Vec::new()),
            trail: TrailKeys::new(test_trail_key(2), vec![public]),
        };
        let after = open(&bed, keys).await;
        assert_eq!(after.foreign_key().await.unwrap(), None);
        let session = after.find(&id(1)).await.unwrap().unwrap().session();
        assert!(session.closed().is_none() && session.secrets.panel.is_some());
        assert_eq!(after.find_pseudonym("core-id").await.unwrap(), Some(pseudonym));
        assert_eq!(after.of_discord(7).await.unwrap(), Some(link()));
        assert_eq!(findings(&after, None).await, [""; 0]);

        // The hash of the address is renewed when the account is read.
        assert!(!after.look_up("core-id", "ana@waizant.example").await.unwrap().is_colleague);
        after.renew_mailbox(&link(), "ana@waizant.example").await.unwrap();
        assert!(after.look_up("core-id", "ana@waizant.example").await.unwrap().is_colleague);

        // A thief of the old key signs with it, before and after the next checkpoint.
        let thief = open(&bed, keyring(1, &[2])).await;
        go_on(&thief, kind::STAYED).await;
        assert_eq!(findings(&after, None).await, [""; 0]);
        after.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(findings(&after, None).await, [""; 0], "until this checkpoint");
        go_on(&thief, kind::STAYED).await;
        let found = findings(&after, None).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .ends_with(&format!("was signed with the key {old} after that key was replaced"))
        );
    }))
    .await;
}

#[tokio::test]
async fn lost_keys_are_given_up_only_on_request() {
    Box::pin(on_both(async |bed| {
        write(&bed).await;
        let new = open(&bed, keyring(2, &[])).await;
        assert_eq!(new.foreign_key().await.unwrap(), Some(ForeignKey::Store));
        new.publish_trail_key().await.unwrap();
        let missing = new.rekey(LostKeys::default()).await.unwrap_err();
        assert!(matches!(&missing, CannotRekey::MissingTrailKey(_)), "{missing}");
        assert!(missing.to_string().starts_with("trail_keys names the key "), "{missing}");
        let only_trail = LostKeys { trail: true, store: false };
        let done = new.rekey(only_trail).await.unwrap();
        assert!(done.rows == 0 && done.foreign >= 3, "nothing is given up: {done:?}");
        assert!(new.find(&id(1)).await.is_err(), "the session is left alone");

        let done = new.rekey(LostKeys { trail: true, store: true }).await.unwrap();
        assert!(done.foreign >= 3, "{done:?}");
        let session = new.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(session.closed().map(|(why, _)| why), Some(CloseReason::Unreadable));
        assert!(!session.pending.is_empty(), "what it opened is revoked");
        assert_eq!(new.of_discord(7).await.unwrap(), None, "the agent links the account again");
        assert_eq!(new.find_pseudonym("core-id").await.unwrap(), None);
        assert_eq!(new.foreign_key().await.unwrap(), None);
        // The auditor still trusts the public half of the lost key.
        let public = OtherKey::Public(test_trail_key(1).public().clone());
        let trail = TrailKeys::new(test_trail_key(2), vec![public]);
        let auditor = open(&bed, Keyring { trail, ..keyring(2, &[]) }).await;
        assert_eq!(findings(&auditor, None).await, [""; 0]);
    }))
    .await;
}

#[tokio::test]
async fn sessions_end_after_a_restore_or_a_leak() {
    on_both(async |bed| {
        let database = write(&bed).await;
        let keys = keyring(2, &[]);
        let refused = open(&bed, keys).await.end_sessions().await.unwrap_err().to_string();
        assert!(refused.contains("STORE_KEY does not belong to this store"), "{refused}");
        let ended = open(&bed, keyring(1, &[])).await.end_sessions().await.unwrap();
        assert_eq!((ended.closed, ended.left), (1, 0));
        let session = database.reload(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(session.closed(), Some((CloseReason::EndedByOperator, NOON)));
        assert!(!session.pending.is_empty(), "nothing was opened by what the row says");
        assert_eq!(findings(&database, None).await, [""; 0]);
        assert_eq!(database.end_sessions().await.unwrap().closed, 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_without_a_key_keeps_it_from_being_replaced() {
    Box::pin(on_both(async |bed| {
        let database = write(&bed).await;
        let old = test_trail_key(1);
        let forged = Rotation::of_lost(old.id().as_str(), &test_trail_key(3));
        for statement in [
            format!("delete from trail_keys where id = '{}'", old.id()),
            format!(
                "insert into trail_keys values ('{}', '{}', 0)",
                test_trail_key(3).id(),
                test_trail_key(3).public()
            ),
            format!(
                "insert into events (chain, seq, at, actor, kind, details, key, signature)
                 values ('operator', 1000000, 0, 'operator', 'key_rotated', '{}', '{}', 'x')",
                serde_json::to_string(&forged).unwrap(),
                test_trail_key(3).id()
            ),
        ] {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement).execute(&database.pools.writes).await.unwrap();
        }
        let new = open(&bed, keyring(2, &[1])).await;
        let lost = LostKeys { trail: true, store: false };
        let done = new.rekey(lost).await.unwrap();
        assert!(done.replaced.contains(&old.id().to_string()), "{done:?}");
    }))
    .await;
}

#[tokio::test]
async fn replaced_key_is_refused_with_a_sentence() {
    Box::pin(on_both(async |bed| {
        write(&bed).await;
        let new = open(&bed, keyring(2, &[1])).await;
        new.rekey(LostKeys::default()).await.unwrap();
        let trail = TrailKeys::new(test_trail_key(1), Vec::new());
        let late = open(&bed, Keyring { trail, ..keyring(2, &[]) }).await;
        assert_eq!(late.foreign_key().await.unwrap(), Some(ForeignKey::ReplacedTrail));
        let refused = late.end_sessions().await.unwrap_err().to_string();
        assert!(refused.contains("TRAIL_KEY was replaced by another key"), "{refused}");
    }))
    .await;
}

#[tokio::test]
async fn checkpoint_under_a_replaced_key_hides_no_session() {
    Box::pin(on_both(async |bed| {
        write(&bed).await;
        let new = open(&bed, keyring(2, &[1])).await;
        new.rekey(LostKeys::default()).await.unwrap();
        let at = |n| NOON + CHECKPOINT_EVERY * n;
        new.checkpoint(at(1)).await.unwrap();
        go_on(&new, kind::STAYED).await;
        let thief = open(&bed, keyring(1, &[2])).await;
        thief.checkpoint(at(2)).await.unwrap();
        new.checkpoint(at(3)).await.unwrap();
        let one = id(1);
        for statement in [
            format!("delete from checkpoints where seq = 3 and key = '{}'", test_trail_key(1).id()),
            format!("delete from events where chain = '{one}' and seq > 1"),
            format!(
                "update sessions set trail_seq = 1, trail_signature =
                     (select signature from events where chain = '{one}') where id = '{one}'"
            ),
        ] {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement).execute(&new.pools.writes).await.unwrap();
        }
        let found = findings(&new, None).await;
        let cut = format!("session {one}: the events after 1 were removed");
        assert!(
            found.iter().any(|found| found.starts_with(&cut) && found.ends_with("event 2")),
            "{found:?}"
        );
    }))
    .await;
}

#[tokio::test]
async fn wrongly_typed_cell_does_not_stop_it() {
    Box::pin(on_both(async |bed| {
        if !bed.url.starts_with("sqlite:") {
            // PostgreSQL enforces the types.
            return;
        }
        let first = write(&bed).await;
        let odd = "create temp table copy as select * from sessions limit 1;
             update copy set id = 'zzz', state = x'00', attending = null;
             insert into sessions select * from copy;
             update copy set id = x'00';
             insert into sessions select * from copy;
             insert into account_links values (1, x'00', 'n', 'e', 'm', 0, 'm');
             insert into subjects values ('odd', null, x'00', 0);
             insert into subject_keys values ('odd', x'00', x'00');
             drop table copy;";
        sqlx::raw_sql(odd).execute(&first.pools.writes).await.unwrap();
        let switched = open(&bed, keyring(2, &[1])).await;
        let limit = std::time::Duration::from_secs(30);
        let done = tokio::time::timeout(limit, switched.rekey(LostKeys::default())).await;
        let done = done.expect("ends").unwrap();
        assert_eq!((done.foreign, done.tampered), (0, 5), "{done:?}");
        assert!(done.rows >= 4, "{done:?}");
    }))
    .await;
}
