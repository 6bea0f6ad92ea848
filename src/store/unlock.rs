//! Ends the lockout of a subject, as the operator requests it.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::Limit;
use serde_json::{Value, json};

use super::database::Database;
use super::retry::to_fault;
use super::{events, limits};
use crate::trail::log;
use crate::trail::rotation::OPERATOR;

impl Database {
    /// Ends the lockout of a subject and forgets its wrong codes, in an hour and in a row. Returns
    /// false if the subject has neither. Refuses a key of another store, because the event would
    /// break its chain.
    pub async fn unlock(&self, subject: &str, now: Timestamp) -> Result<bool, Fault> {
        const UNLOCKING: &str = "unlocking a subject";
        self.require_fitting_keys(UNLOCKING).await?;
        let unlocking = async {
            let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
            // The order in which a batch locks the rows.
            let mut forgotten = 0;
            for limit in [Limit::WrongCodes, Limit::WrongInARow] {
                forgotten += limits::reset(&mut transaction, limit, subject).await?;
            }
            let lockouts = sqlx::query("delete from lockouts where subject = $1")
                .bind(subject)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
            if lockouts + forgotten == 0 {
                transaction.rollback().await?;
                return Ok(false);
            }
            let event = TrailEvent {
                at: now,
                actor: OPERATOR.to_owned(),
                session: None,
                kind: kind::UNLOCKED,
                details: json!({ "subject": subject }),
                customer: None,
                about: Value::Null,
            };
            let signed =
                events::append(&mut transaction, &[event], self.keys.trail.current()).await?;
            transaction.commit().await?;
            log::write(&signed);
            Ok(true)
        };
        unlocking.await.map_err(to_fault(UNLOCKING))
    }
}
