//! One-time codes as people type them into a form.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::model::fold::{digit_runs, fold_digits};

/// Number of digits (NIST SP 800-63B-4 3.1.3.2: at least 6).
pub const CODE_DIGITS: usize = 6;

/// A well-formed code: six ASCII digits. The Lambda function checks it.
#[derive(Clone)]
pub struct Code(SecretString);

impl Code {
    /// Parses a code as people type and paste it: the only run of six digits in the text. Accepts
    /// words around it, digits of any script, and the separators that people write.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold_digits(text);
        let codes = digit_runs(&folded).into_iter().filter_map(|run| {
            let digits = folded.get(run)?.iter().filter(|c| c.is_ascii_digit());
            Some(digits.collect::<String>()).filter(|digits| digits.len() == CODE_DIGITS)
        });
        let [code] = <[String; 1]>::try_from(codes.collect::<Vec<_>>()).ok()?;
        Some(Self(SecretString::from(code)))
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

    /// Texts that the recovery page's script is tested with, too.
    const CASES: &str = include_str!("code_cases.json");

    fn cases(kind: &str) -> Vec<String> {
        let mut cases: serde_json::Value = serde_json::from_str(CASES).unwrap();
        serde_json::from_value(cases[kind].take()).unwrap()
    }

    #[test]
    fn parse_accepts_one_run_of_six_digits() {
        for good in cases("accepted") {
            let code = Code::parse(&good).unwrap_or_else(|| panic!("{good:?}"));
            assert_eq!(code.expose(), "123456", "{good:?}");
        }
    }

    #[test]
    fn parse_rejects_other_texts() {
        for bad in [cases("too_few_digits"), cases("refused")].concat() {
            assert!(Code::parse(&bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn debug_hides_the_digits() {
        assert_eq!(format!("{:?}", Code::parse("123456").unwrap()), "Code(••••••)");
    }
}
