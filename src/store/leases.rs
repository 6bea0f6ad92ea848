//! Leases: a process keeps, awaits or takes over the claim of an interaction. Old claims are
//! deleted.

use std::convert::Infallible;
use std::time::Duration;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::claims::Claims;
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use super::claims::{DONE, LEASE, UNANSWERED};
use super::database::Database;
use super::retry::retry;
use crate::metrics::{self, ClaimHow};

/// Interval between the renewals of a lease. One renewal may fail or be late.
pub(super) const RENEW_INTERVAL: Duration = Duration::from_millis(750);
/// Interval at which a waiting process reads a claim.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Time for which claims are kept. Discord repeats a delivery within seconds.
const CLAIM_RETENTION: Duration = Duration::from_hours(24);

/// A claim as its row holds it.
pub(super) struct ClaimRow {
    pub(super) owner: String,
    pub(super) lease_until: Timestamp,
    /// [`DONE`] or [`UNANSWERED`]; `None` while its owner is at work.
    pub(super) outcome: Option<String>,
}

/// Result of a wait for the claim of another process.
enum Waited {
    /// The lease expired, and this process took the claim.
    Taken,
    /// The claim has this outcome.
    Finished(String),
    /// No other process has the claim.
    NotHeld,
}

#[async_trait]
impl Claims for Database {
    async fn take_over(&self, interaction: u64) -> Result<bool, Fault> {
        let is_taken = match self.wait_while_held(interaction).await? {
            Waited::Taken => true,
            Waited::Finished(outcome) if outcome == UNANSWERED => {
                self.take_unanswered(interaction).await?
            }
            // An own claim is never taken over, because its task still runs in this process.
            Waited::Finished(_) | Waited::NotHeld => false,
        };
        if is_taken {
            metrics::count_claim(ClaimHow::TakenOver);
        }
        Ok(is_taken)
    }

    fn is_shared(&self) -> bool {
        self.pools.engine.is_shared()
    }

    async fn keep_lease(&self, interaction: u64) -> Infallible {
        // The first renewal is immediate, because the claim may have been written late.
        while self.is_shared() {
            match self.extend_lease(interaction, self.clock.now() + LEASE).await {
                Ok(true) => {}
                Ok(false) => break,
                // If this lasts, another process takes over, under the same idempotency keys.
                Err(fault) => {
                    metrics::count_failed_renewal();
                    tracing::warn!("{fault}");
                }
            }
            self.clock.sleep(RENEW_INTERVAL).await;
        }
        std::future::pending().await
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        // The caller holds the session lock, so no other task of this process works on an own
        // claim.
        self.wait_while_held(interaction).await.map(drop)
    }

    async fn purge_claims(&self, now: Timestamp) -> Result<(), Fault> {
        retry(&self.pools, "purging claims", || {
            sqlx::query("delete from claims where claimed_at < $1")
                .bind((now - CLAIM_RETENTION).0)
                .execute(&self.pools.writes)
        })
        .await?;
        self.evict_closed().await
    }
}

impl Database {
    /// Waits while another process holds a claim. Takes the claim if its lease expires without an
    /// outcome.
    async fn wait_while_held(&self, interaction: u64) -> Result<Waited, Fault> {
        while let Some(claim) = self.find_claim(interaction).await? {
            if let Some(outcome) = claim.outcome {
                return Ok(Waited::Finished(outcome));
            }
            if claim.owner == self.owner {
                break;
            }
            let now = self.clock.now();
            if claim.lease_until > now {
                self.clock.sleep(POLL_INTERVAL.min(claim.lease_until.since(now))).await;
            } else if self.take_expired(interaction, now).await? {
                return Ok(Waited::Taken);
            }
            // If a third process took the claim, wait for its outcome.
        }
        Ok(Waited::NotHeld)
    }

    pub(super) async fn find_claim(&self, interaction: u64) -> Result<Option<ClaimRow>, Fault> {
        const DOING: &str = "reading a claim";
        let row: Option<(String, i64, Option<String>)> = retry(&self.pools, DOING, || {
            sqlx::query_as("select owner, lease_until, outcome from claims where interaction = $1")
                .bind(interaction.cast_signed())
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        Ok(row.map(|(owner, lease_until, outcome)| ClaimRow {
            owner,
            lease_until: Timestamp(lease_until),
            outcome,
        }))
    }

    /// Takes a finished but unanswered claim, so that one process replies. Returns true on success.
    async fn take_unanswered(&self, interaction: u64) -> Result<bool, Fault> {
        self.update_claim("taking an unanswered claim", || {
            sqlx::query(
                "update claims set owner = $2, outcome = $3
                 where interaction = $1 and outcome = $4",
            )
            .bind(interaction.cast_signed())
            .bind(&self.owner)
            .bind(DONE)
            .bind(UNANSWERED)
        })
        .await
    }

    /// Takes a claim whose lease has expired without an outcome. Returns true on success.
    pub(super) async fn take_expired(
        &self,
        interaction: u64,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.update_claim("taking an expired claim", || {
            sqlx::query(
                "update claims set owner = $2, lease_until = $3
                 where interaction = $1 and outcome is null and lease_until <= $4",
            )
            .bind(interaction.cast_signed())
            .bind(&self.owner)
            .bind((now + LEASE).0)
            .bind(now.0)
        })
        .await
    }

    /// Extends the lease of an own claim. Returns false if the claim has an outcome or another
    /// owner.
    async fn extend_lease(&self, interaction: u64, until: Timestamp) -> Result<bool, Fault> {
        self.update_claim("renewing a lease", || {
            sqlx::query(
                "update claims set lease_until = $3
                 where interaction = $1 and owner = $2 and outcome is null",
            )
            .bind(interaction.cast_signed())
            .bind(&self.owner)
            .bind(until.0)
        })
        .await
    }

    /// Runs an update of one claim. Returns true if it changed the row.
    async fn update_claim<'q>(
        &self,
        doing: &'static str,
        update: impl Fn() -> Query<'q, Any, AnyArguments>,
    ) -> Result<bool, Fault> {
        let done = retry(&self.pools, doing, || update().execute(&self.pools.writes)).await?;
        Ok(done.rows_affected() == 1)
    }
}
