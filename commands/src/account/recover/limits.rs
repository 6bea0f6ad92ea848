//! What the page says when it has to wait: in words, as Discord's timestamps mean nothing there.

use super::{Field, FieldMessage};
use crate::error::{Limit, Refusal};
use crate::say;
use crate::text::Locale;
use crate::time::Timestamp;

impl Refusal {
    /// The sentence for the recovery page.
    #[must_use]
    pub fn said(&self, locale: Locale, now: Timestamp) -> FieldMessage {
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
    use crate::time::minutes;

    fn after(wait: Duration, limit: Limit) -> String {
        Refusal::Limited(limit, Timestamp(7) + wait).said(Locale::En, Timestamp(7)).sentence
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
        let said =
            |millis| Refusal::TooEarly(Timestamp(millis)).said(Locale::Es, Timestamp(0)).sentence;
        assert_eq!(said(1), "Se podrá enviar un código nuevo en 1 segundo.");
        assert_eq!(said(59_001), "Se podrá enviar un código nuevo en 60 segundos.");
    }
}
