//! The transaction of a batch: all commits in it are written, except those that are refused.
//!
//! It has four phases:
//! 1. Write the claims. A commit whose interaction is already claimed drops out.
//! 2. Lock and read what the other commits depend on ([`Facts`]).
//! 3. Decide in memory which commits are refused, one after the other.
//! 4. Write the sessions and the rest of the saved commits, and undo the claims of the refused
//!    ones.
//!
//! Each phase has one statement a table, whatever the number of commits. A plain commit (claim,
//! session, own events) needs no fact, so a batch of plain commits skips the second phase.
//!
//! Two transactions must not deadlock. So each locks rows in this order of the tables, and within a
//! table in the order of the keys: claims, limit uses, sessions, lockouts, account links,
//! customers, alerts, chains.

use std::sync::Arc;
use std::time::Instant;

use commands::model::trail::TrailEvent;
use commands::ports::sessions::Committed;
use sqlx::AnyConnection;

use super::decide::Facts;
use super::engine::Pools;
use super::prepared::{PreparedCommit, PreparedSession};
use super::retry::{DATABASE_TIMEOUT, is_unique_violation};
use super::{alerts, claims, events, link_rows, lockouts, new_customers, request_rows, rows};
use crate::keyring::Keyring;
use crate::metrics;
use crate::trail::event::SignedEvent;
use crate::trail::log;

/// The interaction at which a writer panics in a test.
#[cfg(test)]
pub(super) const PANICS: u64 = u64::MAX >> 1;

/// Writes batches of commits.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) pools: Pools,
    pub(super) owner: String,
    pub(super) keys: Arc<Keyring>,
}

/// Reason why a transaction ends without results.
#[derive(Debug)]
pub(super) enum Abort {
    /// The database failed before the end: nothing is written.
    Failed(sqlx::Error),
    /// Another process changed a row after it was read: nothing is written. Never the result of a
    /// single commit.
    LostRace,
    /// The database failed at the end: all is written, or nothing.
    Unknown(sqlx::Error),
}

impl From<sqlx::Error> for Abort {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

impl Writer {
    /// Writes commits in one transaction, within [`DATABASE_TIMEOUT`].
    pub(super) async fn write_in_time(
        &self,
        commits: &[&PreparedCommit],
    ) -> Result<Vec<Committed>, Abort> {
        let started = Instant::now();
        let written = self.pools.retirement.within(DATABASE_TIMEOUT, self.write(commits)).await;
        metrics::record_transaction(commits.len(), started.elapsed());
        written.unwrap_or(Err(Abort::Unknown(sqlx::Error::PoolTimedOut)))
    }

    /// Writes commits in one transaction. Returns the result of each, in their order.
    ///
    /// No two of them may have a [key](PreparedCommit::keys) in common.
    async fn write(&self, commits: &[&PreparedCommit]) -> Result<Vec<Committed>, Abort> {
        let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
        let mut signed = Vec::new();
        let written = self.write_phases(&mut transaction, commits, &mut signed).await;
        if let Ok(results) = &written
            && results.iter().any(is_saved)
        {
            transaction.commit().await.map_err(Abort::Unknown)?;
            log_events(commits, results, &signed);
        } else {
            // If the connection is broken this fails too, and the server has rolled back by itself.
            let _ = transaction.rollback().await;
        }
        written
    }

    /// Runs the four phases. If no commit is saved, the caller rolls back. `signed` gets the events
    /// of actors' chains.
    async fn write_phases(
        &self,
        on: &mut AnyConnection,
        commits: &[&PreparedCommit],
        signed: &mut Vec<SignedEvent>,
    ) -> Result<Vec<Committed>, Abort> {
        #[cfg(test)]
        assert!(commits.iter().all(|commit| commit.interaction() != Some(PANICS)), "a test panics");
        let claimed_before = claims::write(on, commits, &self.owner).await?;
        let is_claimed = |commit: &PreparedCommit| {
            commit.interaction().is_some_and(|interaction| claimed_before.contains(&interaction))
        };
        let unclaimed: Vec<_> =
            commits.iter().copied().filter(|commit| !is_claimed(commit)).collect();
        let mut facts = Facts::read(on, &unclaimed).await?;
        let mut results: Vec<_> = unclaimed.iter().map(|commit| facts.decide(commit)).collect();
        write_sessions(on, &unclaimed, &mut results).await?;
        if results.iter().any(is_saved) {
            *signed = self.write_rest(on, &unclaimed, &facts, &mut results).await?;
        }
        let mut results = results.into_iter();
        let mut result = |commit: &PreparedCommit| {
            if is_claimed(commit) { Some(Committed::Claimed) } else { results.next() }
        };
        Ok(commits.iter().filter_map(|commit| result(commit)).collect())
    }

