//! The panel of a link session.

use crate::flows::verify::screens::sends_left;
use crate::model::flow_state::LinkState;
use crate::model::refusal::Refusal;
use crate::model::words::{CloseReason, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Screen, Style, Tone, escape};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::PanelContext;

pub fn panel(context: &PanelContext<'_>, state: &LinkState) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let screen = Screen::titled(Tone::Info, say!(locale, "link-title"));
    match state {
        LinkState::CodeRequested { to, valid_until, .. } => {
            let is_valid = now < *valid_until;
            let text = if is_valid {
                let (until, left) = (clock_time(*valid_until), relative(*valid_until));
                say!(locale, "link-asked", to = escape(to), until = until, left = left)
            } else {
                say!(locale, "link-expired")
            };
            screen.say(text).say(sends_left(session, Purpose::AgentLink, now)).buttons(vec![
                session
                    .button(Action::EnterCode, Style::Primary, say!(locale, "button-enter-code"))
                    .enabled(is_valid),
                session
                    .button(Action::Resend, Style::Secondary, say!(locale, "button-resend"))
                    .enabled(session.agent.may_resend()),
                session.button(Action::Close, Style::Secondary, say!(locale, "button-close")),
            ])
        }
        LinkState::Closed(CloseReason::Finished) => {
            let mut screen =
                screen.say(say!(locale, "link-done", name = escape(&session.actor.name)));
            screen.tone = Tone::Success;
            screen
        }
        LinkState::Closed(reason) => {
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(Tone::Danger, say!(locale, "closed-title"))
                .say(Refusal::Closed(*reason, at).sentence(locale))
        }
    }
}
