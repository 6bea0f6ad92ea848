//! One-time codes as people type them into a form.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::model::normalize::is_unseen;

/// Number of digits (NIST SP 800-63B-4 3.1.3.2: at least 6).
pub const CODE_DIGITS: usize = 6;

/// A well-formed code: six ASCII digits. The Lambda function checks it.
#[derive(Clone)]
pub struct Code(SecretString);

impl Code {
    /// Parses a code as people type and paste it: accepts spaces, hyphens, dots, full-width digits
    /// and unseen characters.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(CODE_DIGITS);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '\u{ff10}'..='\u{ff19}' => {
                    digits.push(char::from_digit(u32::from(c) - 0xff10, 10)?);
                }
                '-' | '\u{2010}'..='\u{2015}' | '.' => {}
                c if c.is_whitespace() || is_unseen(c) => {}
                _ => return None,
            }
        }
        (digits.len() == CODE_DIGITS).then(|| Self(SecretString::from(digits)))
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(••••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_separators_and_full_width_digits() {
        for good in [
            "123456",
            " 123 456 ",
            "123-456",
            "１２３４５６",
            "12 34 56",
            "123\u{2013}456",
            "123.456",
            "\u{feff}123\u{200b}456\u{202c}",
        ] {
            assert_eq!(Code::parse(good).unwrap().expose(), "123456", "{good:?}");
        }
    }

    #[test]
    fn parse_rejects_other_texts() {
        for bad in ["", "12345", "1234567", "12345a", "abcdef", "١٢٣٤٥٦", "+123456", "123456'"]
        {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn debug_hides_the_digits() {
        assert_eq!(format!("{:?}", Code::parse("123456").unwrap()), "Code(••••••)");
    }
}
