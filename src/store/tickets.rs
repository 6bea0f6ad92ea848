//! Ticket numbers of sessions.
//!
//! A session's row has its number twice: sealed in `about`, and as a plain copy in `ticket`, which
//! an index searches. A number leads back to the customer, so the copy goes with the key that seals
//! the other.

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::model::ticket::Ticket;
use sqlx::AnyConnection;

use super::about::has_about;

/// Returns the copy for the row of an open session. A closed row keeps its own, which can have been
/// cleared since the close.
pub(super) fn ticket_column(session: &Session) -> Option<String> {
    session.ticket.as_ref().filter(|_| has_about(session)).map(Ticket::search_key)
}

/// Clears the copies of a customer.
pub(super) async fn clear_of(
    on: &mut AnyConnection,
    pseudonym: &Pseudonym,
) -> Result<(), sqlx::Error> {
    sqlx::query("update sessions set ticket = null where customer = $1 and ticket is not null")
        .bind(pseudonym.as_str())
        .execute(on)
        .await
        .map(drop)
}

/// Clears the copies of all sessions whose key is destroyed.
pub(super) async fn clear_without_key(on: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update sessions set ticket = null
         where ticket is not null and not exists (select 1 from subject_keys own
             where own.subject = sessions.customer
                 and substr(sessions.about, 1, length(own.subject) + length(own.quarter) + 2)
                     = own.subject || '.' || own.quarter || '.')",
    )
    .execute(on)
    .await
    .map(drop)
}
