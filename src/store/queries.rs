//! The ports of sessions: commits, reads by id, and lists of ids.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use commands::model::customer::Case;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::sessions::{Commit, Committed, SessionHandle, SessionIndex, Sessions};
use sqlx::Any;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

use super::database::Database;
use super::retry::retry;
use super::rows::{self, READING, RowError};
use super::{bulk, closed_case, commit, row_columns, unusable_rows};
use crate::trail::columns::ColumnType::Text;
use crate::trail::columns::{self, text};

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
        let error = match self.read(id).await? {
            Err(error) => error,
            Ok(read) => return Ok(read),
        };
        if !unusable_rows::handle(self, id, error).await? {
            return Ok(None);
        }
        let again = self.read(id).await?;
        again.map_err(|_| Fault::new(READING, "its row changed while it was closed"))
    }

    async fn closed_case(&self, id: &SessionId) -> Result<Option<Case>, Fault> {
        closed_case::read(self, id).await
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
        let rest = "from sessions
             where discord_id = $1 and closed_at is null and customer is not null
             order by opened_at, id";
        let agent = discord_id.cast_signed();
        self.ids("listing an agent's sessions", rest, |query| query.bind(agent)).await
    }

    async fn all_open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        let rest = "from sessions where discord_id = $1 and closed_at is null
             order by opened_at, id";
        let agent = discord_id.cast_signed();
        self.ids("listing a user's sessions", rest, |query| query.bind(agent)).await
    }

    async fn recoveries_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        let rest = "from sessions
             where discord_id = $1 and closed_at is null and kind = 'recover'
             order by opened_at desc, id desc";
        let agent = discord_id.cast_signed();
        self.ids("listing an agent's recoveries", rest, |query| query.bind(agent)).await
    }

    async fn all_attending(&self) -> Result<Vec<SessionId>, Fault> {
        const LISTING: &str = "listing sessions that attend a customer";
        let rest = "from sessions where attending is not null order by id";
        let rows = self.id_rows(LISTING, rest, |query| query).await?;
        let ids: Vec<_> = rows.iter().filter_map(|row| self.session_id(text(row, 0))).collect();
        if ids.len() < rows.len() {
            self.free_customers_of_odd_ids().await?;
        }
        Ok(ids)
    }

    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        let (after_at, after_id) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
        // SQLite accepts a fraction in `next_at`, which no time stands for.
        let page = row_columns::select(
            self.pools.engine,
            "where next_at <= $1 and (next_at, id) > ($2, $3)
                 and next_at = cast(next_at as bigint)
             order by next_at, id limit $4 offset $5",
        );
        let at_most = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut due, mut read) = (Vec::with_capacity(at_most), 0);
        while due.len() < at_most {
            let rows = retry(&self.pools, "listing sessions with a due timer", || {
                sqlx::query(page.clone())
                    .bind(now.0)
                    .bind(after_at)
                    .bind(after_id)
                    .bind(i64::from(limit))
                    .bind(read)
                    .fetch_all(&self.pools.reads)
            })
            .await?;
            for row in &rows {
                let (id, at) = row_columns::timer(row);
                let (Some(id), Some(at)) = (self.session_id(id), at) else { continue };
                // This statement also loads the sessions that are not cached.
                if self.cache.get(&id).is_none()
                    && let Ok((session, context)) = rows::decode(row, &self.keys.store)
                {
                    self.cache.update(session, context);
                }
                due.push((Timestamp(at), id));
            }
            // The next rows count only if some of these were skipped.
            if rows.len() < at_most {
                break;
            }
            read += i64::from(limit);
        }
        due.truncate(at_most);
        Ok(due)
    }

    async fn reporters_of(&self, agent_id: &str, since: Timestamp) -> Result<u32, Fault> {
        let count: i64 = retry(&self.pools, "counting reports about an agent", || {
            sqlx::query_scalar(
                "select count(distinct customer) from sessions
                 where agent_id = $1 and reported_at > $2",
            )
            .bind(agent_id)
            .bind(since.0)
            .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        let rest = "from sessions where pending_since > 0 order by opened_at, id";
        self.ids("listing sessions with pending effects", rest, |query| query).await
    }
}

/// A query for ids of sessions.
type IdQuery<'q> = Query<'q, Any, AnyArguments>;

impl Database {
    /// Drops the cached sessions that another process has closed.
    pub(super) async fn evict_closed(&self) -> Result<(), Fault> {
        // Read the cache before the rows, so that a session opened in between is not dropped.
        let mut closed = self.cache.open_ids();
        let mut open = HashSet::new();
        for chunk in bulk::chunks(&closed) {
            let places: Vec<_> = (1..=chunk.len()).map(|nth| format!("(${nth})")).collect();
            let rest = format!(
                "from sessions where closed_at is null and id in (values {})",
                places.join(", ")
            );
            let ids = self.ids("listing open sessions", &rest, |query| {
                chunk.iter().fold(query, |query, id| query.bind(id.as_str()))
            });
            open.extend(ids.await?);
        }
        closed.retain(|id| !open.contains(id));
        self.cache.evict(&closed);
        Ok(())
    }

    /// Reads a session's row and updates the cache. The inner result fails if the row is not
    /// believed.
    async fn read(
        &self,
        id: &SessionId,
    ) -> Result<Result<Option<Arc<SessionHandle>>, RowError>, Fault> {
        let one = row_columns::select(self.pools.engine, "where id = $1");
        let row = retry(&self.pools, READING, || {
            sqlx::query(one.clone()).bind(id.as_str()).fetch_optional(&self.pools.reads)
        })
        .await?;
        let session = row.map(|row| rows::decode(&row, &self.keys.store)).transpose();
        Ok(session.map(|read| read.map(|(session, row)| self.cache.update(session, row))))
    }

    /// Runs a query for ids of sessions. A row whose id is none is left out.
    async fn ids<'q>(
        &self,
        doing: &'static str,
        rest: &str,
        bind: impl Fn(IdQuery<'q>) -> IdQuery<'q>,
    ) -> Result<Vec<SessionId>, Fault> {
        let rows = self.id_rows(doing, rest, bind).await?;
        Ok(rows.iter().filter_map(|row| self.session_id(text(row, 0))).collect())
    }

    async fn id_rows<'q>(
        &self,
        doing: &'static str,
        rest: &str,
        bind: impl Fn(IdQuery<'q>) -> IdQuery<'q>,
    ) -> Result<Vec<AnyRow>, Fault> {
        let statement = columns::select(self.pools.engine, &[("id", Text)], rest);
        retry(&self.pools, doing, || {
            bind(sqlx::query(statement.clone())).fetch_all(&self.pools.reads)
        })
        .await
    }
}
