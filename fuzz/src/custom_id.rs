//! Custom ids: a text that parses is exactly the text that the bot writes.

use commands::screens::alert_press::AlertPress;
use commands::screens::custom_id::{CustomId, MAX_LENGTH};
use commands::screens::desk_id::DeskId;
use commands::screens::launch_id::Launch;

/// Parses the bytes as a custom id.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
}

/// Checks one custom id. One of a lead's view is no agent's.
pub fn check(text: &str) {
    if let Some(id) = DeskId::parse(text) {
        assert_eq!(id.to_string(), text, "written differently than read");
        assert!(text.len() <= MAX_LENGTH && DeskId::is_of_lead(text));
        assert_eq!(CustomId::parse(text), None, "an id of both");
    }
    if Launch::parse(text).is_some() {
        assert_eq!((CustomId::parse(text), DeskId::parse(text)), (None, None), "an id of several");
    }
    if let Some(press) = AlertPress::parse(text) {
        assert_eq!(press.to_string(), text, "written differently than read");
        assert!(text.len() <= MAX_LENGTH && AlertPress::is_of_alert(text));
        assert!(CustomId::parse(text).is_none() && DeskId::parse(text).is_none(), "an id of both");
    }
    let Some(custom_id) = CustomId::parse(text) else { return };
    assert_eq!(custom_id.to_string(), text, "written differently than read");
    assert!(text.len() <= MAX_LENGTH, "longer than Discord accepts");
    assert!(text.is_ascii() && custom_id.session.short().len() == 6);
    let _ = custom_id.action.draws();
}
