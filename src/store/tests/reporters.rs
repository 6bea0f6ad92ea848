//! Customers who have reported one agent.

use std::time::Duration;

use commands::model::report::{Report, ReportChoice, ReportedMail};
use commands::model::time::{Timestamp, minutes};
use commands::model::unknown_fields::UnknownFields;
use commands::ports::sessions::SessionIndex as _;

use crate::store::Database;
use crate::store::testing::{NOON, closed, found, on_both, save, started};

const DAY: Duration = minutes(24 * 60);
const A_MILLISECOND: Duration = Duration::from_millis(1);

/// Saves a session of an agent whose customer reported it.
async fn reports(database: &Database, n: u8, agent: u64, customer: &str, report: Report) {
    let session = save(database, found(n, agent, customer)).await;
    let mut session = closed(started(session, NOON), NOON);
    session.report_record_mut().reports.push(report);
    save(database, session).await;
}

fn not_me(at: Timestamp) -> Report {
    Report {
        mail: ReportedMail::Customer,
        choice: ReportChoice::NotMe,
        at,
        reference: "R-7K2M9Q".to_owned(),
        quick: false,
        late: false,
        erased: false,
        locked_until: None,
        unknown: UnknownFields::NONE,
    }
}

#[tokio::test]
async fn reporters_are_different_customers_of_a_day() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let count = async || database.reporters_of("sub-7", NOON - DAY).await.unwrap();
        reports(&database, 1, 7, "julia", not_me(NOON)).await;
        reports(&database, 2, 7, "julia", not_me(NOON)).await;
        assert_eq!(count().await, 1, "one customer twice is one");
        reports(&database, 3, 8, "tom", not_me(NOON)).await;
        let quick = Report { quick: true, ..not_me(NOON) };
        reports(&database, 4, 7, "eva", quick).await;
        let it_was_me = Report { choice: ReportChoice::Me, ..not_me(NOON) };
        reports(&database, 5, 7, "sam", it_was_me).await;
        reports(&database, 6, 7, "kim", not_me(NOON - DAY)).await;
        assert_eq!(count().await, 1);
        reports(&database, 7, 7, "tom", not_me(NOON - DAY + A_MILLISECOND)).await;
        assert_eq!(count().await, 2);
    }))
    .await;
}
