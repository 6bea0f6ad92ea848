//! Which events each `what` of the leads' trail shows.

use std::collections::BTreeSet;

use commands::model::trail_filter::TrailTopic::{
    self, AccessLinks, Alerts, Codes, Leads, Refusals,
};

use crate::trail_views::kinds;

/// Returns the topics of a kind, apart from all events.
fn topics_of(kind: &str) -> &'static [TrailTopic] {
    match kind {
        "code_asked" | "code_sent" | "code_not_sent" | "code_delivered" | "code_late"
        | "code_bounced" | "code_complained" | "code_typed" | "code_right" | "code_wrong"
        | "code_not_counted" => &[Codes],
        "access_asked" | "access_opened" | "access_mailed" | "access_not_opened"
        | "revoke_asked" | "revoked" => &[AccessLinks],
        "refused" => &[Refusals],
        "desk_read" | "desk_file" | "locked_out" | "unlocked" | "unlinked" | "taken_over"
        | "copy_asked" | "erasure_asked" | "launcher_posted" => &[Leads],
        // The answers of leads.
        "alert_handled" | "alert_false" | "alert_reopened" => &[Leads, Alerts],
        "alerted" | "reported" | "report_cleared" | "alert_opened" | "alert_told" => &[Alerts],
        // Steps of the agent, with closes: only those by leads are acts of leads. Then accounts and
        // passwords, and what an operator does.
        "closed"
        | "looked_up"
        | "started"
        | "ecosystem_chosen"
        | "ecosystem_changed"
        | "plan_shown"
        | "step_shown"
        | "resumed"
        | "stayed"
        | "notified"
        | "link_asked"
        | "linked"
        | "recovery_asked"
        | "password_typed"
        | "password_changed"
        | "password_not_changed"
        | "signed_out"
        | "key_rotated"
        | "customer_erased"
        | "customer_exported" => &[],
        other => panic!("name the topics of {other}"),
    }
}

#[test]
fn every_kind_is_in_its_topics_and_no_other() {
    let kinds = kinds();
    for kind in &kinds {
        for topic in TrailTopic::ALL {
            let is_shown = topic == TrailTopic::All || topic.kinds().contains(kind);
            let expected = topic == TrailTopic::All || topics_of(kind).contains(&topic);
            assert_eq!(is_shown, expected, "{kind} in {topic:?}");
        }
    }
    let known: BTreeSet<_> = kinds.into_iter().collect();
    for topic in TrailTopic::ALL {
        let listed: BTreeSet<_> = topic.kinds().iter().copied().collect();
        assert!(listed.is_subset(&known), "{topic:?}");
        assert_eq!(listed.len(), topic.kinds().len(), "{topic:?} names no kind twice");
        assert_eq!(topic.has_closes_by_leads(), topic == Leads);
    }
}
