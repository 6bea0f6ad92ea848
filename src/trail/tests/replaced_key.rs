//! What a person with a replaced key can do to the retention and to the checkpoints.

use std::sync::Arc;
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::signed_trail::write_trail;
use crate::keyring::{Keyring, test_keyring};
use crate::store::testing::{
    NOON, TestBed, closed, commit_of, count_rows, empty_commit, event, findings, found, id,
    on_both, rewrite, save,
};
use crate::store::{Database, ForeignKey, LostKeys, Rekeyed};
use crate::trail::event::{Head, Signature};
use crate::trail::keys::test_trail_key;
use crate::trail::rotation::Rotation;
use crate::trail::sign::checkpoint_message;
use crate::trail::{
    CHECKPOINT_EVERY, ExportFormat, OtherKey, Span, TrailKeys, export, prune, pruned, verify_file,
};

const DAY: Duration = Duration::from_hours(24);

/// Opens the store with one store key and these keys of the trail.
async fn open(bed: &TestBed, current: u8, others: &[u8]) -> Database {
    let others = others.iter().map(|byte| OtherKey::Pair(test_trail_key(*byte)));
    let trail = TrailKeys::new(test_trail_key(current), others.collect());
    let keys = Arc::new(Keyring { trail, ..test_keyring(1) });
    Database::open(&bed.url, keys, bed.clock.clone()).await.unwrap()
}

async fn execute(database: &Database, statement: String) {
    let done = sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
    assert!(done.rows_affected() > 0);
}

async fn add_event(database: &Database, at: Timestamp) {
    let refused = TrailEvent { at, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(at) }).await.unwrap();
}

/// Writes a trail at noon under the first key, and replaces that key by the second one. No
/// checkpoint names the replacement yet. Returns the store under the new key, and a thief's.
async fn replace_key(bed: &TestBed) -> (Database, Database) {
    let first = bed.open().await;
    first.publish_trail_key().await.unwrap();
    write_trail(&first).await;
    first.checkpoint(NOON).await.unwrap();
    execute(&first, "update sessions set pending_since = 0".to_owned()).await;
    let new = open(bed, 2, &[1]).await;
    Box::pin(new.rekey(LostKeys::default())).await.unwrap();
    (new, open(bed, 1, &[2]).await)
}

/// Writes a closed session that looks old.
async fn write_session(database: &Database, n: u8) {
    let session = save(database, found(n, 7, "tom")).await;
    let events = vec![event(Some(&id(n)), kind::LOOKED_UP), event(Some(&id(n)), kind::CLOSED)];
    database.commit(Commit { events, ..commit_of(closed(session, NOON)) }).await.unwrap();
}

#[tokio::test]
async fn chain_under_a_replaced_key_is_kept_as_evidence() {
    on_both(async |bed| {
        let (new, thief) = replace_key(&bed).await;
        new.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        write_session(&thief, 3).await;
        new.checkpoint(NOON + CHECKPOINT_EVERY * 2).await.unwrap();
        let done = prune(&new, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((done.sessions, done.kept), (2, 1));
        let found = findings(&new, None).await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|found| found.ends_with("after that key was replaced")));
    })
    .await;
}

#[tokio::test]
async fn shorter_chain_than_a_checkpoint_names_is_kept_as_evidence() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap();
        execute(&database, "update sessions set pending_since = 0".to_owned()).await;
        let one = id(1);
        execute(&database, format!("delete from events where chain = '{one}' and seq = 5")).await;
        let (signature,): (String,) =
            sqlx::query_as("select signature from events where chain = $1 and seq = 4")
                .bind(one.as_str())
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
        rewrite(&database, &one, |columns| {
            columns.trail_seq = 4;
            columns.trail_signature = Some(signature.clone());
        })
        .await;
        execute(
            &database,
            format!(
                "update sessions set trail_seq = 4, trail_signature = '{signature}'
                 where id = '{one}'"
            ),
        )
        .await;
        let done = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((done.sessions, done.kept), (1, 1));
        let found = findings(&database, None).await;
        let cut_off =
            format!("session {one}: the events after 4 were removed; checkpoint 1 names event 5");
        assert_eq!(found, [cut_off]);
    })
    .await;
}

