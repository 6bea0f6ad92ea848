//! `support-desk customer erase`: destroys what leads from the records to a customer.
//!
//! The customer's keys go, and the row of the pseudonym becomes blank. Sessions lose the copy of
//! their ticket number. Apart from that sessions and events stay as they are, so every signature
//! still verifies. Limits and counters are kept under the pseudonym,
//! which leads nowhere from then on.

use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};

use super::customer_rows::subject_of;
use super::database::Database;
use super::engine::Engine;
use super::quarter::Quarter;
use super::retry::{Attempts, retry, to_fault};
use super::row_columns::{self, Columns};
use super::{events, lockouts, tickets, wipe};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};
use crate::trail::event::{SignedEvent, format_time};
use crate::trail::log;
use crate::trail::rotation::OPERATOR;

const ERASING: &str = "erasing a customer";

/// Excludes new sessions, customers and keys until the commit. Reads go on.
const POSTGRES_LOCK: &str =
    "lock table sessions, subjects, subject_keys in share row exclusive mode";
/// What an erasure concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasable {
    pub pseudonym: Pseudonym,
    /// Time of the first look-up that found the customer.
    pub known_since: Timestamp,
    /// Sessions of the customer. They stay, and cannot be read any more.
    pub sessions: i64,
    /// Quarters of which the customer has a key, oldest first.
    pub quarters: Vec<Quarter>,
}

/// Occasion of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The customer's request.
    Request,
    /// A restored backup has the customer again. A lockout in the backup does not count, because
    /// the customer has been erased before.
    Restore,
}

