//! Addresses in what mail programs, chats and documents copy.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::model::email::{canonical, is_address, is_atext};

/// Quotes that an address can begin with. They are no part of it if they are closed behind it.
const QUOTES: [(char, char); 5] = [('\'', '\''), ('`', '`'), ('*', '*'), ('_', '_'), ('{', '}')];

/// Fields of a `mailto:` link that name other recipients (RFC 6068 2).
const RECIPIENTS: [&str; 3] = ["to=", "cc=", "bcc="];

/// Returns the addresses in a text in its plain form. Empty if the text has none, or contains
/// something else that could be a part of one.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let bracketed: Vec<&str> = text
        .split('<')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.0))
        .filter(|inside| inside.contains('@'))
        .collect();
    // A link in Markdown is `[text](address)`.
    let text = text.replace("](", " (");
    let words: Vec<&str> =
        text.split([' ', ',', ';', '<', '>']).filter(|word| !word.is_empty()).collect();
    let found: Option<Vec<String>> = if bracketed.is_empty() {
        let (Some(first), Some(last)) =
            (words.iter().position(has_at), words.iter().rposition(has_at))
        else {
            return Vec::new();
        };
        let is_led = is_label(&words[..first]) || words[first].starts_with(['(', '[']);
        // The closing bracket can be missing.
        let is_led = is_led || text.contains('<');
        if !is_led || !is_remark(&words[last + 1..]) {
            return Vec::new();
        }
        words.into_iter().filter(has_at).map(bare).collect()
    } else {
        // The words before the brackets are a name, which can contain an address.
        let named = words.iter().filter_map(|word| bare(word)).map(Some);
        bracketed.into_iter().map(|inside| bare(inside.trim())).chain(named).collect()
    };
    found.unwrap_or_default()
}

fn has_at(word: &&str) -> bool {
    word.contains('@') || word.contains("%40")
}

fn is_letterless(word: &&str) -> bool {
    !word.contains(char::is_alphanumeric)
}

/// Returns true for the words before an address that end with a colon, and for bullets.
fn is_label(words: &[&str]) -> bool {
    let last = words.iter().rfind(|word| !is_letterless(word));
    last.is_none_or(|word| word.ends_with(':'))
}

/// Returns true for the words after an address in parentheses, and for punctuation.
fn is_remark(words: &[&str]) -> bool {
    let first = words.iter().find(|word| !is_letterless(word));
    let last = words.iter().rfind(|word| !is_letterless(word));
    first.zip(last).is_none_or(|(first, last)| first.starts_with('(') && last.contains(')'))
}

/// Returns the address in one word: `(julia@example.com).`, `mailto:julia@example.com?subject=x`.
fn bare(word: &str) -> Option<String> {
    let word = word.trim_start_matches(is_opening);
    let (label, rest) = word.split_once(':').unwrap_or(("", word));
    let is_link = label.eq_ignore_ascii_case("mailto");
    let is_label = label.chars().all(|c| c.is_alphabetic() || c == '-') && !rest.starts_with("//");
    let text = if is_link || is_label { rest } else { word }.trim_start_matches(is_opening);
    // A domain contains neither of these. Chats write `mailto:address|text`.
    let domain = text.find('@').unwrap_or(0);
    let end = text.get(domain..)?.find(if is_link { &['?', '|'][..] } else { &['?'] });
    let (text, query) = text.split_at(end.map_or(text.len(), |end| domain + end));
    let mut fields = query.split(['?', '&']);
    if fields.any(|field| RECIPIENTS.iter().any(|name| field.to_lowercase().starts_with(name))) {
        return None;
    }
    let text = if is_link { decode(text)? } else { text.to_owned() };
    let address = text.trim_end_matches(is_closing);
    let behind = text.strip_prefix(address).unwrap_or_default();
    let quoted =
        QUOTES.iter().find(|(open, close)| address.starts_with(*open) && behind.contains(*close));
    let address = quoted.map_or(address, |(open, _)| address.trim_start_matches(*open));
    let address = address.trim_start_matches(is_opening);
    is_address(&canonical(address)).then(|| address.to_owned())
}

/// Decodes the percent signs of a `mailto:` link (RFC 6068 2). Returns `None` for other bytes than
/// UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Returns true for characters before an address that cannot be its first.
fn is_opening(c: char) -> bool {
    !matches!(c, '@' | '.') && is_sign(c) && !(c.is_ascii() && is_atext(c))
}

/// Returns true for characters after an address that cannot be its last.
fn is_closing(c: char) -> bool {
    c != '@' && is_sign(c)
}

fn is_sign(c: char) -> bool {
    use GeneralCategoryGroup::{Other, Punctuation, Separator, Symbol};
    matches!(c.general_category_group(), Other | Punctuation | Separator | Symbol)
}
