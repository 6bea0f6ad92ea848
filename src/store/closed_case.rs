//! The case of a closed session, for the mail that follows its close.
//!
//! The row of a closed session keeps what it was about before the close, sealed under the
//! customer's key. An erasure destroys the key.

use commands::model::customer::Case;
use commands::model::fault::Fault;
use commands::model::words::SessionId;
use serde_json::Value;

use super::about::{key_name_of, open_about};
use super::database::Database;
use super::retry::retry;
use super::subject_keys::SubjectKey;
use crate::trail::columns::ColumnType::Text;
use crate::trail::columns::{self, text};

const READING: &str = "reading the case of a closed session";

/// Returns the case of a closed session. `None` if it never had one, or if its key is destroyed.
pub(super) async fn read(database: &Database, id: &SessionId) -> Result<Option<Case>, Fault> {
    let statement = columns::select(
        database.pools.engine,
        &[("sessions.about", Text), ("own.sealed", Text)],
        "from sessions join subject_keys own on own.subject = sessions.customer
             and substr(sessions.about, 1, length(own.subject) + length(own.quarter) + 2)
                 = own.subject || '.' || own.quarter || '.'
         where sessions.id = $1 and sessions.closed_at is not null",
    );
    let row = retry(&database.pools, READING, || {
        sqlx::query(statement.clone()).bind(id.as_str()).fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some((about, sealed)) = row.and_then(|row| Some((text(&row, 0)?, text(&row, 1)?))) else {
        return Ok(None);
    };
    let Some(name) = key_name_of(&about) else { return Ok(None) };
    let key = SubjectKey::unseal(&database.keys.store, name, &sealed)
        .map_err(|error| Fault::new(READING, error))?;
    let opened = open_about(|_| Some(&key), id.as_str(), &about);
    let case = opened.and_then(|mut about| about.get_mut("case").map(Value::take));
    Ok(case.and_then(|case| serde_json::from_value(case).ok()))
}
