//! Locks and reads what the commits of a batch depend on, in one statement a table.

use std::collections::{BTreeMap, HashMap};

use commands::model::pseudonym::Pseudonym;
use commands::ports::sessions::Commit;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::decide::{Facts, SessionRow};
use super::limit_rows::LimitRows;
use super::prepared::PreparedCommit;
use super::{link_rows, lockouts};

impl<'a> Facts<'a> {
    /// Locks the limits and reads the other rows. Does nothing for plain commits.
    pub(super) async fn read(
        on: &mut AnyConnection,
        commits: &[&'a PreparedCommit],
    ) -> Result<Self, sqlx::Error> {
        let conditional: Vec<_> =
            commits.iter().copied().filter(|commit| commit.is_conditional()).collect();
        let limits = LimitRows::lock(on, &conditional).await?;
        // Read after the lock, so that a Start counts the session of the Start before it.
        let sessions = read_sessions(on, &conditional).await?;
        let links = |commit: &&'a PreparedCommit| {
            let Commit { account_link, removed_link, .. } = &commit.rest;
            account_link.iter().chain(removed_link).map(|link| &**link)
        };
        let links: Vec<_> = conditional.iter().flat_map(links).collect();
        let links = link_rows::read_linked(on, &links).await?;
        let (linked_users, linked_agents) = links.into_iter().unzip();
        let subjects = conditional.iter().flat_map(|commit| &commit.rest.requires_unlocked);
        let lockouts = lockouts::read(on, subjects).await?;
        let new_lockouts = BTreeMap::new();
        Ok(Self { sessions, linked_users, linked_agents, lockouts, new_lockouts, limits })
    }
}

/// Reads the sessions that the commits change. Of a Start also reads those that attend the
/// customer, and those of the agent that attend any.
async fn read_sessions(
    on: &mut AnyConnection,
    commits: &[&PreparedCommit],
) -> Result<HashMap<String, SessionRow>, sqlx::Error> {
    static CHANGED: BulkStatement = BulkStatement::new(
        "select id, version, discord_id, attending from sessions where id in (values ",
        1,
        ")",
    );
    static STARTED: BulkStatement = BulkStatement::new(
        "with new (customer, agent) as (values ",
        2,
        ") select id, version, discord_id, attending from new
             join sessions on attending = new.customer
         union all select id, version, discord_id, attending from new
             join sessions on discord_id = new.agent and closed_at is null and attending is not null",
    );
    let changed = commits.iter().filter_map(|commit| commit.session.as_ref());
    let changed: Vec<_> = changed.map(|session| &session.session).collect();
    let started: Vec<_> =
        commits.iter().filter_map(|commit| commit.started()).map(|it| &it.session).collect();
    let mut rows: Vec<(String, i64, i64, Option<String>)> = Vec::new();
    for chunk in bulk::chunks(&changed) {
        let query = sqlx::query_as(CHANGED.sql(chunk));
        let query = chunk.iter().fold(query, |query, session| query.bind(session.id.as_str()));
        rows.extend(query.fetch_all(&mut *on).await?);
    }
    for chunk in bulk::chunks(&started) {
        let query = sqlx::query_as(STARTED.sql(chunk));
        let query = chunk.iter().fold(query, |query, session| {
            query
                .bind(session.attending().map(Pseudonym::as_str))
                .bind(session.actor.discord_id.cast_signed())
        });
        rows.extend(query.fetch_all(&mut *on).await?);
    }
    let row = |(id, version, discord_id, attending): (String, i64, i64, Option<String>)| {
        (id, SessionRow { version, discord_id: discord_id.cast_unsigned(), attending })
    };
    Ok(rows.into_iter().map(row).collect())
}
