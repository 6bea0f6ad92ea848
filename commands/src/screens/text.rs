//! Texts in English and Spanish, from `locales/*.ftl`.
//!
//! `say!(locale, "message-id", name = value, …)` returns a text. Tests check that both catalogs
//! have the same messages and arguments, and that the code uses only messages that exist.

use std::sync::LazyLock;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use unic_langid::langid;

pub use fluent_bundle::FluentArgs;

use crate::model::time::Timestamp;
use crate::model::words::Locale;

pub const ENGLISH: &str = include_str!("../../locales/en.ftl");

pub const SPANISH: &str = include_str!("../../locales/es.ftl");

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(ENGLISH, langid!("en")));

static ES: LazyLock<Bundle> = LazyLock::new(|| bundle(SPANISH, langid!("es")));

/// Parses a catalog. A message that does not parse is left out; a test checks that both catalogs
/// parse.
fn bundle(source: &str, language: unic_langid::LanguageIdentifier) -> Bundle {
    let resource =
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Some Discord clients show the isolation marks as boxes.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Returns the text of a message. Call it through [`say!`](crate::say).
pub fn sentence(locale: Locale, id: &str, args: Option<&FluentArgs<'_>>) -> String {
    let bundle: &Bundle = match locale {
        Locale::En => &EN,
        Locale::Es => &ES,
    };
    let pattern = bundle.get_message(id).and_then(|message| message.value());
    debug_assert!(pattern.is_some(), "no text {id}");
    let mut errors = Vec::new();
    let text =
        pattern.map(|pattern| bundle.format_pattern(pattern, args, &mut errors).into_owned());
    debug_assert!(errors.is_empty(), "text {id}: {errors:?}");
    text.unwrap_or_else(|| id.to_owned())
}

/// Returns a message in a language: `say!(locale, "id")` or `say!(locale, "id", name = value, …)`.
#[macro_export]
macro_rules! say {
    ($locale:expr, $id:expr) => {
        $crate::screens::text::sentence($locale, $id, None)
    };
    ($locale:expr, $id:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        let mut args = $crate::screens::text::FluentArgs::new();
        $(args.set(stringify!($name), $value);)+
        $crate::screens::text::sentence($locale, $id, Some(&args))
    }};
}

/// Largest distance from the epoch that Discord's clients can show, in seconds: that of a `Date` in
/// JavaScript (ECMA-262, "Time Values and Time Range").
const MAX_SECONDS: i64 = 8_640_000_000_000;

/// Returns the seconds of a time that a client can show. A later one becomes the latest.
fn shown_seconds(at: Timestamp) -> i64 {
    at.seconds().clamp(-MAX_SECONDS, MAX_SECONDS)
}

/// Formats a time that the reader's client counts down: "in 3 minutes".
pub fn relative(at: Timestamp) -> String {
    format!("<t:{}:R>", shown_seconds(at))
}

/// Formats a time of day with seconds, in the reader's time zone.
pub fn exact_time(at: Timestamp) -> String {
    format!("<t:{}:T>", shown_seconds(at))
}

/// Formats a time of day in the reader's time zone.
pub fn clock_time(at: Timestamp) -> String {
    format!("<t:{}:t>", shown_seconds(at))
}

/// Formats a date and a time of day in the reader's time zone, for a time that can be days away.
pub fn date_time(at: Timestamp) -> String {
    format!("<t:{}:f>", shown_seconds(at))
}

/// Formats a date in the reader's time zone. One that no client can show is unknown.
pub fn day(at: Timestamp, locale: Locale) -> String {
    date(at, 'D', locale)
}

/// Formats a date as [`day`] does, in few characters.
pub fn short_day(at: Timestamp, locale: Locale) -> String {
    date(at, 'd', locale)
}

fn date(at: Timestamp, style: char, locale: Locale) -> String {
    let seconds = at.seconds();
    if seconds == shown_seconds(at) {
        format!("<t:{seconds}:{style}>")
    } else {
        say!(locale, "date-unknown")
    }
}

/// Formats an amount of money with the language's decimal separator.
pub fn money(locale: Locale, cents: i64, currency: &str) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match locale {
        Locale::En => format!("{sign}{whole}.{rest:02} {currency}"),
        Locale::Es => format!("{sign}{whole},{rest:02} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Returns the messages of a catalog with the names of their arguments, from its text.
    fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((id, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                assert!(!all.contains_key(id), "duplicate message {id}");
                id.clone_into(&mut current);
                all.insert(current.clone(), BTreeSet::new());
            }
            for part in line.split('$').skip(1) {
                let name = part
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-')
                    .collect();
                all.get_mut(&current).expect("argument before the first message").insert(name);
            }
        }
        all
    }

    #[test]
    fn catalogs_have_the_same_messages_and_arguments() {
        assert_eq!(messages(ENGLISH), messages(SPANISH));
        for source in [ENGLISH, SPANISH] {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
    }

    /// Returns every message id that the source code uses.
    fn used() -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders =
            vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let code = std::fs::read_to_string(&path).unwrap();
                let code = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .collect::<Vec<_>>()
                    .join("\n");
                for call in code.split("say!(").skip(1) {
                    let Some(id) = call
                        .split(',')
                        .nth(1)
                        .and_then(|id| id.trim().strip_prefix('"')?.split('"').next())
                    else {
                        continue;
                    };
                    found.insert(id.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn used_messages_exist() {
        let known = messages(ENGLISH);
        let missing: Vec<_> =
            used().into_iter().filter(|id| id.contains('-') && !known.contains_key(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn time_that_no_client_shows_is_replaced() {
        let last = Timestamp(MAX_SECONDS * 1_000);
        for (at, shown, date) in [
            (last, "<t:8640000000000:R>", "<t:8640000000000:D>"),
            (Timestamp(last.0 + 1_000), "<t:8640000000000:R>", "an unknown date"),
            (Timestamp(i64::MAX), "<t:8640000000000:R>", "an unknown date"),
            (Timestamp(i64::MIN), "<t:-8640000000000:R>", "an unknown date"),
        ] {
            assert_eq!((relative(at).as_str(), day(at, Locale::En).as_str()), (shown, date));
        }
        assert_eq!(clock_time(Timestamp(i64::MAX)), "<t:8640000000000:t>");
        assert_eq!(day(Timestamp(i64::MAX), Locale::Es), "día desconocido");
    }

    #[test]
    fn money_uses_the_decimal_separator() {
        assert_eq!(money(Locale::En, 1990, "USD"), "19.90 USD");
        assert_eq!(money(Locale::Es, 5, "EUR"), "0,05 EUR");
        assert_eq!(money(Locale::En, -150, "USD"), "-1.50 USD");
    }

    #[test]
    fn language_tags_are_parsed() {
        for (tag, locale) in [
            ("es-ES", Locale::Es),
            ("es-419", Locale::Es),
            ("es", Locale::Es),
            ("ES", Locale::Es),
            ("es_ES", Locale::Es),
            ("es ", Locale::Es),
            ("en-GB", Locale::En),
            ("est", Locale::En),
        ] {
            assert_eq!(Locale::from_tag(tag), locale, "{tag}");
        }
    }
}
