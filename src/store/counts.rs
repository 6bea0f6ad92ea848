//! The counts of a saved commit in the metrics: how its claim went, what happened to codes, the
//! close of a session, and lockouts.
//!
//! Every move of a session passes here once, on the replica that made it. So no replica counts what
//! another one has counted.

use std::time::Duration;

use commands::model::click::count_limited;
use commands::model::limit::LockoutReason;
use commands::model::session::Session;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed};

use crate::metrics::{self, ClaimHow, CodeEvent};

/// Purpose of a code that links an account. Its request names none.
const LINK: &str = "agent_link";
/// Purpose of a code of the recovery page. The answers to it name none.
const RESET: &str = "password_reset";

/// Numbers of one commit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    is_new_claim: bool,
    codes: Vec<(&'static str, CodeEvent)>,
    /// Kind of the session, reason and time of the session that the commit closes.
    closed: Option<(&'static str, &'static str, Duration)>,
    lockouts: Vec<&'static str>,
}

impl Counts {
    pub(super) fn of(commit: &Commit) -> Self {
        let mut codes: Vec<_> = commit.events.iter().filter_map(code_event).collect();
        let wrong = codes.iter().find(|(_, event)| *event == CodeEvent::Wrong).copied();
        let lockouts: Vec<_> = commit.lockouts.iter().map(|lockout| lockout.reason).collect();
        let is_close = commit.events.iter().any(|event| event.kind == kind::CLOSED);
        // A session that is closed from the start only holds a notice.
        let ends = |session: &&Session| is_close && session.version > 0;
        let closed = commit.session.as_ref().filter(ends).and_then(|session| {
            let (reason, at) = session.closed()?;
            Some((session.kind(), reason.name(), at.since(session.clocks.opened_at)))
        });
        let is_locked = lockouts.contains(&LockoutReason::WrongCodes)
            || closed.is_some_and(|(_, reason, _)| reason == "reset_locked_out");
        if let (Some((purpose, _)), true) = (wrong, is_locked) {
            codes.push((purpose, CodeEvent::Locked));
        }
        Self {
            is_new_claim: matches!(commit.claim, Claim::Whole(_) | Claim::Begin(_)),
            codes,
            closed,
            lockouts: lockouts.into_iter().map(LockoutReason::name).collect(),
        }
    }

    /// Counts the commit once its result is known.
    pub(super) fn record(self, committed: &Committed) {
        match committed {
            Committed::Saved { .. } => {}
            Committed::Claimed => return metrics::count_claim(ClaimHow::Lost),
            Committed::Limited(limit, _) => return count_limited(*limit),
            _ => return,
        }
        if self.is_new_claim {
            metrics::count_claim(ClaimHow::First);
        }
        self.codes.into_iter().for_each(|(purpose, event)| metrics::count_code(purpose, event));
        self.lockouts.into_iter().for_each(metrics::count_lockout);
        if let Some((kind, reason, took)) = self.closed {
            metrics::record_closed(kind, reason, took);
        }
    }
}

/// Returns purpose and event of a code, if the event is about one.
fn code_event(event: &TrailEvent) -> Option<(&'static str, CodeEvent)> {
    let code = match event.kind {
        kind::LINK_ASKED => return Some((LINK, CodeEvent::Asked)),
        kind::PASSWORD_CHANGED => return Some((RESET, CodeEvent::Right)),
        kind::PASSWORD_NOT_CHANGED if event.details["why"] == "wrong_code" => {
            return Some((RESET, CodeEvent::Wrong));
        }
        kind::CODE_ASKED => CodeEvent::Asked,
        kind::CODE_SENT => CodeEvent::Sent,
        kind::CODE_NOT_SENT => CodeEvent::NotSent,
        kind::CODE_RIGHT => CodeEvent::Right,
        kind::CODE_WRONG => CodeEvent::Wrong,
        _ => return None,
    };
    let purpose = metrics::purpose_word(event.details["purpose"].as_str()?)?;
    Some((purpose, code))
}
