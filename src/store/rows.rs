//! The row of a session: its state as JSON, its sealed secrets, and the columns that queries need.

use commands::model::fault::Fault;
use commands::model::session::{Secrets, Session};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, FromRow as _};

use super::bulk::{self, BulkStatement};
use super::prepared::PreparedSession;
use super::retry::to_fault;
use super::seal::StoreKey;
use crate::trail::event::Head;

/// Activity that the fault of a read names.
pub(super) const READING: &str = "reading a session";

/// Inserts the row of a new session. Returns 0 if the id is taken. A customer that another session
/// attends is a unique violation.
pub(super) async fn insert(
    on: &mut AnyConnection,
    prepared: &PreparedSession,
) -> Result<u64, sqlx::Error> {
    let session = &prepared.session;
    let query = sqlx::query(
        "insert into sessions (id, version, generation, state, sealed, attending, pending_since,
             next_at, closed_at, closed_why, customer_id, trail_seq, trail_mac, kind, discord_id,
             agent_id, agent_name, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         on conflict (id) do nothing",
    );
    let inserted = bind(query, prepared, prepared.new_version())
        .bind(session.kind())
        .bind(session.actor.discord_id.cast_signed())
        .bind(&session.actor.agent_id)
        .bind(&session.actor.name)
        .bind(session.clocks.opened_at.0)
        .execute(on)
        .await?;
    Ok(inserted.rows_affected())
}

/// Updates each row that still has the version that was read. Returns their number. A retry renews
/// the time in the state, so the row keeps the time since which effects are pending. A customer
/// that another session attends is a unique violation.
pub(super) async fn update_all(
    on: &mut AnyConnection,
    sessions: &[&PreparedSession],
) -> Result<u64, sqlx::Error> {
    static UPDATE: BulkStatement = BulkStatement::new(
        "with new (id, version, generation, state, sealed, attending, pending_since, next_at,
             closed_at, closed_why, customer_id, trail_seq, trail_mac) as (values ",
        13,
        ") update sessions set version = new.version + 1, generation = new.generation,
             state = new.state, sealed = new.sealed, attending = new.attending,
             pending_since = case when new.pending_since > 0 and sessions.pending_since > 0
                 then sessions.pending_since else new.pending_since end,
             next_at = new.next_at, closed_at = new.closed_at,
             closed_why = new.closed_why, customer_id = new.customer_id,
             trail_seq = new.trail_seq, trail_mac = new.trail_mac
         from new where sessions.id = new.id and sessions.version = new.version",
    );
    let mut updated = 0;
    for chunk in bulk::chunks(sessions) {
        let query = sqlx::query(UPDATE.sql(chunk));
        let query = chunk
            .iter()
            .fold(query, |query, prepared| bind(query, prepared, prepared.session.version));
        updated += query.execute(&mut *on).await?.rows_affected();
    }
    Ok(updated)
}

/// Binds the columns that both an insert and an update write.
fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    prepared: &'q PreparedSession,
    version: i64,
) -> Query<'q, Any, AnyArguments> {
    let PreparedSession { session, head, .. } = prepared;
    let closed = session.closed();
    query
        .bind(session.id.as_str())
        .bind(version)
        .bind(i64::from(session.generation))
        .bind(&prepared.state)
        .bind(prepared.sealed.as_deref())
        .bind(if closed.is_some() { None } else { session.attending() })
        .bind(session.pending.iter().map(|pending| pending.requested_at.0).min().unwrap_or(0))
        .bind(session.next_at().map(|at| at.0))
        .bind(closed.map(|(_, at)| at.0))
        .bind(closed.map(|(why, _)| why.name()))
        .bind(session.customer_id.as_deref())
        .bind(head.seq)
        .bind((head.seq > 0).then(|| head.mac.encode()))
}

/// Decodes a row that begins with `id, version, state, sealed, trail_seq, trail_mac`.
pub(super) fn decode(row: &AnyRow, key: &StoreKey) -> Result<(Session, Head), Fault> {
    let (_, version, state, sealed, seq, mac) =
        <(&str, i64, &str, Option<&str>, i64, Option<&str>)>::from_row(row)
            .map_err(to_fault(READING))?;
    // Drop the parser's message, because it quotes the state.
    let mut session: Session = serde_json::from_str(state).map_err(|error| {
        let column = error.column();
        Fault::new(
            READING,
            format!("its state was written by another version of the bot (column {column})"),
        )
    })?;
    session.version = version;
    session.secrets = match sealed {
        // Under another key the session continues without its secrets. Actions are refused, because
        // the proofs are missing, and its timers close it.
        Some(sealed) => key.open(&session.id, sealed).unwrap_or_else(|fault| {
            tracing::error!("{fault}");
            Secrets::default()
        }),
        None => Secrets::default(),
    };
    Ok((session, Head::from_columns(seq, mac)))
}
