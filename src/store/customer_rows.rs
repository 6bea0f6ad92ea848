//! What the store has about a customer: sessions, look-ups, limits and lockout, opened with the
//! customer's keys.

use std::collections::HashMap;

use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};

use super::about::{event_binding, key_name_of, open_about};
use super::customer_checks::{self, event_columns, is_about_another};
use super::database::Database;
use super::limit_windows::parse_times;
use super::quarter::Quarter;
use super::retry::to_fault;
use super::row_columns::{self, Columns};
use super::store_keys::CannotOpen;
use super::subject_keys::{KeyName, SubjectKey};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

const READING: &str = "reading what is stored about a customer";

/// Sealed details of a row or an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CopiedAbout {
    /// There never were any.
    None,
    Opened(Value),
    /// The key was destroyed, or the value was tampered with.
    Gone,
}

/// A session of the customer.
#[derive(Clone, Debug)]
pub(crate) struct CopiedSession {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// The agent's Discord user id.
    pub(crate) discord_id: u64,
    pub(crate) agent_name: String,
    pub(crate) opened_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    /// Word of the reason for the close.
    pub(crate) closed_why: Option<String>,
    pub(crate) about: CopiedAbout,
    /// Quarter of the session's key; `None` if nothing was sealed.
    pub(crate) quarter: Option<Quarter>,
    /// The session's chain, and its events in the chain of the agent, in the order of time.
    pub(crate) events: Vec<CopiedEvent>,
}

#[derive(Clone, Debug)]
pub(crate) struct CopiedEvent {
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) kind: String,
    /// `Null` if it is no JSON.
    pub(crate) details: Value,
    pub(crate) about: CopiedAbout,
}

/// Uses that are counted against a limit of the customer.
#[derive(Clone, Debug)]
pub(crate) struct CopiedLimit {
    /// Stored name of the limit.
    pub(crate) kind: String,
    /// Oldest first.
    pub(crate) times: Vec<Timestamp>,
}

/// Everything about a customer, as far as it verifies.
#[derive(Clone, Debug)]
pub(crate) struct CustomerRows {
    /// Core's id of the customer. `None` if it was erased or tampered with.
    pub(crate) core_id: Option<String>,
    /// Time of the first look-up that found the customer.
    pub(crate) known_since: Timestamp,
    /// Oldest first.
    pub(crate) sessions: Vec<CopiedSession>,
    /// Events outside of the customer's sessions: look-ups that opened none.
    pub(crate) others: Vec<CopiedEvent>,
    /// Ordered by kind.
    pub(crate) limit_uses: Vec<CopiedLimit>,
    /// End of the customer's lockout, past ones included; `None` if there is none.
    pub(crate) locked_out_until: Option<Timestamp>,
    /// Number of sessions and events that name the customer and were left out, because their MAC or
    /// signature is not authentic, or because a session's events name another customer.
    pub(crate) unverified: usize,
}

impl Database {
    /// Reads everything about a customer as it is at one moment, as far as it verifies. `None` if
    /// the pseudonym is unknown.
    ///
    /// Fails if a key of the customer is sealed under a `STORE_KEY` that this process does not
    /// have, because the copy would call the details gone.
    pub(crate) async fn read_customer(
        &self,
        pseudonym: &Pseudonym,
    ) -> Result<Option<CustomerRows>, Fault> {
        let reading = async {
            // A separate connection, because those of the pools abort slow statements.
            let mut connection = AnyConnection::connect_with(&self.pools.options).await?;
            let mut snapshot = connection.begin_with(self.pools.engine.snapshot()).await?;
            let read = self.read_rows(&mut snapshot, pseudonym).await?;
            snapshot.rollback().await?;
            connection.close().await?;
            Ok(read)
        };
        reading.await.map_err(to_fault(READING))?.map_err(|error| Fault::new(READING, error))
    }

