//! The row of a session: its state as JSON, two sealed parts, and the columns that queries need.
//!
//! A row is believed only if its MAC is authentic and its trail head is the newest event of its
//! chain. The first shows a row that was edited, the second one that was put back.

use std::sync::Arc;

use commands::model::fault::Fault;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session};
use serde_json::Value;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::QueryScalar;
use sqlx::{Any, AnyConnection, FromRow as _};

use super::about::{key_name_of, open_about, put_back};
use super::bulk::{self, BulkStatement};
use super::cache::RowContext;
use super::prepared::PreparedSession;
use super::progress::bind_progress;
pub(super) use super::row_columns::Columns;
use super::row_columns::{ABOUT_KEY, NEWEST_SIGNATURE, is_odd};
use super::seal::open_secrets;
use super::store_keys::{CannotOpen, RowCheck, StoreKeys};
use super::subject_keys::SubjectKey;
use crate::trail::columns::text;
use crate::trail::event::Head;

/// Activity that the fault of a read names.
pub(super) const READING: &str = "reading a session";

/// Why a row is not believed.
#[derive(Debug)]
pub(super) enum RowError {
    /// Another version of the bot wrote the row, or its state was damaged.
    Unreadable(Fault),
    /// No key of this process has written the row. It is left alone.
    ForeignKey(Fault),
    /// The row was edited or put back, as the text says.
    Tampered(&'static str),
}

/// Inserts the rows of new sessions. Returns the ids that were inserted; the others are taken, or
/// their customer was erased meanwhile. A customer that another session attends is a unique
/// violation.
pub(super) async fn insert_all(
    on: &mut AnyConnection,
    sessions: &[&PreparedSession],
) -> Result<Vec<String>, sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "with new (id, version, generation, state, sealed, about, attending, pending_since,
             next_at, closed_at, closed_why, trail_seq, trail_signature, mac, discord_id, agent_id,
             agent_name, customer, kind, opened_at, ticket, scope, reported_at, ends_at,
             started_at, agent_at, customer_at, opened, links, linked_at, mailed_at, codes, wrong,
             bounced_at) as (values ",
        34,
        ") insert into sessions (id, version, generation, state, sealed, about, attending,
             pending_since, next_at, closed_at, closed_why, trail_seq, trail_signature, mac,
             discord_id, agent_id, agent_name, customer, kind, opened_at, ticket, scope,
             reported_at, ends_at, started_at, agent_at, customer_at, opened, links, linked_at,
             mailed_at, codes, wrong, bounced_at)
         select id, version, generation, state, sealed, about, attending, pending_since, next_at,
             closed_at, closed_why, trail_seq, trail_signature, mac, discord_id, agent_id,
             agent_name, customer, kind, opened_at, ticket, scope, reported_at, ends_at,
             started_at, agent_at, customer_at, opened, links, linked_at, mailed_at, codes, wrong,
             bounced_at
         from new where not exists
             (select 1 from subjects where pseudonym = new.customer and lookup is null)
         on conflict (id) do nothing returning id",
    );
    let mut inserted = Vec::with_capacity(sessions.len());
    for chunk in bulk::chunks(sessions) {
        let query = sqlx::query_scalar(INSERT.sql(chunk));
        let query = chunk
            .iter()
            .fold(query, |query, prepared| bind(query, prepared, prepared.columns.version));
        inserted.extend(query.fetch_all(&mut *on).await?);
    }
    Ok(inserted)
}

/// Updates each row that still has the version that was read. Returns the ids of these rows. A
/// retry renews the time in the state, so the row keeps the time since which effects are pending. A
/// closed row keeps its ticket number, or stays without one. A customer that another session
/// attends is a unique violation.
pub(super) async fn update_all(
    on: &mut AnyConnection,
    sessions: &[&PreparedSession],
) -> Result<Vec<String>, sqlx::Error> {
    static UPDATE: BulkStatement = BulkStatement::new(
        "with new (id, version, generation, state, sealed, about, attending, pending_since,
             next_at, closed_at, closed_why, trail_seq, trail_signature, mac, discord_id, agent_id,
             agent_name, customer, kind, opened_at, ticket, scope, reported_at, ends_at,
             started_at, agent_at, customer_at, opened, links, linked_at, mailed_at, codes, wrong,
             bounced_at, new_version) as (values ",
        35,
        ") update sessions set version = new.new_version, generation = new.generation,
             state = new.state, sealed = new.sealed, about = new.about,
             attending = new.attending,
             pending_since = case when new.pending_since > 0 and sessions.pending_since > 0
                 then sessions.pending_since else new.pending_since end,
             next_at = new.next_at, closed_at = new.closed_at,
             closed_why = new.closed_why, trail_seq = new.trail_seq,
             trail_signature = new.trail_signature, mac = new.mac, discord_id = new.discord_id,
             agent_id = new.agent_id, agent_name = new.agent_name, customer = new.customer,
             kind = new.kind, opened_at = new.opened_at,
             ticket = case when new.closed_at is null then new.ticket else sessions.ticket end,
             scope = coalesce(new.scope, sessions.scope),
             reported_at = coalesce(new.reported_at, sessions.reported_at), ends_at = new.ends_at,
             started_at = new.started_at, agent_at = new.agent_at, customer_at = new.customer_at,
             opened = new.opened, links = new.links, linked_at = new.linked_at,
             mailed_at = new.mailed_at, codes = new.codes, wrong = new.wrong,
             bounced_at = new.bounced_at
         from new where sessions.id = new.id and sessions.version = new.version
         returning sessions.id",
    );
    let mut updated = Vec::with_capacity(sessions.len());
    for chunk in bulk::chunks(sessions) {
        let query = sqlx::query_scalar(UPDATE.sql(chunk));
        let query = chunk.iter().fold(query, |query, prepared| {
            let columns = &prepared.columns;
            bind(query, prepared, prepared.session.version).bind(columns.version)
        });
        updated.extend(query.fetch_all(&mut *on).await?);
    }
    Ok(updated)
}

