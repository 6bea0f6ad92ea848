//! The watch: rules over counted windows that raise signals for the leads. All are pure.
//!
//! A signal informs. It locks no one out, and ranks no agent. A rule gets the facts of a window, in
//! any order, and returns the alerts whose threshold is reached. Each rests on the time of its
//! newest event, so that the same events raise it once.

pub mod access;
pub mod attempts;
pub mod codes;
pub mod lookups;
pub mod mails;
mod window;

use std::time::Duration;

pub use self::window::Window;
use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::time::{Timestamp, minutes};
use crate::model::words::CloseReason;
use crate::ports::watched::StuckRevocation;

/// Interval of the watch.
pub const WATCH_EVERY: Duration = minutes(1);

/// A day: window of the signals about one customer, and of slow guessing.
pub const DAY: Duration = minutes(24 * 60);

/// A week.
pub const WEEK: Duration = minutes(7 * 24 * 60);

/// Time that a session is open at most before an event of it is looked for: 60 min from Start, and
/// a look-up that waits for Start as long.
pub const SESSION_LENGTH: Duration = minutes(120);

/// Time after the request of a revocation at which it counts as stuck. The bot repeats it after 1,
/// 2, 4 and 8 min until then.
pub const REVOKE_STUCK_AFTER: Duration = minutes(10);

/// Returns the alerts without those that failing mails explain.
///
/// A customer without codes is looked up by several agents, and gets one code after the other.
/// `mail_fails`: the leads know about the mails, by an alert of this watch or an open one.
pub fn hold_back(alerts: Vec<NewAlert>, mail_fails: bool) -> Vec<NewAlert> {
    let is_explained = |kind| matches!(kind, AlertKind::RepeatedCodes | AlertKind::AgentShopping);
    alerts.into_iter().filter(|alert| !(mail_fails && is_explained(alert.kind))).collect()
}

/// Returns the alerts about revocations that are stuck.
pub fn stuck_revocations(stuck: Vec<StuckRevocation>, now: Timestamp) -> Vec<NewAlert> {
    let is_stuck = |stuck: &StuckRevocation| {
        let session = &stuck.session;
        let Some((why, _)) = session.closed() else { return false };
        // A session that was closed unread has lost its count of links.
        let is_unread = matches!(why, CloseReason::Tampered | CloseReason::Unreadable);
        let has_links = is_unread || session.links_issued > session.links_denied;
        has_links && stuck.since + REVOKE_STUCK_AFTER <= now
    };
    let alert = |StuckRevocation { session, since }: StuckRevocation| {
        let links = session.links_issued - session.links_denied;
        NewAlert::new(AlertKind::RevokeStuck, AlertSubject::Session(session.id.clone()))
            .with_agent(session.actor.discord_id)
            .with_customer(session.pseudonym.clone())
            .with_fact("links", links)
            .with_evidence(since + REVOKE_STUCK_AFTER)
    };
    stuck.into_iter().filter(is_stuck).map(alert).collect()
}
