//! The panel of a recovery: destination of the code, link to the page, result.

use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::session::Session;
use crate::model::words::CloseReason;
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Screen, Style, Tone, escape};
use crate::screens::text::{clock_time, relative};
use crate::screens::widgets::{PanelContext, closed_screen};

pub fn panel(context: &PanelContext<'_>, state: &RecoverState) -> Screen {
    let session = context.session;
    let locale = session.locale;
    let mut screen = match state.closed {
        None => open_panel(session, state),
        Some(CloseReason::Finished) => done_panel(session),
        Some(reason) => closed_screen(session, reason).say(say!(locale, "recover-link-dead")),
    };
    let (road, id) = (say!(locale, "recover-road"), session.id.short());
    screen.footer = Some(say!(locale, "footer-closed", kind = road, session = id));
    screen
}

fn open_panel(session: &Session, state: &RecoverState) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Info, say!(locale, "recover-title"));
    let message = state.last_outcome.as_ref().and_then(|outcome| outcome.page_message(locale));
    if let Some(message) = message {
        screen = screen.say(format!("⚠️ {}", message.sentence));
        screen.tone = Tone::Warning;
    }
    let to = state.to.as_deref().filter(|_| session.secrets.page.is_some());
    if let Some(to) = to.map(escape) {
        let resent = state.last_outcome == Some(LastOutcome::Resent);
        screen = screen.say(if resent {
            say!(locale, "recover-resent", to = to)
        } else {
            say!(locale, "recover-sent", to = to)
        });
    }
    let end = session.clocks.end();
    // Without the former key the sealed address cannot be read.
    let address = match session.secrets.page {
        Some(_) => say!(locale, "recover-page", until = clock_time(end), left = relative(end)),
        None => say!(locale, "recover-no-address"),
    };
    let screen = screen.say(address).say(say!(locale, "recover-never-here"));
    let page = session.secrets.page.clone();
    let page = page.map(|address| Button::link(say!(locale, "button-open-page"), address));
    let close = session.button(Action::Close, Style::Secondary, say!(locale, "button-close"));
    screen.buttons(page.into_iter().chain([close]).collect())
}

fn done_panel(session: &Session) -> Screen {
    let locale = session.locale;
    let out = if session.is_signed_out() {
        say!(locale, "page-done-out")
    } else {
        say!(locale, "page-done-out-soon")
    };
    Screen::titled(Tone::Success, say!(locale, "page-done-title"))
        .say(say!(locale, "page-done"))
        .say(out)
        .say(say!(locale, "page-done-notice"))
        .say(say!(locale, "page-done-not-you"))
}
