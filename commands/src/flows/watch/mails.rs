//! Signal on mails that do not arrive.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::flows::watch::Window;
use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::time::{Timestamp, minutes};
use crate::ports::watched::CustomerMail;

/// Window of the mails.
pub const MAIL_WINDOW: Duration = minutes(30);

/// Window in which the mails are looked for, because one can come back later.
pub const READ_WINDOW: Duration = minutes(60);

/// Codes to customers from which the share of the failed ones counts. Ours.
pub const MAILS: usize = 10;

/// Share of the codes that came back, or were undelivered after a minute, from which the leads are
/// told, in percent. A failing mail service looks like an attack, so this signal holds others back.
pub const FAILED_PERCENT: usize = 30;

/// Customers whose codes came back from which the leads are told. The share of all codes does not
/// matter.
pub const BOUNCED_CUSTOMERS: usize = 3;

/// Returns the signal if codes to customers do not arrive.
pub fn mail_delivery(mails: &[CustomerMail], now: Timestamp) -> Option<NewAlert> {
    let window = Window::new(now, MAIL_WINDOW);
    let sent: Vec<_> = mails.iter().filter(|mail| window.has(mail.sent_at)).collect();
    let failed_at = |mail: &CustomerMail| {
        let failures = [mail.bounced_at, mail.late_at].into_iter().flatten();
        failures.filter(|at| *at <= now).max()
    };
    let failures: Vec<_> = sent.iter().filter_map(|mail| failed_at(mail)).collect();
    let bounced = mails.iter().filter(|mail| window.only(mail.bounced_at).is_some());
    let customers: BTreeSet<_> = bounced.clone().map(|mail| &mail.customer).collect();
    let is_share = sent.len() >= MAILS && failures.len() * 100 >= FAILED_PERCENT * sent.len();
    if !is_share && customers.len() < BOUNCED_CUSTOMERS {
        return None;
    }
    let bounce_times = bounced.filter_map(|mail| mail.bounced_at);
    let newest = failures.iter().copied().chain(bounce_times).max()?;
    let alert = NewAlert::new(AlertKind::MailDelivery, AlertSubject::Bot)
        .with_fact("codes", sent.len())
        .with_fact("failed", failures.len())
        .with_fact("customers", customers.len())
        .with_evidence(newest);
    Some(alert)
}
