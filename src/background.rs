//! Background work of the process: takeover after a crash, session timers, purge and checkpoints.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::ports::claims::Claims as _;
use commands::ports::clock::Clock;
use commands::ports::limits::Limits as _;

use crate::health::Health;
use crate::store::Database;
use crate::telemetry;
use crate::trail::Checkpoint;

/// Time between two sweeps over the sessions with due timers.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// Time between two purges of the store.
const PURGE_INTERVAL: Duration = Duration::from_hours(1);
/// Time between two checks whether a checkpoint is due, and so its longest delay.
const CHECKPOINT_INTERVAL: Duration = Duration::from_mins(1);

/// Work that needs no click.
#[derive(Clone)]
pub(crate) struct Background {
    pub(crate) desk: Arc<Desk>,
    pub(crate) database: Arc<Database>,
    pub(crate) health: Arc<Health>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Background {
    /// Runs until it is dropped. Sweeps that have begun go on in tasks of their own, so a stop
    /// waits for them and does not cut them off.
    pub(crate) async fn run(&self) -> Infallible {
        self.recover();
        tokio::select! {
            never = self.sweep() => never,
            never = self.purge() => never,
            never = self.make_checkpoints() => never,
        }
    }

    /// Finishes the pending effects of an earlier process.
    fn recover(&self) {
        let desk = Arc::clone(&self.desk);
        tokio::spawn(async move {
            if let Err(fault) = desk.recover().await {
                tracing::error!("{fault}");
            }
        });
    }

    /// Starts a sweep every second without waiting for the one before, because a session whose
    /// Discord or Lambda call hangs must not stop the other timers.
    async fn sweep(&self) -> Infallible {
        loop {
            let desk = Arc::clone(&self.desk);
            tokio::spawn(async move {
                if let Err(fault) = desk.sweep().await {
                    tracing::error!("{fault}");
                }
            });
            self.clock.sleep(SWEEP_INTERVAL).await;
        }
    }

    async fn purge(&self) -> Infallible {
        loop {
            let now = self.clock.now();
            let claims = self.database.purge_claims(now).await;
            let limits = self.database.purge_limits(now).await;
            for fault in [claims.err(), limits.err()].into_iter().flatten() {
                tracing::error!("{fault}");
            }
            self.clock.sleep(PURGE_INTERVAL).await;
        }
    }

    async fn make_checkpoints(&self) -> Infallible {
        loop {
            match self.database.checkpoint(self.clock.now()).await {
                Ok(Some(Checkpoint { seq, heads, mac, .. })) => tracing::info!(
                    target: telemetry::CHECKPOINTS,
                    checkpoint = format_args!("{seq}:{mac}"),
                    heads,
                    "trail checkpoint written"
                ),
                Ok(None) => {}
                Err(fault) => tracing::error!("{fault}"),
            }
            self.health.set_checkpoint(self.database.checkpointed_at());
            self.clock.sleep(CHECKPOINT_INTERVAL).await;
        }
    }
}
