//! Linking a Discord account to a BackOffice account.
//!
//! Whoever has the agent role types an address; if it belongs to an account that may give support
//! and is not linked yet, a code is mailed to it, and the right code links. Whether it does belong
//! to one must not show: the answer is drawn before anything is looked up, the same texts, buttons
//! and countdown follow, and a code for an address without account is checked at the Lambda too,
//! against a challenge that does not exist (ASVS 6.3.8).

pub mod screens;

use std::time::Duration;

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::flows::verify;
use crate::flows::verify::CodeResult;
use crate::model::account::{Account, AccountLink};
use crate::model::effect::Effect;
use crate::model::email::mask_email;
use crate::model::event::Event;
use crate::model::flow_state::{FoundAccount, LinkState};
use crate::model::limit::LimitUse;
use crate::model::outcome::{CodeCheck, EffectError, Sent};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::kind;
use crate::model::verification::{CODE_LIFE, Challenge, RESEND_WAIT, SENDS_A_DAY, SENDS_WINDOW};
use crate::model::words::{CloseReason, Limit, Purpose};

/// Requests of a Discord account in [`LINK_WINDOW`].
pub const LINK_REQUESTS: u32 = 5;

/// Mails to an address in [`LINK_WINDOW`]; in a day, as to anybody, [`SENDS_A_DAY`].
pub const LINK_MAILS: u32 = 3;

/// A rolling hour.
pub const LINK_WINDOW: Duration = minutes(60);

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
pub fn eligible(account: Option<Account>, email_mac: String) -> Option<FoundAccount> {
    let account = account.filter(Account::entitled)?;
    Some(FoundAccount {
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
    step.requires_unlocked.push(proof::subject(session, Purpose::AgentLink));
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
    if let Work::Link(LinkState::Asked { valid_until, .. }) = &mut step.session.work {
        *valid_until = now + CODE_LIFE;
    }
}

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(session: &Session, state: &LinkState, event: Event, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    match (state, event) {
        (LinkState::Closed(closing), _) => {
            step.refuse(Refusal::Closed(*closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (_, Event::ForceClose(closing)) => step.close(closing, &json!({})),
        (_, Event::Dismiss) => step.close(CloseReason::Dismissed, &json!({})),
        (_, Event::Resume) => step.record(kind::RESUMED, json!({})),
        (_, Event::Stay) => step.record(kind::STAYED, json!({})),
        (LinkState::Asked { .. }, Event::Resend) => asked(&mut step),
        (LinkState::Asked { .. }, Event::LinkCodeSent { nth, outcome }) => {
            approached(&mut step, nth, outcome)
        }
        (LinkState::Asked { valid_until, .. }, Event::Typed(Some(mac)))
            if facts.now < *valid_until =>
        {
            let nth = session.agent.attempt;
            verify::check(&mut step, Purpose::AgentLink, nth, mac);
        }
        (LinkState::Asked { .. }, Event::Typed(Some(_))) => step.refuse(Refusal::ExpiredCode),
        (LinkState::Asked { .. }, Event::Typed(None)) => step.refuse(Refusal::MalformedCode),
        (
            LinkState::Asked { found, .. },
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
        (LinkState::Asked { .. }, _) => step.refuse(Refusal::AlreadyDone),
    }
    step
}

/// Reads what became of the code, quietly: nothing of it is drawn. `None`: there is no account to
/// mail one to.
fn approached(
    step: &mut Step,
    nth: u32,
    outcome: Result<Option<(FoundAccount, Sent)>, EffectError>,
) {
    step.done(&Effect::Send { purpose: Purpose::AgentLink, nth });
    let Work::Link(LinkState::Asked { found, .. }) = &mut step.session.work else {
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
fn alike(outcome: Result<CodeCheck, EffectError>) -> Result<CodeCheck, EffectError> {
    match outcome {
        Ok(CodeCheck::Verified(proof)) => Ok(CodeCheck::Verified(proof)),
        Ok(CodeCheck::Mismatch | CodeCheck::Expired | CodeCheck::Locked)
        | Err(EffectError::Denied(_)) => Ok(CodeCheck::Mismatch),
        Err(not_done) => Err(not_done),
    }
}

fn linked(step: &mut Step, found: &FoundAccount) {
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
