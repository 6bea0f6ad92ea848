//! E-mail addresses as people type and paste them, and their masked form.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::model::normalize::{is_unseen, normalize};

/// Maximum length of the part before the `@`, in octets (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// Maximum length of the domain, in octets (RFC 5321 4.5.3.1.2).
const LONGEST_DOMAIN: usize = 255;

/// Maximum length of one label of the domain, in octets (RFC 1035 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Characters around a pasted address that cannot be its first.
const OPENING: [char; 9] = [' ', '<', '(', '[', '"', '“', '„', '«', ':'];

/// Characters around a pasted address that cannot be its last.
const CLOSING: [char; 19] = [
    ' ', '.', ',', ';', ':', '!', '?', '>', ')', ']', '}', '"', '“', '”', '»', '\'', '`', '*', '_',
];

/// Quotes that an address can begin with. They are no part of it if they are closed behind it.
const QUOTES: [(char, char); 5] = [('\'', '\''), ('`', '`'), ('*', '*'), ('_', '_'), ('{', '}')];

/// An address whose local part is a dot-atom (RFC 5322 3.2.3, with RFC 6531 for other scripts), in
/// its [`canonical`] spelling. `Debug` masks it, so that no log contains an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Parses a typed or pasted address. Accepts a name before it, brackets, `mailto:` and
    /// punctuation around it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = canonical(text);
        if text.matches('@').count() != 1 {
            return None;
        }
        let address = bare(&text);
        let (local, domain) = address.split_once('@')?;
        (is_dot_atom(local) && is_domain(domain)).then(|| Self(address.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the masked form, such as `j•••@e•••.com`.
    pub fn masked(&self) -> String {
        mask_email(&self.0)
    }

    /// Returns the spellings in which Core or Cognito can have stored this address, the canonical
    /// one first. Both search for exact spellings only.
    pub fn spellings(&self) -> [String; 4] {
        let curly = self.0.replace('\'', "\u{2019}");
        [self.0.clone(), self.0.nfd().collect(), curly.nfd().collect(), curly]
    }
}

/// Returns the spelling in which addresses are compared: the normal form of the text, in lower
/// case, with one form of apostrophe and hyphen, and without full-width forms.
pub fn canonical(address: &str) -> String {
    let one_form = |c: char| match c {
        // Phones type U+2019. The others look the same.
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    let plain: String = normalize(address).chars().map(one_form).collect();
    plain.to_lowercase().nfc().collect()
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

/// Returns the address in a canonical text: `Julia Peña <julia@example.com>`,
/// `mailto:julia@example.com?subject=Help`, `(julia@example.com).`
fn bare(text: &str) -> &str {
    let text = text.rsplit_once('<').map_or(text, |(_, rest)| rest);
    let text = text.split_once('>').map_or(text, |(inside, _)| inside);
    let text = text.trim_start_matches(OPENING);
    let text = text.strip_prefix("mailto:").map_or(text, str::trim_start);
    let query = text.find('@').and_then(|at| Some(at + text.get(at..)?.find('?')?));
    let text = query.and_then(|query| text.get(..query)).unwrap_or(text);
    let address = text.trim_end_matches(CLOSING);
    let behind = text.strip_prefix(address).unwrap_or_default();
    let quoted =
        QUOTES.iter().find(|(open, close)| address.starts_with(*open) && behind.contains(*close));
    quoted.map_or(address, |(open, _)| address.trim_start_matches(*open))
}

/// Returns true for one or more atoms with single dots between them.
fn is_dot_atom(local: &str) -> bool {
    local.len() <= LONGEST_LOCAL_PART
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

fn is_domain(domain: &str) -> bool {
    domain.len() <= LONGEST_DOMAIN
        && domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=LONGEST_LABEL).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
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