    /// Writes all but the claims and sessions of the saved commits, and undoes the claims of the
    /// others. Returns the events of actors' chains.
    async fn write_rest(
        &self,
        on: &mut AnyConnection,
        commits: &[&PreparedCommit],
        facts: &Facts<'_>,
        results: &mut [Committed],
    ) -> Result<Vec<SignedEvent>, Abort> {
        let (mut saved, mut refused) = (Vec::with_capacity(commits.len()), Vec::new());
        for (commit, result) in commits.iter().copied().zip(&*results) {
            if is_saved(result) { &mut saved } else { &mut refused }.push(commit);
        }
        claims::undo(on, &refused).await?;
        facts.limits.save(on).await?;
        let unlocks = saved.iter().flat_map(|commit| &commit.rest.unlocks);
        lockouts::end(on, unlocks).await?;
        lockouts::add(on, &facts.new_lockouts).await?;
        let removed: Vec<_> =
            saved.iter().filter_map(|commit| commit.rest.removed_link.as_deref()).collect();
        if link_rows::remove(on, &removed).await? < removed.len() as u64 {
            lose_race(results, Committed::LinkGone)?;
            return Ok(Vec::new());
        }
        let links: Vec<_> =
            saved.iter().filter_map(|commit| commit.rest.account_link.as_deref()).collect();
        if link_rows::add(on, &links, &self.keys.store).await? < links.len() as u64 {
            lose_race(results, Committed::LinkTaken)?;
            return Ok(Vec::new());
        }
        let customers: Vec<_> =
            saved.iter().filter_map(|commit| commit.new_customer.as_deref()).collect();
        new_customers::add(on, &customers).await?;
        for commit in &saved {
            let Some(change) = &commit.rest.alert_change else { continue };
            let changed = match Box::pin(alerts::change(on, change, commit.rest.now)).await {
                // Another alert with its key was opened at this moment.
                Err(error) if is_unique_violation(&error) => false,
                changed => changed?,
            };
            if !changed {
                lose_race(results, Committed::AlertChanged)?;
                return Ok(Vec::new());
            }
        }
        for request in saved.iter().filter_map(|commit| commit.rest.request.as_deref()) {
            request_rows::insert(on, request).await?;
        }
        let mut raised = Vec::new();
        for commit in &saved {
            raised.extend(commit.rest.alerts.iter().map(|alert| (alert, commit.rest.now)));
        }
        // Boxed, because most batches raise none, and the future of every commit would grow.
        let opened = if raised.is_empty() {
            Vec::new()
        } else {
            Box::pin(alerts::raise(on, raised)).await?
        };
        Ok(self.write_events(on, &saved, &opened).await?)
    }

    /// Writes the events of sessions, and those of the chains of actors, `opened` alerts included.
    /// Returns the latter.
    async fn write_events(
        &self,
        on: &mut AnyConnection,
        commits: &[&PreparedCommit],
        opened: &[TrailEvent],
    ) -> Result<Vec<SignedEvent>, sqlx::Error> {
        let others = commits.iter().flat_map(|commit| &commit.rest.events).chain(opened);
        let about_keys: Vec<_> =
            commits.iter().flat_map(|commit| &commit.about_keys).map(Arc::as_ref).collect();
        let key = self.keys.trail.current();
        let others = events::sign_for_actors(on, others, &about_keys, key).await?;
        let own = commits.iter().flat_map(|commit| commit.sessions());
        let own = own.flat_map(|session| &session.events);
        events::insert(on, own.chain(&others)).await?;
        Ok(others)
    }
}

/// Logs and counts the events of saved commits, which are in the database. `of_actors` are those of
/// actors' chains.
fn log_events(commits: &[&PreparedCommit], results: &[Committed], of_actors: &[SignedEvent]) {
    let mut count = of_actors.len();
    for (commit, _) in commits.iter().zip(results).filter(|(_, result)| is_saved(result)) {
        for session in commit.sessions() {
            count += session.events.len();
            log::write(&session.events);
        }
    }
    log::write(of_actors);
    metrics::count_trail_events(count);
}

fn is_saved(result: &Committed) -> bool {
    matches!(result, Committed::Saved { .. })
}

/// Refuses a commit that was decided on rows that have changed since. A single commit gets the
/// refusal. Several are repeated one by one, because the facts of the others contain its uses.
fn lose_race(results: &mut [Committed], refusal: Committed) -> Result<(), Abort> {
    let [result] = results else { return Err(Abort::LostRace) };
    *result = refusal;
    Ok(())
}

/// Writes the sessions of saved commits. A commit whose row has another version is stale.
async fn write_sessions(
    on: &mut AnyConnection,
    commits: &[&PreparedCommit],
    results: &mut [Committed],
) -> Result<(), Abort> {
    let saved = commits.iter().zip(&*results).filter(|(_, result)| is_saved(result));
    let mut sessions: Vec<_> = saved.flat_map(|(commit, _)| commit.sessions()).collect();
    sessions.sort_unstable_by(|one, other| one.session.id.cmp(&other.session.id));
    let written = match write_rows(on, &sessions).await {
        Ok(written) => written,
        // The only unique column beside the id is the attended customer.
        Err(error) if is_unique_violation(&error) => {
            return lose_race(results, Committed::CustomerTaken);
        }
        Err(error) => return Err(error.into()),
    };
    if written.len() == sessions.len() {
        return Ok(());
    }
    for (n, commit) in commits.iter().enumerate() {
        let is_written =
            |own: &PreparedSession| written.iter().any(|id| *id == own.session.id.as_str());
        if !is_saved(&results[n]) || commit.sessions().all(is_written) {
            continue;
        }
        if commit.is_conditional() {
            return lose_race(results, Committed::Stale);
        }
        results[n] = Committed::Stale;
    }
    Ok(())
}

/// Updates and inserts sessions. Returns the ids of those that were written. The updates come
/// first, because a new session can attend the customer whom an existing one leaves.
async fn write_rows(
    on: &mut AnyConnection,
    sessions: &[&PreparedSession],
) -> Result<Vec<String>, sqlx::Error> {
    let (new, existing): (Vec<_>, Vec<_>) =
        sessions.iter().copied().partition(|session| session.is_new());
    let mut written = rows::update_all(on, &existing).await?;
    written.extend(rows::insert_all(on, &new).await?);
    Ok(written)
}
