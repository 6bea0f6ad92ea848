//! Parts of panels that show a verification: status of the code, and the buttons for it.

use crate::model::delivery::{BounceReason, Delivery, DeliveryState};
use crate::model::flow_state::LinkState;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::verification::{Challenge, RESEND_WAIT, Verification};
use crate::model::words::{Locale, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Form, Input, Screen, Style, Tone, escape};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::PanelContext;

/// Adds what to do with the newest code, and the limits that matter now.
pub fn with_code_status(context: &PanelContext<'_>, screen: Screen, purpose: Purpose) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let verification = session.verification(purpose);
    let is_customer = purpose == Purpose::CustomerConsent;
    let valid = verification.valid_challenge(now);
    if let Some((code, why)) = bounced_code(verification, now) {
        let (to, why) = (escape(&code.destination), bounce_reason(why, locale));
        let text = if is_customer {
            say!(locale, "code-bounced-customer", to = to, why = why)
        } else {
            say!(locale, "code-bounced-own", to = to, why = why)
        };
        let mut screen = Screen { tone: Tone::Warning, ..screen }.say(context.lead(text));
        screen.body.extend(code_limits(context, purpose, valid.is_some()));
        return screen;
    }
    let to_do = match valid {
        Some(code) => {
            let (to, until) = (escape(&code.destination), clock_time(code.expires_at));
            let sent = if is_customer {
                say!(locale, "customer-sent", to = to, until = until)
            } else {
                say!(locale, "agent-sent", to = to, until = until)
            };
            match &code.delivery {
                Some(Delivery { state: DeliveryState::Delivered, at, .. }) => {
                    format!("{sent} {}", say!(locale, "code-taken-at", at = clock_time(*at)))
                }
                // Its time is that of the complaint.
                Some(Delivery { state: DeliveryState::Complained, .. }) => {
                    format!("{sent} {}", say!(locale, "code-taken"))
                }
                _ => sent,
            }
        }
        None if !verification.may_resend() => say!(locale, "code-expired-last"),
        // A session reaches the customer's panel only after a code was mailed.
        None if is_customer => say!(locale, "customer-expired"),
        None if verification.challenge.is_some() => say!(locale, "agent-expired"),
        None => say!(locale, "agent-none"),
    };
    let mut screen = screen.say(context.lead(to_do));
    if valid.and_then(Challenge::delivery_state) == Some(DeliveryState::Late) {
        screen.body.push(late_mail(context, purpose));
    }
    screen.body.extend(code_limits(context, purpose, valid.is_some()));
    screen
}

/// Returns the newest code if its mail bounced, with the reason. An expired one matters only if no
/// other code can follow it.
fn bounced_code(verification: &Verification, now: Timestamp) -> Option<(&Challenge, BounceReason)> {
    let code = verification.challenge.as_deref()?;
    let matters = verification.valid_challenge(now).is_some() || verification.has_no_mailbox();
    code.bounce().filter(|_| matters).map(|why| (code, why))
}

fn bounce_reason(reason: BounceReason, locale: Locale) -> String {
    match reason {
        BounceReason::NoSuchMailbox => say!(locale, "bounce-no-such-mailbox"),
        BounceReason::MailboxFull => say!(locale, "bounce-mailbox-full"),
        BounceReason::Blocked => say!(locale, "bounce-blocked"),
        BounceReason::Other => say!(locale, "bounce-other"),
    }
}

/// Returns what to do about a mail that no mail server has taken yet. [`long_wait`] names a long
/// wait for the next code.
fn late_mail(context: &PanelContext<'_>, purpose: Purpose) -> String {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let late = if purpose == Purpose::CustomerConsent {
        say!(locale, "code-late-customer")
    } else {
        say!(locale, "code-late-own")
    };
    let waits = session.resend_at().is_some_and(|at| now < at);
    if waits || !session.verification(purpose).may_resend() {
        return late;
    }
    format!("{late} {}", say!(locale, "code-next-now"))
}

/// Returns the limits of the codes, where they matter: the last code was mailed, or the next one
/// comes later than usual.
///
/// `is_valid`: the newest code has not expired. While linking, every address counts as having one.
pub fn code_limits(context: &PanelContext<'_>, purpose: Purpose, is_valid: bool) -> Option<String> {
    let PanelContext { session, now, .. } = *context;
    if is_valid && !session.verification(purpose).may_resend() {
        return Some(say!(session.locale, "code-last"));
    }
    long_wait(session, purpose, now)
}

/// Returns the time of the next code, if the function asks for a longer wait than [`RESEND_WAIT`].
pub fn long_wait(session: &Session, purpose: Purpose, now: Timestamp) -> Option<String> {
    let verification = session.verification(purpose);
    let at =
        verification.resend_at.filter(|at| verification.may_resend() && now + RESEND_WAIT < *at)?;
    Some(say!(session.locale, "code-resend-at", at = relative(at)))
}

/// Returns Enter code and Resend. Each is disabled while it cannot succeed, and the one that leads
/// on is the primary one. `is_valid`: the newest code has not expired.
pub fn code_buttons(context: &PanelContext<'_>, purpose: Purpose, is_valid: bool) -> Vec<Button> {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let waits = session.resend_at().is_some_and(|at| now < at);
    let verification = session.verification(purpose);
    let resend_works = verification.may_resend() && !waits && !verification.has_no_mailbox();
    let resend_style = if is_valid { Style::Secondary } else { Style::Primary };
    let enter_style = if is_valid { Style::Primary } else { Style::Secondary };
    vec![
        session
            .button(Action::EnterCode, enter_style, say!(locale, "button-enter-code"))
            .enabled(is_valid),
        session
            .button(Action::Resend, resend_style, say!(locale, "button-resend"))
            .enabled(resend_works),
    ]
}

/// Maximum length of a typed code, in characters. It exceeds six, because people paste the sentence
/// around a code.
const CODE_FIELD: u16 = 100;

/// Returns the form for a code.
pub fn code_form(session: &Session, purpose: Purpose, nth: u32) -> Form {
    let locale = session.locale;
    Form {
        custom_id: session.custom_id(Action::SubmitCode(purpose, nth)),
        title: match purpose {
            Purpose::AgentMfa => say!(locale, "form-agent-code"),
            Purpose::CustomerConsent => say!(locale, "form-customer-code"),
            Purpose::AgentLink => say!(locale, "form-link-code"),
        },
        inputs: vec![Input {
            label: code_label(session, purpose),
            placeholder: say!(locale, "form-code-placeholder"),
            paragraph: false,
            value: None,
            max_length: CODE_FIELD,
        }],
    }
}

/// Maximum length of a field's label in Discord, in characters.
const MAX_FORM_LABEL: usize = 45;

/// Returns the label of the code's field. It names the address, because the form covers the panel
/// on a phone.
fn code_label(session: &Session, purpose: Purpose) -> String {
    let locale = session.locale;
    let to = match &session.work {
        Work::Link(LinkState::CodeRequested { to, .. }) => Some(to),
        _ => session.verification(purpose).challenge.as_ref().map(|code| &code.destination),
    };
    let label = to.map(|to| say!(locale, "form-code-label-to", to = to.as_str()));
    let fitting = label.filter(|label| label.chars().count() <= MAX_FORM_LABEL);
    fitting.unwrap_or_else(|| say!(locale, "form-code-label"))
}
