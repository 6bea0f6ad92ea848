//! The texts of one language, searched by quotations.

use commands::model::words::Locale;
use commands::screens::text::{ENGLISH, SPANISH};

/// Character that replaces a variable in a quotation.
const VARIABLE: char = '…';

pub struct Catalog(&'static str);

impl Catalog {
    pub fn of(locale: Locale) -> Self {
        Self(match locale {
            Locale::En => ENGLISH,
            Locale::Es => SPANISH,
        })
    }

    /// Returns the text of a message with one line.
    pub fn text(&self, id: &str) -> &'static str {
        self.messages()
            .find_map(|(key, text)| (key == id).then_some(text))
            .unwrap_or_else(|| panic!("no text {id}"))
    }

    /// Returns true if the bot says `quoted`: a whole text with … in place of variables, or the
    /// start of a text followed by ….
    pub fn has(&self, quoted: &str) -> bool {
        let quoted = plain(quoted);
        let fits = |text: &String| {
            let starts = |start| text.starts_with(start);
            *text == quoted || quoted.strip_suffix(VARIABLE).is_some_and(starts)
        };
        self.messages()
            .map(|(_, text)| text)
            .chain(self.variants())
            .map(|text| plain(&replace_variables(text)))
            .any(|text| fits(&text))
    }

    /// Returns true if `typed` is a slash command, with or without options.
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

    /// Returns the lines of messages that depend on a number.
    fn variants(&self) -> impl Iterator<Item = &'static str> {
        self.0
            .lines()
            .filter(|line| line.starts_with([' ']))
            .filter_map(|line| line.split_once("] "))
            .map(|(_, text)| text)
    }
}

/// Replaces each variable: "Try again { $at }." becomes "Try again ….".
fn replace_variables(text: &str) -> String {
    let mut left = text;
    let mut whole = String::new();
    while let Some((before, rest)) = left.split_once('{') {
        whole.push_str(before);
        whole.push(VARIABLE);
        left = rest.split_once('}').map_or("", |(_, after)| after);
    }
    whole + left
}

/// Removes markdown and line breaks.
fn plain(text: &str) -> String {
    text.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn quotation_is_a_whole_text_or_its_start() {
    let english = Catalog::of(Locale::En);
    assert_eq!(english.text("button-enter-code"), "Enter code");
    assert!(
        english.has("Enter code")
            && english.has("That code is not correct. … attempts left.")
            && english.has("Start verification for …")
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
