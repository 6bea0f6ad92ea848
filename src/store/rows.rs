//! A session's row: everything that is no secret as JSON, the secrets sealed beside it, and in columns what is looked for.

use commands::error::Fault;
use commands::session::{Secrets, Session, SessionId};
use commands::time::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::Database;
use super::fault::{again, is_taken};
use super::seal::StoreKey;

/// A session as its row shall be, made before the transaction begins.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    session: &'a Session,
    state: String,
    sealed: Option<String>,
}

/// What became of writing a row.
pub(super) enum Written {
    /// Written; the head of the session's chain in the trail.
    Head(i64),
    /// The row is newer than what was read, or there is none.
    Stale,
    /// Another session holds the customer.
    Taken,
}

impl<'a> Draft<'a> {
    /// Writes the session as JSON and seals its secrets; of a closed one nothing is kept that is secret.
    pub(super) fn of(session: &'a Session, key: &StoreKey) -> Result<Self, Fault> {
        let state = serde_json::to_string(session).map_err(|error| Fault::new("writing a session as JSON", error))?;
        let sealed = if session.closed().is_some() { None } else { key.seal(&session.id, &session.secrets)? };
        Ok(Self { session, state, sealed })
    }

    /// The version that the row has once this is written.
    pub(super) const fn version(&self) -> i64 {
        self.session.version + 1
    }

    /// Inserts or updates the row, and moves the head of its chain by `acts`.
    pub(super) async fn write(&self, on: &mut AnyConnection, acts: i64) -> Result<Written, sqlx::Error> {
        let written = if self.session.version == 0 { self.insert(on, acts).await } else { self.update(on, acts).await };
        match written {
            Ok(Some(row)) => Ok(Written::Head(row.try_get(0)?)),
            Ok(None) => Ok(Written::Stale),
            // The only other unique column is the customer who is attended.
            Err(error) if is_taken(&error) => Ok(Written::Taken),
            Err(error) => Err(error),
        }
    }

    async fn insert(&self, on: &mut AnyConnection, acts: i64) -> Result<Option<AnyRow>, sqlx::Error> {
        let session = self.session;
        sqlx::query(
            "insert into sessions (id, version, generation, state, sealed, attending, pending, next_at, closed_at, closed_why,
                 customer_id, trail_seq, road, discord_id, opened_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             on conflict (id) do nothing returning trail_seq",
        )
        .bind(session.id.as_str())
        .bind(self.version())
        .bind(i64::from(session.generation))
        .bind(&self.state)
        .bind(self.sealed.as_deref())
        .bind(self.attending())
        .bind(i64::from(!session.pending.is_empty()))
        .bind(session.next_at().map(|at| at.0))
        .bind(session.closed().map(|(_, at)| at.0))
        .bind(session.closed().map(|(why, _)| why.name()))
        .bind(session.customer_id.as_deref())
        .bind(acts)
        .bind(session.road())
        .bind(session.actor.discord_id.cast_signed())
        .bind(session.clocks.opened_at.0)
        .fetch_optional(on)
        .await
    }

    async fn update(&self, on: &mut AnyConnection, acts: i64) -> Result<Option<AnyRow>, sqlx::Error> {
        let session = self.session;
        sqlx::query(
            "update sessions set version = version + 1, generation = $3, state = $4, sealed = $5, attending = $6, pending = $7,
                 next_at = $8, closed_at = $9, closed_why = $10, customer_id = $11, trail_seq = trail_seq + $12
             where id = $1 and version = $2 returning trail_seq",
        )
        .bind(session.id.as_str())
        .bind(session.version)
        .bind(i64::from(session.generation))
        .bind(&self.state)
        .bind(self.sealed.as_deref())
        .bind(self.attending())
        .bind(i64::from(!session.pending.is_empty()))
        .bind(session.next_at().map(|at| at.0))
        .bind(session.closed().map(|(_, at)| at.0))
        .bind(session.closed().map(|(why, _)| why.name()))
        .bind(session.customer_id.as_deref())
        .bind(acts)
        .fetch_optional(on)
        .await
    }

    fn attending(&self) -> Option<&str> {
        if self.session.closed().is_some() { None } else { self.session.attending() }
    }
}

/// The session as its row has it.
pub(super) async fn read(database: &Database, id: &SessionId) -> Result<Option<Session>, Fault> {
    const DOING: &str = "reading a session";
    let row = again(DOING, || {
        sqlx::query("select version, state, sealed from sessions where id = $1")
            .bind(id.as_str())
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(None) };
    let columns = || Ok((row.try_get(0)?, row.try_get::<String, _>(1)?, row.try_get::<Option<String>, _>(2)?));
    let (version, state, sealed) = columns().map_err(|error: sqlx::Error| Fault::new(DOING, error))?;
    // The parser's own words quote what they stumble over, which is nobody's business in a log.
    let mut session: Session = serde_json::from_str(&state).map_err(|error| {
        Fault::new(DOING, format!("its state was written by another version of the bot (column {})", error.column()))
    })?;
    session.version = version;
    session.secrets = match sealed {
        // With another key the session goes on without what was sealed, and ends by itself: acting on it is refused for want of proofs.
        Some(sealed) => database.key.open(id, &sealed).unwrap_or_else(|fault| {
            tracing::error!("{fault}");
            Secrets::default()
        }),
        None => Secrets::default(),
    };
    Ok(Some(session))
}

pub(super) async fn open_of(database: &Database, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's sessions";
    let rows = again(DOING, || {
        sqlx::query(
            "select id from sessions where discord_id = $1 and closed_at is null and customer_id is not null order by opened_at, id",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

pub(super) async fn recovering(database: &Database, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's recoveries";
    let rows = again(DOING, || {
        sqlx::query(
            "select id from sessions where discord_id = $1 and closed_at is null and road = 'recover' order by opened_at desc, id desc",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

pub(super) async fn attending(database: &Database, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
    const DOING: &str = "asking who attends a customer";
    let row = again(DOING, || {
        sqlx::query("select id, discord_id from sessions where attending = $1")
            .bind(customer)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(None) };
    let discord_id: i64 = row.try_get(1).map_err(|error| Fault::new(DOING, error))?;
    Ok(Some((id(&row, DOING)?, discord_id.cast_unsigned())))
}

pub(super) async fn due(database: &Database, now: Timestamp, at_most: u32) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing sessions that are due";
    let rows = again(DOING, || {
        sqlx::query("select id from sessions where next_at is not null and next_at <= $1 order by next_at limit $2")
            .bind(now.0)
            .bind(i64::from(at_most))
            .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

pub(super) async fn pending(database: &Database) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing sessions with pending effects";
    let rows = again(DOING, || {
        sqlx::query("select id from sessions where pending = 1 order by opened_at, id").fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

/// The ids of all open sessions.
pub(super) async fn open(database: &Database) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing open sessions";
    let rows =
        again(DOING, || sqlx::query("select id from sessions where closed_at is null").fetch_all(&database.pools.reads)).await?;
    ids(&rows, DOING)
}

fn ids(rows: &[AnyRow], doing: &'static str) -> Result<Vec<SessionId>, Fault> {
    rows.iter().map(|row| id(row, doing)).collect()
}

fn id(row: &AnyRow, doing: &'static str) -> Result<SessionId, Fault> {
    let text: String = row.try_get(0).map_err(|error| Fault::new(doing, error))?;
    text.parse().map_err(|error| Fault::new(doing, error))
}
