//! Linking a Discord account to a BackOffice account.
//!
//! Whoever has the agent role types an address; if it belongs to an account that may give support
//! and is not linked yet, a code is mailed to it, and the right code links. Whether it does belong
//! to one must not show: the answer is drawn before anything is looked up, the same texts, buttons
//! and countdown follow, and a code for an address without account is checked at the Lambda too,
//! against a challenge that does not exist (ASVS 6.3.8).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::address::Action;
use crate::email::mask_email;
use crate::error::{Limit, Refusal};
use crate::ports::{Account, AccountLink, Checked, LimitUse, Sent};
use crate::say;
use crate::screen::{Screen, Style, Tone, plain};
use crate::session::{CloseReason, Effect, Purpose, Session, Work};
use crate::step::{EffectError, Event, Facts, Step};
use crate::text::{clock_time, relative};
use crate::time::{Timestamp, minutes};
use crate::trail::kind;
use crate::verify::screens::sends_left;
use crate::verify::{
    self, CODE_LIFE, Challenge, CodeResult, RESEND_WAIT, SENDS_A_DAY, SENDS_WINDOW,
};

/// Requests of a Discord account in [`LINK_WINDOW`].
pub const LINK_REQUESTS: u32 = 5;
/// Mails to an address in [`LINK_WINDOW`]; in a day, as to anybody, [`SENDS_A_DAY`].
pub const LINK_MAILS: u32 = 3;
/// A rolling hour.
pub const LINK_WINDOW: Duration = minutes(60);

/// Where linking is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A code was asked for.
    Asked {
        /// What was typed, masked. The address itself is sealed.
        to: String,
        /// The account it belongs to, once a code is on its way there.
        found: Option<Found>,
        /// Until when the code is said to be valid, whether there is one or not.
        valid_until: Timestamp,
    },
    /// Over.
    Closed(CloseReason),
}

/// The account that a code was mailed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Cognito's `sub`.
    pub agent_id: String,
    /// The person's name.
    pub name: String,
    /// Masked address.
    pub email: String,
    /// Keyed hash of the address.
    pub email_mac: String,
}

/// What is counted when linking is asked for.
#[must_use]
pub fn request(discord_id: u64) -> LimitUse {
    LimitUse {
        limit: Limit::LinkRequests,
        subject: format!("discord:{discord_id}"),
        allowed: LINK_REQUESTS,
        window: LINK_WINDOW,
    }
}

/// What is counted when a mail goes to an address, by its keyed hash. Whoever asks for it: many who
/// help each other have no more guesses at one account's code than at any other.
#[must_use]
pub fn mail(email_mac: &str) -> Vec<LimitUse> {
    let limit_use = |limit, allowed, window| LimitUse {
        limit,
        subject: format!("address:{email_mac}"),
        allowed,
        window,
    };
    vec![
        limit_use(Limit::LinkMails, LINK_MAILS, LINK_WINDOW),
        limit_use(Limit::Sends, SENDS_A_DAY, SENDS_WINDOW),
    ]
}

/// The account as one that may be linked: enabled, its address verified, in a configured group.
/// `None` for any other.
#[must_use]
pub fn eligible(account: Option<Account>, email_mac: String) -> Option<Found> {
    let account = account.filter(Account::entitled)?;
    Some(Found {
        email: mask_email(&account.email),
        agent_id: account.agent_id,
        name: account.name,
        email_mac,
    })
}

/// The first step of a new session: the code is asked for. What is said is decided here, before
/// anybody knows whether there is an account.
#[must_use]
pub fn begin(session: &Session, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    step.requires_unlocked.push(verify::subject(session, Purpose::AgentLink));
    step.record(kind::LINK_ASKED, json!({}));
    asked(&mut step);
    step
}

