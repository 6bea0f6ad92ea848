//! Screen before a lead takes a session over.

use crate::flows::lead::session::back_button;
use crate::model::words::{Locale, SessionId};
use crate::say;
use crate::screens::desk_id::{DeskId, SessionList};
use crate::screens::screen::{Screen, Style, Tone};

/// Asks whether the lead wants to take the session over, because nothing brings its proofs back.
pub fn confirmation(session: &SessionId, list: SessionList, locale: Locale) -> Screen {
    let take = DeskId::TakeOver(session.clone(), list);
    Screen::titled(Tone::Warning, say!(locale, "desk-session", session = session.short()))
        .say(say!(locale, "desk-take-over"))
        .buttons(vec![
            take.button(Style::Primary, say!(locale, "desk-button-take-over")),
            back_button(list, locale),
        ])
}
