//! The state of the store that an operator sees.

use std::time::Duration;

use commands::flows::alerts::raise::{Broken, trail_broken};
use commands::model::effect::Effect;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::store::testing::{
    NOON, closed, empty_commit, found, on_both, recovering, save, with_pending,
};

#[tokio::test]
async fn oldest_pending_effect_keeps_its_first_time() {
    on_both(async |bed| {
        let database = bed.open().await;
        let oldest = async || database.status().await.unwrap().oldest_pending;
        assert_eq!(oldest().await, None);
        let mut first =
            save(&database, with_pending(found(1, 7, "a"), Effect::Revoke { nth: 1 })).await;
        let mut later = with_pending(found(2, 8, "b"), Effect::Revoke { nth: 1 });
        later.pending[0].requested_at = NOON + Duration::from_mins(1);
        save(&database, later).await;
        assert_eq!(oldest().await, Some(NOON));
        // A retry renews the time in the state.
        first.pending[0].requested_at = NOON + Duration::from_mins(5);
        let mut first = save(&database, first).await;
        assert_eq!(oldest().await, Some(NOON));
        first.pending.clear();
        let mut first = save(&database, first).await;
        assert_eq!(oldest().await, Some(NOON + Duration::from_mins(1)));
        first = with_pending(first, Effect::Revoke { nth: 1 });
        first.pending[0].requested_at = NOON + Duration::from_secs(30);
        save(&database, first).await;
        assert_eq!(oldest().await, Some(NOON + Duration::from_secs(30)), "the time starts again");
    })
    .await;
}

#[tokio::test]
async fn migration_of_store_equals_that_of_program() {
    on_both(async |bed| {
        let status = bed.open().await.status().await.unwrap();
        assert!(status.migration.is_some());
        assert_eq!(status.migration, status.program_migration);
    })
    .await;
}

#[tokio::test]
async fn load_counts_sessions_effects_and_alerts() {
    on_both(async |bed| {
        let database = bed.open().await;
        let load = async || database.status().await.unwrap().load.unwrap();
        assert_eq!(load().await, crate::health::StoreLoad::default());
        let revoke = || Effect::Revoke { nth: 1 };
        let first = save(&database, with_pending(found(1, 7, "a"), revoke())).await;
        let later = with_pending(with_pending(found(2, 8, "b"), revoke()), Effect::NotifyVisit);
        let mut later = later;
        later.pending.iter_mut().for_each(|it| it.requested_at = NOON + Duration::from_mins(1));
        save(&database, later).await;
        save(&database, recovering(3, 9)).await;
        let seen = load().await;
        assert_eq!(seen.sessions_open, [2, 0, 0, 1], "technical, successor, link, recover");
        assert_eq!(seen.effects[4], (2, Some(NOON)), "revocations, since the oldest");
        assert_eq!(seen.effects[5], (1, Some(NOON + Duration::from_mins(1))), "notices");
        assert_eq!(seen.undelivered_alert, None);

        save(&database, closed(first, NOON)).await;
        let alerts = vec![trail_broken(Broken::Trail, 1)];
        database.commit(Commit { alerts, ..empty_commit(NOON) }).await.unwrap();
        let seen = load().await;
        assert_eq!(seen.sessions_open, [1, 0, 0, 1]);
        assert_eq!(seen.effects[4].0, 2, "also of a closed session");
        assert_eq!(seen.undelivered_alert, Some(NOON));
    })
    .await;
}
