//! E-mail addresses as agents type them, and the masked form in which they are shown and kept.

use std::fmt;

/// The longest address that is looked up, in characters (RFC 5321 4.5.3.1: 64 + 1 + 255).
pub const LONGEST_EMAIL: usize = 320;

/// An address that is safe to look up: trimmed, lower case, one `@`, no quotes, spaces or control
/// characters.
///
/// `Debug` shows the masked form, so that an address cannot slip into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.chars().count() > LONGEST_EMAIL {
            return None;
        }
        let (local, domain) = text.split_once('@')?;
        let fits = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(is_plain)
            && domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        fits.then(|| Self(text.to_lowercase()))
    }

    /// The address itself, lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `j•••@e•••.com`: enough to recognise, not enough to write to.
    #[must_use]
    pub fn masked(&self) -> String {
        mask_email(&self.0)
    }
}

/// Whether a character may stand before the `@`.
pub(crate) fn is_plain(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(c, '"' | '\'' | '\\' | '@' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '`')
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

/// Masks an address: first letter of the name and of the domain, and the last label.
#[must_use]
pub fn mask_email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = |s: &str| s.chars().next().map(String::from).unwrap_or_default();
    match domain.rsplit_once('.') {
        Some((host, last)) => format!("{}•••@{}•••.{last}", first(local), first(host)),
        None => format!("{}•••", first(local)),
    }
}

/// Masks a name: `Julia Pérez` is `J*** P***`.
#[must_use]
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
    fn reads_what_people_type() {
        assert_eq!(Email::parse("  Julia@Example.COM ").unwrap().as_str(), "julia@example.com");
        assert_eq!(
            Email::parse("a+b.c_d%e@sub.example.co").unwrap().as_str(),
            "a+b.c_d%e@sub.example.co"
        );
    }

    #[test]
    fn refuses_what_cannot_be_an_address() {
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
    fn the_longest_is_320() {
        let domain = |n: usize| format!("{}.com", "d".repeat(n - 4));
        let local = "l".repeat(64);
        assert!(Email::parse(&format!("{local}@{}", domain(255))).is_some());
        assert!(Email::parse(&format!("{local}@{}", domain(256))).is_none());
    }

    #[test]
    fn masks() {
        assert_eq!(mask_email("julia@example.com"), "j•••@e•••.com");
        assert_eq!(mask_email("é@x.y.org"), "é•••@x•••.org");
        assert_eq!(mask_name("Julia Pérez  Ñandú"), "J*** P*** Ñ***");
        assert_eq!(
            format!("{:?}", Email::parse("julia@example.com").unwrap()),
            "Email(j•••@e•••.com)"
        );
    }
}
