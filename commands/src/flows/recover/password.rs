//! Requirements of a new password, and the validation of the form before Cognito is called.
//!
//! Cognito takes code and password in one call, so a rejected password may cost an attempt at the
//! code.

use crate::flows::recover::guessable::is_guessable;
use crate::flows::recover::messages::{Field, FieldMessage};
use crate::model::code::Code;
use crate::model::normalize::{is_blank, is_unseen};
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
    /// No white space and no unseen characters, because an agent who pasted them cannot type them.
    /// This rule is ours: Cognito's documentation is not clear on spaces.
    NoSpace,
}

impl PasswordPolicy {
    /// Returns all requirements that can be checked without Cognito, in display order.
    pub fn requirements(&self) -> Vec<Requirement> {
        let requirements = [
            // Cognito rejects an empty password under every policy.
            (true, Requirement::AtLeast(self.minimum_length.max(1))),
            (self.uppercase, Requirement::Uppercase),
            (self.lowercase, Requirement::Lowercase),
            (self.numbers, Requirement::Number),
            (self.symbols, Requirement::Symbol),
            (true, Requirement::NoSpace),
            (true, Requirement::AtMost(LONGEST_PASSWORD)),
        ];
        requirements.into_iter().filter(|(required, _)| *required).map(|(_, one)| one).collect()
    }

    /// Returns the requirements that this password does not meet. Only Cognito can check if it is
    /// one of the newest passwords.
    pub fn unmet(&self, password: &str) -> Vec<Requirement> {
        let mut unmet = self.requirements();
        unmet.retain(|requirement| !requirement.is_met_by(password));
        unmet
    }
}

impl Requirement {
    fn is_met_by(self, password: &str) -> bool {
        match self {
            Self::AtLeast(least) => password.chars().count() >= least,
            Self::AtMost(most) => password.chars().count() <= most,
            Self::Lowercase => password.contains(|c: char| c.is_ascii_lowercase()),
            Self::Uppercase => password.contains(|c: char| c.is_ascii_uppercase()),
            Self::Number => password.contains(|c: char| c.is_ascii_digit()),
            Self::Symbol => password.contains(|c: char| c.is_ascii_punctuation()),
            Self::NoSpace => !password.contains(|c| is_blank(c) || is_unseen(c)),
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

/// Parses the code and checks the password against the policy. Returns the message for the first
/// invalid field. An invalid form costs no attempt.
pub fn validate(
    locale: Locale,
    policy: &PasswordPolicy,
    code: &str,
    password: &str,
    again: &str,
) -> Result<Code, FieldMessage> {
    let invalid = |field, sentence| FieldMessage { field, sentence };
    let Some(code) = Code::parse(code) else {
        return Err(invalid(Field::Code, say!(locale, "page-malformed-code")));
    };
    let unmet: Vec<String> =
        policy.unmet(password).iter().map(|requirement| requirement.sentence(locale)).collect();
    if !unmet.is_empty() {
        let sentence = say!(locale, "page-unmet", unmet = unmet.join("; "));
        return Err(invalid(Field::Password, sentence));
    }
    if password != again {
        return Err(invalid(Field::Repeat, say!(locale, "page-mismatch")));
    }
    Ok(code)
}

/// Refuses a password that an attacker guesses early. `account` holds texts that an attacker knows
/// of the account.
pub fn refuse_guessable(
    locale: Locale,
    password: &str,
    account: &[&str],
) -> Result<(), FieldMessage> {
    if is_guessable(password, account) {
        let sentence = say!(locale, "page-guessable");
        return Err(FieldMessage { field: Field::Password, sentence });
    }
    Ok(())
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
            ("Abcdef1!\u{2800}".to_owned(), vec![NoSpace]),
            // Characters that are not seen.
            ("\u{feff}Abcdef1!".to_owned(), vec![NoSpace]),
            ("Abc\u{200b}def1!".to_owned(), vec![NoSpace]),
            ("Abcdef1!\u{7}".to_owned(), vec![NoSpace]),
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

    fn rejects(code: &str, password: &str, again: &str) -> (Field, String) {
        let message = validate(Locale::En, &strict(), code, password, again).unwrap_err();
        (message.field, message.sentence)
    }

    #[test]
    fn first_invalid_field_is_named() {
        assert_eq!(rejects("", "", "x").0, Field::Code);
        assert_eq!(rejects("12345", "weak", "x").0, Field::Code);
        let (field, sentence) = rejects("123456", "abcdefgh", "x");
        assert_eq!(
            (field, sentence.as_str()),
            (
                Field::Password,
                "Not met yet: An upper-case letter (A–Z); A number (0–9); A special character (for example ! @ # $ % & *)."
            )
        );
        assert_eq!(rejects("123456", "Abcdef1!", "Abcdef1").0, Field::Repeat);
        assert_eq!(rejects("123456", "Abcdef1!", "").0, Field::Repeat);
    }

    #[test]
    fn valid_form_returns_the_code() {
        assert_eq!(
            validate(Locale::Es, &strict(), " 123-456 ", "Abcdef1!", "Abcdef1!").unwrap().expose(),
            "123456"
        );
    }

    #[test]
    fn guessable_password_is_refused_with_its_field() {
        let message = refuse_guessable(Locale::En, "Password1!", &[]).unwrap_err();
        assert_eq!(message.field, Field::Password);
        assert!(message.sentence.starts_with("That password is easy to guess."));
        assert_eq!(refuse_guessable(Locale::En, "Kx7#qP2m", &["Ben Carter"]), Ok(()));
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
