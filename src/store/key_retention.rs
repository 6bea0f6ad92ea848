//! Destroys customers' keys that have been kept long enough, and with them the names that they
//! seal, and the ticket numbers of the same sessions.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use sqlx::Connection as _;

use super::database::Database;
use super::quarter::quarter_of;
use super::retry::{Attempts, to_fault};
use super::{tickets, wipe};

const DESTROYING: &str = "destroying old keys of customers";

/// Numbers of rows that changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Destroyed {
    keys: u64,
    customers: u64,
}

impl Database {
    /// Destroys the keys of all quarters that ended before `cutoff`. A customer who has no key left
    /// is forgotten: the next look-up gives a new pseudonym. One who is locked out is kept, because
    /// a new pseudonym would start without wrong codes. Returns the number of keys.
    ///
    /// What was destroyed is removed from the files too. A failure of that is only logged, because
    /// the rows are gone.
    pub(crate) async fn destroy_old_keys(&self, cutoff: Timestamp) -> Result<u64, Fault> {
        let mut attempts = Attempts::new(&self.pools);
        // Without a timeout, because SQLite writes both tables again.
        let destroyed = loop {
            match self.try_to_destroy(cutoff).await {
                Ok(destroyed) => break destroyed,
                Err(error) if attempts.may_repeat(&error) => {}
                Err(error) => return Err(to_fault(DESTROYING)(error)),
            }
        };
        if destroyed != Destroyed::default()
            && let Err(error) = self.wipe().await
        {
            tracing::error!("old keys of customers were destroyed: {error}");
        }
        Ok(destroyed.keys)
    }

    async fn try_to_destroy(&self, cutoff: Timestamp) -> Result<Destroyed, sqlx::Error> {
        let engine = self.pools.engine;
        let mut connection = self.pools.writes.acquire().await?;
        wipe::prepare(&mut connection, engine).await?;
        let mut transaction = connection.begin_with(engine.begin()).await?;
        let keys = sqlx::query("delete from subject_keys where quarter < $1")
            .bind(quarter_of(cutoff).to_string())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        let customers = sqlx::query(
            "update subjects set lookup = null, sealed = null
             where sealed is not null and added_at < $1
                 and not exists (select 1 from subject_keys where subject = pseudonym)
                 and not exists (select 1 from lockouts
                     where lockouts.subject = 'customer:' || pseudonym)
                 and not exists (select 1 from sessions
                     where customer = pseudonym and closed_at is null)",
        )
        .bind(cutoff.0)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let destroyed = Destroyed { keys, customers };
        if destroyed != Destroyed::default() {
            tickets::clear_without_key(&mut transaction).await?;
            wipe::rewrite(&mut transaction, engine).await?;
        }
        transaction.commit().await?;
        Ok(destroyed)
    }
}
