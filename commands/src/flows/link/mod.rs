//! The flow of `/account link`: links a Discord account to a BackOffice account.
//!
//! A user with the agent role types an address. If an eligible account with this address is not
//! linked yet, a code is mailed to it, and the correct code links it. The bot must not reveal if
//! the account exists (ASVS 6.3.8). So it draws the panel before it looks the address up, with the
//! same texts, buttons and countdown for every address. For an address without an account the
//! Lambda functions are called too: one for a subject that does not exist, the other for a
//! challenge that does not exist. So a typed code waits for the same call, and is checked by the
//! same call.

pub mod screens;

use std::time::Duration;

use serde_json::{Value, json};

use crate::flows::step::Step;
use crate::flows::verify;
use crate::model::account::{Account, AccountLink};
use crate::model::effect::Effect;
use crate::model::email::mask_email;
use crate::model::event::Event;
use crate::model::flow_state::{FoundAccount, LinkState};
use crate::model::limit::LimitUse;
use crate::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::timers::RETRY_AFTER;
use crate::model::trail::kind;
use crate::model::unknown_fields::UnknownFields;
use crate::model::verification::{CODE_LIFE, Challenge, RESEND_WAIT, SENDS_A_DAY, SENDS_WINDOW};
use crate::model::words::{CloseReason, Limit, Purpose};

/// Maximum link requests of a Discord account in [`LINK_WINDOW`].
pub const LINK_REQUESTS: u32 = 5;

/// Maximum link mails to an address in [`LINK_WINDOW`]. The limit for a day is [`SENDS_A_DAY`].
pub const LINK_MAILS: u32 = 3;

/// Rolling window of one hour.
pub const LINK_WINDOW: Duration = minutes(60);

/// Returns the limit use of a link request.
pub fn request_use(discord_id: u64) -> LimitUse {
    LimitUse {
        limit: Limit::LinkRequests,
        subject: format!("discord:{discord_id}"),
        allowed: LINK_REQUESTS,
        window: LINK_WINDOW,
        replaces: None,
    }
}

/// Returns the limit uses of a mail to the mailbox with this keyed hash.
///
/// They count per mailbox, so several Discord accounts together get no more guesses at the code of
/// one BackOffice account.
pub fn mail_uses(email_mac: &str) -> Vec<LimitUse> {
    let limit_use = |limit, allowed, window| LimitUse {
        limit,
        subject: format!("address:{email_mac}"),
        allowed,
        window,
        replaces: None,
    };
    vec![
        limit_use(Limit::LinkMails, LINK_MAILS, LINK_WINDOW),
        limit_use(Limit::Sends, SENDS_A_DAY, SENDS_WINDOW),
    ]
}

/// Returns the account if it can be linked: enabled, verified address, in a configured group.
pub fn linkable_account(account: Option<Account>, email_mac: String) -> Option<FoundAccount> {
    let account = account.filter(|account| account.link_problem().is_none())?;
    Some(FoundAccount {
        email: mask_email(&account.email),
        agent_id: account.agent_id,
        name: account.name,
        email_mac,
        unknown: UnknownFields::NONE,
    })
}

/// Begins a session: requests the first code. The panel is fixed before the look-up, so
/// it cannot reveal whether the account exists.
pub fn begin(session: &Session, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    step.record(kind::LINK_ASKED, json!({}));
    request_code(&mut step);
    step
}

/// Requests a code, and shows it as sent. The wait of the function is ignored, because it would
/// reveal that the account exists.
fn request_code(step: &mut Step) {
    if !verify::request_code(step, Purpose::AgentLink) {
        return;
    }
    let now = step.now;
    // The new code replaces one whose mail is still retried.
    let newest = step.session.agent.attempt.saturating_add(1);
    step.session
        .pending
        .retain(|pending| !matches!(pending.effect, Effect::Send { nth, .. } if nth < newest));
    step.limit_uses.push(request_use(step.session.actor.discord_id));
    let agent = &mut step.session.agent;
    agent.sends = agent.sends.saturating_add(1);
    agent.attempt = agent.attempt.saturating_add(1);
    agent.resend_at = Some(now + RESEND_WAIT);
    if let Work::Link(LinkState::CodeRequested { valid_until, .. }) = &mut step.session.work {
        *valid_until = now + CODE_LIFE;
    }
}

/// Decides an event that [`flows::step`](crate::flows::step()) leaves to this flow. An unexpected
/// one is refused.
pub(crate) fn step(step: &mut Step, state: &LinkState, event: Event) {
    match (state, event) {
        (_, Event::Dismiss) => step.close(CloseReason::Dismissed),
        (LinkState::CodeRequested { .. }, Event::Resend) => request_code(step),
        (LinkState::CodeRequested { .. }, Event::LinkCodeSent { nth, outcome }) => {
            record_link_code(step, nth, outcome);
        }
        // Until the function has answered, the code that it may have mailed cannot be checked.
        (LinkState::CodeRequested { .. }, Event::Typed(Some(_))) if is_sending(&step.session) => {
            step.refuse(Refusal::CodeOnItsWay);
        }
        (LinkState::CodeRequested { valid_until, .. }, Event::Typed(Some(mac)))
            if step.now < *valid_until =>
        {
            let nth = step.session.agent.attempt;
            verify::request_check(step, Purpose::AgentLink, nth, mac);
        }
        (LinkState::CodeRequested { .. }, Event::Typed(Some(_))) => {
            step.refuse(Refusal::ExpiredCode);
        }
        (LinkState::CodeRequested { .. }, Event::Typed(None)) => {
            step.refuse(Refusal::MalformedCode);
        }
        (
            LinkState::CodeRequested { found, .. },
            Event::Checked { purpose: purpose @ Purpose::AgentLink, nth, outcome, attempts },
        ) => {
            if verify::code_checked(step, purpose, nth, hide_reason(outcome), attempts) {
                match found {
                    Some(found) => finish_link(step, found),
                    // No code was mailed, so none can be correct.
                    None => step.refuse(Refusal::WrongCode(step.session.agent.attempts_left())),
                }
            }
        }
        // The caller answers for a closed session.
        (LinkState::CodeRequested { .. } | LinkState::Closed(_), _) => {
            step.refuse(Refusal::AlreadyDone);
        }
    }
}

