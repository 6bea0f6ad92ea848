//! Requests for a copy or an erasure of a customer.

use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::request::{CustomerRequest, RequestId, RequestKind, RequestOutcome};
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::ports::sessions::{Commit, Sessions as _};

use super::database::Database;
use super::retry::retry;
use super::{alerts, events};
use crate::keys::letters;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};
use crate::trail::log;

const READING: &str = "reading a request";
const ANSWERING: &str = "answering a request";

impl Database {
    /// Returns a request. `None` if there is none with this id.
    pub async fn find_request(&self, id: &RequestId) -> Result<Option<CustomerRequest>, Fault> {
        let cells = [
            ("kind", Text),
            ("customer", Text),
            ("asked_by", Number),
            ("asked_at", Number),
            ("state", Text),
        ];
        let rest = "from requests where id = $1";
        let statement = columns::select(self.pools.engine, &cells, rest);
        let row = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(id.as_str()).fetch_optional(&self.pools.reads)
        })
        .await?;
        Ok(row.and_then(|row| {
            Some(CustomerRequest {
                id: id.clone(),
                kind: RequestKind::parse(&text(&row, 0)?)?,
                customer: text(&row, 1)?.parse().ok()?,
                asked_by: number(&row, 2).map(i64::cast_unsigned),
                asked_at: Timestamp(number(&row, 3)?),
                is_done: text(&row, 4)? == "done",
            })
        }))
    }

    /// Saves the outcome of a request and changes its card, in one transaction.
    pub async fn answer_request(
        &self,
        request: &CustomerRequest,
        outcome: RequestOutcome,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let state = match outcome {
            RequestOutcome::Done => "done",
            RequestOutcome::Refused(_) => "refused",
        };
        let notice = request.notice(Some((outcome, now)));
        let signed = retry(&self.pools, ANSWERING, || async {
            let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
            sqlx::query("update requests set state = $1, answered_at = $2 where id = $3")
                .bind(state)
                .bind(now.0)
                .bind(request.id.as_str())
                .execute(&mut *transaction)
                .await?;
            let opened = alerts::raise(&mut transaction, vec![(&notice, now)]).await?;
            let key = self.keys.trail.current();
            let signed = events::append(&mut transaction, &opened, key).await?;
            transaction.commit().await?;
            Ok(signed)
        })
        .await?;
        log::write(&signed);
        Ok(())
    }

    /// Returns true if the trail has an erasure of the customer.
    pub async fn was_erased(&self, customer: &Pseudonym) -> Result<bool, Fault> {
        let found: i64 = retry(&self.pools, READING, || {
            sqlx::query_scalar("select count(*) from events where kind = $1 and details like $2")
                .bind(kind::CUSTOMER_ERASED)
                .bind(format!("%\"customer\":\"{customer}\"%"))
                .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(found > 0)
    }

    /// Raises the card of an act that an operator did without a request.
    pub async fn tell_leads(&self, kind: RequestKind, customer: &Pseudonym) -> Result<(), Fault> {
        let now = self.clock.now();
        let id = format!("E-{}", letters())
            .parse()
            .map_err(|error| Fault::new("making the id of a request", error))?;
        let request = CustomerRequest {
            id,
            kind,
            customer: customer.clone(),
            asked_by: None,
            asked_at: now,
            is_done: true,
        };
        let alerts = vec![request.notice(Some((RequestOutcome::Done, now)))];
        let request = Some(Box::new(request));
        self.commit(Commit { now, request, alerts, ..Commit::default() }).await.map(drop)
    }

    /// Returns the reference of an open report of the customer, or another word if it has none.
    pub async fn open_report_of(&self, customer: &Pseudonym) -> Result<Option<String>, Fault> {
        let rest = "from alerts where customer = $1 and state = 'open'
             and kind in ('reported', 'reported_twice') order by opened_at limit 1";
        let cells = [("coalesce(reference, id)", Text)];
        let statement = columns::select(self.pools.engine, &cells, rest);
        let row = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(customer.as_str()).fetch_optional(&self.pools.reads)
        })
        .await?;
        Ok(row.and_then(|row| text(&row, 0)))
    }
}
