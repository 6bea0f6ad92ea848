//! The reason for which an agent cancels: its length, and what is masked in it before it is kept.

use crate::email::mask_email;
use crate::error::Refusal;

/// The shortest reason, in characters.
pub const SHORTEST_REASON: usize = 10;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;
/// Digits in a row from which on they could be a code, and are masked.
const CODE_RUN: usize = 6;

/// A reason of acceptable length, trimmed, with its white space folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Reads a reason as it was typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.chars().count() {
            n if n < SHORTEST_REASON => Err(Refusal::ReasonTooShort),
            n if n > LONGEST_REASON => Err(Refusal::ReasonTooLong),
            _ => Ok(Self(text)),
        }
    }

    /// The reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text with e-mail addresses and runs of six or more digits masked.
#[must_use]
pub fn mask(text: &str) -> String {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '%' | '+' | '-');
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if in_word(c) {
            word.push(c);
        } else {
            out.push_str(&mask_word(&word));
            word.clear();
            out.push(c);
        }
    }
    out + &mask_word(&word)
}

fn mask_word(word: &str) -> String {
    match word.matches('@').count() {
        0 => mask_runs(word),
        1 => mask_email(word),
        _ => "•••@•••".to_owned(),
    }
}

fn mask_runs(word: &str) -> String {
    let digit = |c: char| c.is_ascii_digit() || ('\u{ff10}'..='\u{ff19}').contains(&c);
    let chars: Vec<char> = word.chars().collect();
    let same_kind = |a: &char, b: &char| digit(*a) == digit(*b);
    let mask_run = |run: &[char]| {
        if digit(run[0]) && run.len() >= CODE_RUN { "•".repeat(run.len()) } else { run.iter().collect() }
    };
    chars.chunk_by(same_kind).map(mask_run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_characters_are_enough_and_nine_are_not() {
        assert_eq!(Reason::parse("no  answer"), Err(Refusal::ReasonTooShort));
        assert_eq!(Reason::parse(" no \n answers ").unwrap().as_str(), "no answers");
        assert_eq!(Reason::parse("          "), Err(Refusal::ReasonTooShort));
    }

    #[test]
    fn five_hundred_characters_are_the_most() {
        assert!(Reason::parse(&"ñ".repeat(500)).is_ok());
        assert_eq!(Reason::parse(&"ñ".repeat(501)), Err(Refusal::ReasonTooLong));
    }

    #[test]
    fn addresses_and_codes_are_masked() {
        assert_eq!(
            mask("wrote to (julia@example.com), a@b.c@d.com, code 123456 or 12345; tel 0991234567, x１２３４５６y"),
            "wrote to (j•••@e•••.com), •••@•••, code •••••• or 12345; tel ••••••••••, x••••••y"
        );
    }
}
