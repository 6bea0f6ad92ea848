use commands::flows::watch::mails::{MAIL_WINDOW, mail_delivery};
use commands::model::alert::{AlertKind, AlertLevel, NewAlert};
use commands::model::time::{Timestamp, minutes};
use commands::ports::watched::CustomerMail;

use super::{MS, ago, id, raised};
use crate::people::pseudonym_of as pseudonym;
use crate::session_driver::NOW;

/// Returns a code that one of many customers got ten minutes ago.
fn delivered(n: usize) -> CustomerMail {
    CustomerMail {
        session: id(n),
        customer: pseudonym(&format!("customer-{n}")),
        sent_at: ago(minutes(10)),
        bounced_at: None,
        late_at: None,
    }
}

fn late(n: usize) -> CustomerMail {
    CustomerMail { late_at: Some(ago(minutes(9))), ..delivered(n) }
}

fn bounced(n: usize) -> CustomerMail {
    CustomerMail { bounced_at: Some(ago(minutes(8))), ..delivered(n) }
}

/// Returns codes: late, bounced, delivered.
fn mails(counts: [usize; 3]) -> Vec<CustomerMail> {
    let of = |make: fn(usize) -> CustomerMail, first: usize, count| {
        (first..first + count).map(make).collect::<Vec<_>>()
    };
    [of(late, 0, counts[0]), of(bounced, 20, counts[1]), of(delivered, 40, counts[2])].concat()
}

fn tell(mails: &[CustomerMail]) -> Vec<NewAlert> {
    mail_delivery(mails, NOW).into_iter().collect()
}

#[test]
fn a_third_of_ten_codes_that_fail_is_told() {
    // 3 of 10 are 30 %. 3 of 11, and 3 of 9, are not told.
    let alerts = tell(&mails([1, 2, 7]));
    let expected = (AlertKind::MailDelivery, AlertLevel::Warning, "bot".to_owned(), 0);
    assert_eq!(raised(&alerts), [expected]);
    let facts = &alerts[0].facts;
    assert_eq!(
        (facts.number("codes"), facts.number("failed"), facts.number("customers")),
        (10, 3, 2)
    );
    assert_eq!(alerts[0].evidence_at, Some(ago(minutes(8))));
    for too_few in [[1, 2, 8], [1, 2, 6], [9, 0, 0], [0, 2, 0]] {
        assert!(tell(&mails(too_few)).is_empty(), "{too_few:?}");
    }
    assert_eq!(tell(&mails([10, 0, 0])).len(), 1);
    // A code that was late and came back is one.
    let both = CustomerMail { late_at: Some(ago(minutes(9))), ..bounced(1) };
    assert!(tell(&[mails([1, 0, 8]), vec![both]].concat()).is_empty());
}

#[test]
fn three_customers_whose_codes_came_back_are_told() {
    assert_eq!(tell(&mails([0, 3, 0])).len(), 1);
    assert_eq!(tell(&mails([0, 3, 40])).len(), 1);
    let mut two = mails([0, 3, 0]);
    two[2].customer = two[0].customer.clone();
    assert!(tell(&two).is_empty());
}

#[test]
fn codes_count_for_half_an_hour() {
    let sent = |at: Timestamp| {
        let mut mails = mails([3, 0, 7]);
        mails[9].sent_at = at;
        tell(&mails).len()
    };
    assert_eq!((sent(ago(MAIL_WINDOW) + MS), sent(ago(MAIL_WINDOW))), (1, 0));
    // A mail that was sent before can come back within the window.
    let came_back = |at: Timestamp| {
        let mut mails = mails([0, 3, 0]);
        mails[0].sent_at = ago(minutes(45));
        mails[0].bounced_at = Some(at);
        tell(&mails).len()
    };
    assert_eq!((came_back(ago(MAIL_WINDOW) + MS), came_back(ago(MAIL_WINDOW))), (1, 0));
}
