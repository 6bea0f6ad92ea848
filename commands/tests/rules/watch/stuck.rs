use std::sync::Arc;

use commands::flows::watch::{REVOKE_STUCK_AFTER, stuck_revocations};
use commands::model::alert::{AlertKind, AlertLevel};
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::session::{Session, Work};
use commands::model::time::Timestamp;
use commands::model::words::{CloseReason, SupportKind};
use commands::ports::watched::StuckRevocation;

use super::{MS, raised};
use crate::session_driver::{NOW, SessionDriver};

fn stuck(session: &Session, since: Timestamp) -> Vec<StuckRevocation> {
    vec![StuckRevocation { session: Arc::new(session.clone()), since }]
}

#[test]
fn links_that_are_not_revoked_after_ten_minutes_are_told() {
    let mut session = SessionDriver::found().then(Event::Dismiss).session;
    (session.links_issued, session.links_denied) = (2, 1);
    let since = NOW - REVOKE_STUCK_AFTER;
    let alerts = stuck_revocations(stuck(&session, since), NOW);
    let subject = format!("session:{}", session.id);
    assert_eq!(raised(&alerts), [(AlertKind::RevokeStuck, AlertLevel::Urgent, subject, 0)]);
    assert_eq!(alerts[0].facts.number("links"), 1);
    assert_eq!((alerts[0].agent, &alerts[0].customer), (Some(501), &session.pseudonym));
    // The same request is told once; a newer one again.
    assert_eq!(alerts[0].evidence_at, Some(NOW));
    assert!(stuck_revocations(stuck(&session, since + MS), NOW).is_empty());
    // Proofs without a link end by themselves.
    session.links_denied = 2;
    assert!(stuck_revocations(stuck(&session, since), NOW).is_empty());
    // A session that was closed unread does not know its links.
    for why in [CloseReason::Tampered, CloseReason::Unreadable] {
        let mut unread = session.clone();
        unread.work = Work::Support(SupportKind::Technical, SupportState::Closed(why));
        (unread.links_issued, unread.links_denied) = (0, 0);
        assert_eq!(stuck_revocations(stuck(&unread, since), NOW).len(), 1, "{why:?}");
    }
    let mut open = SessionDriver::choosing().session;
    open.links_issued = 1;
    assert!(stuck_revocations(stuck(&open, since), NOW).is_empty());
}
