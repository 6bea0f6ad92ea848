//! Numbers of the company's ticket system.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::refusal::Refusal;

/// Maximum length of a ticket number, in characters.
pub const LONGEST_TICKET: usize = 64;

/// Number in the company's ticket system, such as `ZD-1234`.
///
/// It cannot hold an e-mail address, because it has no `@`. It leads back to the customer, so it is
/// sealed with what the session is about, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Ticket(Box<str>);

impl Ticket {
    /// Parses a typed number: ASCII letters, digits and `- _ # / . :`. Ignores spaces around it,
    /// because keyboards of phones add them.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim_matches(' ');
        let fits = (1..=LONGEST_TICKET).contains(&text.len()) && text.bytes().all(is_allowed);
        if fits { Ok(Self(text.into())) } else { Err(Refusal::MalformedTicket) }
    }

    /// Returns the number as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the spelling in which numbers are compared, because people type them in any case.
    pub fn search_key(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'#' | b'/' | b'.' | b':')
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({} characters)", self.0.len())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a ticket number")]
pub struct NotATicket;

impl TryFrom<String> for Ticket {
    type Error = NotATicket;

    fn try_from(text: String) -> Result<Self, NotATicket> {
        Self::parse(&text).map_err(|_| NotATicket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_has_1_to_64_characters() {
        for good in ["7", &"x".repeat(64), "ZD-1234", "#42", "a_b/c.d:9"] {
            assert_eq!(Ticket::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", &"x".repeat(65)] {
            assert_eq!(Ticket::parse(bad), Err(Refusal::MalformedTicket), "{bad:?}");
        }
    }

    #[test]
    fn other_characters_are_refused() {
        for bad in [
            "julia@example.com",
            " ",
            "ZD 1234",
            "ZD\t1234",
            "ZD-1234\n",
            "\u{0}",
            "ZD\u{7}",
            "ñ",
            "ＺＤ",
            "ZD–1234",
            "ZD\u{200b}1234",
            "٣",
            "<@1>",
            "[x](y)",
            "a\\b",
            "a,b",
        ] {
            assert_eq!(Ticket::parse(bad), Err(Refusal::MalformedTicket), "{bad:?}");
        }
    }

    #[test]
    fn spaces_around_a_ticket_do_not_count() {
        let spaced = format!("  {} ", "x".repeat(64));
        assert_eq!(Ticket::parse(&spaced).unwrap().as_str(), "x".repeat(64));
    }

    #[test]
    fn search_key_ignores_the_case() {
        let key = |text| Ticket::parse(text).unwrap().search_key();
        assert_eq!(key("zd-12a"), key("ZD-12A"));
        assert_ne!(key("zd-12a"), key("zd_12a"));
    }

    #[test]
    fn ticket_is_stored_as_text_and_kept_out_of_debug() {
        let ticket = Ticket::parse("ZD-1234").unwrap();
        let json = serde_json::to_string(&ticket).unwrap();
        assert_eq!(json, r#""ZD-1234""#);
        assert_eq!(serde_json::from_str::<Ticket>(&json).unwrap(), ticket);
        assert!(serde_json::from_str::<Ticket>(r#""a b""#).is_err());
        assert_eq!(format!("{ticket:?}"), "Ticket(7 characters)");
    }
}
