//! Characters that people read as the same one. Addresses, codes and reasons share this table.

use std::ops::Range;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::model::normalize::{is_blank, is_unseen};

/// Returns the ASCII character that people read in this one, or the character itself: the other
/// apostrophes, hyphens, dots and at-signs, and the full-width forms.
pub(crate) fn fold(c: char) -> char {
    match c {
        // Phones type U+2019.
        '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{3002}' | '\u{fe52}' | '\u{ff61}' => '.',
        '\u{fe6b}' => '@',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Returns the characters of a text, folded, with every decimal digit as an ASCII digit.
pub(crate) fn fold_digits(text: &str) -> Vec<char> {
    text.chars().map(|c| to_ascii_digit(c).unwrap_or_else(|| fold(c))).collect()
}

/// Returns the ASCII digit for a decimal digit (category Nd) of any script.
fn to_ascii_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let is_digit = |c: &char| c.general_category() == GeneralCategory::DecimalNumber;
    if !is_digit(&c) {
        return None;
    }
    // The digits of a script are ten code points in their order, from 0 (Unicode 4.6).
    let before = (0..u32::from(c)).rev().map_while(char::from_u32).take_while(is_digit).count();
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

/// Returns where folded text contains runs of digits. Each run begins and ends with a digit.
///
/// Separators do not end a run: white space, unseen characters, and the punctuation of
/// [`is_separator`]. A date with a year of four digits is no part of a run.
pub(crate) fn digit_runs(folded: &[char]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    // True while only separators follow the newest run.
    let mut continues = false;
    while let Some((c, rest)) = folded.get(at).zip(folded.get(at..)) {
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if digits == 0 {
            continues = continues && is_separator(*c);
            at += 1;
        } else if let Some(date) = date_length(rest) {
            continues = false;
            at += date;
        } else {
            match runs.last_mut() {
                Some(run) if continues => run.end = at + digits,
                _ => runs.push(at..at + digits),
            }
            continues = true;
            at += digits;
        }
    }
    runs
}

/// Returns true for a character that people write between the digits of one code.
fn is_separator(c: char) -> bool {
    is_blank(c)
        || is_unseen(c)
        || matches!(c, '-' | '.' | ',' | '/' | ':' | '_' | '\u{b7}' | '\u{2022}' | '\u{22c5}')
}

/// Returns the length of the date with which a text begins: `2024-06-05`, `5/6/2024`, `05.06.2024`.
fn date_length(text: &[char]) -> Option<usize> {
    let mut parts = text.split(|c| !c.is_ascii_digit());
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let mark = text.get(first.len())?;
    let is_marked =
        matches!(mark, '-' | '.' | '/') && text.get(first.len() + 1 + second.len()) == Some(mark);
    let year = match [first.len(), second.len(), third.len()] {
        [4, 1..=2, 1..=2] => first,
        [1..=2, 1..=2, 4] => third,
        _ => return None,
    };
    let is_year = matches!(year, ['1', '9', ..] | ['2', '0', ..]);
    (is_marked && is_year).then_some(first.len() + second.len() + third.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_are_digits() {
        for text in [
            "0123456789",
            "٠١٢٣٤٥٦٧٨٩",
            "०१२३४५६७८९",
            "０１２３４５６７８９",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
        ] {
            assert_eq!(fold_digits(text).iter().collect::<String>(), "0123456789", "{text}");
        }
        assert_eq!(fold_digits("²Ⅳ①x"), ['²', 'Ⅳ', '①', 'x']);
    }

    #[test]
    fn every_decimal_digit_has_its_value() {
        let digits =
            ('\0'..=char::MAX).filter(|c| c.general_category() == GeneralCategory::DecimalNumber);
        let values: Vec<_> = digits.filter_map(to_ascii_digit).collect();
        assert!(values.len() > 600);
        assert!(values.chunks(10).all(|ten| ten.iter().copied().eq('0'..='9')));
    }

    #[test]
    fn runs_end_at_letters_and_dates() {
        for (text, runs) in [
            ("12 34-56", vec![(0, 8)]),
            ("a1 b2", vec![(1, 2), (4, 5)]),
            ("123456.", vec![(0, 6)]),
            ("1 2024-06-05 2", vec![(0, 1), (13, 14)]),
            ("5/6/2024", vec![]),
            ("5/6-2024 5/6/3024", vec![(0, 17)]),
            ("", vec![]),
        ] {
            let found = digit_runs(&fold_digits(text));
            let found: Vec<_> = found.into_iter().map(|run| (run.start, run.end)).collect();
            assert_eq!(found, runs, "{text}");
        }
    }
}
