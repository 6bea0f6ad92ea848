//! Commits: all that one transition writes, or nothing.
//!
//! Most transitions write a claim, the session's row and its events. Those join a
//! [`batch`](super::batch). A commit with more parts, such as a limit, runs here in its own
//! transaction. The order of the parts decides which refusal wins: a stale copy is reported before
//! an exceeded limit.

use commands::model::fault::Fault;
use commands::model::limit::LockedSubject;
use commands::model::session::Session;
use commands::ports::sessions::{Commit, Committed};
use sqlx::AnyConnection;

use super::batch::SAVING;
use super::database::Database;
use super::limits::LimitCheck;
use super::prepared::{PreparedCommit, PreparedSession};
use super::retry::{Attempts, DATABASE_TIMEOUT, is_unique_violation, retry, to_fault};
use super::{account_links, claims, events, limits, rows};
use crate::trail::event::Head;

/// Writes a commit and updates the cache.
pub(super) async fn commit(database: &Database, commit: Commit) -> Result<Committed, Fault> {
    let lease_until = claims::lease_until(commit.now, database.clock.now());
    let head = match &commit.session {
        Some(session) => find_head(database, session).await?,
        None => Some(Head::default()),
    };
    // A stale session would roll its batch back.
    let is_stale = head.is_none();
    let head = head.unwrap_or_default();
    let mut prepared = PreparedCommit::new(commit, head, lease_until, &database.key)?;
    let mut committed = None;
    if prepared.is_plain() && !is_stale {
        (prepared, committed) = database.batches.write(prepared).await?;
    }
    let committed = match committed {
        Some(committed) => committed,
        None => commit_alone(database, &prepared).await?,
    };
    if let (Some(PreparedSession { mut session, head, .. }), Committed::Saved { version, .. }) =
        (prepared.session, &committed)
    {
        session.version = *version;
        database.cache.update(session, head);
    }
    Ok(committed)
}

/// Finds the head of a session's chain, in the cache or else in the row. A stale session has none;
/// its commit is refused later.
async fn find_head(database: &Database, session: &Session) -> Result<Option<Head>, Fault> {
    if session.version == 0 {
        return Ok(Some(Head::default()));
    }
    if let Some(head) = database.cache.head(session) {
        return Ok(Some(head));
    }
    let row: Option<(i64, Option<String>)> = retry(&database.pools, SAVING, || {
        sqlx::query_as("select trail_seq, trail_mac from sessions where id = $1 and version = $2")
            .bind(session.id.as_str())
            .bind(session.version)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    Ok(row.map(|(seq, mac)| Head::from_columns(seq, mac.as_deref())))
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
async fn commit_alone(database: &Database, prepared: &PreparedCommit) -> Result<Committed, Fault> {
    let mut attempts = Attempts::new(&database.pools);
    loop {
        let writing = write_transaction(database, prepared);
        let written = database.pools.retirement.within(DATABASE_TIMEOUT, writing).await;
        match written.unwrap_or(Err(Abort::Failed(sqlx::Error::PoolTimedOut))) {
            Ok(committed) | Err(Abort::Refused(committed)) => return Ok(committed),
            Err(Abort::Failed(error)) if attempts.may_repeat(&error) => {
                tracing::debug!("transaction failed: retrying");
            }
            Err(Abort::Failed(error)) => return Err(to_fault(SAVING)(error)),
            // An unknown result is not retried, because a second attempt could mistake its own
            // claim for another process's. The next reader finds the result in the row.
            Err(Abort::Unknown(error)) => {
                database.pools.retirement.observe(&error);
                return Err(to_fault(SAVING)(error));
            }
        }
    }
}

async fn write_transaction(
    database: &Database,
    prepared: &PreparedCommit,
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
    prepared: &PreparedCommit,
) -> Result<Committed, Abort> {
    if !claims::write(on, &[prepared], &database.owner).await?.is_empty() {
        return Err(Abort::Refused(Committed::Claimed));
    }
    if let Some(session) = &prepared.session {
        write_session(on, session).await?;
    }
    let Commit {
        now,
        account_link,
        limit_uses,
        refunds,
        resets,
        open_sessions,
        requires_unlocked,
        lockouts,
        ..
    } = &prepared.rest;
    if let (Some(most), Some(prepared)) = (open_sessions, &prepared.session) {
        let agent = prepared.session.actor.discord_id;
        if limits::count_open_sessions(on, agent, *now).await? > i64::from(*most) {
            return Err(Abort::Refused(Committed::TooManyOpen));
        }
    }
    if let Some(link) = account_link
        && !account_links::add(on, link).await?
    {
        return Err(Abort::Refused(Committed::LinkTaken));
    }
    if let Some(lockout) = limits::longest_lockout(on, requires_unlocked, *now).await? {
        let whose = LockedSubject::of(&lockout.subject);
        return Err(Abort::Refused(Committed::LockedOut(whose, lockout.until)));
    }
    // Every transaction locks uses and refunds in this order. Otherwise two transactions could
    // deadlock, which PostgreSQL detects only after a second.
    let mut ordered: Vec<_> = limit_uses.iter().enumerate().collect();
    ordered.sort_by_key(|(_, limit_use)| (limits::name(limit_use.limit), &limit_use.subject));
    let mut counts = vec![0; limit_uses.len()];
    for (index, limit_use) in ordered {
        match limits::add_use(on, limit_use, *now).await? {
            LimitCheck::Within(count) => counts[index] = count,
            LimitCheck::Exceeded { retry_at } => {
                return Err(Abort::Refused(Committed::Limited(limit_use.limit, retry_at)));
            }
        }
    }
    let mut refunds: Vec<_> = refunds.iter().collect();
    refunds.sort_by_key(|(limit, subject)| (limits::name(*limit), subject));
    for (limit, subject) in refunds {
        limits::refund(on, *limit, subject).await?;
    }
    // A reset is of the same subject as the refunds and the last of its limits in their order.
    for (limit, subject) in resets {
        limits::reset(on, *limit, subject).await?;
    }
    for lockout in lockouts {
        limits::lock_out(on, lockout).await?;
    }
    events::append(on, &prepared.rest.events, &database.key).await?;
    Ok(Committed::Saved { counts, version: prepared.new_version() })
}

/// Writes the session's row and its events.
async fn write_session(on: &mut AnyConnection, session: &PreparedSession) -> Result<(), Abort> {
    let written = if session.is_new() {
        rows::insert(on, session).await
    } else {
        rows::update_all(on, &[session]).await
    };
    match written {
        Ok(1) => Ok(events::insert(on, &session.events).await?),
        Ok(_) => Err(Abort::Refused(Committed::Stale)),
        // The only unique column beside the id is the attended customer.
        Err(error) if is_unique_violation(&error) => Err(Abort::Refused(Committed::CustomerTaken)),
        Err(error) => Err(error.into()),
    }
}
