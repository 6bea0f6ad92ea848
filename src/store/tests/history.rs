//! Earlier sessions of a customer: the summary at the edges of its windows, and the list.

use std::time::Duration;

use commands::flows::support::history::HISTORY_LINES;
use commands::model::past::{ATTEMPTS, BOUNCE_MARK, HISTORY, Past, REPORT_MARK};
use commands::model::pseudonym::Pseudonym;
use commands::model::report::{Report, ReportChoice, ReportedMail};
use commands::model::session::Session;
use commands::model::time::{Timestamp, minutes};
use commands::model::unknown_fields::UnknownFields;
use commands::ports::customers::Customers as _;
use commands::ports::history::{History as _, HistoryOf};

use crate::store::testing::{NOON, closed, found, id, on_both, save, started};
use crate::store::{Database, Occasion};

const JULIA: &str = "usr-julia";
const A_MILLISECOND: Duration = Duration::from_millis(1);

/// Returns the summary of a look-up of Julia.
async fn past(database: &Database) -> Option<Past> {
    database.look_up(JULIA, "").await.unwrap().past.map(|past| *past)
}

/// Saves a session of the customer that was opened at a time, started, changed and closed.
async fn add(
    database: &Database,
    n: u8,
    customer: &Pseudonym,
    opened_at: Timestamp,
    change: impl Fn(&mut Session),
) {
    let mut session = found(n, u64::from(n % 2) + 7, JULIA);
    session.pseudonym = Some(customer.clone());
    session.clocks.opened_at = opened_at;
    let mut session = started(save(database, session).await, opened_at);
    change(&mut session);
    let session = save(database, session).await;
    save(database, closed(session, opened_at + minutes(1))).await;
}

fn reported(at: Timestamp) -> Report {
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
async fn look_up_counts_the_sessions_of_twelve_months() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let julia = database.look_up(JULIA, "").await.unwrap();
        assert_eq!(julia.past, None, "a new customer");
        let (customer, long_ago) = (julia.pseudonym, NOON - HISTORY);
        // Another customer's session does not count, and neither does one that was not started.
        add(&database, 1, &crate::store::testing::pseudonym("usr-tom"), NOON, |_| {}).await;
        let mut dismissed = found(2, 7, JULIA);
        dismissed.pseudonym = Some(customer.clone());
        dismissed.clocks.opened_at = NOON - minutes(60 * 48);
        let dismissed = save(&database, dismissed).await;
        save(&database, closed(dismissed, NOON - minutes(60 * 47))).await;
        add(&database, 3, &customer, long_ago, |_| {}).await;
        assert_eq!(past(&database).await, None);
        add(&database, 4, &customer, long_ago + A_MILLISECOND, |session| {
            session.report_record_mut().customer_verified_at = Some(NOON);
        })
        .await;
        let last_at = Some(long_ago + A_MILLISECOND);
        let one = Past { sessions: 1, verified: 1, last_at, ..Past::default() };
        assert_eq!(past(&database).await, Some(one.clone()));
        add(&database, 5, &customer, NOON - minutes(60 * 72), |_| {}).await;
        let last_at = Some(NOON - minutes(60 * 72));
        assert_eq!(past(&database).await, Some(Past { sessions: 2, last_at, ..one }));
        // An open session is the present, not the past.
        let mut open = found(6, 7, JULIA);
        open.pseudonym = Some(customer.clone());
        save(&database, started(save(&database, open).await, NOON)).await;
        assert_eq!(past(&database).await.unwrap().sessions, 2);
    }))
    .await;
}

