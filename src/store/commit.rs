//! The transaction: everything that one move of a session writes, or nothing of it.
//!
//! Most moves write the same three things: the claim, the session's row, its events. Those share a
//! transaction with whatever other moves wait at the same moment ([`batch`](super::batch)). A
//! commit that asks for more, such as a limit to be counted, has a transaction of its own: here.
//! The order in it is the order of the answers: a stale copy must not be told that it came too
//! often.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::trail::TrailEvent;
use commands::model::words::Limit;
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed};
use sqlx::AnyConnection;

use super::chain::{self, Event, Head, Mac};
use super::fault::{self, ANSWERS_WITHIN, ATTEMPTS, passes};
use super::rows::{self, Draft, Written};
use super::{Database, claims, links, tallies, trail};

pub(super) const DOING: &str = "saving";

/// Everything that can be made before the transaction begins.
pub(super) struct Order {
    pub(super) now: Timestamp,
    pub(super) claim: Claim,
    /// Until when a claim that is new keeps others away.
    pub(super) lease_until: Timestamp,
    pub(super) draft: Option<Draft>,
    /// The events of the session's chain and its new head; `None` where memory does not know the
    /// old one.
    pub(super) chained: Option<(Vec<(Event, Mac)>, Head)>,
    /// What else there is to write.
    rest: Commit,
}

impl Order {
    fn of(mut commit: Commit, database: &Database) -> Result<Self, Fault> {
        let draft =
            commit.session.take().map(|session| Draft::of(session, &database.key)).transpose()?;
        let head = draft.as_ref().and_then(|draft| {
            if draft.is_new() { Some(Head::NONE) } else { database.memory.head(&draft.session) }
        });
        let lease_until = claims::lease(commit.now, database.clock.now());
        let mut order = Self {
            now: commit.now,
            claim: commit.claim,
            lease_until,
            draft,
            chained: None,
            rest: commit,
        };
        order.chained = head.map(|head| order.chain(head, database));
        Ok(order)
    }

    /// The events that continue the session's chain.
    fn chain(&self, head: Head, database: &Database) -> (Vec<(Event, Mac)>, Head) {
        let Some(draft) = &self.draft else { return (Vec::new(), head) };
        chain::continued(
            &database.key,
            draft.session.id.as_str(),
            head,
            self.acts(true).into_iter(),
        )
    }

    /// The acts that belong to the session, or those that do not.
    fn acts(&self, own: bool) -> Vec<&TrailEvent> {
        let id = self.draft.as_ref().map(|draft| &draft.session.id);
        self.rest
            .events
            .iter()
            .filter(|act| (id.is_some() && act.session.as_ref() == id) == own)
            .collect()
    }

    /// Whether this is a claim, the row of a session that is there, and its events: what a batch
    /// can write.
    fn is_plain(&self) -> bool {
        let Commit { account_link, limit_uses, refunds, requires_unlocked, lockouts, .. } =
            &self.rest;
        self.draft.as_ref().is_some_and(|draft| !draft.is_new())
            && self.chained.is_some()
            && self.acts(false).is_empty()
            && account_link.is_none()
            && limit_uses.is_empty()
            && refunds.is_empty()
            && requires_unlocked.is_empty()
            && lockouts.is_empty()
    }
}

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
    let mut order = Order::of(commit, database)?;
    let committed = if order.is_plain() {
        let (same, shared) = database.batches.write(order).await?;
        order = same;
        shared.transpose()?
    } else {
        None
    };
    let committed = match committed {
        Some(committed) => committed,
        None => alone(database, &mut order).await?,
    };
    if let (Some(Draft { mut session, .. }), Some((_, head)), Committed::Saved { version, .. }) =
        (order.draft, order.chained, &committed)
    {
        session.version = *version;
        database.memory.keep(session, head);
    }
    Ok(committed)
}

