//! What happened last in a recovery, as the panel and the page tell it.

use serde::{Deserialize, Serialize};

use super::{Field, FieldMessage};
use crate::ports::{ConfirmDenied, ResetDenied};
use crate::say;
use crate::text::Locale;

/// What happened last, where it is worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastOutcome {
    /// Another code was mailed.
    Resent,
    /// No code was mailed.
    NotSent(ResetDenied),
    /// Nobody knows whether one was: the reference of the fault, or `None` after a crash.
    MaybeSent(Option<String>),
    /// The password was not changed.
    NotChanged(ConfirmDenied),
    /// Nobody knows whether it was: likewise.
    MaybeChanged(Option<String>),
}

impl LastOutcome {
    /// The sentence, which fits the page and the panel alike, and the field of the page that it
    /// concerns. `None`: all went well.
    #[must_use]
    pub fn said(&self, locale: Locale) -> Option<FieldMessage> {
        let page = |sentence| FieldMessage { field: Field::Page, sentence };
        Some(match self {
            Self::Resent => return None,
            Self::NotSent(why) => why.said(locale),
            Self::MaybeSent(Some(reference)) => {
                page(say!(locale, "page-maybe-sent", reference = reference.as_str()))
            }
            Self::MaybeSent(None) => page(say!(locale, "page-maybe-sent-interrupted")),
            Self::NotChanged(why) => why.said(locale),
            Self::MaybeChanged(Some(reference)) => {
                page(say!(locale, "page-maybe-changed", reference = reference.as_str()))
            }
            Self::MaybeChanged(None) => page(say!(locale, "page-maybe-changed-interrupted")),
        })
    }

    /// Whether the page still says it when it is opened anew: a try that was refused is over, a
    /// doubt is not, nor is a mail that never left.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::MaybeSent(_) | Self::MaybeChanged(_))
    }
}
