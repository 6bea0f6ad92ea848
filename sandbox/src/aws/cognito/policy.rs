//! The password policy of the user pool.

use serde_json::{Value, json};

/// The longest password that Cognito accepts.
const LONGEST: usize = 256;

/// Requirements for a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the four switches of Cognito")]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub minimum_length: usize,
    pub upper: bool,
    pub lower: bool,
    pub digit: bool,
    /// Requires one of the 32 ASCII punctuation characters.
    pub symbol: bool,
    /// Number of newest passwords, including the current one, that cannot be used again.
    pub history: usize,
}

impl Default for PasswordPolicy {
    /// Returns Cognito's default, with a history of three.
    fn default() -> Self {
        Self { minimum_length: 8, upper: true, lower: true, digit: true, symbol: true, history: 3 }
    }
}

impl PasswordPolicy {
    /// Finds the first violation of the policy, in Cognito's words.
    pub(super) fn find_violation(&self, password: &str) -> Option<&'static str> {
        let has = |kind: fn(&char) -> bool| password.chars().any(|c| kind(&c));
        let rules = [
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
        rules.into_iter().find_map(|(wrong, words)| wrong.then_some(words))
    }

    /// Returns the policy in the format of `DescribeUserPool`.
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

/// Returns true if the API's pattern accepts the password: 1 to 256 characters, no white space.
pub(super) fn is_well_formed(password: &str) -> bool {
    !password.is_empty()
        && password.chars().count() <= LONGEST
        && !password.chars().any(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_enforced() {
        let policy = PasswordPolicy::default();
        assert_eq!(policy.find_violation("Abcdef1!"), None);
        for (password, word) in [
            ("Abcde1!", "long"),
            ("abcdef1!", "uppercase"),
            ("ABCDEF1!", "lowercase"),
            ("Abcdefg!", "numeric"),
            ("Abcdefg1", "symbol"),
            ("Abcdefg1€", "symbol"),
        ] {
            assert!(policy.find_violation(password).unwrap().contains(word), "{password}");
        }
        assert!(
            !is_well_formed("with space1A!")
                && !is_well_formed("")
                && !is_well_formed(&"a".repeat(257))
        );
    }
}
