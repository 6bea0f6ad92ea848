//! What the panels of a verify-only session say: what it can do, and until when the customer is
//! verified.

use crate::model::proof;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::words::SupportKind;
use crate::say;
use crate::screens::text::clock_time;

/// Returns what the session can do, in one sentence. `None` if it can open access links.
pub(crate) fn notice(session: &Session) -> Option<String> {
    let locale = session.locale;
    match (session.scope, &session.work) {
        (Scope::Verify, Work::Support(SupportKind::Technical, _)) => {
            Some(say!(locale, "verify-only-technical"))
        }
        (Scope::Verify, Work::Support(SupportKind::Successor, _)) => {
            Some(say!(locale, "verify-only-successor"))
        }
        _ => None,
    }
}

/// Returns the time until which both are verified at the latest. `None` if the session can open
/// access links, which say it themselves.
pub(crate) fn verified_until(session: &Session) -> Option<String> {
    let end: Option<Timestamp> = proof::ends_at(session);
    end.filter(|_| session.scope == Scope::Verify).map(clock_time)
}
