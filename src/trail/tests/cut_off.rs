//! Removals together with the head of the chain, which only a checkpoint shows.

use std::time::Duration;

use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, event, findings, id, on_both};
use crate::trail::CHECKPOINT_EVERY;

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
