//! Parts of screens that several flows use: buttons, notes, pages.

use crate::model::customer::CustomerRecord;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{CloseReason, Locale};
use crate::say;
use crate::screens::address_form::AddressForm;
use crate::screens::custom_id::{Action, CustomId};
use crate::screens::screen::{Button, MAX_LABEL, Press, Screen, Style, Tone, clip, escape};
use crate::screens::text::clock_time;

/// Input of every panel.
#[derive(Clone, Copy)]
pub struct PanelContext<'a> {
    pub session: &'a Session,
    /// The customer in clear, if the record was read.
    pub record: Option<&'a CustomerRecord>,
    /// Page of a menu or list, from 0.
    pub page: u16,
    pub now: Timestamp,
    /// What the bot is doing. Most panels show it in place of what the agent has to do.
    pub progress: Option<&'a str>,
}

impl PanelContext<'_> {
    /// Returns the first sentence of a panel: what the bot does, or else what to do.
    pub(crate) fn lead(&self, to_do: String) -> String {
        self.progress.map_or(to_do, str::to_owned)
    }
}

impl Session {
    /// Returns the custom id of an action at the current generation.
    pub fn custom_id(&self, action: Action) -> String {
        CustomId { session: self.id.clone(), generation: self.generation, action }.to_string()
    }

    /// Returns a button for an action at the current generation.
    pub fn button(&self, action: Action, style: Style, label: String) -> Button {
        Button { label, press: Press::Custom(self.custom_id(action)), style, enabled: true }
    }
}

/// Appends the Cancel button.
pub(crate) fn with_cancel(session: &Session, mut buttons: Vec<Button>) -> Vec<Button> {
    let label = say!(session.locale, "button-cancel");
    buttons.push(session.button(Action::OpenCancelForm, Style::Danger, label));
    buttons
}

/// Shortens and escapes the name of an ecosystem, because its owner can choose any.
pub(crate) fn ecosystem_name(name: &str) -> String {
    escape(&clip(name, MAX_LABEL))
}

/// Returns the panel of a closed session: reason and time of the close.
pub(crate) fn closed_screen(session: &Session, reason: CloseReason) -> Screen {
    let tone = if reason == CloseReason::Finished { Tone::Success } else { Tone::Danger };
    let locale = session.locale;
    let text = match session.taken_over_by {
        Some(lead) if reason == CloseReason::TakenOver => {
            let at = clock_time(session.closed_at());
            say!(locale, "closed-taken-over", at = at, lead = format!("<@{lead}>"))
        }
        _ => Refusal::Closed(reason, session.closed_at()).sentence(locale),
    };
    Screen::titled(tone, say!(locale, "closed-title")).say(text)
}

/// Returns the note that explains a refusal.
pub fn note(refusal: &Refusal, locale: Locale) -> Screen {
    Screen { tone: Tone::Warning, body: vec![refusal.sentence(locale)], ..Screen::default() }
}

/// Returns the buttons below a refusal. `again`: the form into which another address or ticket
/// number can be typed.
pub(crate) fn refusal_buttons(
    refusal: &Refusal,
    again: Option<AddressForm>,
    locale: Locale,
) -> Vec<Button> {
    let button = match (refusal, again) {
        (Refusal::NotLinked, _) => Some(link_button(locale)),
        (Refusal::MalformedTicket, Some(form)) => {
            Some(form.button(Style::Primary, say!(locale, "button-try-again")))
        }
        (_, Some(form)) => Some(form.button(Style::Primary, say!(locale, "button-try-address"))),
        _ => None,
    };
    button.into_iter().collect()
}

/// Returns the button that opens the form to link a BackOffice account.
pub(crate) fn link_button(locale: Locale) -> Button {
    AddressForm::Link.button(Style::Primary, say!(locale, "button-link-account"))
}

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pager {
    page: usize,
    pages: usize,
    size: usize,
}

impl Pager {
    /// Selects a page, from 0. Selects the last one if the page does not exist.
    pub(crate) fn new(page: u16, items: usize, size: usize) -> Self {
        let pages = items.div_ceil(size).max(1);
        Self { page: usize::from(page).min(pages - 1), pages, size }
    }

    /// Returns the index of the page's first item.
    pub(crate) const fn first(&self) -> usize {
        self.page * self.size
    }

    /// Returns "page 1 of 2". `None` if there is only one page.
    pub(crate) fn sentence(&self, locale: Locale) -> Option<String> {
        (self.pages > 1).then(|| say!(locale, "page-of", page = self.page + 1, pages = self.pages))
    }

    /// Returns the buttons to the previous and the next page. Empty if there is only one page.
    pub(crate) fn buttons(&self, session: &Session) -> Vec<Button> {
        if self.pages == 1 {
            return Vec::new();
        }
        let turn = |to: Option<usize>, label: String| {
            // A disabled button needs a custom id of its own, because Discord rejects duplicates
            // in a message.
            let target =
                to.and_then(|to| u16::try_from(to).ok()).filter(|to| usize::from(*to) < self.pages);
            let absent = if to.is_none() { u16::MAX } else { u16::MAX - 1 };
            session
                .button(Action::Page(target.unwrap_or(absent)), Style::Secondary, label)
                .enabled(target.is_some())
        };
        vec![
            turn(self.page.checked_sub(1), say!(session.locale, "button-previous")),
            turn(Some(self.page + 1), say!(session.locale, "button-next")),
        ]
    }
}
