//! A lead's acts on an agent: their subjects, the length of a lockout, the form for the reason, and
//! the answers.

use std::time::Duration;

use serde_json::json;

use crate::flows::lead::close::reason_input;
use crate::flows::lead::parts::mention;
use crate::flows::recover;
use crate::model::account::AccountLink;
use crate::model::limit::{Lockout, LockoutReason};
use crate::model::reason::{self, Reason};
use crate::model::refusal::Refusal;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::{Limit, Locale};
use crate::say;
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::desk_id::DeskId;
use crate::screens::screen::{Button, Form, MAX_LABEL, Screen, Style, Tone, clip, escape};
use crate::screens::text::date_time;

/// The shorter lockout by a lead. Ours: as long as one after a report.
pub const LOCKOUT: Duration = minutes(60);

/// The longest lockout by a lead. Ours: a forgotten lockout ends.
pub const LONGEST_LOCKOUT: Duration = minutes(7 * 24 * 60);

/// Returns the end of the lockout that starts now. `None` if the act starts none.
pub fn lockout_end(act: AgentAct, now: Timestamp) -> Option<Timestamp> {
    match act {
        AgentAct::LockOutForAnHour => Some(now + LOCKOUT),
        AgentAct::LockOut => Some(now + LONGEST_LOCKOUT),
        AgentAct::Close | AgentAct::Unlock | AgentAct::Unlink => None,
    }
}

/// Returns the subjects of an agent's lockouts: the linked account, which linking another Discord
/// account does not change, and the Discord account, which is locked out of linking.
pub fn subjects(agent: u64, link: Option<&AccountLink>) -> Vec<String> {
    let account = link.map(|link| format!("agent:{}", link.agent_id));
    account.into_iter().chain([format!("discord:{agent}")]).collect()
}

/// Returns the lockouts of these subjects by a lead.
pub fn lockouts(subjects: &[String], until: Timestamp, lead: u64) -> Vec<Lockout> {
    let reason = LockoutReason::Lead(lead);
    subjects.iter().map(|subject| Lockout { subject: subject.clone(), until, reason }).collect()
}

/// Returns the counts that an unlock resets: wrong codes, in an hour and in a row, and the
/// recoveries of an hour. Limits on mails stay.
pub fn resets(subjects: &[String], link: Option<&AccountLink>) -> Vec<(Limit, String)> {
    let wrong = subjects.iter().flat_map(|subject| {
        [Limit::WrongCodes, Limit::WrongInARow].map(|limit| (limit, subject.clone()))
    });
    let recoveries = link.into_iter().flat_map(|link| recover::hourly_uses(&link.agent_id));
    wrong.chain(recoveries.map(|limit_use| (limit_use.limit, limit_use.subject))).collect()
}

/// Returns the details of an event about an agent. The reason is masked and not sealed, because it
/// is about no customer.
pub fn details(lead: u64, reason: Option<&Reason>) -> serde_json::Value {
    let mut details = json!({ "by": format!("discord:{lead}") });
    if let Some(reason) = reason {
        details["reason"] = json!(reason::mask(reason.as_str()));
    }
    details
}

/// Returns the form for the reason, with the text of the former attempt.
pub fn form(
    act: AgentAct,
    card: AgentCard,
    press: u64,
    draft: Option<String>,
    locale: Locale,
) -> Form {
    Form {
        custom_id: DeskId::ActOnAgent(act, press, card).to_string(),
        title: say!(locale, "desk-act", act = act.name()),
        inputs: vec![reason_input(say!(locale, "desk-act-label"), draft, locale)],
    }
}

/// Returns the answer to a refused reason. Try again opens the form with the typed text.
pub fn try_again(act: AgentAct, card: AgentCard, refusal: &Refusal, locale: Locale) -> Screen {
    let ask = DeskId::AskAgent(act, card);
    Screen::titled(Tone::Warning, say!(locale, "desk-act", act = act.name()))
        .say(refusal.sentence(locale))
        .buttons(vec![
            ask.button(Style::Primary, say!(locale, "button-try-again")),
            back(card, locale),
        ])
}

/// Returns the answer to closed sessions.
pub fn closed(card: AgentCard, count: usize, locale: Locale) -> Screen {
    done(card, &[closed_words(count, locale)], locale)
}

/// Returns the answer to a lockout.
pub fn locked_out(card: AgentCard, until: Timestamp, count: usize, locale: Locale) -> Screen {
    let (agent, at) = (mention(card.agent), date_time(until));
    let locked = say!(locale, "desk-locked-out", agent = agent, at = at);
    done(card, &[locked, closed_words(count, locale)], locale)
}

/// Returns the answer to an unlock.
pub fn unlocked(card: AgentCard, locale: Locale) -> Screen {
    done(card, &[say!(locale, "desk-unlocked", agent = mention(card.agent))], locale)
}

/// What became of the notice of a removed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    Mailed,
    /// It failed, and is repeated. Or another process mails it.
    Pending,
    /// It failed, and is not repeated.
    Failed,
}

/// Returns the answer to a removed link.
pub fn unlinked(
    card: AgentCard,
    link: &AccountLink,
    count: usize,
    notice: Notice,
    locale: Locale,
) -> Screen {
    let name = escape(&clip(&link.name, MAX_LABEL));
    let mail = match notice {
        Notice::Mailed => say!(locale, "desk-notice-mailed"),
        Notice::Pending => say!(locale, "desk-notice-pending"),
        Notice::Failed => say!(locale, "desk-notice-not-mailed"),
    };
    let removed = say!(locale, "desk-unlinked", name = name);
    done(card, &[removed, closed_words(count, locale), mail], locale)
}

fn closed_words(count: usize, locale: Locale) -> String {
    say!(locale, "desk-sessions-closed", count = count)
}

fn done(card: AgentCard, sentences: &[String], locale: Locale) -> Screen {
    Screen { tone: Tone::Success, ..Screen::default() }
        .say(sentences.join(" "))
        .buttons(vec![back(card, locale)])
}

fn back(card: AgentCard, locale: Locale) -> Button {
    DeskId::Agent(card).button(Style::Secondary, say!(locale, "button-back"))
}
