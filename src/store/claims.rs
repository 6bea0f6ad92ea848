//! Claims: the rows that name the process that answers an interaction.
//!
//! Discord may deliver an interaction twice, and to several replicas. The first claim wins.

use std::collections::HashSet;
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::claims::Claim;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::bulk::{self, BulkStatement};
use super::engine::Pools;
use super::prepared::PreparedClaim;
use super::retry::{retry, to_fault};

/// Lease of a claim without an outcome, from the receipt of the interaction. An interaction can be
/// answered for 3 s, so another replica has the last of them.
pub(super) const LEASE: Duration = Duration::from_secs(2);
/// Shortest lease from the moment of writing, so that a late process can still renew it.
pub(super) const MIN_LEASE: Duration = Duration::from_secs(1);
/// Time for which claims are kept. Discord repeats a delivery within seconds.
const CLAIM_RETENTION: Duration = Duration::from_hours(24);

/// Outcome of a finished interaction. Its result is in the session and the trail.
pub(super) const DONE: &str = "done";
/// Outcome of a claim whose effect another process finished. The owner may still reply.
pub(super) const UNANSWERED: &str = "unanswered";

/// A claim as its row holds it.
pub(super) struct ClaimRow {
    pub(super) owner: String,
    pub(super) lease_until: Timestamp,
    /// [`DONE`] or [`UNANSWERED`]; `None` while its owner is at work.
    pub(super) outcome: Option<String>,
}

/// Returns the end of the lease of a claim that is written `now`.
pub(super) fn lease_until(received_at: Timestamp, now: Timestamp) -> Timestamp {
    (received_at + LEASE).max(now + MIN_LEASE)
}

/// Inserts new claims and saves outcomes. Returns the interactions for which that failed: another
/// process owns the claim, or it already has an outcome.
///
/// Rows are written in the order of their interactions, so that two replicas do not deadlock.
pub(super) async fn write(
    on: &mut AnyConnection,
    claims: &[PreparedClaim],
    owner: &str,
) -> Result<Vec<u64>, sqlx::Error> {
    static SAVE_DONE: BulkStatement = BulkStatement::new(
        "update claims set outcome = 'done'
         where outcome is null and interaction in (values ",
        1,
        ") returning interaction",
    );
    static SAVE_UNANSWERED: BulkStatement = BulkStatement::new(
        "update claims set outcome = 'unanswered'
         where outcome is null and interaction in (values ",
        1,
        ") returning interaction",
    );
    let mut new = Vec::new();
    let (mut done, mut unanswered) = (Vec::new(), Vec::new());
    for PreparedClaim { claim, received_at, lease_until } in claims {
        let (interaction, lease_until, outcome) = match *claim {
            Claim::None => continue,
            Claim::Whole(interaction) => (interaction, *received_at, Some(DONE)),
            Claim::Begin(interaction) => (interaction, *lease_until, None),
            Claim::Done(interaction) => {
                done.push(interaction);
                continue;
            }
            Claim::Unanswered(interaction) => {
                unanswered.push(interaction);
                continue;
            }
        };
        let claimed_at = *received_at;
        new.push(NewClaim { interaction, claimed_at, lease_until, outcome });
    }
    new.sort_unstable_by_key(|claim| claim.interaction);
    let mut written: HashSet<u64> = insert(on, &new, owner).await?.into_iter().collect();
    let mut all: Vec<u64> = new.iter().map(|claim| claim.interaction).collect();
    for (statement, mut interactions) in [(&SAVE_DONE, done), (&SAVE_UNANSWERED, unanswered)] {
        interactions.sort_unstable();
        written.extend(save_outcomes(on, statement, &interactions).await?);
        all.append(&mut interactions);
    }
    all.retain(|interaction| !written.contains(interaction));
    Ok(all)
}

struct NewClaim {
    interaction: u64,
    claimed_at: Timestamp,
    lease_until: Timestamp,
    outcome: Option<&'static str>,
}

/// Inserts claims. Returns the interactions that were free.
async fn insert(
    on: &mut AnyConnection,
    claims: &[NewClaim],
    owner: &str,
) -> Result<Vec<u64>, sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "insert into claims (interaction, owner, lease_until, outcome, claimed_at) values ",
        5,
        " on conflict (interaction) do nothing returning interaction",
    );
    let mut inserted = Vec::with_capacity(claims.len());
    for chunk in bulk::chunks(claims) {
        let mut query = sqlx::query(INSERT.sql(chunk));
        for claim in chunk {
            query = query
                .bind(claim.interaction.cast_signed())
                .bind(owner)
                .bind(claim.lease_until.0)
                .bind(claim.outcome)
                .bind(claim.claimed_at.0);
        }
        read_interactions(&mut inserted, &query.fetch_all(&mut *on).await?)?;
    }
    Ok(inserted)
}