#[tokio::test]
async fn warnings_begin_and_end_at_their_edges() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let customer = database.look_up(JULIA, "").await.unwrap().pseudonym;
        // Two attempts without a verification. The older one leaves the window first.
        let first = NOON - ATTEMPTS;
        add(&database, 1, &customer, first, |_| {}).await;
        add(&database, 2, &customer, first + A_MILLISECOND, |_| {}).await;
        let old = past(&database).await.unwrap();
        assert_eq!(old.unverified, 1);
        add(&database, 3, &customer, first + A_MILLISECOND, |_| {}).await;
        assert_eq!(past(&database).await.unwrap().unverified, 2);
        bed.clock.advance(A_MILLISECOND);
        assert_eq!(past(&database).await.unwrap().unverified, 0);
        // A report and a mail that came back, each until its window ends.
        add(&database, 4, &customer, NOON - minutes(60 * 25), |session| {
            let record = session.report_record_mut();
            record.reports.push(reported(NOON));
            record.customer_mailed_at = Some(NOON - A_MILLISECOND);
            session.report_record_mut().customer_bounced_at = Some(NOON);
        })
        .await;
        let marks = async || {
            let past = past(&database).await.unwrap();
            (past.reported_at, past.bounced)
        };
        assert_eq!(marks().await, (Some(NOON), true));
        bed.clock.advance(BOUNCE_MARK.saturating_sub(Duration::from_millis(2)));
        assert_eq!(marks().await, (Some(NOON), true));
        bed.clock.advance(A_MILLISECOND);
        assert_eq!(marks().await, (Some(NOON), false));
        bed.clock.advance(REPORT_MARK.saturating_sub(BOUNCE_MARK + A_MILLISECOND));
        assert_eq!(marks().await, (Some(NOON), false));
        bed.clock.advance(A_MILLISECOND);
        assert_eq!(marks().await, (None, false));
    }))
    .await;
}

#[tokio::test]
async fn verification_or_a_newer_mail_ends_its_warning() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let customer = database.look_up(JULIA, "").await.unwrap().pseudonym;
        for n in 1..=3 {
            add(&database, n, &customer, NOON - minutes(n.into()), |session| {
                session.report_record_mut().customer_mailed_at = Some(NOON - minutes(5));
                session.report_record_mut().customer_bounced_at = Some(NOON - minutes(4));
            })
            .await;
        }
        let three = past(&database).await.unwrap();
        assert_eq!((three.unverified, three.bounced), (3, true));
        add(&database, 4, &customer, NOON, |session| {
            session.report_record_mut().customer_verified_at = Some(NOON);
            session.report_record_mut().customer_mailed_at = Some(NOON - minutes(3));
        })
        .await;
        let four = past(&database).await.unwrap();
        assert_eq!((four.unverified, four.bounced, four.verified), (0, false, 1));
        let dismissed = database.erase(&customer, Occasion::Request).await;
        assert!(dismissed.is_ok(), "{dismissed:?}");
        assert_eq!(past(&database).await, None, "an erased customer is as new");
    }))
    .await;
}

#[tokio::test]
async fn list_has_the_newest_sessions_and_opens_their_details() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let customer = database.look_up(JULIA, "").await.unwrap().pseudonym;
        let page = async |of: HistoryOf, skipped: u32| {
            let after = NOON - HISTORY;
            let lines = skipped..skipped + HISTORY_LINES;
            database.page(&customer, of, after, lines).await.unwrap()
        };
        assert_eq!(page(HistoryOf::Agents, 0).await.total, 0);
        for n in 0..100_u8 {
            add(&database, n, &customer, NOON - minutes(u64::from(n) + 60), |_| {}).await;
        }
        let newest = page(HistoryOf::Agents, 0).await;
        assert_eq!((newest.sessions.len(), newest.total), (10, 100));
        let ids: Vec<_> = newest.sessions.iter().map(|past| past.session.id.clone()).collect();
        assert_eq!(ids, (0..10).map(id).collect::<Vec<_>>());
        let last = page(HistoryOf::Leads, 90).await;
        assert_eq!((last.sessions[9].session.id.clone(), last.sessions.len()), (id(99), 10));
        assert!(page(HistoryOf::Leads, 100).await.sessions.is_empty());
    }))
    .await;
}
