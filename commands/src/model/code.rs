//! One-time codes as they are typed into a modal.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Digits of a code (NIST SP 800-63B-4 3.1.3.2: at least 6).
pub const CODE_DIGITS: usize = 6;

/// A well-formed code: six ASCII digits. Whether it is the right one only the Lambda knows.
#[derive(Clone)]
pub struct Code(SecretString);

impl Code {
    /// Reads a code as people type it: spaces, hyphens and full-width digits are meant well. `None`
    /// when it is not six digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(CODE_DIGITS);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '\u{ff10}'..='\u{ff19}' => {
                    digits.push(char::from_digit(u32::from(c) - 0xff10, 10)?)
                }
                '-' | '\u{2010}'..='\u{2015}' | '.' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
        }
        (digits.len() == CODE_DIGITS).then(|| Self(SecretString::from(digits)))
    }

    /// The six digits.
    #[must_use]
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
    fn reads_what_is_meant_well() {
        for good in [
            "123456",
            " 123 456 ",
            "123-456",
            "１２３４５６",
            "12 34 56",
            "123\u{2013}456",
            "123.456",
        ] {
            assert_eq!(Code::parse(good).unwrap().expose(), "123456", "{good:?}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for bad in ["", "12345", "1234567", "12345a", "abcdef", "١٢٣٤٥٦", "+123456", "123456'"]
        {
            assert!(Code::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", Code::parse("123456").unwrap()), "Code(••••••)");
    }
}
