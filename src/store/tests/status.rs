//! The state of the store that an operator sees.

use std::time::Duration;

use commands::model::effect::Effect;

use crate::store::testing::{NOON, found, on_both, save, with_pending};

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
