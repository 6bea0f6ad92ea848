//! Counts and shares as a language writes them.

use crate::model::words::Locale;
use crate::say;

/// Digits of a group.
const GROUP: usize = 3;

/// Formats a count with the language's separator of thousands (CLDR: `en`, `es`). Spanish separates
/// only from five digits on.
pub fn number(locale: Locale, count: u64) -> String {
    let digits = count.to_string();
    let (separator, ungrouped) = match locale {
        Locale::En => (',', GROUP),
        Locale::Es => ('.', GROUP + 1),
    };
    if digits.len() <= ungrouped {
        return digits;
    }
    let mut grouped = String::with_capacity(digits.len() + digits.len() / GROUP);
    for (nth, digit) in digits.char_indices() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(GROUP) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// Formats a part of a whole as a rounded percentage. `None` without a whole.
pub fn percent(locale: Locale, part: u64, whole: u64) -> Option<String> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let value = (part * 200 + whole).checked_div(whole * 2)?;
    Some(say!(locale, "percent", value = value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_is_grouped_as_the_language_does() {
        for (count, english, spanish) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_234, "1,234", "1234"),
            (12_345, "12,345", "12.345"),
            (1_234_567, "1,234,567", "1.234.567"),
        ] {
            assert_eq!(number(Locale::En, count), english);
            assert_eq!(number(Locale::Es, count), spanish);
        }
        assert_eq!(number(Locale::En, u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn share_is_rounded_half_up() {
        let percent = |part, whole| percent(Locale::En, part, whole);
        assert_eq!(percent(268, 353).as_deref(), Some("76\u{a0}%"));
        assert_eq!(percent(1, 200).as_deref(), Some("1\u{a0}%"));
        assert_eq!(percent(1, 201).as_deref(), Some("0\u{a0}%"));
        assert_eq!(percent(u64::MAX, u64::MAX).as_deref(), Some("100\u{a0}%"));
        assert_eq!(percent(0, 0), None);
    }
}
