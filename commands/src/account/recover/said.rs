//! What the agent reads when Cognito did not do it.

use super::{Field, FieldMessage};
use crate::ports::{ConfirmDenied, ResetDenied};
use crate::say;
use crate::text::Locale;

impl ResetDenied {
    /// The sentence, which fits the page and the panel alike.
    #[must_use]
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::TooMany => say!(locale, "page-too-many"),
            Self::Busy => say!(locale, "page-overloaded"),
            Self::NotRecoverable => say!(locale, "page-not-recoverable"),
            Self::Undelivered => say!(locale, "page-undelivered"),
        }
    }

    /// Likewise, for the page.
    #[must_use]
    pub fn said(self, locale: Locale) -> FieldMessage {
        FieldMessage { field: Field::Page, sentence: self.sentence(locale) }
    }
}

impl ConfirmDenied {
    /// The sentence and the field it concerns.
    #[must_use]
    pub fn said(self, locale: Locale) -> FieldMessage {
        let (field, sentence) = match self {
            Self::WrongCode => (Field::Code, say!(locale, "page-wrong-code")),
            Self::ExpiredCode => (Field::Code, say!(locale, "page-expired-code")),
            Self::WeakPassword => (Field::Password, say!(locale, "page-weak")),
            Self::Reused => (Field::Password, say!(locale, "page-reused")),
            Self::TooMany => (Field::Page, say!(locale, "page-too-many")),
            Self::Busy => (Field::Page, say!(locale, "page-overloaded")),
            Self::NotRecoverable => (Field::Page, say!(locale, "page-not-recoverable")),
            Self::Undelivered => (Field::Page, say!(locale, "page-undelivered")),
        };
        FieldMessage { field, sentence }
    }

    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongCode => "wrong_code",
            Self::ExpiredCode => "expired_code",
            Self::TooMany => "too_many",
            Self::Busy => "busy",
            Self::WeakPassword => "weak_password",
            Self::Reused => "reused",
            Self::NotRecoverable => "not_recoverable",
            Self::Undelivered => "undelivered",
        }
    }
}
