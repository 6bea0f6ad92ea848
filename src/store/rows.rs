//! The row of a session: its state as JSON, its sealed secrets, and the columns that queries need.

use commands::model::fault::Fault;
use commands::model::session::{Secrets, Session};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row as _};

use super::bulk::{self, BulkStatement};
use super::prepared::PreparedSession;
use super::retry::{is_unique_violation, to_fault};
use super::seal::StoreKey;
use crate::trail::event::Head;

/// Activity that the fault of a read names.
pub(super) const READING: &str = "reading a session";

/// Result of inserting or updating one row.
pub(super) enum RowWritten {
    Written,
    /// The row has another version.
    Stale,
    /// Another session attends the customer.
    CustomerTaken,
}

/// Inserts the row of a new session.
pub(super) async fn insert(
    on: &mut AnyConnection,
    prepared: &PreparedSession,
    head: Head,
) -> Result<RowWritten, sqlx::Error> {
    let session = &prepared.session;
    let query = sqlx::query(
        "insert into sessions (id, version, generation, state, sealed, attending, pending, next_at,
             closed_at, closed_why, customer_id, trail_seq, trail_mac, kind, discord_id, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (id) do nothing",
    );
    let inserted = bind(query, prepared, prepared.new_version(), head)
        .bind(session.kind())
        .bind(session.actor.discord_id.cast_signed())
        .bind(session.clocks.opened_at.0)
        .execute(on)
        .await;
    match inserted {
        Ok(done) if done.rows_affected() == 1 => Ok(RowWritten::Written),
        Ok(_) => Ok(RowWritten::Stale),
        // The only other unique column is the attended customer.
        Err(error) if is_unique_violation(&error) => Ok(RowWritten::CustomerTaken),
        Err(error) => Err(error),
    }
}

/// Updates the row of one session.
pub(super) async fn update(
    on: &mut AnyConnection,
    prepared: &PreparedSession,
    head: Head,
) -> Result<RowWritten, sqlx::Error> {
    match update_all(on, &[(prepared, head)]).await {
        Ok(1) => Ok(RowWritten::Written),
        Ok(_) => Ok(RowWritten::Stale),
        Err(error) if is_unique_violation(&error) => Ok(RowWritten::CustomerTaken),
        Err(error) => Err(error),
    }
}

/// Updates each row that still has the version that was read. Returns their number. A customer that
/// another session attends is an error.
pub(super) async fn update_all(
    on: &mut AnyConnection,
    sessions: &[(&PreparedSession, Head)],
) -> Result<u64, sqlx::Error> {
    static UPDATE: BulkStatement = BulkStatement::new(
        "with new (id, version, generation, state, sealed, attending, pending, next_at, closed_at,
             closed_why, customer_id, trail_seq, trail_mac) as (values ",
        13,
        ") update sessions set version = new.version + 1, generation = new.generation,
             state = new.state, sealed = new.sealed, attending = new.attending,
             pending = new.pending, next_at = new.next_at, closed_at = new.closed_at,
             closed_why = new.closed_why, customer_id = new.customer_id,
             trail_seq = new.trail_seq, trail_mac = new.trail_mac
         from new where sessions.id = new.id and sessions.version = new.version",
    );
    let mut updated = 0;
    for chunk in bulk::chunks(sessions) {
        let query = sqlx::query(UPDATE.sql(chunk));
        let query = chunk.iter().fold(query, |query, (prepared, head)| {
            bind(query, prepared, prepared.session.version, *head)
        });
        updated += query.execute(&mut *on).await?.rows_affected();
    }
    Ok(updated)
}

/// Binds the columns that both an insert and an update write.
fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    prepared: &'q PreparedSession,
    version: i64,
    head: Head,
) -> Query<'q, Any, AnyArguments> {
    let session = &prepared.session;
    let closed = session.closed();
    query
        .bind(session.id.as_str())
        .bind(version)
        .bind(i64::from(session.generation))
        .bind(&prepared.state)
        .bind(prepared.sealed.as_deref())
        .bind(if closed.is_some() { None } else { session.attending() })
        .bind(i64::from(!session.pending.is_empty()))
        .bind(session.next_at().map(|at| at.0))
        .bind(closed.map(|(_, at)| at.0))
        .bind(closed.map(|(why, _)| why.name()))
        .bind(session.customer_id.as_deref())
        .bind(head.seq)
        .bind((head.seq > 0).then(|| head.mac.encode()))
}

/// Reads the head of a session's chain, if the row still has this version.
pub(super) async fn find_head(
    on: &mut AnyConnection,
    session: &Session,
) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query("select trail_seq, trail_mac from sessions where id = $1 and version = $2")
        .bind(session.id.as_str())
        .bind(session.version)
        .fetch_optional(on)
        .await?
        .map(|row| {
            let mac: Option<String> = row.try_get(1)?;
            Ok(Head::from_columns(row.try_get(0)?, mac.as_deref()))
        })
        .transpose()
}

/// Decodes a row that begins with `id, version, state, sealed, trail_seq, trail_mac`.
pub(super) fn decode(row: &AnyRow, key: &StoreKey) -> Result<(Session, Head), Fault> {
    let columns = || -> Result<_, sqlx::Error> {
        let head = Head::from_columns(row.try_get(4)?, row.try_get::<Option<&str>, _>(5)?);
        Ok((row.try_get(1)?, row.try_get::<&str, _>(2)?, row.try_get::<Option<&str>, _>(3)?, head))
    };
    let (version, state, sealed, head) = columns().map_err(to_fault(READING))?;
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
    Ok((session, head))
}
