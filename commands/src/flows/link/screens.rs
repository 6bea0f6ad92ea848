//! Linking a Discord account to a BackOffice account.
//!
//! Whoever has the agent role types an address; if it belongs to an account that may give support
//! and is not linked yet, a code is mailed to it, and the right code links. Whether it does belong
//! to one must not show: the answer is drawn before anything is looked up, the same texts, buttons
//! and countdown follow, and a code for an address without account is checked at the Lambda too,
//! against a challenge that does not exist (ASVS 6.3.8).

use crate::flows::verify::screens::sends_left;
use crate::model::flow_state::LinkState;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{CloseReason, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Screen, Style, Tone, plain};
use crate::screens::text::{clock_time, relative};

/// The panel.
#[must_use]
pub fn panel(session: &Session, state: &LinkState, now: Timestamp) -> Screen {
    let locale = session.locale;
    let screen = Screen::titled(Tone::Calm, say!(locale, "link-title"));
    match state {
        LinkState::Asked { to, valid_until, .. } => {
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
        LinkState::Closed(CloseReason::Finished) => {
            let mut screen =
                screen.say(say!(locale, "link-done", name = plain(&session.actor.name)));
            screen.tone = Tone::Good;
            screen
        }
        LinkState::Closed(closing) => {
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(Tone::Bad, say!(locale, "closed-title"))
                .say(Refusal::Closed(*closing, at).sentence(locale))
        }
    }
}
