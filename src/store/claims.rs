//! Claims: who answers an interaction. Discord may deliver one twice and to several replicas; the
//! row decides.

use std::collections::HashSet;
use std::time::Duration;

use commands::error::Fault;
use commands::ports::Claim;
use commands::time::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::Database;
use super::bulk::{self, Many};
use super::retry::{again, failed};

/// How long a claim keeps others away before its interaction has an outcome. An interaction can be
/// answered for 3 s: this leaves another replica the last of them.
pub(super) const LEASE: Duration = Duration::from_secs(2);
/// How long it does so at least, from when it is written: whoever is late gets as far as renewing
/// it.
pub(super) const LEAST: Duration = Duration::from_secs(1);
/// How often somebody who waits for an outcome looks.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// How long a claim is remembered: far longer than Discord delivers anything again.
pub(super) const KEPT: Duration = Duration::from_hours(24);

/// The outcome of an interaction that is done with. What came of it stands in the session and the
/// trail.
const DONE: &str = "done";
/// That of one whose effect was done by somebody who did not have it, such as the process that came
/// after a crash: whoever has it may still answer it.
const UNANSWERED: &str = "unanswered";

/// Ends claims with [`DONE`].
static DO: Many = Many::new(
    "update claims set outcome = 'done' where outcome is null and interaction in (values ",
    1,
    ") returning interaction",
);
/// Ends claims with [`UNANSWERED`].
static LEAVE: Many = Many::new(
    "update claims set outcome = 'unanswered' where outcome is null and interaction in (values ",
    1,
    ") returning interaction",
);

/// Until when a claim keeps others away that is written now, for an interaction that was received
/// then.
pub(super) fn lease(received: Timestamp, now: Timestamp) -> Timestamp {
    (received + LEASE).max(now + LEAST)
}

/// Does with each claim what its commit says: the claim, when its interaction was received, and
/// until when a new one keeps others away. Answers with those that are somebody else's, or done
/// with already.
///
/// In the order of the interactions: two replicas that claim the same ones crosswise would wait for
/// each other.
pub(super) async fn settle(
    on: &mut AnyConnection,
    claims: &[(Claim, Timestamp, Timestamp)],
    owner: &str,
) -> Result<Vec<u64>, sqlx::Error> {
    let mut new = Vec::new();
    let (mut done, mut unanswered) = (Vec::new(), Vec::new());
    for (claim, now, lease_until) in claims {
        match *claim {
            Claim::None => {}
            Claim::Whole(interaction) => new.push((interaction, *now, *now, Some(DONE))),
            Claim::Begin(interaction) => new.push((interaction, *now, *lease_until, None)),
            Claim::Done(interaction) => done.push(interaction),
            Claim::Unanswered(interaction) => unanswered.push(interaction),
        }
    }
    new.sort_unstable_by_key(|(interaction, ..)| *interaction);
    let mut settled: HashSet<u64> = insert(on, &new, owner).await?.into_iter().collect();
    let mut all: Vec<u64> = new.iter().map(|(interaction, ..)| *interaction).collect();
    for (end, mut claims) in [(&DO, done), (&LEAVE, unanswered)] {
        claims.sort_unstable();
        settled.extend(finish(on, end, &claims).await?);
        all.append(&mut claims);
    }
    all.retain(|interaction| !settled.contains(interaction));
    Ok(all)
}

async fn insert(
    on: &mut AnyConnection,
    claims: &[(u64, Timestamp, Timestamp, Option<&str>)],
    owner: &str,
) -> Result<Vec<u64>, sqlx::Error> {
    static INSERT: Many = Many::new(
        "insert into claims (interaction, owner, lease_until, outcome, claimed_at) values ",
        5,
        " on conflict (interaction) do nothing returning interaction",
    );
    let mut ours = Vec::with_capacity(claims.len());
    for piece in bulk::pieces(claims) {
        let mut query = sqlx::query(INSERT.sql(piece));
        for (interaction, now, lease_until, outcome) in piece {
            query = query
                .bind(interaction.cast_signed())
                .bind(owner)
                .bind(lease_until.0)
                .bind(*outcome)
                .bind(now.0);
        }
        read_into(&mut ours, &query.fetch_all(&mut *on).await?)?;
    }
    Ok(ours)
}

/// Whoever holds the leases by now: these are done, and the sessions' versions kept them from being
/// done twice.
async fn finish(
    on: &mut AnyConnection,
    end: &Many,
    claims: &[u64],
) -> Result<Vec<u64>, sqlx::Error> {
    let mut finished = Vec::with_capacity(claims.len());
    for piece in bulk::pieces(claims) {
        let query = piece
            .iter()
            .fold(sqlx::query(end.sql(piece)), |query, claim| query.bind(claim.cast_signed()));
        read_into(&mut finished, &query.fetch_all(&mut *on).await?)?;
    }
    Ok(finished)
}

fn read_into(interactions: &mut Vec<u64>, rows: &[AnyRow]) -> Result<(), sqlx::Error> {
    for row in rows {
        interactions.push(row.try_get::<i64, _>(0)?.cast_unsigned());
    }
    Ok(())
}

/// Waits for the outcome of somebody else's claim; `true` when it is ours now: its lease passed
/// without one, or what was asked for is done and nobody has answered.
///
/// A claim of this very process is never taken over while its work goes on: whoever made it is
/// still here.
pub(super) async fn take_over(database: &Database, interaction: u64) -> Result<bool, Fault> {
    loop {
        let Some(claim) = read(database, interaction).await? else { return Ok(false) };
        match claim.outcome.as_deref() {
            Some(UNANSWERED) => return answer(database, interaction).await,
            Some(_) => return Ok(false),
            None if claim.owner == database.owner => return Ok(false),
            None => {}
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
    pub(super) outcome: Option<String>,
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
            outcome: row.try_get(2)?,
        })
    })
    .transpose()
    .map_err(failed::<sqlx::Error>("reading a claim"))
}

/// Takes what is done and unanswered: one of those who have the interaction answers it.
async fn answer(database: &Database, interaction: u64) -> Result<bool, Fault> {
    let done = again("answering what is done", || {
        sqlx::query(
            "update claims set owner = $2, outcome = $3 where interaction = $1 and outcome = $4",
        )
        .bind(interaction.cast_signed())
        .bind(&database.owner)
        .bind(DONE)
        .bind(UNANSWERED)
        .execute(&database.pools.writes)
    })
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the claim if its lease has passed and it still has no outcome.
pub(super) async fn seize(
    database: &Database,
    interaction: u64,
    now: Timestamp,
) -> Result<bool, Fault> {
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
