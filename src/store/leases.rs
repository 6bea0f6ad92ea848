//! Leases: a process keeps, awaits or takes over the claim of an interaction.

use std::convert::Infallible;
use std::time::Duration;

use commands::model::fault::Fault;

use super::claims::{self, LEASE, UNANSWERED};
use super::database::Database;

/// Interval between the renewals of a lease. One renewal may fail or be late.
pub(super) const RENEW_INTERVAL: Duration = Duration::from_millis(750);
/// Interval at which a waiting process reads a claim.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Waits for the outcome of another process's claim. Returns true if this process must reply now:
/// the lease expired without an outcome, or the effect was finished and not answered.
///
/// An own claim is never taken over, because its task still runs in this process.
pub(super) async fn take_over(database: &Database, interaction: u64) -> Result<bool, Fault> {
    let Database { pools, owner, clock, .. } = database;
    loop {
        let Some(claim) = claims::find(pools, interaction).await? else { return Ok(false) };
        match claim.outcome.as_deref() {
            Some(UNANSWERED) => return claims::take_unanswered(pools, owner, interaction).await,
            Some(_) => return Ok(false),
            None if claim.owner == *owner => return Ok(false),
            None => {}
        }
        let now = clock.now();
        if claim.lease_until > now {
            clock.sleep(POLL_INTERVAL.min(claim.lease_until.since(now))).await;
        } else if claims::take_expired(pools, owner, interaction, now).await? {
            return Ok(true);
        }
        // If a third process took the claim, wait for its outcome.
    }
}

/// Renews the lease of an own claim until this future is dropped.
///
/// The first renewal is immediate, because the claim may have been written late.
pub(super) async fn keep_lease(database: &Database, interaction: u64) -> Infallible {
    let Database { pools, owner, clock, .. } = database;
    while pools.engine.is_shared() {
        match claims::extend_lease(pools, owner, interaction, clock.now() + LEASE).await {
            Ok(true) => {}
            Ok(false) => break,
            // If this lasts, another process takes over, under the same idempotency keys.
            Err(fault) => tracing::warn!("{fault}"),
        }
        clock.sleep(RENEW_INTERVAL).await;
    }
    std::future::pending().await
}

/// Waits while another process holds the claim of an interaction. Takes the claim if its lease
/// expires without an outcome.
pub(super) async fn wait_for_release(database: &Database, interaction: u64) -> Result<(), Fault> {
    let Database { pools, owner, clock, .. } = database;
    while let Some(claim) = claims::find(pools, interaction).await? {
        // The caller holds the session lock, so no other task of this process works on an own
        // claim.
        if claim.outcome.is_some() || claim.owner == *owner {
            break;
        }
        let now = clock.now();
        if claim.lease_until > now {
            clock.sleep(POLL_INTERVAL.min(claim.lease_until.since(now))).await;
        } else if claims::take_expired(pools, owner, interaction, now).await? {
            break;
        }
    }
    Ok(())
}
