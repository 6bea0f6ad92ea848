//! The reason for a cancel: its length, and the masking before it is stored.

use crate::model::email::{is_local_part, mask_email};
use crate::model::normalize::normalize;
use crate::model::refusal::Refusal;

/// Minimum length of a reason, in characters.
pub const SHORTEST_REASON: usize = 10;

/// Maximum length of a reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// Minimum digits in a row that are masked, because they could be a code.
const CODE_RUN: usize = 6;

/// A reason of acceptable length, in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Parses a typed reason.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = normalize(text);
        match text.chars().count() {
            n if n < SHORTEST_REASON => Err(Refusal::ReasonTooShort),
            n if n > LONGEST_REASON => Err(Refusal::ReasonTooLong),
            _ => Ok(Self(text)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Masks e-mail addresses and runs of six or more digits.
///
/// Digits form a run across the separators that [`Code`](crate::model::code::Code) accepts or
/// people write: "123 456", "12-34-56", "123 - 456".
pub fn mask(text: &str) -> String {
    let outside = |c: char| !is_local_part(c) && c != '@';
    let words = text.split_inclusive(outside).map(|piece| {
        let word = piece.trim_end_matches(outside);
        mask_word(word) + &piece[word.len()..]
    });
    mask_runs(&words.collect::<String>())
}

fn mask_word(word: &str) -> String {
    match word.matches('@').count() {
        0 => word.to_owned(),
        1 => mask_email(word),
        _ => "•••@•••".to_owned(),
    }
}

fn mask_runs(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit() || ('\u{ff10}'..='\u{ff19}').contains(&c);
    // Any number of separators. Written codes also contain commas and slashes.
    let is_separator =
        |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '.' | ',' | '/');
    let mut chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let mut end = at;
        let mut next = at;
        while let Some(c) =
            chars.get(next).filter(|c| digit(**c) || (end > at && is_separator(**c)))
        {
            next += 1;
            if digit(*c) {
                end = next;
            }
        }
        let run = &mut chars[at..end];
        if run.iter().filter(|c| digit(**c)).count() >= CODE_RUN {
            run.iter_mut().filter(|c| digit(**c)).for_each(|c| *c = '•');
        }
        at = end.max(at + 1);
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_has_at_least_ten_characters() {
        assert_eq!(Reason::parse("no  answer"), Err(Refusal::ReasonTooShort));
        assert_eq!(Reason::parse(" no \n answers ").unwrap().as_str(), "no answers");
        assert_eq!(Reason::parse("          "), Err(Refusal::ReasonTooShort));
        // Only characters that are seen count.
        assert_eq!(Reason::parse(&"no\u{200b}".repeat(4)), Err(Refusal::ReasonTooShort));
    }

    #[test]
    fn reason_has_at_most_500_characters() {
        assert!(Reason::parse(&"ñ".repeat(500)).is_ok());
        assert_eq!(Reason::parse(&"ñ".repeat(501)), Err(Refusal::ReasonTooLong));
    }

    #[test]
    fn mask_hides_addresses_and_codes() {
        assert_eq!(
            mask(
                "wrote to (julia@example.com), a@b.c@d.com, code 123456 or 12345; tel 0991234567, x１２３４５６y"
            ),
            "wrote to (j•••@e•••.com), •••@•••, code •••••• or 12345; tel ••••••••••, x••••••y"
        );
        assert_eq!(
            mask("to julia&tom@example.com, or (j!#$*/=?^{|}~t@example.com)"),
            "to j•••@e•••.com, or (j•••@e•••.com)"
        );
        assert_eq!(
            mask("to o'name@example.com, 'tom@example.com' or o\u{2019}name@example.com"),
            "to o•••@e•••.com, '•••@e•••.com' or o•••@e•••.com"
        );
        assert_eq!(
            mask("read 123 456, 12-34-56 or 1 2 3 4 5 6"),
            "read ••• •••, ••-••-•• or • • • • • •"
        );
        assert_eq!(
            mask("read 123 - 456, 123, 456 or 12/34/56; then 1 .. 2 \u{2013} 3,4, 5/ 6"),
            "read ••• - •••, •••, ••• or ••/••/••; then • .. • \u{2013} •,•, •/ •"
        );
        assert_eq!(
            mask("at 10:15 the 3 of 12; 99 - 100 and 12 34 5 too"),
            "at 10:15 the 3 of 12; 99 - 100 and 12 34 5 too"
        );
    }
}
