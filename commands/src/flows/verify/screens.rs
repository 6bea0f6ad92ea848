//! What all roads show of a verification: where the code went, until when, and the buttons for it.

use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::verification::SENDS_A_SESSION;
use crate::model::words::Purpose;
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Form, Screen, Style, plain};
use crate::screens::text::{clock_time, relative};

/// Where the newest code went and until when it is valid.
#[must_use]
pub fn waiting(session: &Session, screen: Screen, purpose: Purpose, now: Timestamp) -> Screen {
    let locale = session.locale;
    let verification = session.verification(purpose);
    let mut screen = screen;
    let heading = match purpose {
        Purpose::AgentMfa => Some(say!(locale, "agent-heading")),
        Purpose::CustomerConsent => Some(say!(locale, "customer-heading")),
        Purpose::AgentLink => None,
    };
    screen.body.extend(heading.map(|heading| format!("**{heading}**")));
    let customers = purpose == Purpose::CustomerConsent;
    screen.body.push(match &verification.challenge {
        Some(code) if now < code.expires_at => {
            let (to, until, left) =
                (plain(&code.destination), clock_time(code.expires_at), relative(code.expires_at));
            if customers {
                say!(locale, "customer-sent", to = to, until = until, left = left)
            } else {
                say!(locale, "agent-sent", to = to, until = until, left = left)
            }
        }
        // The customer's panel comes only after a code was mailed.
        _ if customers => say!(locale, "customer-expired"),
        Some(_) => say!(locale, "agent-expired"),
        None => say!(locale, "agent-none"),
    });
    screen.body.push(sends_left(session, purpose, now));
    screen
}

/// How many more codes can be sent, and when.
#[must_use]
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

/// The panel before the customer's code is sent: that one will be, and to which masked address.
#[must_use]
pub fn announcing(session: &Session, screen: Screen, to: &str, now: Timestamp) -> Screen {
    let locale = session.locale;
    let screen = screen.say(format!("**{}**", say!(locale, "customer-heading"))).say(say!(
        locale,
        "customer-announce",
        to = plain(to)
    ));
    match session.customer.resend_at.filter(|at| now < *at) {
        Some(at) => screen.say(say!(locale, "code-resend-at", at = relative(at))),
        None => screen,
    }
}

/// Enter code and Resend, each only while it can lead anywhere: with the third code expired only
/// Cancel is left.
#[must_use]
pub fn buttons(session: &Session, purpose: Purpose, now: Timestamp) -> Vec<Button> {
    let locale = session.locale;
    let verification = session.verification(purpose);
    vec![
        session
            .button(Action::EnterCode, Style::Primary, say!(locale, "button-enter-code"))
            .enabled(verification.live(now).is_some()),
        session
            .button(Action::Resend, Style::Plain, say!(locale, "button-resend"))
            .enabled(verification.may_resend()),
    ]
}

/// A code field takes more than six characters, as people paste it with spaces.
const CODE_FIELD: u16 = 20;

/// The modal for a code.
#[must_use]
pub fn code_form(session: &Session, purpose: Purpose, nth: u32) -> Form {
    let locale = session.locale;
    Form {
        custom_id: session.custom_id(Action::Code(purpose, nth)),
        title: match purpose {
            Purpose::AgentMfa => say!(locale, "form-agent-code"),
            Purpose::CustomerConsent => say!(locale, "form-customer-code"),
            Purpose::AgentLink => say!(locale, "form-link-code"),
        },
        label: say!(locale, "form-code-label"),
        placeholder: say!(locale, "form-code-placeholder"),
        paragraph: false,
        value: None,
        most: CODE_FIELD,
    }
}
