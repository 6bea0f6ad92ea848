//! Parts of panels that show a verification: status of the code, and the buttons for it.

use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::verification::SENDS_A_SESSION;
use crate::model::words::Purpose;
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Form, Screen, Style, escape};
use crate::screens::text::{clock_time, relative};

/// Adds the masked address and the expiry of the newest code.
pub fn with_code_status(
    session: &Session,
    mut screen: Screen,
    purpose: Purpose,
    now: Timestamp,
) -> Screen {
    let locale = session.locale;
    let verification = session.verification(purpose);
    let heading = match purpose {
        Purpose::AgentMfa => Some(say!(locale, "agent-heading")),
        Purpose::CustomerConsent => Some(say!(locale, "customer-heading")),
        Purpose::AgentLink => None,
    };
    screen.body.extend(heading.map(|heading| format!("**{heading}**")));
    let is_customer = purpose == Purpose::CustomerConsent;
    screen.body.push(match &verification.challenge {
        Some(code) if now < code.expires_at => {
            let (to, until, left) =
                (escape(&code.destination), clock_time(code.expires_at), relative(code.expires_at));
            if is_customer {
                say!(locale, "customer-sent", to = to, until = until, left = left)
            } else {
                say!(locale, "agent-sent", to = to, until = until, left = left)
            }
        }
        // A session reaches the customer's panel only after a code was mailed.
        _ if is_customer => say!(locale, "customer-expired"),
        Some(_) => say!(locale, "agent-expired"),
        None => say!(locale, "agent-none"),
    });
    screen.body.push(sends_left(session, purpose, now));
    screen
}

/// Returns the number of codes that are left, and the time of the next one.
pub fn sends_left(session: &Session, purpose: Purpose, now: Timestamp) -> String {
    let locale = session.locale;
    let verification = session.verification(purpose);
    let left = SENDS_A_SESSION.saturating_sub(verification.sends);
    let mut text = say!(locale, "code-sends-left", left = left);
    if let Some(at) = verification.resend_at.filter(|at| left > 0 && now < *at) {
        text = format!("{text} {}", say!(locale, "code-resend-at", at = relative(at)));
    }
    text
}

/// Announces that a code will be mailed to the customer, at this masked address.
pub fn with_announcement(session: &Session, screen: Screen, to: &str, now: Timestamp) -> Screen {
    let locale = session.locale;
    let screen = screen.say(format!("**{}**", say!(locale, "customer-heading"))).say(say!(
        locale,
        "customer-announce",
        to = escape(to)
    ));
    match session.customer.resend_at.filter(|at| now < *at) {
        Some(at) => screen.say(say!(locale, "code-resend-at", at = relative(at))),
        None => screen,
    }
}

/// Returns Enter code and Resend. Each is disabled once it cannot succeed. `is_valid`: the newest
/// code has not expired.
pub fn code_buttons(session: &Session, purpose: Purpose, is_valid: bool) -> Vec<Button> {
    let locale = session.locale;
    vec![
        session
            .button(Action::EnterCode, Style::Primary, say!(locale, "button-enter-code"))
            .enabled(is_valid),
        session
            .button(Action::Resend, Style::Secondary, say!(locale, "button-resend"))
            .enabled(session.verification(purpose).may_resend()),
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
        label: say!(locale, "form-code-label"),
        placeholder: say!(locale, "form-code-placeholder"),
        paragraph: false,
        value: None,
        max_length: CODE_FIELD,
    }
}
