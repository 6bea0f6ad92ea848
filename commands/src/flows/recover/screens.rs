//! The panel in Discord: where the code went, the way to the page, and what came of it.

use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::CloseReason;
use crate::say;
use crate::screens::custom_id::Action;
use crate::screens::screen::{Button, Press, Screen, Style, Tone, plain};
use crate::screens::text::{clock_time, relative};

/// The panel of a recovery.
#[must_use]
pub fn panel(session: &Session, state: &RecoverState, now: Timestamp) -> Screen {
    let locale = session.locale;
    match state.closed {
        None => open(session, state),
        Some(CloseReason::Finished) => done(session),
        Some(closing) => {
            let at = session.clocks.closed_at.unwrap_or(now);
            Screen::titled(Tone::Bad, say!(locale, "closed-title"))
                .say(Refusal::Closed(closing, at).sentence(locale))
                .say(say!(locale, "recover-link-dead"))
        }
    }
}

fn open(session: &Session, state: &RecoverState) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Calm, say!(locale, "recover-title"));
    if let Some(said) = state.news.as_ref().and_then(|news| news.page_message(locale)) {
        screen = screen.say(format!("⚠️ {}", said.sentence));
        screen.tone = Tone::Warning;
    }
    if let Some(to) = state.to.as_deref().map(plain) {
        let resent = state.news == Some(LastOutcome::Resent);
        screen = screen.say(if resent {
            say!(locale, "recover-resent", to = to)
        } else {
            say!(locale, "recover-sent", to = to)
        });
    }
    let end = session.clocks.end();
    // What was sealed with another key cannot be read any more.
    let way = match session.secrets.page {
        Some(_) => say!(locale, "recover-page", until = clock_time(end), left = relative(end)),
        None => say!(locale, "recover-no-address"),
    };
    let screen = screen.say(way).say(say!(locale, "recover-never-here"));
    let page = session.secrets.page.clone().map(|address| Button {
        label: say!(locale, "button-open-page"),
        press: Press::Link(address),
        style: Style::Plain,
        enabled: true,
    });
    let close = session.button(Action::Close, Style::Plain, say!(locale, "button-close"));
    screen.buttons(page.into_iter().chain([close]).collect())
}

fn done(session: &Session) -> Screen {
    let locale = session.locale;
    let out = if session.is_signed_out() {
        say!(locale, "page-done-out")
    } else {
        say!(locale, "page-done-out-soon")
    };
    Screen::titled(Tone::Good, say!(locale, "page-done-title"))
        .say(say!(locale, "page-done"))
        .say(out)
        .say(say!(locale, "page-done-notice"))
        .say(say!(locale, "page-done-not-you"))
}
