//! What was typed into the page, looked over before anything of it is sent.

use crate::flows::recover::messages::{Field, FieldMessage};
use crate::flows::recover::password::Requirement;
use crate::model::code::Code;
use crate::model::words::Locale;
use crate::ports::recovery::PasswordPolicy;
use crate::say;

/// Reads code and password, or says what is wrong, in the order of the fields. Nothing is sent,
/// nothing counts as a try.
pub fn validate(
    locale: Locale,
    policy: &PasswordPolicy,
    code: &str,
    password: &str,
    again: &str,
) -> Result<Code, FieldMessage> {
    let said = |field, sentence| FieldMessage { field, sentence };
    let Some(code) = Code::parse(code) else {
        return Err(said(Field::Code, say!(locale, "page-malformed-code")));
    };
    let unmet = policy.unmet(password);
    if !unmet.is_empty() {
        return Err(said(
            Field::Password,
            say!(locale, "page-unmet", unmet = list(locale, &unmet)),
        ));
    }
    if password != again {
        return Err(said(Field::Repeat, say!(locale, "page-mismatch")));
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

    fn wrong(code: &str, password: &str, again: &str) -> (Field, String) {
        let said = validate(Locale::En, &POLICY, code, password, again).unwrap_err();
        (said.field, said.sentence)
    }

    #[test]
    fn the_first_field_that_is_wrong_is_named() {
        assert_eq!(wrong("", "", "x").0, Field::Code);
        assert_eq!(wrong("12345", "weak", "x").0, Field::Code);
        let (field, sentence) = wrong("123456", "abcdefgh", "x");
        assert_eq!(
            (field, sentence.as_str()),
            (
                Field::Password,
                "Not met yet: An upper-case letter (A–Z); A number (0–9); A special character (for example ! @ # $ % & *)."
            )
        );
        assert_eq!(wrong("123456", "Abcdef1!", "Abcdef1").0, Field::Repeat);
        assert_eq!(wrong("123456", "Abcdef1!", "").0, Field::Repeat);
    }

    #[test]
    fn what_is_right_is_read() {
        assert_eq!(
            validate(Locale::Es, &POLICY, " 123-456 ", "Abcdef1!", "Abcdef1!").unwrap().expose(),
            "123456"
        );
    }
}
