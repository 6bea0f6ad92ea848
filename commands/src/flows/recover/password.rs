//! Requirements of a new password, checked before Cognito is called.
//!
//! Cognito takes code and password in one call, so a rejected password may cost an attempt at the
//! code.

use crate::model::words::Locale;
use crate::ports::recovery::PasswordPolicy;
use crate::say;

/// Maximum length of a password in Cognito's API, in characters.
const LONGEST_PASSWORD: usize = 256;

/// Requirement of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// At least this many characters.
    AtLeast(usize),
    /// At most this many characters.
    AtMost(usize),
    /// A lower-case letter, a to z.
    Lowercase,
    /// An upper-case letter, A to Z.
    Uppercase,
    /// A digit, 0 to 9.
    Number,
    /// One of the 32 ASCII punctuation characters, which Cognito calls special.
    Symbol,
    /// No white space.
    NoSpace,
}

impl PasswordPolicy {
    /// Returns all requirements that can be checked without Cognito, in display order.
    pub fn requirements(&self) -> Vec<Requirement> {
        let when = |required: bool, requirement| required.then_some(requirement);
        [
            // Cognito rejects an empty password under every policy.
            Some(Requirement::AtLeast(self.minimum_length.max(1))),
            when(self.uppercase, Requirement::Uppercase),
            when(self.lowercase, Requirement::Lowercase),
            when(self.numbers, Requirement::Number),
            when(self.symbols, Requirement::Symbol),
            Some(Requirement::NoSpace),
            Some(Requirement::AtMost(LONGEST_PASSWORD)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the requirements that this password does not meet. Only Cognito can check if it is
    /// one of the newest passwords.
    pub fn unmet(&self, password: &str) -> Vec<Requirement> {
        self.requirements()
            .into_iter()
            .filter(|requirement| !requirement.is_met_by(password))
            .collect()
    }
}

impl Requirement {
    pub fn is_met_by(self, password: &str) -> bool {
        match self {
            Self::AtLeast(least) => password.chars().count() >= least,
            Self::AtMost(most) => password.chars().count() <= most,
            Self::Lowercase => password.contains(|c: char| c.is_ascii_lowercase()),
            Self::Uppercase => password.contains(|c: char| c.is_ascii_uppercase()),
            Self::Number => password.contains(|c: char| c.is_ascii_digit()),
            Self::Symbol => password.contains(|c: char| c.is_ascii_punctuation()),
            Self::NoSpace => !password.contains(char::is_whitespace),
        }
    }

    /// Returns the word that the page's script uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at-least",
            Self::AtMost(_) => "at-most",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
            Self::Number => "number",
            Self::Symbol => "symbol",
            Self::NoSpace => "no-space",
        }
    }

    /// Returns the line in the page's list.
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::AtLeast(least) => say!(locale, "requirement-at-least", least = least),
            Self::AtMost(most) => say!(locale, "requirement-at-most", most = most),
            Self::Lowercase => say!(locale, "requirement-lowercase"),
            Self::Uppercase => say!(locale, "requirement-uppercase"),
            Self::Number => say!(locale, "requirement-number"),
            Self::Symbol => say!(locale, "requirement-symbol"),
            Self::NoSpace => say!(locale, "requirement-no-space"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cognito's default policy.
    fn strict() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 8,
            lowercase: true,
            uppercase: true,
            numbers: true,
            symbols: true,
            history: 0,
        }
    }

    fn lax() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 6,
            lowercase: false,
            uppercase: false,
            numbers: false,
            symbols: false,
            history: 3,
        }
    }

    #[test]
    fn unmet_names_each_requirement_at_its_edge() {
        use Requirement::{AtLeast, AtMost, Lowercase, NoSpace, Number, Symbol, Uppercase};
        for (password, unmet) in [
            ("Abcdef1!".to_owned(), vec![]),
            ("Abcde1!".to_owned(), vec![AtLeast(8)]),
            ("abcdef1!".to_owned(), vec![Uppercase]),
            ("ABCDEF1!".to_owned(), vec![Lowercase]),
            ("Abcdefg!".to_owned(), vec![Number]),
            ("Abcdefg1".to_owned(), vec![Symbol]),
            // Cognito ignores letters, digits and signs of other scripts.
            ("Ñbcdef1!".to_owned(), vec![Uppercase]),
            ("ABCDEFñ1!".to_owned(), vec![Lowercase]),
            ("Abcdefg١!".to_owned(), vec![Number]),
            ("Abcdefg1€".to_owned(), vec![Symbol]),
            ("Abcdefg1¿".to_owned(), vec![Symbol]),
            // Every kind of white space.
            ("Abc def1!".to_owned(), vec![NoSpace]),
            ("Abcdef1! ".to_owned(), vec![NoSpace]),
            ("Abcdef1!\n".to_owned(), vec![NoSpace]),
            ("Abcdef1!\u{a0}".to_owned(), vec![NoSpace]),
            // The length counts characters, not bytes.
            ("Aa1!ññññ".to_owned(), vec![]),
            ("Aa1!😀😀😀".to_owned(), vec![AtLeast(8)]),
            (format!("Aa1!{}", "ñ".repeat(252)), vec![]),
            (format!("Aa1!{}", "ñ".repeat(253)), vec![AtMost(256)]),
            (String::new(), vec![AtLeast(8), Uppercase, Lowercase, Number, Symbol]),
        ] {
            assert_eq!(strict().unmet(&password), unmet, "{password:?}");
        }
    }

    #[test]
    fn exactly_32_characters_are_special() {
        let special: String = (0..=0x2fff)
            .filter_map(char::from_u32)
            .filter(|c| Requirement::Symbol.is_met_by(&c.to_string()))
            .collect();
        assert_eq!(special, r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##);
        assert_eq!(special.len(), 32);
    }

    #[test]
    fn lax_policy_requires_only_a_length() {
        assert_eq!(lax().unmet("aaaaaa"), []);
        assert_eq!(lax().unmet("aaaaa"), [Requirement::AtLeast(6)]);
        let none = PasswordPolicy { minimum_length: 0, ..lax() };
        assert_eq!(none.unmet(""), [Requirement::AtLeast(1)]);
    }

    #[test]
    fn each_requirement_has_its_own_line() {
        for locale in [Locale::En, Locale::Es] {
            let lines: std::collections::HashSet<String> = strict()
                .requirements()
                .iter()
                .map(|requirement| requirement.sentence(locale))
                .collect();
            assert_eq!(lines.len(), strict().requirements().len());
        }
        assert_eq!(Requirement::AtLeast(12).sentence(Locale::En), "At least 12 characters");
    }

    proptest! {
        #[test]
        fn longer_password_meets_the_same_requirements(password in "\\PC{0,40}", more in "[a-zA-Z0-9!-/]{0,20}") {
            let before = strict().unmet(&password);
            let after = strict().unmet(&format!("{password}{more}"));
            prop_assert!(after.iter().all(|requirement| before.contains(requirement)));
        }
    }
}