    async fn read_rows(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
    ) -> Result<Result<Option<CustomerRows>, CannotOpen>, sqlx::Error> {
        let cells = [("added_at", Number), ("sealed", Text)];
        let rest = "from subjects where pseudonym = $1";
        let row = sqlx::query(columns::select(self.pools.engine, &cells, rest))
            .bind(pseudonym.as_str())
            .fetch_optional(&mut *on)
            .await?;
        let Some(row) = row else { return Ok(Ok(None)) };
        let core_id = match text(&row, 1).map(|it| self.keys.store.open(pseudonym.as_str(), &it)) {
            Some(Err(error @ CannotOpen::UnknownKey)) => return Ok(Err(error)),
            opened => opened.and_then(|plain| String::from_utf8(plain.ok()?).ok()),
        };
        let keys = match self.read_keys(on, pseudonym).await? {
            Ok(keys) => keys,
            Err(error) => return Ok(Err(error)),
        };
        let mut rows = CustomerRows {
            core_id,
            known_since: Timestamp(number(&row, 0).unwrap_or_default()),
            sessions: Vec::new(),
            others: Vec::new(),
            limit_uses: self.read_limit_uses(on, pseudonym).await?,
            locked_out_until: self.read_lockout(on, pseudonym).await?,
            unverified: 0,
        };
        self.read_sessions(on, pseudonym, &keys, &mut rows).await?;
        self.read_others(on, pseudonym, &keys, &mut rows).await?;
        for session in &mut rows.sessions {
            session.events.sort_by_key(|event| event.at);
        }
        Ok(Ok(Some(rows)))
    }

    /// Reads the customer's sessions with their chains.
    async fn read_sessions(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
        keys: &SubjectKeys,
        rows: &mut CustomerRows,
    ) -> Result<(), sqlx::Error> {
        let (engine, trusted) = (self.pools.engine, self.keys.trail.public());
        let statement = columns::select(
            engine,
            &row_columns::cells(),
            "from sessions where customer = $1 order by sessions.opened_at, sessions.id",
        );
        let stored = sqlx::query(statement).bind(pseudonym.as_str()).fetch_all(&mut *on).await?;
        for row in &stored {
            let Some(session) = Columns::read_authentic(row, &self.keys.store) else {
                rows.unverified += 1;
                continue;
            };
            let rest = "from events where events.chain = $1 order by events.seq";
            let statement = columns::select(engine, &event_columns(), rest);
            let events = sqlx::query(statement).bind(&session.id).fetch_all(&mut *on).await?;
            let (signed, forged): (Vec<_>, Vec<_>) =
                events.iter().partition(|row| customer_checks::is_signed(row, &trusted));
            let mut named = signed.iter().map(|row| customer_checks::names_another(row, pseudonym));
            if is_about_another(session.about.as_deref(), pseudonym) || named.any(|other| other) {
                rows.unverified += 1;
                continue;
            }
            rows.unverified += forged.len();
            let events = signed.into_iter().map(|row| read_event(row, keys)).collect();
            rows.sessions.push(copy_session(session, keys, events));
        }
        Ok(())
    }

    /// Reads events about the customer outside of the chains of the sessions that were read.
    async fn read_others(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
        keys: &SubjectKeys,
        rows: &mut CustomerRows,
    ) -> Result<(), sqlx::Error> {
        let trusted = self.keys.trail.public();
        let rest = "from events where events.about like $1
             order by events.at, events.chain, events.seq";
        let stored = sqlx::query(columns::select(self.pools.engine, &event_columns(), rest))
            .bind(format!("{pseudonym}.%"))
            .fetch_all(on)
            .await?;
        for row in &stored {
            let chain = text(row, 0);
            if rows.sessions.iter().any(|session| chain.as_ref() == Some(&session.id)) {
                continue;
            }
            if !customer_checks::is_signed(row, &trusted) {
                rows.unverified += 1;
                continue;
            }
            // A view is written in the chain of the agent and belongs to its session.
            let (own, event) = (text(row, 4), read_event(row, keys));
            match rows.sessions.iter_mut().find(|session| own.as_ref() == Some(&session.id)) {
                Some(session) => session.events.push(event),
                None => rows.others.push(event),
            }
        }
        Ok(())
    }

