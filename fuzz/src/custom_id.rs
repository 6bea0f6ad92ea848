//! Custom ids: a text that parses is exactly the text that the bot writes.

use commands::screens::custom_id::{CustomId, MAX_LENGTH};

/// Parses the bytes as a custom id.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
}

/// Checks one custom id.
pub fn check(text: &str) {
    let Some(custom_id) = CustomId::parse(text) else { return };
    assert_eq!(custom_id.to_string(), text, "written differently than read");
    assert!(text.len() <= MAX_LENGTH, "longer than Discord accepts");
    assert!(text.is_ascii() && custom_id.session.short().len() == 6);
    let _ = custom_id.action.draws();
}
