//! Commits: all that one transition writes, or nothing.

use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::ports::sessions::{Commit, Committed};

use super::batch::SAVING;
use super::cache::RowContext;
use super::counts::Counts;
use super::database::Database;
use super::prepared::{PreparedCommit, PreparedSession, take_events};
use super::retry::retry;
use super::{claims, sealing};
use crate::trail::event::Head;

/// Writes a commit and updates the cache.
pub(super) async fn commit(database: &Database, commit: Commit) -> Result<Committed, Fault> {
    // Boxed, so that the future of every commit stays small.
    let counts = Box::new(Counts::of(&commit));
    let prepared = prepare(database, commit).await?;
    write(database, prepared, counts).await
}

/// Writes a commit whose session's row has this context.
pub(super) async fn commit_after(
    database: &Database,
    commit: Commit,
    before: RowContext,
) -> Result<Committed, Fault> {
    let counts = Box::new(Counts::of(&commit));
    let prepared = prepare_after(database, commit, before).await?;
    write(database, prepared, counts).await
}

async fn write(
    database: &Database,
    prepared: PreparedCommit,
    counts: Box<Counts>,
) -> Result<Committed, Fault> {
    let (prepared, committed) = database.batches.write(prepared).await?;
    counts.record(&committed);
    if matches!(committed, Committed::Saved { .. }) {
        let opened = prepared.opened.map(|opened| *opened);
        for prepared in prepared.session.into_iter().chain(opened) {
            let version = prepared.new_version();
            let PreparedSession { mut session, context, .. } = prepared;
            session.version = version;
            database.cache.update(session, context);
        }
    }
    Ok(committed)
}

/// Prepares a commit for its batch.
pub(super) async fn prepare(database: &Database, commit: Commit) -> Result<PreparedCommit, Fault> {
    let before = match &commit.session {
        Some(session) => find_context(database, session).await?,
        None => RowContext::default(),
    };
    prepare_after(database, commit, before).await
}

async fn prepare_after(
    database: &Database,
    mut commit: Commit,
    mut before: RowContext,
) -> Result<PreparedCommit, Fault> {
    let lease_until = claims::lease_until(commit.now, database.clock.now());
    let opened = match commit.opened.take() {
        Some(session) => Some(Box::new(prepare_opened(database, *session, &mut commit).await?)),
        None => None,
    };
    let about_keys = sealing::find_keys(database, &commit, &mut before).await?;
    let prepared = PreparedCommit::new(commit, before, lease_until, about_keys, &database.keys)?;
    Ok(PreparedCommit { opened, ..prepared })
}

/// Prepares the session that takes the place of the commit's session, with its events.
async fn prepare_opened(
    database: &Database,
    session: Session,
    commit: &mut Commit,
) -> Result<PreparedSession, Fault> {
    let events = take_events(commit, &session.id);
    let alone = Commit { session: Some(session.clone()), events, ..Commit::default() };
    let mut context = RowContext::default();
    sealing::find_keys(database, &alone, &mut context).await?;
    PreparedSession::new(session, &alone.events, context, &database.keys)
}

/// Finds what belongs to a session's row, in the cache or else in the row. A stale session gets an
/// empty context, because its commit is refused.
async fn find_context(database: &Database, session: &Session) -> Result<RowContext, Fault> {
    if session.version == 0 {
        return Ok(RowContext::default());
    }
    if let Some(context) = database.cache.context(session) {
        return Ok(context);
    }
    let row: Option<(i64, Option<String>, Option<String>)> = retry(&database.pools, SAVING, || {
        sqlx::query_as(
            "select trail_seq, trail_signature, about from sessions
             where id = $1 and version = $2",
        )
        .bind(session.id.as_str())
        .bind(session.version)
        .fetch_optional(&database.pools.reads)
    })
    .await?;
    Ok(row.map_or_else(RowContext::default, |(seq, signature, about)| RowContext {
        head: Head::from_columns(seq, signature.as_deref()),
        about: about.map(Into::into),
        key: None,
    }))
}
