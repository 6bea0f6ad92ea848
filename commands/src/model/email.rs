//! E-mail addresses as agents type them, and their masked form.

use std::fmt;

/// Maximum length of an address, in characters (RFC 5321 4.5.3.1: 64 + 1 + 255).
pub const LONGEST_EMAIL: usize = 320;

/// An address that is safe to look up: trimmed, lower case, one `@`, no quotes, spaces or control
/// characters. `Debug` masks it, so that no log contains an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.chars().count() > LONGEST_EMAIL {
            return None;
        }
        let (local, domain) = text.split_once('@')?;
        let fits = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(is_local_part)
            && domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        fits.then(|| Self(text.to_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the masked form, such as `j•••@e•••.com`.
    pub fn masked(&self) -> String {
        mask_email(&self.0)
    }
}

/// Returns true if the character may stand before the `@`.
pub(crate) fn is_local_part(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(c, '"' | '\'' | '\\' | '@' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '`')
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

/// Masks an address. Keeps the first letters of name and domain, and the last label.
pub fn mask_email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = |s: &str| s.chars().next().map(String::from).unwrap_or_default();
    match domain.rsplit_once('.') {
        Some((host, last)) => format!("{}•••@{}•••.{last}", first(local), first(host)),
        None => format!("{}•••", first(local)),
    }
}

/// Masks a name: `Julia Pérez` is `J*** P***`.
pub fn mask_name(name: &str) -> String {
    let masked: Vec<String> = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .map(|first| format!("{first}***"))
        .collect();
    masked.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_trims_and_lowers_case() {
        assert_eq!(Email::parse("  Julia@Example.COM ").unwrap().as_str(), "julia@example.com");
        assert_eq!(
            Email::parse("a+b.c_d%e@sub.example.co").unwrap().as_str(),
            "a+b.c_d%e@sub.example.co"
        );
    }

    #[test]
    fn parse_rejects_other_texts() {
        for bad in [
            "",
            "julia",
            "@example.com",
            "julia@",
            "julia@localhost",
            "julia@@example.com",
            "a b@example.com",
            "\"julia\"@example.com",
            "julia'--@example.com",
            "julia\\@example.com",
            "julia@example..com",
            "julia@-example.com",
            "ju\u{0}lia@example.com",
            "julia@example.com\nx",
            "' or 1=1 --@example.com",
        ] {
            assert!(Email::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn longest_address_has_320_characters() {
        let domain = |n: usize| format!("{}.com", "d".repeat(n - 4));
        let local = "l".repeat(64);
        assert!(Email::parse(&format!("{local}@{}", domain(255))).is_some());
        assert!(Email::parse(&format!("{local}@{}", domain(256))).is_none());
    }

    #[test]
    fn mask_keeps_first_letters() {
        assert_eq!(mask_email("julia@example.com"), "j•••@e•••.com");
        assert_eq!(mask_email("é@x.y.org"), "é•••@x•••.org");
        assert_eq!(mask_name("Julia Pérez  Ñandú"), "J*** P*** Ñ***");
        assert_eq!(
            format!("{:?}", Email::parse("julia@example.com").unwrap()),
            "Email(j•••@e•••.com)"
        );
    }
}
