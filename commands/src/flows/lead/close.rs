//! Screens of a close by a lead: the form for the reason, and the answers.

use std::time::Duration;

use crate::flows::lead::parts::{close_word, mention};
use crate::flows::lead::session::back_button;
use crate::model::refusal::Refusal;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::{CloseReason, Locale, SessionId};
use crate::say;
use crate::screens::desk_id::{DeskId, SessionList};
use crate::screens::screen::{Form, Input, Screen, Style, Tone};
use crate::screens::text::clock_time;

/// Time after a close in which another lead reads that it was done a moment ago.
const A_MOMENT: Duration = minutes(1);

/// Maximum length in the form, in characters. It exceeds the limit of a reason, so that the bot can
/// explain the limit and no typed text is lost.
const LONGEST_DRAFT: u16 = 1000;

/// Returns the form for the reason, with the text of the former attempt.
pub fn form(
    session: &SessionId,
    list: SessionList,
    press: u64,
    draft: Option<String>,
    locale: Locale,
) -> Form {
    Form {
        custom_id: DeskId::Close(session.clone(), press, list).to_string(),
        title: say!(locale, "desk-form-close", session = session.short()),
        inputs: vec![reason_input(say!(locale, "desk-form-close-label"), draft, locale)],
    }
}

/// Returns the field for a reason.
pub(super) fn reason_input(label: String, draft: Option<String>, locale: Locale) -> Input {
    Input {
        label,
        placeholder: say!(locale, "form-cancel-placeholder"),
        paragraph: true,
        value: draft,
        max_length: LONGEST_DRAFT,
    }
}

/// Returns the answer to a refused reason. Try again opens the form with the typed text.
pub fn try_again(
    session: &SessionId,
    list: SessionList,
    refusal: &Refusal,
    locale: Locale,
) -> Screen {
    let ask = DeskId::AskReason(session.clone(), list);
    let title = say!(locale, "desk-session", session = session.short());
    Screen::titled(Tone::Warning, title).say(refusal.sentence(locale)).buttons(vec![
        ask.button(Style::Primary, say!(locale, "button-try-again")),
        back_button(list, locale),
    ])
}

/// Returns the answer to a close.
pub fn done(session: &SessionId, list: SessionList, revokes: bool, locale: Locale) -> Screen {
    let session = session.short();
    let text = if revokes {
        say!(locale, "desk-close-revokes", session = session)
    } else {
        say!(locale, "desk-close-done", session = session)
    };
    Screen { tone: Tone::Success, ..Screen::default() }
        .say(text)
        .buttons(vec![back_button(list, locale)])
}

/// A close that came first.
#[derive(Clone, Copy, Debug)]
pub struct EarlierClose {
    pub reason: CloseReason,
    pub at: Timestamp,
    /// Discord id of the lead who closed the session.
    pub lead: Option<u64>,
}

impl EarlierClose {
    /// Returns true if this lead closed the session a moment ago: with a repeated command, or with
    /// one that another process has performed.
    pub fn is_own(&self, lead: u64, now: Timestamp) -> bool {
        matches!(self.reason, CloseReason::ByLead)
            && self.lead == Some(lead)
            && now.since(self.at) < A_MOMENT
    }
}

/// Returns the answer for a session that was closed meanwhile.
pub fn closed_already(
    earlier: EarlierClose,
    list: SessionList,
    now: Timestamp,
    locale: Locale,
) -> Screen {
    let EarlierClose { reason, at, lead } = earlier;
    let text = if let Some(lead) = lead.filter(|_| now.since(at) < A_MOMENT) {
        say!(locale, "desk-close-by-other", lead = mention(lead))
    } else {
        let why = close_word(reason, locale);
        say!(locale, "desk-close-already", at = clock_time(at), why = why)
    };
    Screen { tone: Tone::Warning, ..Screen::default() }
        .say(text)
        .buttons(vec![back_button(list, locale)])
}
