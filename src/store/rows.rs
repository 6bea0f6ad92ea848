//! A session's row: everything that is no secret as JSON, the secrets sealed beside it, and in
//! columns what is looked for.

use commands::error::Fault;
use commands::session::{Secrets, Session, SessionId};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row as _};

use super::Database;
use super::bulk::{self, Many};
use super::retry::{again, failed, is_taken};
use super::seal::StoreKey;
use crate::trail::event::Head;

/// A session as its row shall be, made before the transaction begins.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) session: Session,
    state: String,
    sealed: Option<String>,
}

/// What became of writing a new row.
pub(super) enum Written {
    /// Written.
    Yes,
    /// There is one already.
    Stale,
    /// Another session holds the customer.
    Taken,
}

impl Draft {
    /// Writes the session as JSON and seals its secrets; of a closed one nothing is kept that is
    /// secret.
    pub(super) fn of(session: Session, key: &StoreKey) -> Result<Self, Fault> {
        let state = serde_json::to_string(&session)
            .map_err(|error| Fault::new("writing a session as JSON", error))?;
        let sealed = if session.closed().is_some() {
            None
        } else {
            key.seal(&session.id, &session.secrets)?
        };
        Ok(Self { session, state, sealed })
    }

    /// Whether there is no row of it yet.
    pub(super) const fn is_new(&self) -> bool {
        self.session.version == 0
    }

    /// The version that the row has once this is written.
    pub(super) const fn version(&self) -> i64 {
        self.session.version + 1
    }

    /// Inserts the row of a new session.
    pub(super) async fn insert(
        &self,
        on: &mut AnyConnection,
        head: Head,
    ) -> Result<Written, sqlx::Error> {
        let session = &self.session;
        let query = sqlx::query(
            "insert into sessions (id, version, generation, state, sealed, attending, pending, next_at, closed_at, closed_why,
                 customer_id, trail_seq, trail_mac, kind, discord_id, opened_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (id) do nothing",
        );
        let written = self
            .bind(query, self.version(), head)
            .bind(session.kind())
            .bind(session.actor.discord_id.cast_signed())
            .bind(session.clocks.opened_at.0)
            .execute(on)
            .await;
        match written {
            Ok(done) if done.rows_affected() == 1 => Ok(Written::Yes),
            Ok(_) => Ok(Written::Stale),
            // The only other unique column is the customer who is attended.
            Err(error) if is_taken(&error) => Ok(Written::Taken),
            Err(error) => Err(error),
        }
    }

    fn bind<'q>(
        &'q self,
        query: Query<'q, Any, AnyArguments>,
        version: i64,
        head: Head,
    ) -> Query<'q, Any, AnyArguments> {
        let session = &self.session;
        let closed = session.closed();
        query
            .bind(session.id.as_str())
            .bind(version)
            .bind(i64::from(session.generation))
            .bind(&self.state)
            .bind(self.sealed.as_deref())
            .bind(if closed.is_some() { None } else { session.attending() })
            .bind(i64::from(!session.pending.is_empty()))
            .bind(session.next_at().map(|at| at.0))
            .bind(closed.map(|(_, at)| at.0))
            .bind(closed.map(|(why, _)| why.name()))
            .bind(session.customer_id.as_deref())
            .bind(head.seq)
            .bind((head.seq > 0).then(|| head.mac.text()))
    }
}

/// Updates rows, each if it is as old as the copy that was read. Answers how many were; a taken
/// customer is an error.
pub(super) async fn update(
    on: &mut AnyConnection,
    drafts: &[(&Draft, Head)],
) -> Result<u64, sqlx::Error> {
    static UPDATE: Many = Many::new(
        "with new (id, version, generation, state, sealed, attending, pending, next_at, closed_at, closed_why, customer_id,
             trail_seq, trail_mac) as (values ",
        13,
        ") update sessions set version = new.version + 1, generation = new.generation, state = new.state, sealed = new.sealed,
             attending = new.attending, pending = new.pending, next_at = new.next_at, closed_at = new.closed_at,
             closed_why = new.closed_why, customer_id = new.customer_id, trail_seq = new.trail_seq, trail_mac = new.trail_mac
         from new where sessions.id = new.id and sessions.version = new.version",
    );
    let mut updated = 0;
    for piece in bulk::pieces(drafts) {
        let query = sqlx::query(UPDATE.sql(piece));
        let query = piece
            .iter()
            .fold(query, |query, (draft, head)| draft.bind(query, draft.session.version, *head));
        updated += query.execute(&mut *on).await?.rows_affected();
    }
    Ok(updated)
}

/// The head of a session's chain, if the row is still of this version.
pub(super) async fn head(
    on: &mut AnyConnection,
    session: &Session,
) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query("select trail_seq, trail_mac from sessions where id = $1 and version = $2")
        .bind(session.id.as_str())
        .bind(session.version)
        .fetch_optional(on)
        .await?
        .map(|row| Ok(Head::read(row.try_get(0)?, row.try_get::<Option<String>, _>(1)?.as_deref())))
        .transpose()
}

/// The session as its row has it, and the head of its chain.
pub(super) async fn read(
    database: &Database,
    id: &SessionId,
) -> Result<Option<(Session, Head)>, Fault> {
    let row = again(READING, || {
        sqlx::query(
            "select id, version, state, sealed, trail_seq, trail_mac from sessions where id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&database.pools.reads)
    })
    .await?;
    row.map(|row| session(&row, &database.key)).transpose()
}

const READING: &str = "reading a session";

/// Reads `id, version, state, sealed, trail_seq, trail_mac` of a row.
pub(super) fn session(row: &AnyRow, key: &StoreKey) -> Result<(Session, Head), Fault> {
    let columns = || -> Result<_, sqlx::Error> {
        let head = Head::read(row.try_get(4)?, row.try_get::<Option<&str>, _>(5)?);
        Ok((row.try_get(1)?, row.try_get::<&str, _>(2)?, row.try_get::<Option<&str>, _>(3)?, head))
    };
    let (version, state, sealed, head) = columns().map_err(failed(READING))?;
    // The parser's own words quote what they stumble over, which is nobody's business in a log.
    let mut session: Session = serde_json::from_str(state).map_err(|error| {
        Fault::new(
            READING,
            format!(
                "its state was written by another version of the bot (column {})",
                error.column()
            ),
        )
    })?;
    session.version = version;
    session.secrets = match sealed {
        // With another key the session goes on without what was sealed, and ends by itself: acting
        // on it is refused for want of proofs.
        Some(sealed) => key.open(&session.id, sealed).unwrap_or_else(|fault| {
            tracing::error!("{fault}");
            Secrets::default()
        }),
        None => Secrets::default(),
    };
    Ok((session, head))
}
