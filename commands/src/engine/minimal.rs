//! Panels and notes without text from outside, for content that Discord refuses and for an agent
//! whose eligibility cannot be read. Each panel of an open session leaves it.

use crate::model::flow_state::SupportState;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::words::{Locale, SessionId};
use crate::say;
use crate::screens::custom_id::{Action, SESSION_MENU};
use crate::screens::screen::{Button, Choice, Menu, Press, Row, Screen, Style, Tone};

/// Returns the panels that replace one that Discord refused. The second one is for the case that
/// Discord refuses the first one too.
pub fn replacements(session: &Session, refused: &Screen) -> Vec<Screen> {
    [panel(session, refused)].into_iter().chain(last_resort(session)).collect()
}

/// Returns a panel of title, one sentence and the buttons. It has no text from Core, because that
/// can be what Discord refuses.
fn panel(session: &Session, refused: &Screen) -> Screen {
    let locale = session.locale;
    let mut screen = Screen::titled(Tone::Warning, say!(locale, "minimal-title"))
        .say(say!(locale, "minimal-text"));
    let mut leave = leave_buttons(session);
    for row in &refused.rows {
        if let Row::Buttons(buttons) = row {
            let kept: Vec<Button> =
                buttons.iter().filter(|button| custom_id(button).is_some()).cloned().collect();
            leave.retain(|leave| kept.iter().all(|kept| custom_id(kept) != custom_id(leave)));
            screen = screen.buttons(kept);
        }
    }
    screen.buttons(leave)
}

/// Returns a panel of one sentence and one button that leaves the session.
fn last_resort(session: &Session) -> Option<Screen> {
    let leave = leave_buttons(session).into_iter().next()?;
    let screen = Screen { tone: Tone::Warning, ..Screen::default() };
    Some(screen.say(say!(session.locale, "minimal-last")).buttons(vec![leave]))
}

/// Returns the panel for an agent whose eligibility cannot be read.
///
/// It shows no data of the customer. Its buttons leave the session. If it is `in_place` of the full
/// panel, one goes back to that. `None` if the session shows only Resume.
pub fn unchecked_panel(session: &Session, refusal: &Refusal, in_place: bool) -> Option<Screen> {
    let locale = session.locale;
    let mut buttons = leave_buttons(session);
    if buttons.is_empty() {
        return None;
    }
    if in_place {
        let label = say!(locale, "button-back");
        buttons.insert(0, session.button(Action::Back, Style::Secondary, label));
    }
    let screen = Screen::titled(Tone::Warning, say!(locale, "minimal-title"));
    Some(screen.say(refusal.sentence(locale)).buttons(buttons))
}

/// Returns the note that replaces one that Discord refused.
pub fn note(refused: &Screen, locale: Locale) -> Screen {
    without_text(refused, say!(locale, "minimal-note"), locale)
}

/// Returns a note with this text. It keeps only the menu of open sessions, without names.
pub fn without_text(note: &Screen, text: String, locale: Locale) -> Screen {
    let screen = Screen::titled(Tone::Warning, say!(locale, "minimal-note-title")).say(text);
    let sessions = note.rows.iter().find_map(|row| match row {
        Row::Menu(menu) if menu.custom_id == SESSION_MENU => Some(menu),
        _ => None,
    });
    let Some(menu) = sessions else { return screen };
    let nameless = |choice: &Choice| {
        let id: SessionId = choice.value.parse().ok()?;
        Some(Choice { label: id.short().to_owned(), ..choice.clone() })
    };
    let options = menu.options.iter().filter_map(nameless).collect();
    screen.menu(Menu { options, ..menu.clone() })
}

/// Returns the buttons that leave a session. Empty if it is closed, or if Resume must come first.
fn leave_buttons(session: &Session) -> Vec<Button> {
    let locale = session.locale;
    if session.closed().is_some() || session.clocks.stripped {
        return Vec::new();
    }
    let close = || session.button(Action::Close, Style::Secondary, say!(locale, "button-close"));
    let finish = || session.button(Action::Finish, Style::Success, say!(locale, "button-finish"));
    let cancel =
        || session.button(Action::OpenCancelForm, Style::Danger, say!(locale, "button-cancel"));
    match &session.work {
        Work::Support(_, SupportState::Found { .. }) | Work::Link(_) | Work::Recover(_) => {
            vec![close()]
        }
        Work::Support(_, SupportState::Acting { .. }) => vec![finish(), cancel()],
        Work::Support(..) => vec![cancel()],
    }
}

fn custom_id(button: &Button) -> Option<&str> {
    match &button.press {
        Press::Custom(id) => Some(id),
        Press::Link(_) => None,
    }
}
