//! `support-desk end-sessions`: closes every open session, as the operator requests it after a
//! restore or after a key has leaked. `support-desk close` closes one.
//!
//! The revocation is requested for each of them, whatever its row says: after a restore an access
//! link can exist of which the older row knows nothing. The next `run` performs it.

use commands::flows;
use commands::flows::step::Facts;
use commands::model::event::Event;
use commands::model::fault::Fault;
use commands::model::session::Work;
use commands::model::words::{CloseReason, SessionId};
use commands::ports::claims::Claim;
use commands::ports::sessions::{Committed, Sessions as _};

use super::database::Database;
use super::retry::retry;
use crate::trail::columns::ColumnType::Text;
use crate::trail::columns::{self, text};

const ENDING: &str = "ending the open sessions";
const ENDING_ONE: &str = "closing a session for the operator";
/// Attempts for a session that another process moves at the same moment.
const ATTEMPTS: u32 = 5;

/// What became of the open sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Sessions that are closed now.
    pub closed: usize,
    /// Sessions whose rows this process cannot read or does not believe. The log names them.
    pub left: usize,
}

/// Result for a session that the operator names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedOne {
    Closed(SessionId),
    /// The ids of several open sessions begin with the text.
    Several(usize),
    /// No id of an open session begins with the text.
    NotOpen,
}

impl Database {
    /// Closes the open session whose id begins with this text, and requests the revocation of what
    /// it may have opened. Refuses keys of another store.
    pub async fn end_session(&self, beginning: &str) -> Result<EndedOne, Fault> {
        self.require_fitting_keys(ENDING_ONE).await?;
        let rest = "from sessions where closed_at is null and substr(id, 1, $2) = $1";
        let statement = columns::select(self.pools.engine, &[("id", Text)], rest);
        let length = i64::try_from(beginning.chars().count()).unwrap_or(i64::MAX);
        let open = retry(&self.pools, ENDING_ONE, || {
            let query = sqlx::query(statement.clone());
            query.bind(beginning.to_owned()).bind(length).fetch_all(&self.pools.reads)
        })
        .await?;
        let ids: Vec<_> = open.iter().filter_map(|row| text(row, 0)?.parse().ok()).collect();
        match ids.as_slice() {
            [] => Ok(EndedOne::NotOpen),
            [id] => self.end(id).await.map(|()| EndedOne::Closed(id.clone())),
            several => Ok(EndedOne::Several(several.len())),
        }
    }

    /// Closes every open session and requests the revocation of what it may have opened. Refuses
    /// keys of another store.
    pub async fn end_sessions(&self) -> Result<Ended, Fault> {
        self.require_fitting_keys(ENDING).await?;
        let rest = "from sessions where closed_at is null order by opened_at";
        let statement = columns::select(self.pools.engine, &[("id", Text)], rest);
        let open = retry(&self.pools, ENDING, || {
            sqlx::query(statement.clone()).fetch_all(&self.pools.reads)
        })
        .await?;
        let mut ended = Ended::default();
        for row in &open {
            let Some(id) = self.session_id(text(row, 0)) else {
                ended.left += 1;
                continue;
            };
            match self.end(&id).await {
                Ok(()) => ended.closed += 1,
                Err(fault) => {
                    tracing::warn!(session = id.short(), "{fault}");
                    ended.left += 1;
                }
            }
        }
        Ok(ended)
    }

    async fn end(&self, id: &SessionId) -> Result<(), Fault> {
        for _ in 0..ATTEMPTS {
            // A row that was tampered with is closed by the read.
            let Some(handle) = self.reload(id).await? else { return self.require_closed(id).await };
            let mut session = (*handle.session()).clone();
            if session.closed().is_some() {
                return Ok(());
            }
            session.may_be_proven |= matches!(session.work, Work::Support(..));
            let facts = Facts::at(self.clock.now());
            let event = Event::ForceClose(CloseReason::EndedByOperator);
            let commit = flows::step(&session, event, &facts).commit(Claim::None);
            if matches!(self.commit(commit).await?, Committed::Saved { .. }) {
                return Ok(());
            }
        }
        Err(Fault::new(ENDING, "another process moves the session"))
    }

    /// Fails if a row that the read did not return is open.
    async fn require_closed(&self, id: &SessionId) -> Result<(), Fault> {
        let open: i64 = retry(&self.pools, ENDING, || {
            sqlx::query_scalar("select count(*) from sessions where id = $1 and closed_at is null")
                .bind(id.as_str())
                .fetch_one(&self.pools.reads)
        })
        .await?;
        if open == 0 { Ok(()) } else { Err(Fault::new(ENDING, "its row cannot be read")) }
    }
}