/// Binds the columns that both an insert and an update write.
fn bind<'q>(
    query: QueryScalar<'q, Any, String, AnyArguments>,
    prepared: &'q PreparedSession,
    version: i64,
) -> QueryScalar<'q, Any, String, AnyArguments> {
    let PreparedSession { session, columns, ticket, .. } = prepared;
    let query = query
        .bind(&columns.id)
        .bind(version)
        .bind(i64::from(session.generation))
        .bind(&columns.state)
        .bind(columns.sealed.as_deref())
        .bind(columns.about.as_deref())
        .bind(columns.attending.as_deref())
        .bind(session.pending.iter().map(|pending| pending.requested_at.0).min().unwrap_or(0))
        .bind(columns.next_at)
        .bind(columns.closed_at)
        .bind(columns.closed_why.as_deref())
        .bind(columns.trail_seq)
        .bind(columns.trail_signature.as_deref())
        .bind(&columns.mac)
        .bind(columns.discord_id)
        .bind(&columns.agent_id)
        .bind(&columns.agent_name)
        .bind(columns.customer.as_deref())
        .bind(&columns.kind)
        .bind(columns.opened_at)
        .bind(ticket.as_deref())
        .bind(session.started_scope().map(Scope::name))
        .bind(session.reported_at().map(|at| at.0))
        .bind(listed_end(session));
    bind_progress(query, session)
}

/// Returns the end by which a lead's list sorts an open session with a customer.
fn listed_end(session: &Session) -> Option<i64> {
    let is_listed = session.pseudonym.is_some() && session.closed().is_none();
    is_listed.then(|| session.clocks.end().0)
}

/// Decodes a row of [`select`](super::row_columns::select), if it is believed.
pub(super) fn decode(row: &AnyRow, keys: &StoreKeys) -> Result<(Session, RowContext), RowError> {
    // SQLite accepts a value of another type in a column. The bot writes none.
    let replaced = || RowError::Tampered("a column was replaced");
    if is_odd(row) {
        return Err(replaced());
    }
    let columns = Columns::from_row(row).map_err(|_| replaced())?;
    match keys.check_row(columns.fields().as_bytes(), &columns.mac) {
        RowCheck::Authentic => {}
        RowCheck::UnknownKey => {
            let why = "its row was written under a STORE_KEY that this process does not have";
            return Err(RowError::ForeignKey(Fault::new(READING, why)));
        }
        RowCheck::Forged => return Err(RowError::Tampered("its row was edited")),
    }
    if text(row, NEWEST_SIGNATURE) != columns.trail_signature {
        return Err(RowError::Tampered("its row is older than its events, or events are missing"));
    }
    let (mut session, key) = decode_state(row, &columns, keys)?;
    session.version = columns.version;
    session.secrets = match &columns.sealed {
        None => Secrets::default(),
        Some(sealed) => match open_secrets(keys, &session.id, sealed) {
            Ok(secrets) => secrets,
            Err(error @ CannotOpen::UnknownKey) => {
                return Err(RowError::ForeignKey(Fault::new(READING, error)));
            }
            // The MAC is authentic, so another version of the bot has sealed it.
            Err(error @ CannotOpen::Tampered) => {
                return Err(RowError::Unreadable(Fault::new(READING, error)));
            }
        },
    };
    let head = Head::from_columns(columns.trail_seq, columns.trail_signature.as_deref());
    Ok((session, RowContext { head, about: columns.about.map(Into::into), key }))
}

/// Decodes the state of a row, with what is sealed under the customer's key. Returns the key, which
/// the row of a closed session does not need.
fn decode_state(
    row: &AnyRow,
    columns: &Columns,
    keys: &StoreKeys,
) -> Result<(Session, Option<Arc<SubjectKey>>), RowError> {
    let unreadable = |why: &'static str| RowError::Unreadable(Fault::new(READING, why));
    // Drop the parser's messages, because they quote the state.
    let other_version = || unreadable("its state was written by another version of the bot");
    let (None, Some(about)) = (columns.closed_at, &columns.about) else {
        let session = serde_json::from_str(&columns.state).map_err(|_| other_version())?;
        return Ok((session, None));
    };
    let name = key_name_of(about).ok_or_else(other_version)?;
    let sealed =
        text(row, ABOUT_KEY).ok_or_else(|| unreadable("its customer's key was destroyed"))?;
    let key = match SubjectKey::unseal(keys, name, &sealed) {
        Ok(key) => key,
        Err(error @ CannotOpen::UnknownKey) => {
            return Err(RowError::ForeignKey(Fault::new(READING, error)));
        }
        Err(CannotOpen::Tampered) => {
            return Err(unreadable("its customer's key was tampered with"));
        }
    };
    let mut state: Value = serde_json::from_str(&columns.state).map_err(|_| other_version())?;
    let opened = open_about(|_| Some(&key), &columns.id, about);
    put_back(&mut state, opened.ok_or_else(|| unreadable("its customer's key was replaced"))?);
    let session = serde_json::from_value(state).map_err(|_| other_version())?;
    Ok((session, Some(Arc::new(key))))
}