/// Reason why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum CannotErase {
    #[error("nothing is stored about this customer")]
    Unknown,
    #[error(
        "{customer} has {open} open session(s): erase the customer after the close, or close them \
         with `support-desk end-sessions`"
    )]
    Open { customer: String, open: i64 },
    #[error(
        "{customer} has {open} open session(s), of which {unverified} do(es) not verify, because a \
         writer of the database has changed or added it, or because its key is missing: nothing \
         was erased; `support-desk end-sessions` closes what was changed, and the log names what \
         it leaves: add a missing key to STORE_KEY_OLD, and delete a row without a session's id"
    )]
    Unverified { customer: String, open: i64, unverified: usize },
    #[error(
        "{customer} is locked out until {until}: erase the customer afterwards, because a new \
         pseudonym would start without the lockout; `support-desk unlock customer:{pseudonym}` \
         ends it"
    )]
    LockedOut { customer: String, pseudonym: Pseudonym, until: String },
    #[error("the user of DATABASE_URL does not own the store's tables: erase as the owner")]
    NotOwner,
    #[error("{0}")]
    ForeignKey(&'static str),
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl Database {
    /// Returns what [`Database::erase`] would erase. Changes nothing.
    pub async fn find_erasable(
        &self,
        pseudonym: &Pseudonym,
        occasion: Occasion,
    ) -> Result<Erasable, CannotErase> {
        self.require_eraser().await?;
        let now = self.clock.now();
        let examined = retry(&self.pools, ERASING, || async {
            let mut connection = self.pools.reads.acquire().await?;
            self.examine(&mut connection, pseudonym, occasion, now).await
        });
        examined.await?
    }

    /// Erases a customer and records that. Fails if it may not, and changes nothing then.
    ///
    /// The files of the database can still hold what was erased, see [`Database::wipe`].
    pub async fn erase(
        &self,
        pseudonym: &Pseudonym,
        occasion: Occasion,
    ) -> Result<Erasable, CannotErase> {
        self.require_eraser().await?;
        let mut attempts = Attempts::new(&self.pools);
        loop {
            match self.try_to_erase(pseudonym, occasion).await {
                Ok(result) => return result,
                Err(error) if attempts.may_repeat(&error) => {}
                Err(error) => return Err(to_fault(ERASING)(error).into()),
            }
        }
    }

    async fn try_to_erase(
        &self,
        pseudonym: &Pseudonym,
        occasion: Occasion,
    ) -> Result<Result<Erasable, CannotErase>, sqlx::Error> {
        let (engine, now) = (self.pools.engine, self.clock.now());
        let mut connection = self.pools.writes.acquire().await?;
        wipe::prepare(&mut connection, engine).await?;
        let mut transaction = connection.begin_with(engine.begin()).await?;
        if engine == Engine::Postgres {
            sqlx::raw_sql(POSTGRES_LOCK).execute(&mut *transaction).await?;
        }
        let erasable = match self.examine(&mut transaction, pseudonym, occasion, now).await? {
            Ok(erasable) => erasable,
            Err(refused) => {
                transaction.rollback().await?;
                return Ok(Err(refused));
            }
        };
        sqlx::query("delete from subject_keys where subject = $1")
            .bind(pseudonym.as_str())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("update subjects set lookup = null, sealed = null where pseudonym = $1")
            .bind(pseudonym.as_str())
            .execute(&mut *transaction)
            .await?;
        tickets::clear_of(&mut transaction, pseudonym).await?;
        wipe::rewrite(&mut transaction, engine).await?;
        let event = TrailEvent {
            at: now,
            actor: OPERATOR.to_owned(),
            session: None,
            kind: kind::CUSTOMER_ERASED,
            details: json!({
                "customer": pseudonym,
                "sessions": erasable.sessions,
                "keys": erasable.quarters.len(),
                "again": occasion == Occasion::Restore,
            }),
            customer: None,
            about: Value::Null,
        };
        let signed = events::append(&mut transaction, &[event], self.keys.trail.current()).await?;
        if let Err(error) = transaction.commit().await {
            // SQLite has one writing connection.
            drop(connection);
            // The connection can break after the server has committed.
            match retry(&self.pools, ERASING, || self.has_event(&signed)).await {
                Ok(true) => {}
                Ok(false) => return Err(error),
                Err(fault) => return Ok(Err(fault.into())),
            }
        }
        log::write(&signed);
        Ok(Ok(erasable))
    }

    /// Returns true if the transaction that wrote the event of an erasure was committed. Waits for
    /// its end.
    async fn has_event(&self, signed: &[SignedEvent]) -> Result<bool, sqlx::Error> {
        let engine = self.pools.engine;
        let mut transaction = self.pools.writes.begin_with(engine.begin()).await?;
        if engine == Engine::Postgres {
            sqlx::raw_sql(POSTGRES_LOCK).execute(&mut *transaction).await?;
        }
        let mut found = 0;
        for SignedEvent { event, signature } in signed {
            found += sqlx::query_scalar::<_, i64>(
                "select count(*) from events where chain = $1 and seq = $2 and signature = $3",
            )
            .bind(&event.chain)
            .bind(event.seq)
            .bind(signature.encode())
            .fetch_one(&mut *transaction)
            .await?;
        }
        transaction.rollback().await?;
        Ok(found > 0)
    }

    /// Fails with keys of another store, and as a role that does not own the tables.
    async fn require_eraser(&self) -> Result<(), CannotErase> {
        const CHECKING: &str = "checking who owns the store";
        if let Some(foreign) = self.foreign_key().await? {
            return Err(CannotErase::ForeignKey(foreign.sentence()));
        }
        if self.pools.engine == Engine::Sqlite {
            return Ok(());
        }
        // `vacuum full` needs the owner too, so the right to delete rows is not enough.
        let others: i64 = retry(&self.pools, CHECKING, || {
            sqlx::query_scalar(
                "select count(*) from pg_class
                 where oid in ('subjects'::regclass, 'subject_keys'::regclass)
                     and not pg_has_role(relowner, 'usage')",
            )
            .fetch_one(&self.pools.reads)
        })
        .await?;
        if others > 0 { Err(CannotErase::NotOwner) } else { Ok(()) }
    }

    /// Reads what an erasure concerns, or the reason against it.
    async fn examine(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
        occasion: Occasion,
        now: Timestamp,
    ) -> Result<Result<Erasable, CannotErase>, sqlx::Error> {
        let engine = self.pools.engine;
        let keys = "from subject_keys where subject = $1";
        let keys = sqlx::query(columns::select(engine, &[("quarter", Text)], keys))
            .bind(pseudonym.as_str())
            .fetch_all(&mut *on)
            .await?;
        let row = "from subjects where pseudonym = $1";
        let cells = [("added_at", Number), ("lookup", Text), ("sealed", Text)];
        let row = sqlx::query(columns::select(engine, &cells, row))
            .bind(pseudonym.as_str())
            .fetch_optional(&mut *on)
            .await?;
        let Some(row) = row else { return Ok(Err(CannotErase::Unknown)) };
        if keys.is_empty() && text(&row, 1).is_none() && text(&row, 2).is_none() {
            return Ok(Err(CannotErase::Unknown));
        }
        let (sessions, open): (i64, i64) = sqlx::query_as(
            "select count(*), count(*) filter (where closed_at is null) from sessions
             where customer = $1",
        )
        .bind(pseudonym.as_str())
        .fetch_one(&mut *on)
        .await?;
        let customer = pseudonym.short();
        if open > 0 {
            let unverified = self.count_unverified(on, pseudonym).await?;
            return Ok(Err(match unverified {
                0 => CannotErase::Open { customer, open },
                _ => CannotErase::Unverified { customer, open, unverified },
            }));
        }
        let subject = subject_of(pseudonym);
        let lockout = lockouts::read(on, [&subject]).await?.remove(&subject);
        let until = lockout.map(|row| row.end().0).filter(|until| *until > now);
        if let (Some(until), Occasion::Request) = (until, occasion) {
            let until = format_time(until.0).unwrap_or_else(|| "it is unlocked".to_owned());
            let pseudonym = pseudonym.clone();
            return Ok(Err(CannotErase::LockedOut { customer, pseudonym, until }));
        }
        let mut quarters: Vec<Quarter> =
            keys.iter().filter_map(|key| text(key, 0)?.parse().ok()).collect();
        quarters.sort_unstable();
        Ok(Ok(Erasable {
            pseudonym: pseudonym.clone(),
            known_since: Timestamp(number(&row, 0).unwrap_or_default()),
            sessions,
            quarters,
        }))
    }

    /// Returns the number of the customer's open sessions whose row is not authentic.
    async fn count_unverified(
        &self,
        on: &mut AnyConnection,
        pseudonym: &Pseudonym,
    ) -> Result<usize, sqlx::Error> {
        let rest = "from sessions where customer = $1 and closed_at is null";
        let rows = sqlx::query(columns::select(self.pools.engine, &row_columns::cells(), rest))
            .bind(pseudonym.as_str())
            .fetch_all(on)
            .await?;
        let forged = |row: &&AnyRow| Columns::read_authentic(row, &self.keys.store).is_none();
        Ok(rows.iter().filter(forged).count())
    }
}
