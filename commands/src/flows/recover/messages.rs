//! Messages of the recovery page, and the fields that they belong to.

use crate::model::flow_state::LastOutcome;
use crate::model::outcome::{ConfirmDenied, ResetDenied};
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::words::{Limit, Locale};
use crate::say;

/// Field of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Code from the mail.
    Code,
    /// New password.
    Password,
    /// New password, repeated.
    Repeat,
    /// The page as a whole.
    Page,
}

/// Message on the page, and the field that it stands next to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMessage {
    pub field: Field,
    /// Text in the agent's language.
    pub sentence: String,
}

impl LastOutcome {
    /// Returns the message for page and panel. `None` after a success.
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
    /// Returns the message for the page.
    pub fn page_message(self, locale: Locale) -> FieldMessage {
        self.as_confirm_denied().page_message(locale)
    }
}

impl ConfirmDenied {
    /// Returns the message for the page.
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
    /// Returns the message for the page. Times are durations, because the page has no Discord
    /// timestamps.
    pub fn page_message(&self, locale: Locale, now: Timestamp) -> FieldMessage {
        let sentence = match self {
            Self::Limited(limit, at) => {
                let minutes = at.since(now).as_millis().div_ceil(60_000).max(1);
                match limit {
                    Limit::RecoverConfirms => {
                        say!(locale, "page-limit-confirms", minutes = minutes)
                    }
                    Limit::WrongResetCodes => {
                        say!(locale, "page-limit-wrong-codes", hours = minutes.div_ceil(60))
                    }
                    _ => say!(locale, "page-limit-requests", minutes = minutes),
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
    fn limits_round_up_to_minutes() {
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
    fn resend_wait_rounds_up_to_seconds() {
        let sentence = |millis| {
            Refusal::TooEarly(Timestamp(millis)).page_message(Locale::Es, Timestamp(0)).sentence
        };
        assert_eq!(sentence(1), "Se podrá enviar un código nuevo en 1 segundo.");
        assert_eq!(sentence(59_001), "Se podrá enviar un código nuevo en 60 segundos.");
    }
}
