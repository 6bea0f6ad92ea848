//! Text from a database, made safe to print.
//!
//! A writer of the database can put an escape sequence of a terminal, a change of the writing
//! direction or a line break into a text. If it were printed unchanged, it could hide or forge what
//! an operator reads.

use std::fmt::Write as _;
use std::io;

use commands::screens::csv_file::FORMULA_STARTS;
use serde_json::ser::Formatter;

/// Returns true if a terminal shows the character as itself: no control or format character, no
/// space other than U+0020, and no combining mark.
fn is_plain(c: char) -> bool {
    matches!(c, '\'' | '"' | '\\') || c.escape_debug().count() == 1
}

/// Escapes a text for a terminal, in Rust's form: `\u{1b}`. A backslash is doubled, so that the
/// result is unambiguous.
pub(crate) fn for_terminal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            c => push(&mut escaped, c),
        }
    }
    escaped
}

/// Escapes a text for a cell of a CSV file, in Rust's form: `\u{1b}`.
///
/// A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV
/// Injection"). Ids and MACs can begin with a hyphen and are no formulas.
pub(crate) fn for_csv(text: &str) -> String {
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let is_formula = text.starts_with(FORMULA_STARTS) && !is_word(text);
    let mut escaped = String::with_capacity(text.len());
    if is_formula {
        escaped.push('\'');
    }
    text.chars().for_each(|c| push(&mut escaped, c));
    escaped
}

fn push(escaped: &mut String, c: char) {
    if is_plain(c) {
        escaped.push(c);
    } else {
        // Writing to a text cannot fail.
        let _ = write!(escaped, "{}", c.escape_unicode());
    }
}

/// Writes compact JSON in which every character that is not plain is escaped as `\u001b`. The
/// values stay what they are.
pub(crate) struct EscapedJson;

impl Formatter for EscapedJson {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        writer.write_all(escape_in_json(fragment).as_bytes())
    }
}

/// Escapes a line of JSON, whose end stays. Outside of its texts JSON has only plain characters.
pub(crate) fn escape_json_line(line: &str) -> String {
    line.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => escape_in_json(line) + "\n",
            None => escape_in_json(line),
        })
        .collect()
}

fn escape_in_json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize as _;

    use super::*;

    /// An escape sequence, C1's CSI, a line break, two directions, invisible and wide characters.
    const HOSTILE: &str = "a\u{1b}[2Jb\u{9b}c\r\nd\u{202e}e\u{2067}f\u{200b}g\u{feff}h\u{e0001}";

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        let mut json = serde_json::Serializer::with_formatter(&mut out, EscapedJson);
        text.serialize(&mut json).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hostile_text_is_escaped() {
        let escaped = r"a\u{1b}[2Jb\u{9b}c\u{d}\u{a}d\u{202e}e\u{2067}f\u{200b}g\u{feff}h\u{e0001}";
        assert_eq!(for_terminal(HOSTILE), escaped);
        assert_eq!(for_csv(HOSTILE), escaped);
        assert_eq!(
            json(HOSTILE),
            r#""a\u001b[2Jb\u009bc\r\nd\u202ee\u2067f\u200bg\ufeffh\udb40\udc01""#
        );
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["looked_up", "Julia Pérez", "{\"why\":\"it's 漢字 😀\"}", ""] {
            assert_eq!(for_terminal(text), text);
            assert_eq!(for_csv(text), text);
        }
        assert_eq!(for_terminal(r"\u{1b}"), r"\\u{1b}", "not mistaken for an escape");
        assert_eq!(for_csv(r#"{"a":"\n"}"#), r#"{"a":"\n"}"#);
    }

    #[test]
    fn formula_of_spreadsheet_is_quoted() {
        for text in ["=1+1", "+1", "-1+1", "@SUM(A1)", "＝1", "＋1", "－1", "＠SUM(A1)"] {
            assert_eq!(for_csv(text), format!("'{text}"));
        }
        assert_eq!(for_csv("-abc_DEF-1"), "-abc_DEF-1", "an id or a MAC");
    }

    proptest! {
        #[test]
        fn no_text_reaches_the_output_raw(chars in prop::collection::vec(any::<char>(), 0..40)) {
            let text: String = chars.into_iter().collect();
            for escaped in [for_terminal(&text), for_csv(&text), json(&text)] {
                prop_assert!(escaped.chars().all(|c| !c.is_control() && is_plain(c)), "{escaped:?}");
            }
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        }
    }
}
