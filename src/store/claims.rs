//! Claims: the rows that name the process that answers an interaction.
//!
//! Discord may deliver an interaction twice, and to several replicas. The first claim wins.

use std::collections::HashSet;
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::ports::claims::Claim;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::prepared::PreparedCommit;

/// Lease of a claim without an outcome, from the receipt of the interaction. An interaction can be
/// answered for 3 s, so another replica has the last of them.
pub(super) const LEASE: Duration = Duration::from_secs(2);
/// Shortest lease from the moment of writing, so that a late process can still renew it.
pub(super) const MIN_LEASE: Duration = Duration::from_secs(1);

/// Outcome of a finished interaction. Its result is in the session and the trail.
pub(super) const DONE: &str = "done";
/// Outcome of a claim whose effect another process finished. The owner may still reply.
pub(super) const UNANSWERED: &str = "unanswered";

/// Returns the end of the lease of a claim that is written `now`.
pub(super) fn lease_until(received_at: Timestamp, now: Timestamp) -> Timestamp {
    (received_at + LEASE).max(now + MIN_LEASE)
}

/// A row to insert.
struct NewClaim {
    interaction: u64,
    lease_until: Timestamp,
    outcome: Option<&'static str>,
    claimed_at: Timestamp,
}

/// Inserts new claims and saves outcomes. Returns the interactions for which that failed: another
/// process owns the claim, or it already has an outcome.
///
/// Rows are written in the order of their interactions, so that two replicas do not deadlock. The
/// owner of a lease is not checked when an outcome is saved: the versions of the sessions ensure
/// that each effect counts once.
pub(super) async fn write(
    on: &mut AnyConnection,
    commits: &[&PreparedCommit],
    owner: &str,
) -> Result<HashSet<u64>, sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "insert into claims (interaction, owner, lease_until, outcome, claimed_at) values ",
        5,
        " on conflict (interaction) do nothing returning interaction",
    );
    static SAVE_OUTCOMES: BulkStatement = BulkStatement::new(
        "with new (id, outcome) as (values ",
        2,
        ") update claims set outcome = new.outcome
         from new where claims.interaction = new.id and claims.outcome is null
         returning interaction",
    );
    let (mut new, mut outcomes) = (Vec::new(), Vec::new());
    for PreparedCommit { lease_until, rest, .. } in commits {
        let (lease_until, claimed_at) = (*lease_until, rest.now);
        match rest.claim {
            Claim::None => {}
            Claim::Whole(interaction) => {
                let (lease_until, outcome) = (claimed_at, Some(DONE));
                new.push(NewClaim { interaction, lease_until, outcome, claimed_at });
            }
            Claim::Begin(interaction) => {
                new.push(NewClaim { interaction, lease_until, outcome: None, claimed_at });
            }
            Claim::Done(interaction) => outcomes.push((interaction, DONE)),
            Claim::Unanswered(interaction) => outcomes.push((interaction, UNANSWERED)),
        }
    }
    new.sort_unstable_by_key(|claim| claim.interaction);
    outcomes.sort_unstable();
    let mut written = Vec::with_capacity(commits.len());
    for chunk in bulk::chunks(&new) {
        let mut query = sqlx::query_scalar::<_, i64>(INSERT.sql(chunk));
        for claim in chunk {
            query = query
                .bind(claim.interaction.cast_signed())
                .bind(owner)
                .bind(claim.lease_until.0)
                .bind(claim.outcome)
                .bind(claim.claimed_at.0);
        }
        written.extend(query.fetch_all(&mut *on).await?);
    }
    for chunk in bulk::chunks(&outcomes) {
        let mut query = sqlx::query_scalar::<_, i64>(SAVE_OUTCOMES.sql(chunk));
        for (interaction, outcome) in chunk {
            query = query.bind(interaction.cast_signed()).bind(*outcome);
        }
        written.extend(query.fetch_all(&mut *on).await?);
    }
    let mut refused: HashSet<u64> =
        commits.iter().filter_map(|commit| commit.interaction()).collect();
    for interaction in written {
        refused.remove(&interaction.cast_unsigned());
    }
    Ok(refused)
}

/// Undoes what [`write`] has written for commits that are refused.
pub(super) async fn undo(
    on: &mut AnyConnection,
    commits: &[&PreparedCommit],
) -> Result<(), sqlx::Error> {
    static DELETE: BulkStatement =
        BulkStatement::new("delete from claims where interaction in (values ", 1, ")");
    static CLEAR_OUTCOMES: BulkStatement = BulkStatement::new(
        "update claims set outcome = null where interaction in (values ",
        1,
        ")",
    );
    let (mut new, mut outcomes) = (Vec::new(), Vec::new());
    for commit in commits {
        match commit.rest.claim {
            Claim::None => {}
            Claim::Whole(interaction) | Claim::Begin(interaction) => new.push(interaction),
            Claim::Done(interaction) | Claim::Unanswered(interaction) => outcomes.push(interaction),
        }
    }
    for (statement, interactions) in [(&DELETE, new), (&CLEAR_OUTCOMES, outcomes)] {
        for chunk in bulk::chunks(&interactions) {
            let query = sqlx::query(statement.sql(chunk));
            let query = chunk
                .iter()
                .fold(query, |query, interaction| query.bind(interaction.cast_signed()));
            query.execute(&mut *on).await?;
        }
    }
    Ok(())
}
