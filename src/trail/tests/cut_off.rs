//! Removals together with the head of the chain, which only a checkpoint shows.

use std::time::Duration;

use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, event, findings, id, on_both};
use crate::trail::{CHECKPOINT_EVERY, EMPTY_CHECKPOINT_EVERY, prune};

#[tokio::test]
async fn removed_session_is_found_by_checkpoint() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let made = database.checkpoint(NOON).await.unwrap().written.unwrap();
        assert_eq!((made.seq, made.heads), (1, 3));
        assert_eq!(findings(&database, Some((1, &made.signature))).await, [""; 0]);
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
                        "update sessions set trail_seq = 2, trail_signature =
                             (select signature from events where chain = '{two}' and seq = 2) where id \
                             = '{two}'"
                    ),
                ]
            )
            .await,
            [
                format!("session {two}: its row and its events differ about its close"),
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
        database.checkpoint(NOON).await.unwrap().written.unwrap();
        let cut = [
            "delete from events where chain = 'discord:7' and seq > 3".to_owned(),
            "update chains set seq = 3, signature = (select signature from events where chain = 'discord:7' \
             and seq = 3)"
                .to_owned(),
        ];
        let expected = "actor discord:7: the events after 3 were removed; checkpoint 1 names \
         event 5";
        assert_eq!(findings_after(&database, &cut).await, [expected]);
        add_event(&database, second).await;
        database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().written.unwrap();
        let expected = "actor discord:7: the events after 4 were removed; checkpoint 1 names \
         event 5";
        assert_eq!(findings(&database, None).await, [expected]);
        add_event(&database, second).await;
        add_event(&database, second).await;
        database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap().written.unwrap();
        let expected = "actor discord:7: event 5 (refused, 2023-11-14T22:13:21Z) is not the one \
         that checkpoint 1 names: the chain was cut off and continued";
        assert_eq!(findings(&database, None).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn rest_of_a_pruned_chain_cannot_be_removed() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let day = Duration::from_hours(24);
        add_event(&database, day).await;
        add_event(&database, day).await;
        database.checkpoint(NOON + day).await.unwrap();
        let cutoff = NOON + Duration::from_millis(1);
        assert_eq!(prune(&database, cutoff, NOON + day).await.unwrap().events, 12);
        assert_eq!(findings(&database, None).await, [""; 0]);
        let rest = "actor discord:7: the events after 2 were removed";
        let delete = |table| format!("delete from {table} where chain = 'discord:7'");
        let found = findings_after(&database, &[delete("events")]).await;
        assert_eq!(found[0], format!("{rest}; the last was event 4"));
        let found = findings_after(&database, &[delete("chains")]).await;
        assert_eq!(found, [format!("{rest}; checkpoint 1 names event 4")]);
    })
    .await;
}

#[tokio::test]
async fn event_that_was_hidden_from_checkpoints_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        database.checkpoint(NOON).await.unwrap();
        add_event(&database, Duration::from_secs(1)).await;
        let its = "where chain = 'discord:7' and seq = 3";
        let hidden = format!("update events set at = 0 {its}");
        findings_after(&database, &[hidden]).await;
        let later = NOON + EMPTY_CHECKPOINT_EVERY;
        assert_eq!(database.checkpoint(later).await.unwrap().written.unwrap().heads, 0);
        let shown = format!("update events set at = {} {its}", NOON.0 + 1_000);
        let expected = "actor discord:7: no checkpoint names event 3 (refused, \
                        2023-11-14T22:13:21Z), and later ones were made";
        assert_eq!(findings_after(&database, &[shown]).await, [expected]);
    })
    .await;
}
