//! Background work of the process: takeover after a crash, session timers, purge and checkpoints.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::flows::alerts::raise::{Broken, trail_broken};
use commands::flows::watch::WATCH_EVERY;
use commands::model::fault::{ALERTS, Fault};
use commands::ports::claims::Claims as _;
use commands::ports::clock::Clock;
use commands::ports::limits::Limits as _;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::retention::Retention;
use crate::store::{DailyWork, Database};
use crate::trail::{AuditSummary, CHECKPOINT_EVERY, Checkpoint, CheckpointRound};
use crate::{metrics, telemetry};

/// Time between two sweeps over the sessions with due timers.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// Time between two purges of the store.
const PURGE_INTERVAL: Duration = Duration::from_hours(1);
/// Time between two checks whether the daily work is due.
const DAILY_CHECK_INTERVAL: Duration = Duration::from_mins(10);
/// Findings of a daily verification that are logged. `trail verify` prints all.
const MAX_LOGGED_FINDINGS: usize = 100;
/// Time between two checks whether a checkpoint is due.
const CHECKPOINT_INTERVAL: Duration = CHECKPOINT_EVERY;

/// Runs until it is dropped. Each sweep runs in a task of its own, so a stop waits for it.
pub(crate) async fn run(
    desk: &Arc<Desk>,
    database: &Arc<Database>,
    health: &Health,
    retention: Retention,
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
        never = do_daily_work(desk, database, retention, clock) => never,
        never = sweep(desk, clock) => never,
        never = watch(desk, clock) => never,
        never = purge(database, clock) => never,
        never = make_checkpoints(desk, database, health, clock) => never,
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

/// Runs the watch each minute. On several replicas one of them counts.
async fn watch(desk: &Desk, clock: &dyn Clock) -> Infallible {
    loop {
        if let Err(fault) = desk.watch().await {
            desk.log_repeated(&fault);
        }
        clock.sleep(WATCH_EVERY).await;
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

async fn make_checkpoints(
    desk: &Desk,
    database: &Database,
    health: &Health,
    clock: &dyn Clock,
) -> Infallible {
    loop {
        match database.checkpoint(clock.now()).await {
            Ok(CheckpointRound { written, refused }) => {
                if let Some(Checkpoint { seq, heads, signature, .. }) = written {
                    tracing::info!(
                        target: telemetry::CHECKPOINTS,
                        checkpoint = format_args!("{seq}:{signature}"),
                        heads,
                        "trail checkpoint written"
                    );
                }
                for refused in &refused {
                    tracing::error!(target: ALERTS, "trail: {refused}");
                }
                match report_findings(desk, Broken::Checkpoint, refused.len()).await {
                    Ok(()) => database.note_reported(),
                    Err(fault) => log(&fault),
                }
            }
            Err(fault) => log(&fault),
        }
        health.set_checkpoint(database.checkpointed_at());
        clock.sleep(CHECKPOINT_INTERVAL).await;
    }
}

/// Verifies the trail and removes what has been kept long enough, each once a day on one replica.
async fn do_daily_work(
    desk: &Desk,
    database: &Arc<Database>,
    retention: Retention,
    clock: &dyn Clock,
) -> Infallible {
    loop {
        if let Err(fault) = verify_daily(desk, database, clock).await {
            log(&fault);
        }
        if let Err(fault) = prune_daily(database, retention, clock).await {
            log(&fault);
        }
        clock.sleep(DAILY_CHECK_INTERVAL).await;
    }
}

/// Verifies the whole trail if it is due.
async fn verify_daily(
    desk: &Desk,
    database: &Arc<Database>,
    clock: &dyn Clock,
) -> Result<(), Fault> {
    if !database.take_daily(DailyWork::Verify, clock.now()).await? {
        return Ok(());
    }
    let auditing = Arc::clone(database);
    let audited = on_own_thread(async move || audit(&auditing).await).await;
    let audited = audited.map_err(anyhow::Error::from).and_then(|audited| audited);
    let (summary, findings) = audited.map_err(|error| Fault::new("verifying the trail", error))?;
    let count = u64::try_from(findings).unwrap_or(u64::MAX);
    tracing::info!(
        target: telemetry::CHECKPOINTS,
        events = summary.events,
        chains = summary.chains,
        findings,
        "trail verified"
    );
    // The leads are told first, so that a process that stops between the two tells them again.
    report_findings(desk, Broken::Trail, findings).await?;
    database.finish_daily(DailyWork::Verify, count, clock.now()).await
}

/// Runs work on a thread of its own, because the check of many signatures would keep the others
/// waiting. The work ends at its next wait once the returned future is dropped, because a runtime
/// waits for such a thread when it stops.
async fn on_own_thread<T: Send + 'static>(
    work: impl AsyncFnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    let stop = CancellationToken::new();
    let (stopped, runtime) = (stop.clone(), Handle::current());
    let _stop = stop.drop_guard();
    let working =
        tokio::task::spawn_blocking(move || runtime.block_on(stopped.run_until_cancelled(work())));
    working.await.ok().flatten().ok_or(Stopped)
}

/// Work was stopped, or panicked.
#[derive(Debug, thiserror::Error)]
#[error("the work was stopped")]
struct Stopped;

/// Audits the trail. Returns its size and the number of findings, and logs the first ones.
async fn audit(database: &Database) -> anyhow::Result<(AuditSummary, usize)> {
    let mut findings = 0_usize;
    let summary = database
        .audit(|finding| {
            findings += 1;
            if findings <= MAX_LOGGED_FINDINGS {
                tracing::error!(target: ALERTS, "trail: {finding}");
            }
            Ok(())
        })
        .await?;
    Ok((summary, findings))
}

/// Alerts the leads of findings, and counts them.
async fn report_findings(desk: &Desk, what: Broken, findings: usize) -> Result<(), Fault> {
    if findings > 0 {
        desk.raise(vec![trail_broken(what, findings)]).await?;
        metrics::count_findings(what, u64::try_from(findings).unwrap_or(u64::MAX));
    }
    Ok(())
}

/// Removes what has been kept long enough if it is due, where the role of the bot may delete.
async fn prune_daily(
    database: &Arc<Database>,
    retention: Retention,
    clock: &dyn Clock,
) -> Result<(), Fault> {
    let now = clock.now();
    if retention.keeps_all()
        || !database.may_delete().await?
        || !database.take_daily(DailyWork::Prune, now).await?
    {
        return Ok(());
    }
    let pruning = Arc::clone(database);
    let pruned = on_own_thread(async move || retention.apply(&pruning, now).await).await;
    pruned.map_err(|error| Fault::new("applying the retention", error))?.map(drop)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::on_own_thread;

    #[tokio::test]
    async fn work_on_its_own_thread_ends_with_its_caller() {
        assert_eq!(on_own_thread(async || 7).await.unwrap(), 7);
        let (dropped, ended) = oneshot::channel::<()>();
        let endless = async move || {
            std::future::pending::<()>().await;
            drop(dropped);
        };
        let working = tokio::time::timeout(Duration::from_millis(20), on_own_thread(endless));
        assert!(working.await.is_err());
        let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
        assert!(ended.is_ok(), "the thread went on");
    }
}
