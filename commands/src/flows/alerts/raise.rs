//! Alerts that a step of a session raises.

use serde_json::{Value, json};

use crate::flows::step::Step;
use crate::model::alert::{AlertKind, AlertLevel, AlertSubject, NewAlert};
use crate::model::proof;
use crate::model::report::{Opened, Report};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{NotEligible, Purpose, SessionId};

/// Fact of a lockout that only a lead can end.
pub const ENDLESS: &str = "endless";

/// Raises the alert about a report. It is urgent, unless it is a customer's about a session that
/// was closed before and had opened nothing.
pub fn reported(step: &mut Step, report: &Report) {
    let session = &step.session;
    let is_for_customer = report.mail.is_for_customer();
    let kind = if is_for_customer { AlertKind::Reported } else { AlertKind::ReportedAgent };
    let opened: Vec<Value> = session.opened().iter().map(opened_fact).collect();
    let is_urgent = !is_for_customer || !report.late || !opened.is_empty();
    let level = if is_urgent { AlertLevel::Urgent } else { AlertLevel::Warning };
    // A link can be on its way while the session closes.
    let revokes = session.links_issued > session.links_denied;
    let mut alert = of_session(kind, session)
        .with_level(level)
        .with_customer(session.pseudonym.clone().filter(|_| !report.erased))
        .with_fact("mail", report.mail.name())
        .with_fact("choice", report.choice.name())
        .with_fact("mailed_at", session.mailed_at(report.mail).0)
        .with_fact("late", report.late)
        .with_fact("revokes", revokes)
        .with_fact("quick", report.quick)
        .with_fact("reference", report.reference.clone())
        .with_fact("opened", opened);
    if let Some(until) = report.locked_until {
        alert = alert.with_fact("until", until.0);
    }
    step.raise(alert);
}

fn opened_fact(opened: &Opened) -> Value {
    json!({ "target": opened.target.name(), "at": opened.at.0 })
}

/// Raises the alert that several customers have reported the session's agent.
pub fn reported_twice(step: &mut Step, count: u32, until: Timestamp) {
    let agent = AlertSubject::Agent(step.session.actor.discord_id);
    let alert = NewAlert::new(AlertKind::ReportedTwice, agent)
        .with_session(step.session.id.clone())
        .with_fact("count", count)
        .with_fact("until", until.0);
    step.raise(alert);
}

/// Raises the alert that the session closed after wrong codes. `is_endless`: it was the last one of
/// 20 in a row.
pub fn locked(step: &mut Step, purpose: Purpose, is_endless: bool) {
    let kind = if is_endless { AlertKind::LockedConsecutive } else { AlertKind::Locked };
    let alert = of_session(kind, &step.session)
        .with_fact("purpose", purpose.name())
        .with_fact("locked", proof::subject(&step.session, purpose))
        .with_fact(ENDLESS, is_endless);
    step.raise(alert);
}

/// Raises the alert about wrong password reset codes. `is_closed`: they closed the link.
pub fn reset_codes(step: &mut Step, count: u32, is_closed: bool) {
    let agent = AlertSubject::Agent(step.session.actor.discord_id);
    let alert = NewAlert::new(AlertKind::ResetCodes, agent)
        .with_session(step.session.id.clone())
        .with_fact("count", count)
        .with_fact("closed", is_closed);
    step.raise(alert);
}

/// Raises the notice that an agent is no longer eligible while a session was open. A lockout and a
/// changed scope are none: a lead or a report caused them, or the agent still works.
pub fn eligibility_lost(step: &mut Step, why: NotEligible) {
    if matches!(why, NotEligible::LockedOut(_) | NotEligible::VerifyOnly) {
        return;
    }
    let agent = AlertSubject::Agent(step.session.actor.discord_id);
    let alert = NewAlert::new(AlertKind::EligibilityLost, agent)
        .with_session(step.session.id.clone())
        .with_fact("why", why.name());
    step.raise(alert);
}

/// Returns the alert that an agent has reached a limit of look-ups.
pub fn look_ups(agent: u64, is_daily: bool) -> NewAlert {
    let window = if is_daily { "day" } else { "hour" };
    NewAlert::new(AlertKind::LookupLimit, AlertSubject::Agent(agent)).with_fact("window", window)
}

/// Part of the store that does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Findings of a verification.
    Trail,
    Checkpoint,
    Session,
    AccountLink,
    /// The newest verified checkpoint is old although chains have grown.
    OldCheckpoint,
}

impl Broken {
    pub const ALL: [Self; 5] =
        [Self::Trail, Self::Checkpoint, Self::Session, Self::AccountLink, Self::OldCheckpoint];

    /// Returns the word in the facts and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trail => "trail",
            Self::Checkpoint => "checkpoint",
            Self::Session => "session",
            Self::AccountLink => "account_link",
            Self::OldCheckpoint => "old_checkpoint",
        }
    }
}

/// Returns the alert that the trail has findings.
pub fn trail_broken(what: Broken, findings: usize) -> NewAlert {
    let findings = u64::try_from(findings).unwrap_or(u64::MAX);
    broken(what, AlertSubject::Part(what.name())).with_fact("findings", findings)
}

/// Returns the alert that the row of a session does not verify.
pub fn session_broken(session: SessionId) -> NewAlert {
    broken(Broken::Session, AlertSubject::Session(session))
}

/// Returns the alert that the row of an account link does not verify. Each reader of the row finds
/// that, so a link is told of once.
pub fn link_broken(discord_id: u64, linked_at: Timestamp) -> NewAlert {
    broken(Broken::AccountLink, AlertSubject::Agent(discord_id)).with_evidence(linked_at)
}

fn broken(what: Broken, subject: AlertSubject) -> NewAlert {
    NewAlert::new(AlertKind::TrailBroken, subject)
        .with_fact("what", what.name())
        .with_fact("findings", 1)
}

fn of_session(kind: AlertKind, session: &Session) -> NewAlert {
    NewAlert::new(kind, AlertSubject::Session(session.id.clone()))
        .with_agent(session.actor.discord_id)
        .with_customer(session.pseudonym.clone())
}