#[tokio::test]
async fn session_whose_row_was_edited_is_kept_as_evidence() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        execute(&database, "update sessions set pending_since = 0".to_owned()).await;
        let one = id(1);
        let edit = format!("update sessions set closed_at = closed_at - 1 where id = '{one}'");
        execute(&database, edit).await;
        let done = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((done.sessions, done.kept), (1, 1));
        assert_eq!(count_rows(&database, "sessions").await, 1);
    })
    .await;
}

#[tokio::test]
async fn pruned_row_under_a_replaced_key_does_not_count() {
    on_both(async |bed| {
        let (new, thief) = replace_key(&bed).await;
        new.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        let (signature,): (String,) =
            sqlx::query_as("select signature from events where chain = 'discord:7' and seq = 1")
                .fetch_one(&new.pools.reads)
                .await
                .unwrap();
        let last = Head { seq: 1, signature: Signature::parse(&signature).unwrap() };
        let mut connection = thief.pools.writes.acquire().await.unwrap();
        let old = thief.keys.trail.current();
        pruned::write(&mut connection, old, "discord:7", last, NOON).await.unwrap();
        drop(connection);
        let remove = "delete from events where chain = 'discord:7' and seq = 1";
        execute(&new, remove.to_owned()).await;
        let before = findings(&new, None).await;
        assert_eq!(before, ["actor discord:7: event 1 was removed"]);
        let done = prune(&new, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!(done.kept, 1);
        assert_eq!(findings(&new, None).await, before, "the new key does not sign it again");
    })
    .await;
}

#[tokio::test]
async fn replacement_of_a_key_outlives_the_retention() {
    Box::pin(on_both(async |bed| {
        let (second, _) = replace_key(&bed).await;
        second.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        let third = open(&bed, 3, &[2, 1]).await;
        third.rekey(LostKeys::default()).await.unwrap();
        third.checkpoint(NOON + CHECKPOINT_EVERY * 2).await.unwrap();
        for days in 1..=3 {
            add_event(&third, NOON + DAY * days).await;
            third.checkpoint(NOON + DAY * days).await.unwrap();
        }
        let now = NOON + DAY * 4;
        let done = prune(&third, NOON + DAY * 2, now).await.unwrap();
        assert_eq!((done.sessions, done.checkpoints, done.kept), (2, 4, 0));
        assert_eq!(findings(&third, None).await, [""; 0]);
        assert!(third.publish_trail_key().await.unwrap(), "no other key has signed");
        assert_eq!(
            open(&bed, 3, &[]).await.rekey(LostKeys::default()).await.unwrap(),
            Rekeyed::default()
        );
        let mut out = Vec::new();
        let span = Span::default();
        export(&third.pools, ExportFormat::Jsonl, span, &mut out).await.unwrap();
        let keys = Some(third.keys.trail.public());
        let mut report = Vec::new();
        let is_intact = verify_file(out.as_slice(), keys, None, &mut report).unwrap();
        assert!(is_intact, "{}", String::from_utf8(report).unwrap());

        for thief in [open(&bed, 1, &[2, 3]).await, open(&bed, 2, &[1, 3]).await] {
            add_event(&thief, NOON + DAY * 3).await;
        }
        let found = findings(&third, None).await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|found| found.ends_with("after that key was replaced")));
    }))
    .await;
}

