//! Events that the watch counts: look-ups without a customer, wrong codes, and mails of codes.

use std::collections::BTreeMap;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::model::words::{Purpose, SessionId};
use commands::ports::watched::{CustomerMail, UnknownLookup, WrongCode};
use serde_json::Value;
use sqlx::any::AnyRow;

use super::database::Database;
use super::retry::retry;
use crate::trail::columns::ColumnType::{self, Number, Text};
use crate::trail::columns::{self, number, text};

const WATCHING: &str = "counting events for the signals";

/// Look-ups that found no customer. One that found several names the reason.
pub(super) const UNKNOWN_LOOKUPS: &str = "from events where events.at > $1
     and events.kind = 'looked_up' and events.details like '%\"found\":false%'
     and events.details not like '%\"why\":%'";

/// Wrong codes with their sessions.
pub(super) const WRONG_CODES: &str = "from events join sessions on sessions.id = events.session_id
     where events.kind = 'code_wrong' and events.at > $1";

/// Codes to customers, and the states of their mails.
pub(super) const MAILS: &str = "from events join sessions on sessions.id = events.session_id
     where events.at > $1 and sessions.customer is not null
     and events.kind in ('code_sent', 'code_bounced', 'code_late')
     and events.details like '%\"purpose\":\"customer_consent\"%'
     order by events.seq";

impl Database {
    async fn watched_events(
        &self,
        cells: &[(&str, ColumnType)],
        rest: &str,
        after: Timestamp,
    ) -> Result<Vec<AnyRow>, Fault> {
        let statement = columns::select(self.pools.engine, cells, rest);
        retry(&self.pools, WATCHING, || {
            sqlx::query(statement.clone()).bind(after.0).fetch_all(&self.pools.reads)
        })
        .await
    }

    /// Reads the look-ups after a time that found no customer.
    pub(super) async fn read_unknown_lookups(
        &self,
        after: Timestamp,
    ) -> Result<Vec<UnknownLookup>, Fault> {
        let cells = [("events.actor", Text), ("events.at", Number)];
        let rows = self.watched_events(&cells, UNKNOWN_LOOKUPS, after).await?;
        let lookup = |row| {
            let agent = text(row, 0)?.strip_prefix("discord:")?.parse().ok()?;
            Some(UnknownLookup { agent, at: Timestamp(number(row, 1)?) })
        };
        Ok(rows.iter().filter_map(lookup).collect())
    }

    /// Reads the wrong codes that were typed after a time.
    pub(super) async fn read_wrong_codes(&self, after: Timestamp) -> Result<Vec<WrongCode>, Fault> {
        let cells = [
            ("events.session_id", Text),
            ("events.details", Text),
            ("sessions.discord_id", Number),
            ("sessions.agent_id", Text),
            ("sessions.customer", Text),
            ("events.at", Number),
        ];
        let rows = self.watched_events(&cells, WRONG_CODES, after).await?;
        let code = |row| {
            let details = details(&text(row, 1)?)?;
            Some(WrongCode {
                session: text(row, 0)?.parse().ok()?,
                purpose: serde_json::from_value::<Purpose>(details.get("purpose")?.clone()).ok()?,
                agent: number(row, 2)?.cast_unsigned(),
                agent_id: text(row, 3)?,
                customer: text(row, 4).and_then(|customer| customer.parse().ok()),
                at: Timestamp(number(row, 5)?),
            })
        };
        Ok(rows.iter().filter_map(code).collect())
    }

    /// Reads the codes that were mailed to customers after a time. An event about a code that was
    /// mailed before is left out.
    pub(super) async fn read_customer_mails(
        &self,
        after: Timestamp,
    ) -> Result<Vec<CustomerMail>, Fault> {
        let cells = [
            ("events.session_id", Text),
            ("events.kind", Text),
            ("events.details", Text),
            ("events.at", Number),
            ("sessions.customer", Text),
        ];
        let rows = self.watched_events(&cells, MAILS, after).await?;
        let mut mails: BTreeMap<(String, u64), CustomerMail> = BTreeMap::new();
        for row in &rows {
            let Some((session, kind, nth, at)) = mail_event(row) else { continue };
            let key = (session.as_str().to_owned(), nth);
            if kind == kind::CODE_SENT {
                let customer = text(row, 4).and_then(|customer| customer.parse().ok());
                let Some(customer) = customer else { continue };
                mails.entry(key).or_insert(CustomerMail {
                    session,
                    customer,
                    sent_at: at,
                    bounced_at: None,
                    late_at: None,
                });
            } else if let Some(mail) = mails.get_mut(&key) {
                if kind == kind::CODE_BOUNCED { &mut mail.bounced_at } else { &mut mail.late_at }
                    .replace(at);
            }
        }
        Ok(mails.into_values().collect())
    }
}

/// Reads session, kind, number of the code, and time.
fn mail_event(row: &AnyRow) -> Option<(SessionId, String, u64, Timestamp)> {
    let nth = details(&text(row, 2)?)?.get("nth")?.as_u64()?;
    Some((text(row, 0)?.parse().ok()?, text(row, 1)?, nth, Timestamp(number(row, 3)?)))
}

fn details(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
