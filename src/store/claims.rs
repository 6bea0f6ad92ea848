//! Claims: who answers an interaction. Discord may deliver one twice and to several replicas; the row decides.

use std::time::Duration;

use commands::error::Fault;
use commands::ports::Claim;
use commands::time::Timestamp;
use sqlx::{AnyConnection, Row as _};

use super::Database;
use super::fault::again;

/// How long a claim keeps others away before its interaction has an outcome. An interaction can be answered for 3 s: this leaves
/// another replica the last of them.
pub(super) const LEASE: Duration = Duration::from_secs(2);
/// How often somebody who waits for an outcome looks.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// How long a claim is remembered: far longer than Discord delivers anything again.
pub(super) const KEPT: Duration = Duration::from_hours(24);

/// The outcome of an interaction that is done with. What came of it stands in the session and the trail.
const DONE: &str = "done";

/// Does with the claim what the commit says; `false` when it is somebody else's, or done with already.
pub(super) async fn settle(on: &mut AnyConnection, claim: Claim, owner: &str, now: Timestamp) -> Result<bool, sqlx::Error> {
    let written = match claim {
        Claim::None => return Ok(true),
        Claim::Whole(interaction) => insert(on, interaction, owner, now, now, Some(DONE)).await?,
        Claim::Begin(interaction) => insert(on, interaction, owner, now, now + LEASE, None).await?,
        Claim::Done(interaction) => {
            // Whoever holds the lease by now: it is done, and the session's version kept it from being done twice.
            sqlx::query("update claims set outcome = $2 where interaction = $1 and outcome is null")
                .bind(interaction.cast_signed())
                .bind(DONE)
                .execute(on)
                .await?
                .rows_affected()
        }
    };
    Ok(written == 1)
}

async fn insert(
    on: &mut AnyConnection,
    interaction: u64,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
    outcome: Option<&str>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "insert into claims (interaction, owner, lease_until, outcome, claimed_at) values ($1, $2, $3, $4, $5)
         on conflict (interaction) do nothing",
    )
    .bind(interaction.cast_signed())
    .bind(owner)
    .bind(lease_until.0)
    .bind(outcome)
    .bind(now.0)
    .execute(on)
    .await?;
    Ok(done.rows_affected())
}

/// Waits for the outcome of somebody else's claim; `true` when its lease passed without one and the claim is ours now.
///
/// A claim of this very process is never taken over: whoever made it is still at work here.
pub(super) async fn take_over(database: &Database, interaction: u64) -> Result<bool, Fault> {
    loop {
        let Some(claim) = read(database, interaction).await? else { return Ok(false) };
        if claim.done || claim.owner == database.owner {
            return Ok(false);
        }
        let now = database.clock.now();
        if claim.lease_until > now {
            database.clock.sleep(LOOK.min(claim.lease_until.since(now))).await;
        } else if seize(database, interaction, now).await? {
            return Ok(true);
        }
        // Seized by a third one: that one's outcome is waited for.
    }
}

pub(super) struct Claimed {
    pub(super) owner: String,
    pub(super) lease_until: Timestamp,
    pub(super) done: bool,
}

pub(super) async fn read(database: &Database, interaction: u64) -> Result<Option<Claimed>, Fault> {
    let row = again("reading a claim", || {
        sqlx::query("select owner, lease_until, outcome from claims where interaction = $1")
            .bind(interaction.cast_signed())
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    row.map(|row| {
        Ok(Claimed {
            owner: row.try_get(0)?,
            lease_until: Timestamp(row.try_get(1)?),
            done: row.try_get::<Option<String>, _>(2)?.is_some(),
        })
    })
    .transpose()
    .map_err(|error: sqlx::Error| Fault::new("reading a claim", error))
}

/// Takes the claim if its lease has passed and it still has no outcome.
pub(super) async fn seize(database: &Database, interaction: u64, now: Timestamp) -> Result<bool, Fault> {
    let done = again("taking a claim over", || {
        sqlx::query(
            "update claims set owner = $2, lease_until = $3 where interaction = $1 and outcome is null and lease_until <= $4",
        )
        .bind(interaction.cast_signed())
        .bind(&database.owner)
        .bind((now + LEASE).0)
        .bind(now.0)
        .execute(&database.pools.writes)
    })
    .await?;
    Ok(done.rows_affected() == 1)
}