/// Saves outcomes. Returns the interactions that had no outcome yet.
///
/// The owner of the lease is not checked: the versions of the sessions ensure that each effect
/// counts once.
async fn save_outcomes(
    on: &mut AnyConnection,
    statement: &BulkStatement,
    interactions: &[u64],
) -> Result<Vec<u64>, sqlx::Error> {
    let mut saved = Vec::with_capacity(interactions.len());
    for chunk in bulk::chunks(interactions) {
        let query = sqlx::query(statement.sql(chunk));
        let query = chunk.iter().fold(query, |query, claim| query.bind(claim.cast_signed()));
        read_interactions(&mut saved, &query.fetch_all(&mut *on).await?)?;
    }
    Ok(saved)
}

fn read_interactions(interactions: &mut Vec<u64>, rows: &[AnyRow]) -> Result<(), sqlx::Error> {
    for row in rows {
        interactions.push(row.try_get::<i64, _>(0)?.cast_unsigned());
    }
    Ok(())
}

pub(super) async fn find(pools: &Pools, interaction: u64) -> Result<Option<ClaimRow>, Fault> {
    const DOING: &str = "reading a claim";
    let row = retry(DOING, || {
        sqlx::query("select owner, lease_until, outcome from claims where interaction = $1")
            .bind(interaction.cast_signed())
            .fetch_optional(&pools.reads)
    })
    .await?;
    row.map(|row| {
        Ok(ClaimRow {
            owner: row.try_get(0)?,
            lease_until: Timestamp(row.try_get(1)?),
            outcome: row.try_get(2)?,
        })
    })
    .transpose()
    .map_err(to_fault::<sqlx::Error>(DOING))
}

/// Takes a finished but unanswered claim, so that one process replies. Returns true on success.
pub(super) async fn take_unanswered(
    pools: &Pools,
    owner: &str,
    interaction: u64,
) -> Result<bool, Fault> {
    let done = retry("taking an unanswered claim", || {
        sqlx::query(
            "update claims set owner = $2, outcome = $3 where interaction = $1 and outcome = $4",
        )
        .bind(interaction.cast_signed())
        .bind(owner)
        .bind(DONE)
        .bind(UNANSWERED)
        .execute(&pools.writes)
    })
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a claim whose lease has expired without an outcome. Returns true on success.
pub(super) async fn take_expired(
    pools: &Pools,
    owner: &str,
    interaction: u64,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = retry("taking an expired claim", || {
        sqlx::query(
            "update claims set owner = $2, lease_until = $3
             where interaction = $1 and outcome is null and lease_until <= $4",
        )
        .bind(interaction.cast_signed())
        .bind(owner)
        .bind((now + LEASE).0)
        .bind(now.0)
        .execute(&pools.writes)
    })
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Extends the lease of an own claim. Returns false if the claim has an outcome or another owner.
pub(super) async fn extend_lease(
    pools: &Pools,
    owner: &str,
    interaction: u64,
    until: Timestamp,
) -> Result<bool, Fault> {
    let done = retry("renewing a lease", || {
        sqlx::query(
            "update claims set lease_until = $3
             where interaction = $1 and owner = $2 and outcome is null",
        )
        .bind(interaction.cast_signed())
        .bind(owner)
        .bind(until.0)
        .execute(&pools.writes)
    })
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes old claims.
pub(super) async fn purge(pools: &Pools, now: Timestamp) -> Result<(), Fault> {
    let before = now - CLAIM_RETENTION;
    retry("purging claims", || {
        sqlx::query("delete from claims where claimed_at < $1")
            .bind(before.0)
            .execute(&pools.writes)
    })
    .await
    .map(drop)
}