/// Inserts a checkpoint that the holder of a key signs.
async fn forge_checkpoint(thief: &Database, seq: i64, at: Timestamp, heads: &str) {
    let key = thief.keys.trail.current();
    let unknown = Head { seq: seq - 1, signature: Signature([7; 64]) };
    // No checkpoint precedes the first one.
    let before = if seq == 1 { Head::default() } else { unknown };
    let message = checkpoint_message(key.id().as_str(), before, seq, at.0, heads);
    let signature = key.sign(message.as_bytes());
    sqlx::query(
        "insert into checkpoints (seq, at, previous, previous_signature, heads, key, signature)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(seq)
    .bind(at.0)
    .bind(before.seq)
    .bind(before.to_column())
    .bind(heads)
    .bind(key.id().as_str())
    .bind(signature.encode())
    .execute(&thief.pools.writes)
    .await
    .unwrap();
}

#[tokio::test]
async fn checkpoint_under_a_replaced_key_is_not_the_newest() {
    on_both(async |bed| {
        let (new, thief) = replace_key(&bed).await;
        // Until there is a checkpoint under the new key, only the number can give it away.
        forge_checkpoint(&thief, i64::MAX - 1, NOON, "").await;
        let first = new.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(first.written.map(|made| made.seq), Some(2));
        assert_eq!(first.refused.len(), 1);
        let now = NOON + CHECKPOINT_EVERY * 2;
        forge_checkpoint(&thief, 3, now, "").await;
        add_event(&new, now).await;
        let second = new.checkpoint(now).await.unwrap();
        let refused: Vec<_> = second.refused.iter().map(ToString::to_string).collect();
        assert_eq!(second.written.map(|made| made.seq), Some(3), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn checkpoint_outside_the_chain_covers_no_event() {
    on_both(async |bed| {
        let (new, thief) = replace_key(&bed).await;
        new.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        add_event(&thief, NOON).await;
        let (signature,): (String,) =
            sqlx::query_as("select signature from events where chain = 'discord:7' and seq = 3")
                .fetch_one(&new.pools.reads)
                .await
                .unwrap();
        // It has a number from before the replacement, which checkpoint 2 names.
        forge_checkpoint(&thief, 1, NOON, &format!("discord:7 3 {signature}\n")).await;
        let found = findings(&new, None).await;
        let is_it = |found: &String| found.starts_with("actor discord:7: event 3 (refused, ");
        let forged = found.iter().find(|found| is_it(found));
        assert!(forged.is_some_and(|it| it.ends_with("after that key was replaced")), "{found:?}");
        let is_forked =
            |found: &String| found.ends_with("does not follow the checkpoint before it");
        assert!(found.iter().any(is_forked), "{found:?}");
        let mut out = Vec::new();
        let span = Span::default();
        export(&new.pools, ExportFormat::Jsonl, span, &mut out).await.unwrap();
        let (keys, mut report) = (Some(new.keys.trail.public()), Vec::new());
        verify_file(out.as_slice(), keys, None, &mut report).unwrap();
        let report = String::from_utf8(report).unwrap();
        assert!(report.contains(forged.unwrap()), "{report}");
    })
    .await;
}

/// Inserts an event that replaces the new key by the old one, as the holder of the old one can
/// sign it.
async fn forge_rotation(thief: &Database, new: &Database, seq: i64) {
    let key = thief.keys.trail.current();
    let rotation = Rotation::of_lost(new.keys.trail.current().id().as_str(), key);
    sqlx::query(
        "insert into events (chain, seq, at, actor, kind, details, key, signature)
         values ('operator', $1, $2, 'operator', 'key_rotated', $3, $4, 'forged')",
    )
    .bind(seq)
    .bind(NOON.0)
    .bind(serde_json::to_string(&rotation).unwrap())
    .bind(key.id().as_str())
    .execute(&thief.pools.writes)
    .await
    .unwrap();
}

/// Asserts that forged rows before all events do not reverse the replacement of a key.
async fn assert_stays_replaced(new: &Database, thief: &Database) {
    for seq in [-1, 0] {
        forge_rotation(thief, new, seq).await;
        assert_eq!(new.foreign_key().await.unwrap(), None);
        assert_eq!(thief.foreign_key().await.unwrap(), Some(ForeignKey::ReplacedTrail));
    }
    new.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
    add_event(thief, NOON).await;
    let found = findings(new, None).await;
    assert!(found.iter().any(|it| it.ends_with("after that key was replaced")), "{found:?}");
}

#[tokio::test]
async fn row_before_all_events_reverses_no_replacement() {
    on_both(async |bed| {
        let (new, thief) = replace_key(&bed).await;
        assert_stays_replaced(&new, &thief).await;
    })
    .await;
}

#[tokio::test]
async fn row_before_all_events_reverses_no_replacement_of_a_lost_key() {
    on_both(async |bed| {
        let first = bed.open().await;
        first.publish_trail_key().await.unwrap();
        write_trail(&first).await;
        first.checkpoint(NOON).await.unwrap();
        let public = OtherKey::Public(test_trail_key(1).public().clone());
        let trail = TrailKeys::new(test_trail_key(2), vec![public]);
        let keys = Arc::new(Keyring { trail, ..test_keyring(1) });
        let new = Database::open(&bed.url, keys, bed.clock.clone()).await.unwrap();
        Box::pin(new.rekey(LostKeys { trail: true, store: false })).await.unwrap();
        assert_stays_replaced(&new, &open(&bed, 1, &[2]).await).await;
    })
    .await;
}
