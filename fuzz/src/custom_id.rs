//! Custom ids: a text that parses is exactly the text that the bot writes.

use commands::address::{Address, LONGEST};

/// Parses the bytes as a custom id.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
}

/// Checks one custom id.
pub fn check(text: &str) {
    let Ok(address) = text.parse::<Address>() else { return };
    assert_eq!(address.to_string(), text, "written differently than read");
    assert!(text.len() <= LONGEST, "longer than Discord accepts");
    assert!(text.is_ascii() && address.session.short().len() == 6);
    let _ = address.action.draws();
}
