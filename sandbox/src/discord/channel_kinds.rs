//! Channels in which the bot cannot work, or only in part: a category, a thread, a forum, a voice
//! channel, a channel of another guild.

use serde_json::{Value, json};

use super::payload::{CHANNELS, channel};
use crate::seed::{
    CATEGORY_ID, FOREIGN_CHANNEL_ID, FORUM_ID, SUPPORT_CHANNEL_ID, THREAD_ID, VOICE_ID,
};

/// The channels with their names and types (Discord API v10, channel types).
const KINDS: [(u64, &str, u8); 5] = [
    (CATEGORY_ID, "desk", 4),
    (THREAD_ID, "handover", 11),
    (FORUM_ID, "ideas", 15),
    (VOICE_ID, "lounge", 2),
    (FOREIGN_CHANNEL_ID, "elsewhere", 0),
];

/// Finds such a channel.
pub(crate) fn find(id: u64) -> Option<Value> {
    let (_, name, kind) = KINDS.into_iter().find(|(other, ..)| *other == id)?;
    let mut found = channel(id, name, CHANNELS.len());
    found["type"] = json!(kind);
    if id == THREAD_ID {
        found["parent_id"] = json!(SUPPORT_CHANNEL_ID.to_string());
        found["thread_metadata"] = json!({
            "archived": false, "auto_archive_duration": 1440, "locked": false,
            "archive_timestamp": "2026-01-05T09:00:00.000000+00:00"
        });
    }
    if id == FOREIGN_CHANNEL_ID {
        found["guild_id"] = json!((id + 1).to_string());
    }
    Some(found)
}
