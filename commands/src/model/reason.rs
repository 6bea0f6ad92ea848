//! The reason for a cancel: its length, and the masking before it is stored.

use crate::model::email::{is_local_part, mask_email};
use crate::model::fold::{digit_runs, fold, fold_digits};
use crate::model::normalize::{is_joiner, is_mark, normalize};
use crate::model::refusal::Refusal;

/// Minimum length of a reason, in characters. Marks on a character do not count.
pub const SHORTEST_REASON: usize = 10;

/// Maximum length of a reason, in code points.
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
        let bases = text.chars().filter(|c| !is_mark(*c) && !is_joiner(*c)).count();
        if bases < SHORTEST_REASON {
            Err(Refusal::ReasonTooShort)
        } else if text.chars().count() > LONGEST_REASON {
            Err(Refusal::ReasonTooLong)
        } else {
            Ok(Self(text))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Masks e-mail addresses and runs of six or more digits, also in other scripts and full-width
/// forms.
///
/// Digits form a run across white space and `-` `.` `,` `/` `:` `_` `·` `•`, in any number and in
/// every form that looks like them: "123 456", "12:34:56", "123 - 456". Clock times stay, because
/// they have four digits. Dates with a year of four digits stay, too.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().map(|c| fold(*c)).collect();
    let is_inside = |c: &&char| is_local_part(**c) || **c == '@';
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = at + folded[at..].iter().take_while(is_inside).count();
        let word: String = folded[at..end].iter().collect();
        match word.matches('@').count() {
            0 => masked.extend(&chars[at..end]),
            1 => masked.push_str(&mask_email(&word)),
            _ => masked.push_str("•••@•••"),
        }
        // The character that ends the word.
        masked.extend(chars.get(end));
        at = end + 1;
    }
    mask_runs(&masked)
}

fn mask_runs(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let folded = fold_digits(text);
    for run in digit_runs(&folded) {
        let digits: Vec<usize> = run.filter(|at| folded[*at].is_ascii_digit()).collect();
        if digits.len() >= CODE_RUN {
            for at in digits {
                chars[at] = '•';
            }
        }
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
        for unseen in [
            "no\u{200b}".repeat(4),
            format!("a{}", "\u{301}".repeat(9)),
            "e\u{323}\u{302}x".repeat(4),
        ] {
            assert_eq!(Reason::parse(&unseen), Err(Refusal::ReasonTooShort), "{unseen}");
        }
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

    #[test]
    fn mask_hides_other_forms() {
        for (text, masked) in [
            ("julia＠example.com", "j•••@e•••.com"),
            ("(julia\u{fe6b}example。com)", "(j•••@e•••.com)"),
            ("١٢٣٤٥٦ or 𝟏𝟐𝟑𝟒𝟓𝟔", "•••••• or ••••••"),
            ("12:34:56, then 123·456", "••:••:••, then •••·•••"),
            ("123_456; 123−456; 123。456", "•••_•••; •••−•••; •••。•••"),
            // Clock times and dates are no codes.
            ("10:15 on 2024-06-05 11:20", "10:15 on 2024-06-05 11:20"),
            ("5/6/2024, 05.06.2024", "5/6/2024, 05.06.2024"),
            ("12/34/5678, 12-34/2056", "••/••/••••, ••-••/••••"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }
}
