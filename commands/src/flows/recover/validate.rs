//! Validation of the recovery form, before Cognito is called.

use crate::flows::recover::messages::{Field, FieldMessage};
use crate::flows::recover::password::Requirement;
use crate::model::code::Code;
use crate::model::words::Locale;
use crate::ports::recovery::PasswordPolicy;
use crate::say;

/// Parses the code and checks the password. Returns the message for the first invalid field. An
/// invalid form costs no attempt.
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
    let unmet = policy.unmet(password);
    if !unmet.is_empty() {
        return Err(invalid(
            Field::Password,
            say!(locale, "page-unmet", unmet = list(locale, &unmet)),
        ));
    }
    if password != again {
        return Err(invalid(Field::Repeat, say!(locale, "page-mismatch")));
    }
    Ok(code)
}

fn list(locale: Locale, unmet: &[Requirement]) -> String {
    let lines: Vec<String> = unmet.iter().map(|requirement| requirement.sentence(locale)).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy {
        minimum_length: 8,
        lowercase: true,
        uppercase: true,
        numbers: true,
        symbols: true,
        history: 0,
    };

    fn rejects(code: &str, password: &str, again: &str) -> (Field, String) {
        let message = validate(Locale::En, &POLICY, code, password, again).unwrap_err();
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
            validate(Locale::Es, &POLICY, " 123-456 ", "Abcdef1!", "Abcdef1!").unwrap().expose(),
            "123456"
        );
    }
}
