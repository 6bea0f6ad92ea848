//! The panel of a link session.

use crate::flows::verify::screens::{code_buttons, code_limits};
use crate::model::flow_state::LinkState;
use crate::model::words::{CloseReason, Purpose};
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Screen, Style, Tone, escape};
use crate::screens::text::clock_time;
use crate::screens::widgets::{PanelContext, closed_screen};

pub fn panel(context: &PanelContext<'_>, state: &LinkState) -> Screen {
    let PanelContext { session, now, .. } = *context;
    let locale = session.locale;
    let mut screen = match state {
        LinkState::CodeRequested { to, valid_until, .. } => {
            let is_valid = now < *valid_until;
            let to_do = if is_valid {
                let until = clock_time(*valid_until);
                say!(locale, "link-asked", to = escape(to), until = until)
            } else if session.agent.may_resend() {
                say!(locale, "link-expired")
            } else {
                say!(locale, "link-expired-last")
            };
            let mut screen =
                Screen::titled(Tone::Info, say!(locale, "link-title")).say(context.lead(to_do));
            screen.body.extend(code_limits(context, Purpose::AgentLink, is_valid));
            let mut buttons = code_buttons(context, Purpose::AgentLink, is_valid);
            let label = say!(locale, "button-close");
            buttons.push(session.button(Action::Close, Style::Secondary, label));
            screen.buttons(buttons)
        }
        LinkState::Closed(CloseReason::Finished) => Screen::titled(
            Tone::Success,
            say!(locale, "link-done-title"),
        )
        .say(say!(locale, "link-done", name = escape(&session.actor.name))),
        LinkState::Closed(reason) => closed_screen(session, *reason),
    };
    let id = session.id.short();
    screen.footer =
        Some(say!(locale, "footer-closed", kind = say!(locale, "link-road"), session = id));
    screen
}
