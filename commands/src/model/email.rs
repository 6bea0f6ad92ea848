//! E-mail addresses as people type and paste them, and their masked form.

mod paste;

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;

use crate::model::fold::fold;
use crate::model::normalize::{is_unseen, normalize};
use crate::model::refusal::Refusal;

/// Maximum length of the part before the `@`, in octets (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// Number of spellings in which an address is searched for. See [`Email::spellings`].
pub const SPELLINGS: usize = 12;

/// An address whose local part is a dot-atom (RFC 5322 3.2.3, with RFC 6531 for other scripts), in
/// its [`canonical`] spelling. `Debug` masks it, so that no log contains an address.
#[derive(Clone)]
pub struct Email {
    canonical: String,
    /// The address as it was typed.
    typed: String,
}

impl Email {
    /// Parses a typed or pasted address. Accepts a name, a label or a bullet before it, brackets,
    /// `mailto:` and punctuation around it. Refuses a text with different addresses.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let found = paste::addresses(&plain(text));
        let typed = found.first().ok_or(Refusal::MalformedEmail)?;
        let canonical = canonical(typed);
        if found.iter().any(|other| self::canonical(other) != canonical) {
            return Err(Refusal::SeveralEmails);
        }
        let whole = text.trim();
        let is_whole = self::canonical(whole) == canonical;
        let typed = if is_whole { whole.to_owned() } else { typed.clone() };
        // Both spellings are parsed again later, and must then give the same address.
        let is_stable = |spelling: &str| {
            let again = paste::addresses(&plain(spelling));
            !again.is_empty() && again.iter().all(|other| self::canonical(other) == canonical)
        };
        if !is_stable(&canonical) || !is_stable(&typed) {
            return Err(Refusal::MalformedEmail);
        }
        Ok(Self { canonical, typed })
    }

    /// Returns the canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// Returns the address as it was typed. Parsing it gives this address again.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Returns the masked form, such as `j•••@e•••.com`.
    pub fn masked(&self) -> String {
        mask_email(&self.canonical)
    }

    /// Returns the spellings in which Core or Cognito can have stored this address, because both
    /// search for exact spellings. Some are equal.
    ///
    /// They are the typed one; with either apostrophe, composed and decomposed, and the domain in
    /// Unicode and in punycode; and with upper case outside of ASCII, because `lower` of a database
    /// in the C locale changes ASCII only. Other equal-looking spellings are found only if they are
    /// typed so.
    pub fn spellings(&self) -> [String; SPELLINGS] {
        let own = &self.canonical;
        let ascii = ascii_domain(own).unwrap_or_else(|| own.clone());
        let curly = |address: &str| address.replace('\'', "\u{2019}");
        let spellings = [
            self.typed.clone(),
            self.typed.to_ascii_lowercase(),
            own.clone(),
            own.nfd().collect(),
            curly(own),
            curly(own).nfd().collect(),
            ascii.clone(),
            ascii.nfd().collect(),
            curly(&ascii),
            curly(&ascii).nfd().collect(),
            upper_outside_ascii(own),
            upper_outside_ascii(&ascii),
        ];
        spellings.map(|one| if canonical(&one) == *own { one } else { own.clone() })
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Email {}

/// Returns the spelling in which addresses are compared.
///
/// It is the normal form of the text, in lower case, with one form of apostrophe, hyphen, dot and
/// at-sign, without full-width forms and joiners, and with the domain in Unicode.
pub fn canonical(address: &str) -> String {
    let address: String = plain(address).to_lowercase().nfc().collect();
    unicode_domain(&address).unwrap_or(address)
}

/// Returns the normal form of an address, folded, in the case in which it was typed.
fn plain(address: &str) -> String {
    normalize(address).chars().filter(|c| !is_unseen(*c)).map(fold).collect()
}

/// Returns the address with the domain in Unicode. `None` if the domain is no valid international
/// name.
fn unicode_domain(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    if domain.is_ascii() && !domain.contains("xn--") {
        return None;
    }
    let uts46 = Uts46::new();
    let (domain, valid) = uts46.to_unicode(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    valid.is_ok().then(|| format!("{local}@{domain}"))
}

/// Returns the address with the domain in ASCII. `None` if the domain cannot exist in the DNS.
fn ascii_domain(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let uts46 = Uts46::new();
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let domain = uts46.to_ascii(domain.as_bytes(), deny, hyphens, DnsLength::Verify).ok()?;
    Some(format!("{local}@{domain}"))
}

fn upper_outside_ascii(address: &str) -> String {
    address
        .chars()
        .flat_map(|c| if c.is_ascii() { vec![c] } else { c.to_uppercase().collect() })
        .collect()
}

/// Returns the address of the mailbox behind an address, in its canonical spelling.
///
/// Mail to `name+tag@host` reaches the mailbox `name@host` (RFC 5233).
pub fn mailbox(address: &str) -> String {
    let address = canonical(address);
    let parts = address.split_once('@').and_then(|(local, domain)| {
        let (name, _) = local.split_once('+')?;
        (!name.is_empty()).then(|| format!("{name}@{domain}"))
    });
    parts.unwrap_or(address)
}

/// Returns true for a dot-atom, `@`, and a domain of at least two labels that can exist in the DNS.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    if domain.contains('@') {
        return false;
    }
    let is_dot_atom = local.len() <= LONGEST_LOCAL_PART
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext));
    is_dot_atom && domain.contains('.') && ascii_domain(address).is_some()
}

/// Returns true for `atext` (RFC 5322 3.2.3), and for seen characters of other scripts (RFC 6531).
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || !(c.is_ascii() || c.is_whitespace() || is_unseen(c))
}

/// Returns true if the character may stand before the `@`.
pub(crate) fn is_local_part(c: char) -> bool {
    is_atext(c) || c == '.'
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
mod tests;
