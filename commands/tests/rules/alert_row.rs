//! The row of an alert, as the store makes it.

use commands::model::alert::{Alert, AlertCard, AlertId, AlertState, NewAlert};

use crate::session_driver::NOW;

/// Returns the row of an alert that was raised now.
pub(crate) fn row(new: NewAlert) -> Alert {
    Alert {
        id: AlertId::of_letters("3KQ7MX").unwrap(),
        version: 1,
        kind: new.kind,
        level: new.level,
        subject: new.subject.to_string(),
        session: new.session,
        agent: new.agent,
        customer: new.customer,
        facts: new.facts,
        count: 1,
        opened_at: NOW,
        last_at: NOW,
        state: AlertState::Open,
        card: AlertCard::default(),
    }
}
