//! Columns of a session that say how far it came: copies of its state, for the leads' signals,
//! figures and lists. No decision depends on them.

use std::collections::BTreeMap;

use commands::model::report::Opened;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::QueryScalar;

/// Binds, in this order: `started_at, agent_at, customer_at, opened, links, linked_at, mailed_at,
/// codes, wrong, bounced_at`. All but the first are null in a session without a customer.
pub(super) fn bind_progress<'q>(
    query: QueryScalar<'q, Any, String, AnyArguments>,
    session: &Session,
) -> QueryScalar<'q, Any, String, AnyArguments> {
    let has_customer = session.pseudonym.is_some();
    let of_customer = |value: Option<i64>| value.filter(|_| has_customer);
    let at = |time: Option<Timestamp>| of_customer(time.map(|at| at.0));
    let (customer, opened) = (&session.customer, session.opened());
    let record = session.report_record.as_deref();
    query
        .bind(session.clocks.started_at.map(|at| at.0))
        .bind(at(record.and_then(|record| record.agent_verified_at)))
        .bind(at(session.verified_at()))
        .bind(opened_counts(opened))
        .bind(of_customer(i64::try_from(opened.len()).ok()))
        .bind(at(opened.iter().map(|opened| opened.at).max()))
        .bind(at(session.customer_mailed_at()))
        .bind(of_customer(Some(customer.sends.into())))
        .bind(of_customer(Some(customer.wrong.into())))
        .bind(at(record.and_then(|record| record.customer_bounced_at)))
}

/// Returns the number of access links by target, such as `{"store":1,"web":2}`. `None` without one.
fn opened_counts(opened: &[Opened]) -> Option<String> {
    let mut counts = BTreeMap::new();
    for opened in opened {
        *counts.entry(opened.target.name()).or_insert(0_u32) += 1;
    }
    (!counts.is_empty()).then(|| serde_json::json!(counts).to_string())
}
