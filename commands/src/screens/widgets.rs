//! Screens as plain data: what a person shall see, before anything of Discord is in it.
//!
//! `Display` tells a screen as text for tests: title, paragraphs, fields, a picture's name, small
//! print and components, a line each.

use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::words::Locale;
use crate::say;
use crate::screens::custom_id::{Action, CustomId};
use crate::screens::screen::{Button, LABEL, Press, Screen, Style, Tone, clip, plain};

impl Session {
    /// The custom id of an action at this generation.
    #[must_use]
    pub fn custom_id(&self, action: Action) -> String {
        CustomId { session: self.id.clone(), generation: self.generation, action }.to_string()
    }

    /// A button that acts on this session at this generation.
    #[must_use]
    pub fn button(&self, action: Action, style: Style, label: String) -> Button {
        Button { label, press: Press::Custom(self.custom_id(action)), style, enabled: true }
    }
}

/// The buttons with Cancel behind them.
pub(crate) fn with_cancel(session: &Session, mut buttons: Vec<Button>) -> Vec<Button> {
    buttons.push(session.button(
        Action::AskWhy,
        Style::Danger,
        say!(session.locale, "button-cancel"),
    ));
    buttons
}

/// A name can be as long as its owner likes.
pub(crate) fn ecosystem_name(name: &str) -> String {
    plain(&clip(name, LABEL))
}

/// A small message that says why not.
#[must_use]
pub fn note(refusal: &Refusal, locale: Locale) -> Screen {
    Screen { tone: Tone::Warning, body: vec![refusal.sentence(locale)], ..Screen::default() }
}

/// One page of several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pager {
    page: usize,
    pages: usize,
    size: usize,
}

impl Pager {
    /// The page that was asked for (from 0), or the last one there is.
    pub(crate) fn new(page: u16, items: usize, size: usize) -> Self {
        let pages = items.div_ceil(size).max(1);
        Self { page: usize::from(page).min(pages - 1), pages, size }
    }

    /// The place of the page's first item.
    pub(crate) const fn first(&self) -> usize {
        self.page * self.size
    }

    /// Which page it is, where there are several.
    pub(crate) fn sentence(&self, locale: Locale) -> Option<String> {
        (self.pages > 1).then(|| say!(locale, "page-of", page = self.page + 1, pages = self.pages))
    }

    /// To the page before and the page after, where there are several.
    pub(crate) fn buttons(&self, session: &Session) -> Vec<Button> {
        if self.pages == 1 {
            return Vec::new();
        }
        let turn = |to: Option<usize>, label: String| {
            // A page that is not there keeps a custom id of its own, as no two in a message may be
            // the same.
            let target =
                to.and_then(|to| u16::try_from(to).ok()).filter(|to| usize::from(*to) < self.pages);
            let absent = if to.is_none() { u16::MAX } else { u16::MAX - 1 };
            session
                .button(Action::Page(target.unwrap_or(absent)), Style::Plain, label)
                .enabled(target.is_some())
        };
        vec![
            turn(self.page.checked_sub(1), say!(session.locale, "button-previous")),
            turn(Some(self.page + 1), say!(session.locale, "button-next")),
        ]
    }
}
