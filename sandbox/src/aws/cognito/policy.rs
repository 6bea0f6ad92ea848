//! The pool's password policy.

use serde_json::{Value, json};

/// The longest password that Cognito takes.
const LONGEST: usize = 256;

/// What a new password must be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Cognito's own four switches")]
pub struct PasswordPolicy {
    /// At least this many characters.
    pub minimum_length: usize,
    /// An upper-case letter.
    pub upper: bool,
    /// A lower-case letter.
    pub lower: bool,
    /// A digit.
    pub digit: bool,
    /// One of the 32 ASCII punctuation characters.
    pub symbol: bool,
    /// It must differ from this many of the newest passwords, the current one included.
    pub history: usize,
}

impl Default for PasswordPolicy {
    /// Cognito's own default, with a history of three.
    fn default() -> Self {
        Self { minimum_length: 8, upper: true, lower: true, digit: true, symbol: true, history: 3 }
    }
}

impl PasswordPolicy {
    /// What is wrong with a password, in Cognito's words.
    pub(super) fn find_fault(&self, password: &str) -> Option<&'static str> {
        let has = |kind: fn(&char) -> bool| password.chars().any(|c| kind(&c));
        let faults = [
            (password.chars().count() < self.minimum_length, "Password not long enough"),
            (
                self.upper && !has(char::is_ascii_uppercase),
                "Password must have uppercase characters",
            ),
            (
                self.lower && !has(char::is_ascii_lowercase),
                "Password must have lowercase characters",
            ),
            (self.digit && !has(char::is_ascii_digit), "Password must have numeric characters"),
            (
                self.symbol && !has(char::is_ascii_punctuation),
                "Password must have symbol characters",
            ),
        ];
        faults.into_iter().find_map(|(wrong, words)| wrong.then_some(words))
    }

    /// `PasswordPolicy` as `DescribeUserPool` shows it.
    pub(super) fn as_json(&self) -> Value {
        json!({
            "MinimumLength": self.minimum_length,
            "RequireUppercase": self.upper,
            "RequireLowercase": self.lower,
            "RequireNumbers": self.digit,
            "RequireSymbols": self.symbol,
            "PasswordHistorySize": self.history,
            "TemporaryPasswordValidityDays": 7,
        })
    }
}

/// Whether the wire takes this as a password at all (the API's pattern: no white space, 1 to 256
/// characters).
pub(super) fn is_well_formed(password: &str) -> bool {
    !password.is_empty()
        && password.chars().count() <= LONGEST
        && !password.chars().any(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_held() {
        let policy = PasswordPolicy::default();
        assert_eq!(policy.find_fault("Abcdef1!"), None);
        for (password, word) in [
            ("Abcde1!", "long"),
            ("abcdef1!", "uppercase"),
            ("ABCDEF1!", "lowercase"),
            ("Abcdefg!", "numeric"),
            ("Abcdefg1", "symbol"),
            ("Abcdefg1€", "symbol"),
        ] {
            assert!(policy.find_fault(password).unwrap().contains(word), "{password}");
        }
        assert!(
            !is_well_formed("with space1A!")
                && !is_well_formed("")
                && !is_well_formed(&"a".repeat(257))
        );
    }
}
