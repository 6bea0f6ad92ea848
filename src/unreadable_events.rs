//! Gateway events that serenity cannot read. A click in one gets no answer.
//!
//! If a field has an unexpected form, serenity treats the event as one of an unknown kind and logs
//! nothing: [`record`]. If the whole frame cannot be read, it logs a warning with the frame:
//! [`CountUnreadable`]. Both are counted at every level of `RUST_LOG`. The log gets the parser's
//! words, without the event.

use std::fmt::{Debug, Write as _};
use std::str::Chars;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::metrics;

/// Target of the warnings in serenity 0.12.5. Another module repeats them as "Unhandled error".
pub(crate) const TARGET: &str = "serenity::gateway::ws";
/// Beginnings of the warnings. The parser's words follow.
const UNREADABLE: [&str; 3] =
    ["Err deserializing text: ", "Err deserializing bytes: ", "Err decompressing bytes: "];
/// Follows the parser's words in the warning about a text frame, before the frame.
const FRAME: &str = "; text: ";
/// Most characters of the parser's words in the log.
const MAX_WORDS: usize = 200;
/// Most characters of one of the parser's words. A longer one can be a token.
const MAX_WORD: usize = 40;
/// Phrases of the parser after which it quotes a text of the event.
const BEFORE_VALUES: [&str; 3] = ["unknown variant ", "unknown field ", "character "];

/// Number of unreadable events. It belongs to the process, because the log does too.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Returns the number of unreadable events since the start of the process.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Counts and logs an event whose form the parser refused.
pub(crate) fn record(error: &serde_json::Error) {
    count_one();
    let why = without_values(&error.to_string());
    tracing::warn!("gateway event unreadable: dropped: {why}");
}

fn count_one() {
    COUNT.fetch_add(1, Ordering::Relaxed);
    metrics::count_unreadable_event();
}

/// Counts unreadable frames.
pub(crate) struct CountUnreadable;

impl<S: Subscriber> Layer<S> for CountUnreadable {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if reason(event).is_some() {
            count_one();
        }
    }
}

/// Returns why serenity could not read a frame, in the words of its parser without values
/// of the event. `None`: the log line is about something else.
pub(crate) fn reason(event: &Event<'_>) -> Option<String> {
    if event.metadata().target() != TARGET {
        return None;
    }
    let mut message = Message::default();
    event.record(&mut message);
    let words = UNREADABLE.iter().find_map(|begin| message.0.strip_prefix(begin))?;
    // `Json(Error("missing field `op`", line: 0, column: 0))`
    let error = words.split(FRAME).next()?.strip_prefix("Json(Error(\"");
    let words = error.map(|error| take_text(&mut error.chars()));
    Some(words.map_or_else(|| "cannot be decoded".to_owned(), |words| without_values(&words)))
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing to a string cannot fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// Removes what can be a value of the event. The parser prints a text in quotes, and a name or a
/// number in backticks.
fn without_values(words: &str) -> String {
    let words = without_texts(words);
    let mut parts: Vec<&str> = Vec::new();
    for (nth, part) in words.split('`').enumerate() {
        let ends = |before: &&str| BEFORE_VALUES.iter().any(|end| before.ends_with(end));
        let is_value = nth % 2 == 1 && parts.last().is_some_and(ends);
        parts.push(if is_value { "…" } else { part });
    }
    let words = parts.join("`");
    let is_long = |word: &str| word.chars().count() > MAX_WORD;
    let words = words.split(' ').map(|word| if is_long(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(MAX_WORDS).collect()
}

/// Takes a text up to its closing quote, and undoes its escapes.
fn take_text(rest: &mut Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(next) = rest.next().filter(|next| *next != '"') {
        text.extend(if next == '\\' { rest.next() } else { Some(next) });
    }
    text
}

/// Replaces the texts in quotes.
fn without_texts(words: &str) -> String {
    let (mut rest, mut kept) = (words.chars(), String::new());
    while let Some(next) = rest.next() {
        if next == '"' {
            take_text(&mut rest);
            kept.push('…');
        } else {
            kept.push(next);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the errors count")]
    struct Sample {
        locale: String,
        flags: u32,
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Known,
    }

    fn words(event: &str) -> String {
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        without_values(&serde_json::from_value::<Sample>(event).unwrap_err().to_string())
    }

    #[test]
    fn words_name_fields_and_numbers_only() {
        for (event, expected) in [
            (r#"{"flags":1,"kind":"Known"}"#, "missing field `locale`"),
            (
                r#"{"locale":"en","flags":4294967296,"kind":"Known"}"#,
                "invalid value: integer `4294967296`, expected u32",
            ),
            (
                r#"{"locale":"en","flags":"hush \"hush\", line: hush","kind":"Known"}"#,
                "invalid type: string …, expected u32",
            ),
            (r#"{"locale":"en","flags":1,"kind":"hush"}"#, "unknown variant `…`, expected `Known`"),
            (r#"{"locale":null}"#, "invalid type: null, expected a string"),
        ] {
            assert_eq!(words(event), expected);
        }
        let token = "aW50ZXJhY3Rpb246".repeat(6);
        assert_eq!(without_values(&format!("bad hash {token}")), "bad hash …");
        assert_eq!(without_values(r#"invalid type: string "hush"#), "invalid type: string …");
    }
}
