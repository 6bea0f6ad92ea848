//! Commits: all that one transition writes, or nothing.
//!
//! Most transitions write a claim, the session's row and its events. Those join a
//! [`batch`](super::batch). A commit with more parts, such as a limit, runs here in its own
//! transaction. The order of the parts decides which refusal wins: a stale copy is reported before
//! an exceeded limit.

use commands::model::fault::Fault;
use commands::model::words::Limit;
use commands::ports::sessions::{Commit, Committed};
use sqlx::AnyConnection;

use super::batch::SAVING;
use super::database::Database;
use super::limits::LimitCheck;
use super::prepared::{PreparedCommit, PreparedSession};
use super::retry::{self, DATABASE_TIMEOUT, MAX_ATTEMPTS};
use super::rows::RowWritten;
use super::{account_links, claims, events, limits, rows};

/// Writes a commit and updates the cache.
pub(super) async fn commit(database: &Database, commit: Commit) -> Result<Committed, Fault> {
    let lease_until = claims::lease_until(commit.now, database.clock.now());
    let mut prepared = PreparedCommit::new(commit, lease_until, &database.key, &database.cache)?;
    let mut committed = None;
    if prepared.is_plain() {
        let (returned, result) = database.batches.write(prepared).await?;
        prepared = returned;
        committed = result.transpose()?;
    }
    let committed = match committed {
        Some(committed) => committed,
        None => commit_alone(database, &mut prepared).await?,
    };
    if let (
        Some(PreparedSession { mut session, .. }),
        Some(chain),
        Committed::Saved { version, .. },
    ) = (prepared.session, prepared.chain, &committed)
    {
        session.version = *version;
        database.cache.update(session, chain.head);
    }
    Ok(committed)
}

/// Reason why a transaction ends without a commit.
enum Abort {
    Refused(Committed),
    /// The database failed before the end: nothing is written.
    Failed(sqlx::Error),
    /// The database failed at the end: all is written, or nothing.
    Unknown(sqlx::Error),
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes a commit in its own transaction, with retries.
async fn commit_alone(
    database: &Database,
    prepared: &mut PreparedCommit,
) -> Result<Committed, Fault> {
    let mut attempt = 1;
    loop {
        let timed_out = |_| Err(Abort::Unknown(sqlx::Error::PoolTimedOut));
        match tokio::time::timeout(DATABASE_TIMEOUT, write_transaction(database, prepared))
            .await
            .unwrap_or_else(timed_out)
        {
            Ok(committed) | Err(Abort::Refused(committed)) => return Ok(committed),
            Err(Abort::Failed(error)) if attempt < MAX_ATTEMPTS && retry::is_transient(&error) => {
                tracing::debug!(attempt, "transaction failed: retrying");
                attempt += 1;
            }
            // An unknown result is not retried, because a second attempt could mistake its own
            // claim for another process's. The next reader finds the result in the row.
            Err(Abort::Failed(error) | Abort::Unknown(error)) => {
                return Err(retry::to_fault(SAVING)(error));
            }
        }
    }
}

async fn write_transaction(
    database: &Database,
    prepared: &mut PreparedCommit,
) -> Result<Committed, Abort> {
    let mut transaction = database.pools.writes.begin_with(database.pools.engine.begin()).await?;
    match write(&mut transaction, database, prepared).await {
        Ok(committed) => {
            transaction.commit().await.map_err(Abort::Unknown)?;
            Ok(committed)
        }
        Err(abort) => {
            // If the connection is broken this fails too, and the server has rolled back by itself.
            let _ = transaction.rollback().await;
            Err(abort)
        }
    }
}

async fn write(
    on: &mut AnyConnection,
    database: &Database,
    prepared: &mut PreparedCommit,
) -> Result<Committed, Abort> {
    if !claims::write(on, &[prepared.claim], &database.owner).await?.is_empty() {
        return Err(Abort::Refused(Committed::Claimed));
    }
    if prepared.session.is_some() {
        write_session(on, database, prepared).await?;
    }
    let Commit { now, account_link, limit_uses, refunds, requires_unlocked, lockouts, .. } =
        &prepared.rest;
    if let Some(link) = account_link
        && !account_links::add(on, link).await?
    {
        return Err(Abort::Refused(Committed::LinkTaken));
    }
    if let Some(until) = limits::locked_out_until(on, requires_unlocked, *now).await? {
        return Err(Abort::Refused(Committed::LockedOut(until)));
    }
    let mut counts = vec![0; limit_uses.len()];
    let ordered = in_lock_order(limit_uses, |limit_use| (limit_use.limit, &limit_use.subject));
    for (index, limit_use) in ordered {
        match limits::add_use(on, limit_use, *now).await? {
            LimitCheck::Within(count) => counts[index] = count,
            LimitCheck::Exceeded { retry_at } => {
                return Err(Abort::Refused(Committed::Limited(limit_use.limit, retry_at)));
            }
        }
    }
    for (_, (limit, subject)) in in_lock_order(refunds, |(limit, subject)| (*limit, subject)) {
        limits::refund(on, *limit, subject).await?;
    }
    for lockout in lockouts {
        limits::lock_out(on, lockout).await?;
    }
    events::append(on, &prepared.events(false), &database.key).await?;
    Ok(Committed::Saved { counts, version: prepared.new_version() })
}

/// Writes the session's row and its events.
async fn write_session(
    on: &mut AnyConnection,
    database: &Database,
    prepared: &mut PreparedCommit,
) -> Result<(), Abort> {
    let Some(session) = &prepared.session else { return Ok(()) };
    if prepared.chain.is_none() {
        let Some(head) = rows::find_head(on, &session.session).await? else {
            return Err(Abort::Refused(Committed::Stale));
        };
        prepared.chain = Some(prepared.sign(head, &database.key));
    }
    let (Some(session), Some(chain)) = (&prepared.session, &prepared.chain) else { return Ok(()) };
    let written = if session.is_new() {
        rows::insert(on, session, chain.head).await?
    } else {
        rows::update(on, session, chain.head).await?
    };
    match written {
        RowWritten::Written => {
            Ok(events::insert(on, &chain.events.iter().collect::<Vec<_>>()).await?)
        }
        RowWritten::Stale => Err(Abort::Refused(Committed::Stale)),
        RowWritten::CustomerTaken => Err(Abort::Refused(Committed::CustomerTaken)),
    }
}

/// Sorts rows by limit and subject, each with its index.
///
/// Every transaction locks them in this order. Otherwise two transactions could deadlock, which
/// PostgreSQL detects only after a second.
fn in_lock_order<'a, T>(
    rows: &'a [T],
    key_of: impl Fn(&'a T) -> (Limit, &'a String),
) -> Vec<(usize, &'a T)> {
    let mut ordered: Vec<_> = rows.iter().enumerate().collect();
    ordered.sort_by_key(|(_, row)| {
        let (limit, subject) = key_of(row);
        (limits::name(limit), subject)
    });
    ordered
}