/// Returns true if a code may be in the mailbox whose challenge is not known yet: its call runs, or
/// its result is unknown and the call is repeated.
///
/// A function that asked for a wait has mailed nothing. An address without an account never gets
/// that answer, so a typed code must meet the same check during the wait.
fn is_sending(session: &Session) -> bool {
    session
        .pending
        .iter()
        .any(|pending| matches!(pending.effect, Effect::Send { .. }) && pending.failure.is_none())
}

/// Keeps a code pending that was not mailed, or may not have been mailed. The call is repeated
/// under the same key while a code of this request can be valid. Returns false if it is not
/// repeated.
fn retry_send(
    step: &mut Step,
    effect: &Effect,
    error: &EffectError,
    valid_until: Timestamp,
) -> bool {
    let now = step.now;
    let wait = match error {
        EffectError::Fault(_) | EffectError::Interrupted => None,
        EffectError::Denied(Denied::RateLimited(wait) | Denied::Unavailable(wait)) => {
            Some(wait.unwrap_or(RETRY_AFTER))
        }
        _ => return false,
    };
    if now + wait.unwrap_or(RETRY_AFTER) >= valid_until {
        return false;
    }
    match wait {
        Some(wait) => {
            step.put_off(effect, error.name(), |_| wait);
        }
        None => step.retry_later(effect),
    }
    true
}

/// Records the outcome of a link code. The panel does not show it.
fn record_link_code(
    step: &mut Step,
    nth: u32,
    outcome: Result<Option<(FoundAccount, Sent)>, EffectError>,
) {
    let effect = Effect::Send { purpose: Purpose::AgentLink, nth };
    let Work::Link(LinkState::CodeRequested { valid_until, .. }) = step.session.work else {
        return step.finish(&effect);
    };
    let retries = match &outcome {
        Err(error) => retry_send(step, &effect, error, valid_until),
        Ok(_) => false,
    };
    if !retries {
        step.finish(&effect);
    }
    let Work::Link(LinkState::CodeRequested { found, .. }) = &mut step.session.work else {
        return;
    };
    match outcome {
        Ok(Some((account, sent))) => {
            let details = json!({
                "purpose": Purpose::AgentLink.name(), "nth": nth, "to": sent.destination,
                "account": account.agent_id
            });
            *found = Some(account);
            step.session.record_mailed(Purpose::AgentLink, step.now);
            step.session.agent.challenge = Some(Box::new(Challenge {
                id: sent.challenge_id,
                nth,
                destination: sent.destination,
                expires_at: sent.expires_at,
                delivery: None,
                unknown: UnknownFields::NONE,
            }));
            step.record(kind::CODE_SENT, details);
        }
        not_sent => {
            let why = not_sent.as_ref().err().map_or("no_account", EffectError::name);
            let details = json!({ "purpose": Purpose::AgentLink.name(), "nth": nth, "why": why });
            step.record(kind::CODE_NOT_SENT, details);
        }
    }
}

/// Turns every answer except "correct" into "wrong". The function's own answer would reveal if the
/// account exists.
fn hide_reason(outcome: Result<CodeCheck, EffectError>) -> Result<CodeCheck, EffectError> {
    match outcome {
        Ok(CodeCheck::Verified(proof)) => Ok(CodeCheck::Verified(proof)),
        Ok(CodeCheck::Mismatch | CodeCheck::Expired | CodeCheck::Locked)
        | Err(EffectError::Denied(_)) => Ok(CodeCheck::Mismatch),
        Err(error) => Err(error),
    }
}

/// Links the account. Refuses one without a name, but only here: the right code proves that the
/// account is the agent's, so the refusal reveals nothing to others.
fn finish_link(step: &mut Step, found: &FoundAccount) {
    let now = step.now;
    let Some(name) = &found.name else {
        return step.close(CloseReason::Nameless);
    };
    step.account_link = Some(AccountLink {
        discord_id: step.session.actor.discord_id,
        agent_id: found.agent_id.clone(),
        name: name.clone(),
        email: found.email.clone(),
        email_mac: found.email_mac.clone(),
        linked_at: now,
    });
    step.record(kind::LINKED, json!({ "account": found.agent_id, "email": found.email }));
    step.session.actor.name.clone_from(name);
    step.session.actor.agent_id.clone_from(&found.agent_id);
    step.close(CloseReason::Finished);
    step.request(Effect::NotifyLinked { agent_id: found.agent_id.clone() });
}

/// Removes an account link for a lead. `session` is the lead's own: it closes at once, and only
/// holds the notice until it is mailed.
pub fn remove(session: &Session, agent_id: String, details: Value, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    step.record(kind::UNLINKED, details);
    step.close(CloseReason::Finished);
    step.request(Effect::NotifyUnlinked { agent_id });
    step
}