/// In a transaction of its own.
async fn alone(database: &Database, order: &mut Order) -> Result<Committed, Fault> {
    let mut attempt = 1;
    loop {
        let silent = |_| Err(Stop::Unsure(sqlx::Error::PoolTimedOut));
        match tokio::time::timeout(ANSWERS_WITHIN, transact(database, order))
            .await
            .unwrap_or_else(silent)
        {
            Ok(committed) | Err(Stop::Refused(committed)) => return Ok(committed),
            Err(Stop::Failed(error)) if attempt < ATTEMPTS && passes(&error) => {
                tracing::debug!(attempt, "a transaction is tried again");
                attempt += 1;
            }
            // Tried again, it would take its own claim for somebody else's: whoever comes next
            // finds in the row what became of it.
            Err(Stop::Failed(error) | Stop::Unsure(error)) => {
                return Err(fault::failed(DOING)(error));
            }
        }
    }
}

async fn transact(database: &Database, order: &mut Order) -> Result<Committed, Stop> {
    let mut transaction = database.pools.writes.begin_with(database.pools.engine.begin()).await?;
    match write(&mut transaction, database, order).await {
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

async fn write(
    on: &mut AnyConnection,
    database: &Database,
    order: &mut Order,
) -> Result<Committed, Stop> {
    if !claims::settle(on, &[(order.claim, order.now, order.lease_until)], &database.owner)
        .await?
        .is_empty()
    {
        return Err(Stop::Refused(Committed::Claimed));
    }
    if order.draft.is_some() {
        write_session(on, database, order).await?;
    }
    let rest = &order.rest;
    if let Some(link) = &rest.account_link
        && !links::add(on, link).await?
    {
        return Err(Stop::Refused(Committed::LinkTaken));
    }
    if let Some(until) = tallies::resting(on, &rest.requires_unlocked, order.now).await? {
        return Err(Stop::Refused(Committed::LockedOut(until)));
    }
    let mut counts = vec![0; rest.limit_uses.len()];
    for (place, limit_use) in
        in_order(&rest.limit_uses, |limit_use| (limit_use.limit, &limit_use.subject))
    {
        match tallies::count(on, limit_use, order.now).await? {
            Ok(count) => counts[place] = count,
            Err(again) => return Err(Stop::Refused(Committed::Limited(limit_use.limit, again))),
        }
    }
    for (_, (limit, subject)) in in_order(&rest.refunds, |(limit, subject)| (*limit, subject)) {
        tallies::refund(on, *limit, subject).await?;
    }
    for rest in &rest.lockouts {
        tallies::rest(on, rest).await?;
    }
    trail::add(on, &order.acts(false), &database.key).await?;
    Ok(Committed::Saved { counts, version: order.draft.as_ref().map_or(0, Draft::version) })
}

/// The session's row and its events.
async fn write_session(
    on: &mut AnyConnection,
    database: &Database,
    order: &mut Order,
) -> Result<(), Stop> {
    let Some(draft) = &order.draft else { return Ok(()) };
    if order.chained.is_none() {
        let Some(head) = rows::head(on, &draft.session).await? else {
            return Err(Stop::Refused(Committed::Stale));
        };
        order.chained = Some(order.chain(head, database));
    }
    let (Some(draft), Some((events, head))) = (&order.draft, &order.chained) else { return Ok(()) };
    let written = if draft.is_new() {
        draft.insert(on, *head).await?
    } else {
        match rows::update(on, &[(draft, *head)]).await {
            Ok(1) => Written::Yes,
            Ok(_) => Written::Stale,
            Err(error) if fault::is_taken(&error) => Written::Taken,
            Err(error) => return Err(error.into()),
        }
    };
    match written {
        Written::Yes => Ok(trail::insert(on, &events.iter().collect::<Vec<_>>()).await?),
        Written::Stale => Err(Stop::Refused(Committed::Stale)),
        Written::Taken => Err(Stop::Refused(Committed::CustomerTaken)),
    }
}

/// The tallies in an order that is the same for everybody, each with its place: locked crosswise,
/// two transactions would wait for each other, and PostgreSQL takes a second to notice.
fn in_order<'a, T>(
    tallies: &'a [T],
    of: impl Fn(&'a T) -> (Limit, &'a String),
) -> Vec<(usize, &'a T)> {
    let mut ordered: Vec<_> = tallies.iter().enumerate().collect();
    ordered.sort_by_key(|(_, tally)| {
        let (limit, subject) = of(tally);
        (tallies::name(limit), subject)
    });
    ordered
}
