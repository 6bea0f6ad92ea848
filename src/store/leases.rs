//! What only several processes on one database need: leases that are held and waited for, and
//! memory that keeps up with the rows.

use std::convert::Infallible;
use std::time::Duration;

use commands::error::Fault;
use commands::session::SessionId;
use sqlx::Row as _;

use super::Database;
use super::claims::{LEASE, LOOK, read, seize};
use super::engine::Engine;
use super::retry::again;

/// How often whoever is at work renews the lease: one renewal may fail or be late, and the lease
/// still holds.
pub(super) const RENEW: Duration = Duration::from_millis(750);

/// Whether other processes may have the database. A SQLite file is for one.
pub(super) fn is_shared(database: &Database) -> bool {
    matches!(database.pools.engine, Engine::Postgres)
}

/// Renews the lease of our claim for as long as we are at work: at once, as it may have been
/// written late, and again and again.
pub(super) async fn keep_lease(database: &Database, interaction: u64) -> Infallible {
    while is_shared(database) {
        let until = database.clock.now() + LEASE;
        let renewed = again("holding a claim", || {
            sqlx::query("update claims set lease_until = $3 where interaction = $1 and owner = $2 and outcome is null")
                .bind(interaction.cast_signed())
                .bind(&database.owner)
                .bind(until.0)
                .execute(&database.pools.writes)
        })
        .await;
        match renewed {
            Ok(done) if done.rows_affected() == 0 => break,
            Ok(_) => {}
            // Should it last, another process takes over, under the same keys.
            Err(fault) => tracing::warn!("{fault}"),
        }
        database.clock.sleep(RENEW).await;
    }
    std::future::pending().await
}

/// Waits while another process holds the claim of an interaction; what it leaves without an outcome
/// is ours.
pub(super) async fn wait_for_release(database: &Database, interaction: u64) -> Result<(), Fault> {
    while let Some(claim) = read(database, interaction).await? {
        // Whoever claimed it in this process has given up the session's turn, so nobody is at work
        // on it here.
        if claim.outcome.is_some() || claim.owner == database.owner {
            break;
        }
        let now = database.clock.now();
        if claim.lease_until > now {
            database.clock.sleep(LOOK.min(claim.lease_until.since(now))).await;
        } else if seize(database, interaction, now).await? {
            break;
        }
    }
    Ok(())
}

/// Whether the row is newer than what is in memory: then another process has moved it.
pub(super) async fn is_behind(database: &Database, id: &SessionId) -> Result<bool, Fault> {
    const DOING: &str = "asking for a session's version";
    let Some(live) = database.memory.get(id).filter(|_| is_shared(database)) else {
        return Ok(false);
    };
    let row = again(DOING, || {
        sqlx::query("select version from sessions where id = $1")
            .bind(id.as_str())
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let version =
        row.map(|row| row.try_get::<i64, _>(0)).transpose().map_err(super::retry::failed(DOING))?;
    Ok(version.is_some_and(|version| version > live.session().version))
}
