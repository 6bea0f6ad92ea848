//! Custom ids: whatever is read was written by us, to the letter.

use commands::screens::custom_id::{CustomId, MAX_LENGTH};

/// Reads the bytes as a custom id.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
}

/// Reads a custom id, from wherever it came.
pub fn read(text: &str) {
    let Ok(address) = text.parse::<CustomId>() else { return };
    assert_eq!(address.to_string(), text, "it is written otherwise than it was read");
    assert!(text.len() <= MAX_LENGTH, "longer than Discord takes");
    assert!(text.is_ascii() && address.session.short().len() == 6);
    let _ = address.action.draws();
}
