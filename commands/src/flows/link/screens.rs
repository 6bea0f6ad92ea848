//! The panel of a link session.

use crate::flows::verify::screens::{code_buttons, sends_left};
use crate::model::flow_state::LinkState;
use crate::model::words::{CloseReason, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Screen, Style, Tone, escape};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::{PanelContext, closed_screen};

pub fn panel(context: &PanelContext<'_>, state: &LinkState) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Info, say!(locale, "link-title"));
    match state {
        LinkState::CodeRequested { to, valid_until, .. } => {
            let is_valid = now < *valid_until;
            let text = if is_valid {
                let (until, left) = (clock_time(*valid_until), relative(*valid_until));
                say!(locale, "link-asked", to = escape(to), until = until, left = left)
            } else {
                say!(locale, "link-expired")
            };
            let mut buttons = code_buttons(session, Purpose::AgentLink, is_valid);
            let label = say!(locale, "button-close");
            buttons.push(session.button(Action::Close, Style::Secondary, label));
            let sends_left = sends_left(session, Purpose::AgentLink, now);
            screen.say(text).say(sends_left).buttons(buttons)
        }
        LinkState::Closed(CloseReason::Finished) => {
            screen.tone = Tone::Success;
            screen.say(say!(locale, "link-done", name = escape(&session.actor.name)))
        }
        LinkState::Closed(reason) => closed_screen(session, *reason),
    }
}
