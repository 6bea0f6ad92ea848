//! Turning the pages of what does not fit on one panel.

use crate::address::Action;
use crate::say;
use crate::screen::{Button, Style};
use crate::session::Session;
use crate::text::Locale;

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
