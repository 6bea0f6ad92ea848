//! The transaction: everything that one move of a session writes, or nothing of it.
//!
//! A move without an effect costs three statements between `begin` and `commit`: the claim, the session's row, its events. Each of
//! the others costs a statement only where it is asked for. The order is the order of the answers: a stale copy must not be told
//! that it came too often.

use commands::error::{Fault, Limit};
use commands::ports::{Commit, Committed};
use sqlx::AnyConnection;

use super::fault::{ATTEMPTS, passes};
use super::rows::{Draft, Written};
use super::{Database, claims, links, tallies, trail};

/// Why a transaction ends without being committed.
enum Stop {
    /// It must not be.
    Refused(Committed),
    /// The database failed before the commit: nothing is written.
    Failed(sqlx::Error),
    /// The database failed at the commit: it may be written or not.
    Unsure(sqlx::Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes the commit, and keeps memory in step with it.
pub(super) async fn commit(database: &Database, commit: Commit) -> Result<Committed, Fault> {
    const DOING: &str = "saving";
    let draft = commit.session.as_ref().map(|session| Draft::of(session, &database.key)).transpose()?;
    let mut attempt = 1;
    let committed = loop {
        match transact(database, &commit, draft.as_ref()).await {
            Ok(committed) | Err(Stop::Refused(committed)) => break committed,
            Err(Stop::Failed(error)) if attempt < ATTEMPTS && passes(&error) => {
                tracing::debug!(attempt, "a transaction is tried again");
                attempt += 1;
            }
            // Tried again, it would take its own claim for somebody else's: whoever comes next finds in the row what became of it.
            Err(Stop::Failed(error) | Stop::Unsure(error)) => return Err(Fault::new(DOING, error)),
        }
    };
    if let (Some(mut session), Committed::Saved { version, .. }) = (commit.session, &committed) {
        session.version = *version;
        database.memory.keep(session);
    }
    Ok(committed)
}

async fn transact(database: &Database, commit: &Commit, draft: Option<&Draft<'_>>) -> Result<Committed, Stop> {
    let mut transaction = database.pools.writes.begin_with(database.pools.engine.begin()).await?;
    match write(&mut transaction, &database.owner, commit, draft).await {
        Ok(saved) => {
            transaction.commit().await.map_err(Stop::Unsure)?;
            Ok(saved)
        }
        Err(stop) => {
            // On a broken connection this fails too, and the server has rolled back by itself.
            let _ = transaction.rollback().await;
            Err(stop)
        }
    }
}

async fn write(on: &mut AnyConnection, owner: &str, commit: &Commit, draft: Option<&Draft<'_>>) -> Result<Committed, Stop> {
    let now = commit.now;
    if !claims::settle(on, commit.claim, owner, now).await? {
        return Err(Stop::Refused(Committed::Claimed));
    }
    let mut head = None;
    if let (Some(session), Some(draft)) = (&commit.session, draft) {
        match draft.write(on, trail::count_of(&commit.acts, &session.id)).await? {
            Written::Head(seq) => head = Some((&session.id, seq)),
            Written::Stale => return Err(Stop::Refused(Committed::Stale)),
            Written::Taken => return Err(Stop::Refused(Committed::Taken)),
        }
    }
    if let Some(link) = &commit.link
        && !links::add(on, link).await?
    {
        return Err(Stop::Refused(Committed::Taken));
    }
    if let Some(until) = tallies::resting(on, &commit.awake, now).await? {
        return Err(Stop::Refused(Committed::Resting(until)));
    }
    let mut counts = vec![0; commit.hits.len()];
    for (place, hit) in in_order(&commit.hits, |hit| (hit.limit, &hit.subject)) {
        match tallies::count(on, hit, now).await? {
            Ok(count) => counts[place] = count,
            Err(again) => return Err(Stop::Refused(Committed::Limited(hit.limit, again))),
        }
    }
    for (_, (limit, subject)) in in_order(&commit.refunds, |(limit, subject)| (*limit, subject)) {
        tallies::refund(on, *limit, subject).await?;
    }
    for rest in &commit.rests {
        tallies::rest(on, rest).await?;
    }
    trail::add(on, &commit.acts, head).await?;
    Ok(Committed::Saved { counts, version: draft.map_or(0, Draft::version) })
}

/// The tallies in an order that is the same for everybody, each with its place: locked crosswise, two transactions would wait for
/// each other, and PostgreSQL takes a second to notice.
fn in_order<'a, T>(tallies: &'a [T], of: impl Fn(&'a T) -> (Limit, &'a String)) -> Vec<(usize, &'a T)> {
    let mut ordered: Vec<_> = tallies.iter().enumerate().collect();
    ordered.sort_by_key(|(_, tally)| {
        let (limit, subject) = of(tally);
        (tallies::name(limit), subject)
    });
    ordered
}