/// Another code shall be sent, for all that is said. The wait is ours alone: the Lambda's would
/// tell that there is an account.
fn asked(step: &mut Step) {
    if !verify::ask(step, Purpose::AgentLink) {
        return;
    }
    let now = step.now;
    step.limit_uses.push(request(step.session.actor.discord_id));
    let agent = &mut step.session.agent;
    agent.sends = agent.sends.saturating_add(1);
    agent.attempt = agent.attempt.saturating_add(1);
    agent.resend_at = Some(now + RESEND_WAIT);
    if let Work::Link(State::Asked { valid_until, .. }) = &mut step.session.work {
        *valid_until = now + CODE_LIFE;
    }
}

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(session: &Session, state: &State, event: Event, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    match (state, event) {
        (State::Closed(closing), _) => {
            step.refuse(Refusal::Closed(*closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (_, Event::ForceClose(closing)) => step.close(closing, &json!({})),
        (_, Event::Dismiss) => step.close(CloseReason::Dismissed, &json!({})),
        (_, Event::Resume) => step.record(kind::RESUMED, json!({})),
        (_, Event::Stay) => step.record(kind::STAYED, json!({})),
        (State::Asked { .. }, Event::Resend) => asked(&mut step),
        (State::Asked { .. }, Event::LinkCodeSent { nth, outcome }) => {
            approached(&mut step, nth, outcome)
        }
        (State::Asked { valid_until, .. }, Event::Typed(Some(mac))) if facts.now < *valid_until => {
            let nth = session.agent.attempt;
            verify::check(&mut step, Purpose::AgentLink, nth, mac);
        }
        (State::Asked { .. }, Event::Typed(Some(_))) => step.refuse(Refusal::ExpiredCode),
        (State::Asked { .. }, Event::Typed(None)) => step.refuse(Refusal::MalformedCode),
        (
            State::Asked { found, .. },
            Event::Checked { purpose: Purpose::AgentLink, nth, outcome, count },
        ) => {
            let outcome = alike(outcome);
            match verify::checked(&mut step, Purpose::AgentLink, nth, outcome, count) {
                CodeResult::Correct => match found {
                    Some(found) => linked(&mut step, found),
                    // No code was mailed, so none can be right.
                    None => step.refuse(Refusal::WrongCode(session.agent.tries_left())),
                },
                CodeResult::Refused => {}
                CodeResult::LockedOut => {
                    step.close(CloseReason::AgentLockedOut, &json!({}));
                    step.effect(Effect::AlertLocked { purpose: Purpose::AgentLink });
                }
            }
        }
        (State::Asked { .. }, _) => step.refuse(Refusal::AlreadyDone),
    }
    step
}

/// Reads what became of the code, quietly: nothing of it is drawn. `None`: there is no account to
/// mail one to.
fn approached(step: &mut Step, nth: u32, outcome: Result<Option<(Found, Sent)>, EffectError>) {
    step.done(&Effect::Send { purpose: Purpose::AgentLink, nth });
    let Work::Link(State::Asked { found, .. }) = &mut step.session.work else {
        return;
    };
    match outcome {
        Ok(Some((account, sent))) => {
            let detail = json!({ "purpose": Purpose::AgentLink.name(), "nth": nth, "to": sent.destination, "account": account.agent_id });
            *found = Some(account);
            step.session.agent.challenge = Some(Challenge {
                id: sent.challenge_id,
                nth,
                destination: sent.destination,
                expires_at: sent.expires_at,
            });
            step.record(kind::CODE_SENT, detail);
        }
        not_sent => {
            let why = not_sent.as_ref().err().map_or("no_account", EffectError::name);
            step.record(
                kind::CODE_NOT_SENT,
                json!({ "purpose": Purpose::AgentLink.name(), "nth": nth, "why": why }),
            );
        }
    }
}

/// Whatever is not the right code is a wrong one: the function's own words would tell whether there
/// is an account.
fn alike(outcome: Result<Checked, EffectError>) -> Result<Checked, EffectError> {
    match outcome {
        Ok(Checked::Verified(proof)) => Ok(Checked::Verified(proof)),
        Ok(Checked::Mismatch | Checked::Expired | Checked::Locked)
        | Err(EffectError::Denied(_)) => Ok(Checked::Mismatch),
        Err(not_done) => Err(not_done),
    }
}

fn linked(step: &mut Step, found: &Found) {
    let now = step.now;
    step.link = Some(AccountLink {
        discord_id: step.session.actor.discord_id,
        agent_id: found.agent_id.clone(),
        name: found.name.clone(),
        email: found.email.clone(),
        email_mac: found.email_mac.clone(),
        linked_at: now,
    });
    step.record(kind::LINKED, json!({ "account": found.agent_id, "email": found.email }));
    step.session.actor.name.clone_from(&found.name);
    step.session.actor.agent_id.clone_from(&found.agent_id);
    step.close(CloseReason::Finished, &json!({}));
    step.effect(Effect::NotifyLinked { agent_id: found.agent_id.clone() });
}

/// The panel.
#[must_use]
pub fn panel(session: &Session, state: &State, now: Timestamp) -> Screen {
    let locale = session.locale;
    let screen = Screen::titled(Tone::Calm, say!(locale, "link-title"));
    match state {
        State::Asked { to, valid_until, .. } => {
            let live = now < *valid_until;
            let text = if live {
                let (until, left) = (clock_time(*valid_until), relative(*valid_until));
                say!(locale, "link-asked", to = plain(to), until = until, left = left)
            } else {
                say!(locale, "link-expired")
            };
            screen.say(text).say(sends_left(session, Purpose::AgentLink, now)).buttons(vec![
                session
                    .button(Action::EnterCode, Style::Primary, say!(locale, "button-enter-code"))
                    .enabled(live),
                session
                    .button(Action::Resend, Style::Plain, say!(locale, "button-resend"))
                    .enabled(session.agent.may_resend()),
                session.button(Action::Close, Style::Plain, say!(locale, "button-close")),
            ])
        }
        State::Closed(CloseReason::Finished) => {
            let mut screen =
                screen.say(say!(locale, "link-done", name = plain(&session.actor.name)));
            screen.tone = Tone::Good;
            screen
        }
        State::Closed(closing) => {
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(Tone::Bad, say!(locale, "closed-title"))
                .say(Refusal::Closed(*closing, at).sentence(locale))
        }
    }
}
