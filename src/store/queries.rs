//! The ports of sessions: commits, reads by id, and lists of ids.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::sessions::{Commit, Committed, SessionHandle, SessionIndex, Sessions};
use sqlx::any::AnyArguments;
use sqlx::query::QueryScalar;
use sqlx::{Any, Row as _};

use super::bulk::{self, BulkStatement};
use super::database::Database;
use super::retry::{retry, to_fault};
use super::rows::{self, READING};
use super::{commit, unreadable};

#[async_trait]
impl Sessions for Database {
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault> {
        commit::commit(self, commit).await
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        match self.cache.get(id) {
            Some(handle) => Ok(Some(handle)),
            None => self.reload(id).await,
        }
    }

    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let fault = match self.read(id).await {
            Err(fault) => fault,
            read => return read,
        };
        let is_readable_now = unreadable::handle(self, id, fault).await?;
        if is_readable_now { self.read(id).await } else { Ok(None) }
    }

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        let cached = self.cache.get(id).filter(|_| self.pools.engine.is_shared());
        let Some(handle) = cached else { return Ok(()) };
        let version: Option<i64> = retry(&self.pools, "reading a session's version", || {
            sqlx::query_scalar("select version from sessions where id = $1")
                .bind(id.as_str())
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        if version.is_some_and(|version| version > handle.session().version) {
            self.reload(id).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl SessionIndex for Database {
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        self.ids("listing an agent's sessions", || {
            sqlx::query_scalar(
                "select id from sessions
                 where discord_id = $1 and closed_at is null and customer_id is not null
                 order by opened_at, id",
            )
            .bind(discord_id.cast_signed())
        })
        .await
    }

    async fn recoveries_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        self.ids("listing an agent's recoveries", || {
            sqlx::query_scalar(
                "select id from sessions
                 where discord_id = $1 and closed_at is null and kind = 'recover'
                 order by opened_at desc, id desc",
            )
            .bind(discord_id.cast_signed())
        })
        .await
    }

    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
        const DOING: &str = "finding the session of a customer";
        let row: Option<(String, i64)> = retry(&self.pools, DOING, || {
            sqlx::query_as("select id, discord_id from sessions where attending = $1")
                .bind(customer)
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        row.map(|(id, discord_id)| Ok((parse_id(&id, DOING)?, discord_id.cast_unsigned())))
            .transpose()
    }

    async fn all_attending(&self) -> Result<Vec<SessionId>, Fault> {
        self.ids("listing sessions that attend a customer", || {
            sqlx::query_scalar("select id from sessions where attending is not null order by id")
        })
        .await
    }

    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        const DOING: &str = "listing sessions with a due timer";
        let (after_at, after_id) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
        let rows = retry(&self.pools, DOING, || {
            sqlx::query(
                "select id, version, state, sealed, trail_seq, trail_mac, next_at from sessions
                 where next_at <= $1 and (next_at, id) > ($2, $3) order by next_at, id limit $4",
            )
            .bind(now.0)
            .bind(after_at)
            .bind(after_id)
            .bind(i64::from(limit))
            .fetch_all(&self.pools.reads)
        })
        .await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = parse_id(row.try_get(0).map_err(to_fault(DOING))?, DOING)?;
            // This statement also loads the sessions that are not cached.
            if self.cache.get(&id).is_none()
                && let Ok((session, head)) = rows::decode(row, &self.key)
            {
                self.cache.update(session, head);
            }
            due.push((Timestamp(row.try_get(6).map_err(to_fault(DOING))?), id));
        }
        Ok(due)
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        self.ids("listing sessions with pending effects", || {
            sqlx::query_scalar(
                "select id from sessions where pending_since > 0 order by opened_at, id",
            )
        })
        .await
    }
}

impl Database {
    /// Drops the cached sessions that another process has closed.
    pub(super) async fn evict_closed(&self) -> Result<(), Fault> {
        static OPEN: BulkStatement = BulkStatement::new(
            "select id from sessions where closed_at is null and id in (values ",
            1,
            ")",
        );
        // Read the cache before the rows, so that a session opened in between is not dropped.
        let mut closed = self.cache.open_ids();
        let mut open = HashSet::new();
        for chunk in bulk::chunks(&closed) {
            let ids = self.ids("listing open sessions", || {
                let query = sqlx::query_scalar(OPEN.sql(chunk));
                chunk.iter().fold(query, |query, id| query.bind(id.as_str()))
            });
            open.extend(ids.await?);
        }
        closed.retain(|id| !open.contains(id));
        self.cache.evict(&closed);
        Ok(())
    }

    /// Reads a session's row and updates the cache.
    async fn read(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let row = retry(&self.pools, READING, || {
            sqlx::query(
                "select id, version, state, sealed, trail_seq, trail_mac
                 from sessions where id = $1",
            )
            .bind(id.as_str())
            .fetch_optional(&self.pools.reads)
        })
        .await?;
        let session = row.map(|row| rows::decode(&row, &self.key)).transpose()?;
        Ok(session.map(|(session, head)| self.cache.update(session, head)))
    }

    /// Runs a query for ids of sessions.
    async fn ids<'q>(
        &self,
        doing: &'static str,
        query: impl Fn() -> QueryScalar<'q, Any, String, AnyArguments>,
    ) -> Result<Vec<SessionId>, Fault> {
        let ids = retry(&self.pools, doing, || query().fetch_all(&self.pools.reads)).await?;
        ids.iter().map(|id| parse_id(id, doing)).collect()
    }
}

fn parse_id(text: &str, doing: &'static str) -> Result<SessionId, Fault> {
    text.parse().map_err(|error| Fault::new(doing, error))
}
