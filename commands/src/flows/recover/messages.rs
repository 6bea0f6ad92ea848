//! Recovering the BackOffice password: a session of its own in Discord, and a page on our own web
//! server.
//!
//! Discord cannot mask a password in a modal, and its developer policy forbids asking for one. So
//! the password is typed on a one-time page, behind a link that only the agent gets. The session
//! holds the link's hour and limits; its moves and its panel are here. And this is the seam to the
//! page: the page knows tokens, words and fields; the desk knows sessions, limits and Cognito.

use crate::model::flow_state::LastOutcome;
use crate::model::outcome::{ConfirmDenied, ResetDenied};
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::words::{Limit, Locale};
use crate::say;

/// A field of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The code from the mail.
    Code,
    /// The new password.
    Password,
    /// The new password once more.
    Repeat,
    /// None of them: the page as a whole.
    Page,
}

/// What is said after something did not happen, and which field it stands next to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMessage {
    /// The field it concerns.
    pub field: Field,
    /// The sentence, in the agent's language.
    pub sentence: String,
}

impl LastOutcome {
    /// The sentence, which fits the page and the panel alike, and the field of the page that it
    /// concerns. `None`: all went well.
    #[must_use]
    pub fn page_message(&self, locale: Locale) -> Option<FieldMessage> {
        let page = |sentence| FieldMessage { field: Field::Page, sentence };
        Some(match self {
            Self::Resent => return None,
            Self::NotSent(why) => why.page_message(locale),
            Self::MaybeSent(Some(reference)) => {
                page(say!(locale, "page-maybe-sent", reference = reference.as_str()))
            }
            Self::MaybeSent(None) => page(say!(locale, "page-maybe-sent-interrupted")),
            Self::NotChanged(why) => why.page_message(locale),
            Self::MaybeChanged(Some(reference)) => {
                page(say!(locale, "page-maybe-changed", reference = reference.as_str()))
            }
            Self::MaybeChanged(None) => page(say!(locale, "page-maybe-changed-interrupted")),
        })
    }
}

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
    pub fn page_message(self, locale: Locale) -> FieldMessage {
        FieldMessage { field: Field::Page, sentence: self.sentence(locale) }
    }
}

impl ConfirmDenied {
    /// The sentence and the field it concerns.
    #[must_use]
    pub fn page_message(self, locale: Locale) -> FieldMessage {
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
}

impl Refusal {
    /// The sentence for the recovery page.
    #[must_use]
    pub fn page_message(&self, locale: Locale, now: Timestamp) -> FieldMessage {
        let sentence = match self {
            Self::Limited(limit, at) => {
                let minutes = at.since(now).as_millis().div_ceil(60_000).max(1);
                if *limit == Limit::RecoverConfirms {
                    say!(locale, "page-limit-confirms", minutes = minutes)
                } else {
                    say!(locale, "page-limit-requests", minutes = minutes)
                }
            }
            Self::TooEarly(at) => {
                say!(locale, "page-too-early", seconds = at.since(now).as_millis().div_ceil(1000))
            }
            Self::NoSendsLeft => say!(locale, "page-resend-never"),
            other => other.sentence(locale),
        };
        FieldMessage { field: Field::Page, sentence }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::time::minutes;

    fn after(wait: Duration, limit: Limit) -> String {
        Refusal::Limited(limit, Timestamp(7) + wait).page_message(Locale::En, Timestamp(7)).sentence
    }

    #[test]
    fn begun_minutes_are_said_whole() {
        for (wait, words) in [
            (Duration::from_millis(1), "in 1 minute."),
            (minutes(1), "in 1 minute."),
            (minutes(1) + Duration::from_millis(1), "in 2 minutes."),
            (minutes(60), "in 60 minutes."),
        ] {
            for limit in [Limit::RecoverRequests, Limit::RecoverConfirms] {
                let sentence = after(wait, limit);
                assert!(sentence.ends_with(words) && !sentence.contains("<t:"), "{sentence}");
            }
        }
    }

    #[test]
    fn begun_seconds_likewise() {
        let said = |millis| {
            Refusal::TooEarly(Timestamp(millis)).page_message(Locale::Es, Timestamp(0)).sentence
        };
        assert_eq!(said(1), "Se podrá enviar un código nuevo en 1 segundo.");
        assert_eq!(said(59_001), "Se podrá enviar un código nuevo en 60 segundos.");
    }
}
