//! The texts of one language, as somebody who quotes them needs them.

use commands::model::words::Locale;
use commands::screens::text::{ENGLISH, SPANISH};

/// What stands in a quotation for whatever the bot fills in.
const FILLED: char = '…';

/// A language's texts.
pub struct Catalogue(&'static str);

impl Catalogue {
    pub fn of(locale: Locale) -> Self {
        Self(match locale {
            Locale::En => ENGLISH,
            Locale::Es => SPANISH,
        })
    }

    /// The text of a message that is one line.
    pub fn text(&self, id: &str) -> &'static str {
        self.messages()
            .find_map(|(key, text)| (key == id).then_some(text))
            .unwrap_or_else(|| panic!("no text {id}"))
    }

    /// Whether this stands on the screen: a whole text with … or a number for what is filled in, or
    /// the beginning of one, which ends in ….
    pub fn has(&self, quoted: &str) -> bool {
        let quoted = plain(quoted);
        let unnumbered = quoted.trim_start_matches(|first: char| first.is_ascii_digit());
        let numbered = (unnumbered != quoted).then(|| format!("{FILLED}{unnumbered}"));
        let fits = |text: &String| {
            let starts = |start| text.starts_with(start);
            *text == quoted
                || numbered.as_ref() == Some(text)
                || quoted.strip_suffix(FILLED).is_some_and(starts)
        };
        self.messages()
            .map(|(_, text)| text)
            .chain(self.variants())
            .map(|text| plain(&with_gaps(text)))
            .any(|text| fits(&text))
    }

    /// Whether these words are a slash command, with or without its options.
    pub fn has_command(&self, typed: &str) -> bool {
        let names: Vec<&str> = self
            .messages()
            .filter(|(id, _)| id.starts_with("command-") && !id.ends_with("-about"))
            .map(|(_, name)| name)
            .collect();
        typed
            .split_whitespace()
            .all(|word| names.contains(&word.split(':').next().unwrap_or_default()))
    }

    fn messages(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0
            .lines()
            .filter(|line| !line.starts_with([' ', '#', '}']))
            .filter_map(|line| line.split_once(" = "))
    }

    /// The lines of the messages that depend on a number.
    fn variants(&self) -> impl Iterator<Item = &'static str> {
        self.0
            .lines()
            .filter(|line| line.starts_with([' ']))
            .filter_map(|line| line.split_once("] "))
            .map(|(_, text)| text)
    }
}

/// "Try again { $at }." as "Try again ….".
fn with_gaps(text: &str) -> String {
    let mut left = text;
    let mut whole = String::new();
    while let Some((before, rest)) = left.split_once('{') {
        whole.push_str(before);
        whole.push(FILLED);
        left = rest.split_once('}').map_or("", |(_, after)| after);
    }
    whole + left
}

/// Without what markdown adds, and in one line.
fn plain(text: &str) -> String {
    text.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_quotation_is_a_whole_text_or_its_beginning() {
    let english = Catalogue::of(Locale::En);
    assert_eq!(english.text("button-enter-code"), "Enter code");
    assert!(
        english.has("Enter code")
            && english.has("That code is not correct. … attempts left.")
            && english.has("2. See details")
    );
    assert!(english.has("Another agent is helping this customer…"));
    assert!(
        !english.has("Enter") && !english.has("Escribir código") && !english.has("Write at least")
    );
    assert!(
        english.has_command("support technical email:lena@example.com")
            && !english.has_command("support tecnica")
    );
}
