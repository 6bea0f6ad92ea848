//! Background work of the process: takeover after a crash, session timers, purge and checkpoints.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::model::fault::Fault;
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

/// Runs until it is dropped. Each sweep runs in a task of its own, so a stop waits for it.
pub(crate) async fn run(
    desk: &Arc<Desk>,
    database: &Database,
    health: &Health,
    clock: &dyn Clock,
) -> Infallible {
    // Finishes the pending effects of an earlier process.
    let recovering = Arc::clone(desk);
    tokio::spawn(async move {
        if let Err(fault) = recovering.recover().await {
            log(&fault);
        }
    });
    tokio::select! {
        never = sweep(desk, clock) => never,
        never = purge(database, clock) => never,
        never = make_checkpoints(database, health, clock) => never,
    }
}

/// Logs and counts a fault. No agent sees it, so it has no reference.
fn log(fault: &Fault) {
    tracing::error!("{fault}");
    fault.count();
}

/// Starts a sweep every second without waiting for the one before, because a session whose Discord
/// or Lambda call hangs must not stop the other timers.
async fn sweep(desk: &Arc<Desk>, clock: &dyn Clock) -> Infallible {
    loop {
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            if let Err(fault) = desk.sweep().await {
                desk.log_repeated(&fault);
            }
        });
        clock.sleep(SWEEP_INTERVAL).await;
    }
}

async fn purge(database: &Database, clock: &dyn Clock) -> Infallible {
    loop {
        let now = clock.now();
        let claims = database.purge_claims(now).await;
        let limits = database.purge_limits(now).await;
        for fault in [claims.err(), limits.err()].into_iter().flatten() {
            log(&fault);
        }
        clock.sleep(PURGE_INTERVAL).await;
    }
}

async fn make_checkpoints(database: &Database, health: &Health, clock: &dyn Clock) -> Infallible {
    loop {
        match database.checkpoint(clock.now()).await {
            Ok(Some(Checkpoint { seq, heads, mac, .. })) => tracing::info!(
                target: telemetry::CHECKPOINTS,
                checkpoint = format_args!("{seq}:{mac}"),
                heads,
                "trail checkpoint written"
            ),
            Ok(None) => {}
            Err(fault) => log(&fault),
        }
        health.set_checkpoint(database.checkpointed_at());
        clock.sleep(CHECKPOINT_INTERVAL).await;
    }
}
