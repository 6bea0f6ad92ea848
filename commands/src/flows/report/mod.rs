//! "I did not ask for this": what an answer on a report page does.
//!
//! A report only contains: it closes the session that mailed the link, and locks one subject out
//! for an hour. So it needs no log-in but the mailbox. "It was me" changes nothing, and a later
//! report still counts. So does one after a report that may be a mail scanner's.

pub mod link;

use std::time::Duration;

use serde_json::{Value, json};

use crate::flows::alerts::raise;
use crate::flows::step::Step;
use crate::model::effect::Effect;
use crate::model::limit::{Lockout, LockoutReason};
use crate::model::outcome::EffectError;
use crate::model::proof;
use crate::model::report::{Answer, Report, ReportChoice, ReportedMail};
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::kind;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{CloseReason, Purpose};

/// Lockout of the reported subject. Ours: three times as long as Duo mutes a user after a report
/// (20 minutes).
pub const LOCKOUT: Duration = minutes(60);

/// Time after the mail in which an answer can be a mail scanner's. A person needs longer to open
/// the mail, read the page and choose.
pub const QUICK: Duration = Duration::from_secs(10);

/// Reports of different customers about one agent, in [`REPORTERS_WINDOW`], that lock the agent
/// out.
pub const REPORTERS: u32 = 2;

/// Rolling window of one day.
pub const REPORTERS_WINDOW: Duration = minutes(24 * 60);

/// Actor in the trail of a report through a customer's mail.
const CUSTOMER: &str = "customer";

/// Actor in the trail of a report through the mail of an agent's account.
const AGENT: &str = "agent";

/// Returns the earlier answer that makes this one void. An answer "It was me" only makes an equal
/// one void, and one that may be a mail scanner's only another quick one.
pub fn noted<'a>(session: &'a Session, answer: &Answer, now: Timestamp) -> Option<&'a Report> {
    let earlier = session.report(answer.mail)?;
    let is_void = match (earlier.choice, answer.choice) {
        (ReportChoice::Me, later) => later == ReportChoice::Me,
        _ => !earlier.quick || is_quick(session, answer.mail, now),
    };
    is_void.then_some(earlier)
}

/// Returns true if an answer comes so soon after its mail that it can be a mail scanner's.
fn is_quick(session: &Session, mail: ReportedMail, now: Timestamp) -> bool {
    now.since(session.mailed_at(mail)) < QUICK
}

/// Records an answer. One that counts closes the session, locks its subject out and alerts the
/// leads.
pub(super) fn record(step: &mut Step, answer: Answer) {
    if noted(&step.session, &answer, step.now).is_some() {
        return;
    }
    let Answer { mail, choice, reference, is_erased } = answer;
    let actor = if mail.is_for_customer() { CUSTOMER } else { AGENT };
    let quick = is_quick(&step.session, mail, step.now);
    // A report that may be a mail scanner's has closed the session, unless it was late itself.
    let earlier = step.session.report(mail).filter(|earlier| earlier.choice != ReportChoice::Me);
    let late = earlier.map_or(step.session.closed().is_some(), |earlier| earlier.late);
    let word = if choice == ReportChoice::Me { kind::REPORT_CLEARED } else { kind::REPORTED };
    let details = json!({
        "purpose": mail.name(), "choice": choice.name(), "reference": reference, "quick": quick,
        "late": late
    });
    step.record_by(actor, word, details);
    let mut report = Report {
        mail,
        choice,
        at: step.now,
        reference,
        quick,
        late,
        erased: is_erased,
        locked_until: None,
        unknown: UnknownFields::NONE,
    };
    if choice != ReportChoice::Me {
        report.locked_until = contain(step, &report);
        raise::reported(step, &report);
        if report.counts_against_agent() {
            step.request(Effect::CountReporters { mail });
        }
    }
    let reports = &mut step.session.report_record_mut().reports;
    reports.retain(|earlier| earlier.mail != mail);
    reports.push(report);
}

/// Closes the session, ends what it opened and locks the subject of a report out. Returns the end
/// of the lockout. A mail scanner's report starts no lockout, nor does one of an erased customer.
fn contain(step: &mut Step, report: &Report) -> Option<Timestamp> {
    let mail = report.mail;
    let is_open = step.session.closed().is_none();
    let may_have_opened = step.session.may_have_opened();
    let actor = if mail.is_for_customer() { CUSTOMER } else { AGENT };
    let has_code = !matches!(step.session.work, Work::Recover(_));
    if is_open {
        // The close then revokes also without a proof, so that a mailed code no longer works.
        step.session.may_be_proven |= has_code;
        step.close_as(actor.to_owned(), CloseReason::Reported, json!({}), Value::Null);
    } else if may_have_opened {
        step.revoke();
    }
    // A closed session that opened nothing needs no lockout.
    let is_over = mail.is_for_customer() && report.late && !may_have_opened;
    if report.quick || report.erased || is_over {
        return None;
    }
    let until = step.now + LOCKOUT;
    for subject in subjects(&step.session, mail) {
        lock_out(step, subject, until, actor);
    }
    Some(until)
}

/// Returns whom a report locks out: the customer, or the agent of the mailbox. If the owner of the
/// mailbox did not link or recover the account, the Discord account is somebody else's.
fn subjects(session: &Session, mail: ReportedMail) -> Vec<String> {
    let purposes: &[Purpose] = match mail {
        ReportedMail::Customer | ReportedMail::Visit => &[Purpose::CustomerConsent],
        ReportedMail::Agent => &[Purpose::AgentMfa],
        ReportedMail::Linking => &[Purpose::AgentLink],
        ReportedMail::Notice => &[Purpose::AgentMfa, Purpose::AgentLink],
    };
    purposes.iter().map(|purpose| proof::subject(session, *purpose)).collect()
}

fn lock_out(step: &mut Step, subject: String, until: Timestamp, by: &str) {
    let details = json!({ "subject": subject, "until": until.0, "by": by });
    step.record_by(by, kind::LOCKED_OUT, details);
    step.lockouts.push(Lockout { subject, until, reason: LockoutReason::Report });
}

/// Records how many customers have reported the session's agent. Several lock the agent out.
pub(super) fn count_reporters(
    step: &mut Step,
    mail: ReportedMail,
    reporters: &Result<u32, EffectError>,
) {
    let effect = Effect::CountReporters { mail };
    match reporters {
        Ok(reporters) => {
            step.finish(&effect);
            if *reporters >= REPORTERS {
                let subject = proof::subject(&step.session, Purpose::AgentMfa);
                let until = step.now + LOCKOUT;
                lock_out(step, subject, until, "clock");
                raise::reported_twice(step, *reporters, until);
            }
        }
        // Repeated until the store can tell.
        Err(_) => step.retry_later(&effect),
    }
}
