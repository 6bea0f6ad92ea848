//! Reads the summary of a customer's earlier sessions, as a part of the statement that reads
//! the customer.

use commands::model::past::{ATTEMPTS, BOUNCE_MARK, HISTORY, Past, REPORT_MARK};
use commands::model::time::Timestamp;
use commands::model::unknown_fields::UnknownFields;
use sqlx::any::AnyRow;

use crate::trail::columns::ColumnType::{self, Number};
use crate::trail::columns::number;

/// Number of values that [`join`] adds: [`starts`].
const VALUES: usize = 4;

/// The columns of [`join`], in the order in which [`read`] expects them.
pub(super) const CELLS: [(&str, ColumnType); 7] = [
    ("past.sessions", Number),
    ("past.verified", Number),
    ("past.last_at", Number),
    ("past.reported_at", Number),
    ("past.unverified", Number),
    ("past.verified_today", Number),
    ("past.bounced", Number),
];

/// Returns a join that adds one row, `past`, about the earlier sessions of the customers with these
/// hashes. `before`: number of the values that precede [`starts`].
pub(super) fn join(lookups: &str, before: usize) -> String {
    let [history, report, attempts, bounce] =
        std::array::from_fn::<_, VALUES, _>(|nth| format!("${}", before + nth + 1));
    let started = "closed_at is not null and started_at is not null";
    format!(
        "left join (
             select customer,
                 sum(case when {started} then 1 else 0 end) sessions,
                 sum(case when {started} and customer_at is not null then 1 else 0 end) verified,
                 max(case when {started} then opened_at end) last_at,
                 max(case when reported_at > {report} then reported_at end) reported_at,
                 sum(case when opened_at > {attempts} and closed_at is not null
                     and customer_at is null then 1 else 0 end) unverified,
                 sum(case when opened_at > {attempts} and customer_at is not null
                     then 1 else 0 end) verified_today,
                 case when max(case when bounced_at > {bounce} then bounced_at end)
                     >= max(mailed_at) then 1 else 0 end bounced
             from sessions where opened_at > {history} and customer in
                 (select pseudonym from subjects where lookup in ({lookups}))
             group by customer
         ) past on past.customer = subjects.pseudonym"
    )
}

/// Returns the values of [`join`]: the starts of its windows.
pub(super) fn starts(now: Timestamp) -> [i64; VALUES] {
    [HISTORY, REPORT_MARK, ATTEMPTS, BOUNCE_MARK].map(|window| (now - window).0)
}

/// Reads the cells from this column on. `None` without anything to show.
pub(super) fn read(row: &AnyRow, from: usize) -> Option<Past> {
    let count = |column: usize| {
        let count = number(row, from + column).unwrap_or_default();
        u32::try_from(count).unwrap_or_default()
    };
    let time = |column: usize| number(row, from + column).map(Timestamp);
    let past = Past {
        sessions: count(0),
        verified: count(1),
        last_at: time(2),
        reported_at: time(3),
        unverified: if count(5) > 0 { 0 } else { count(4) },
        bounced: count(6) > 0,
        unknown: UnknownFields::NONE,
    };
    (!past.is_empty()).then_some(past)
}