    /// Reads what is counted against limits of the customer.
    async fn read_limit_uses(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
    ) -> Result<Vec<CopiedLimit>, sqlx::Error> {
        let statement = columns::select(
            self.pools.engine,
            &[("kind", Text), ("times", Text)],
            "from limit_uses where subject = $1 order by limit_uses.kind",
        );
        let rows = sqlx::query(statement).bind(subject_of(pseudonym)).fetch_all(on).await?;
        let times = |row| parse_times(&text(row, 1).unwrap_or_default());
        let limit = |row| CopiedLimit {
            kind: text(row, 0).unwrap_or_default(),
            times: times(row).into_iter().map(Timestamp).collect(),
        };
        Ok(rows.iter().map(limit).collect())
    }

    /// Reads the end of the customer's lockout.
    async fn read_lockout(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
    ) -> Result<Option<Timestamp>, sqlx::Error> {
        let statement = columns::select(
            self.pools.engine,
            &[("until", Number)],
            "from lockouts where subject = $1",
        );
        let row = sqlx::query(statement).bind(subject_of(pseudonym)).fetch_optional(on).await?;
        Ok(row.and_then(|row| number(&row, 0)).map(Timestamp))
    }

    /// Reads the customer's keys. A key that was tampered with opens nothing.
    async fn read_keys(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
    ) -> Result<Result<SubjectKeys, CannotOpen>, sqlx::Error> {
        let cells = [("quarter", Text), ("sealed", Text)];
        let rest = "from subject_keys where subject = $1";
        let rows = sqlx::query(columns::select(self.pools.engine, &cells, rest))
            .bind(pseudonym.as_str())
            .fetch_all(on)
            .await?;
        let mut keys = HashMap::new();
        for row in rows {
            let (Some(quarter), Some(sealed)) = (text(&row, 0), text(&row, 1)) else { continue };
            let Ok(quarter) = quarter.parse() else { continue };
            let name = KeyName { subject: Some(pseudonym.clone()), quarter };
            match SubjectKey::unseal(&self.keys.store, name.clone(), &sealed) {
                Ok(key) => {
                    keys.insert(name, key);
                }
                Err(CannotOpen::Tampered) => {}
                Err(error @ CannotOpen::UnknownKey) => return Ok(Err(error)),
            }
        }
        Ok(Ok(keys))
    }
}

type SubjectKeys = HashMap<KeyName, SubjectKey>;

fn open(keys: &SubjectKeys, binding: &str, sealed: Option<&str>) -> CopiedAbout {
    let Some(sealed) = sealed else { return CopiedAbout::None };
    open_about(|name| keys.get(name), binding, sealed)
        .map_or(CopiedAbout::Gone, CopiedAbout::Opened)
}

/// Returns the subject of the customer's limits and lockout.
pub(super) fn subject_of(pseudonym: &Pseudonym) -> String {
    format!("customer:{pseudonym}")
}

fn copy_session(row: Columns, keys: &SubjectKeys, events: Vec<CopiedEvent>) -> CopiedSession {
    CopiedSession {
        about: open(keys, &row.id, row.about.as_deref()),
        quarter: row.about.as_deref().and_then(key_name_of).map(|name| name.quarter),
        id: row.id,
        kind: row.kind,
        discord_id: row.discord_id.cast_unsigned(),
        agent_name: row.agent_name,
        opened_at: Timestamp(row.opened_at),
        closed_at: row.closed_at.map(Timestamp),
        closed_why: row.closed_why,
        events,
    }
}

/// Reads the columns of an event that verifies.
fn read_event(row: &AnyRow, keys: &SubjectKeys) -> CopiedEvent {
    let (chain, seq) = (text(row, 0).unwrap_or_default(), number(row, 1).unwrap_or_default());
    let details = text(row, 6).and_then(|details| serde_json::from_str(&details).ok());
    CopiedEvent {
        at: Timestamp(number(row, 2).unwrap_or_default()),
        actor: text(row, 3).unwrap_or_default(),
        kind: text(row, 5).unwrap_or_default(),
        details: details.unwrap_or_default(),
        about: open(keys, &event_binding(&chain, seq), text(row, 7).as_deref()),
    }
}
