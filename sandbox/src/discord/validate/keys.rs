//! Keys of the bot's bodies. Discord ignores a key that it does not know, so a misspelt one hides.

use serde_json::Value;

/// The keys of an object, and of the objects and lists in it.
pub(crate) struct Keys {
    own: &'static [&'static str],
    inner: &'static [(&'static str, &'static Keys)],
}

impl Keys {
    /// Returns the path of each unknown key, without the positions in lists.
    ///
    /// A list stands for its objects.
    pub(crate) fn unknown_in(&self, value: &Value) -> Vec<String> {
        let mut unknown = Vec::new();
        self.collect(value, "", &mut unknown);
        unknown
    }

    fn collect(&self, value: &Value, path: &str, unknown: &mut Vec<String>) {
        for item in value.as_array().into_iter().flatten() {
            self.collect(item, path, unknown);
        }
        for (key, value) in value.as_object().into_iter().flatten() {
            let inner = self.inner.iter().find(|(name, _)| name == key);
            if let Some((_, keys)) = inner {
                keys.collect(value, &format!("{path}{key}."), unknown);
            } else if !self.own.contains(&key.as_str()) {
                unknown.push(format!("{path}{key}"));
            }
        }
    }
}

/// Returns the keys of a first answer, by its type.
pub(crate) fn of_callback(body: &Value) -> &'static Keys {
    match body.get("type").and_then(Value::as_u64) {
        Some(8) => &SUGGESTIONS_ANSWER,
        Some(9) => &MODAL_ANSWER,
        _ => &ANSWER,
    }
}

const fn leaf(own: &'static [&'static str]) -> Keys {
    Keys { own, inner: &[] }
}

/// A first answer with a message, or without data.
static ANSWER: Keys = Keys { own: &["type"], inner: &[("data", &MESSAGE)] };

/// A first answer with suggestions.
static SUGGESTIONS_ANSWER: Keys = Keys { own: &["type"], inner: &[("data", &SUGGESTIONS)] };

static SUGGESTIONS: Keys = Keys { own: &[], inner: &[("choices", &SUGGESTION)] };

static SUGGESTION: Keys = leaf(&["name", "name_localizations", "value"]);

/// A first answer with a modal.
static MODAL_ANSWER: Keys = Keys { own: &["type"], inner: &[("data", &MODAL)] };

static MODAL: Keys = Keys { own: &["custom_id", "title"], inner: &[("components", &COMPONENT)] };

/// The parts of a message that every call can send.
const MESSAGE_PARTS: &[(&str, &Keys)] = &[
    ("allowed_mentions", &MENTIONS),
    ("attachments", &ATTACHMENT),
    ("components", &COMPONENT),
    ("embeds", &EMBED),
];

static MESSAGE: Keys = Keys { own: &["content", "flags", "poll", "tts"], inner: MESSAGE_PARTS };

/// `POST /webhooks/{app}/{token}`
pub(crate) static FOLLOW_UP: Keys = Keys {
    own: &[
        "applied_tags",
        "avatar_url",
        "content",
        "flags",
        "poll",
        "thread_name",
        "tts",
        "username",
    ],
    inner: MESSAGE_PARTS,
};

/// `PATCH /webhooks/{app}/{token}/messages/{message}`
pub(crate) static EDIT: Keys = Keys { own: &["content", "flags", "poll"], inner: MESSAGE_PARTS };

/// `POST /channels/{channel}/messages`
pub(crate) static CHANNEL_MESSAGE: Keys = Keys {
    own: &[
        "content",
        "enforce_nonce",
        "flags",
        "message_reference",
        "nonce",
        "poll",
        "shared_client_theme",
        "sticker_ids",
        "tts",
    ],
    inner: MESSAGE_PARTS,
};

static MENTIONS: Keys = leaf(&["parse", "replied_user", "roles", "users"]);

static ATTACHMENT: Keys = leaf(&[
    "description",
    "duration_secs",
    "filename",
    "id",
    "is_remix",
    "is_spoiler",
    "title",
    "waveform",
]);

static EMBED: Keys = Keys {
    own: &["color", "description", "provider", "timestamp", "title", "type", "url", "video"],
    inner: &[
        ("author", &EMBED_AUTHOR),
        ("fields", &EMBED_FIELD),
        ("footer", &EMBED_FOOTER),
        ("image", &EMBED_IMAGE),
        ("thumbnail", &EMBED_IMAGE),
    ],
};

static EMBED_AUTHOR: Keys = leaf(&["icon_url", "name", "proxy_icon_url", "url"]);
static EMBED_FIELD: Keys = leaf(&["inline", "name", "value"]);
static EMBED_FOOTER: Keys = leaf(&["icon_url", "proxy_icon_url", "text"]);
static EMBED_IMAGE: Keys = leaf(&["description", "height", "proxy_url", "url", "width"]);

/// Every kind of component, because a kind that does not fit is refused elsewhere.
static COMPONENT: Keys = Keys {
    own: &[
        "accent_color",
        "channel_types",
        "content",
        "custom_id",
        "default",
        "default_values",
        "description",
        "disabled",
        "divider",
        "file",
        "id",
        "items",
        "label",
        "max_length",
        "max_values",
        "media",
        "min_length",
        "min_values",
        "placeholder",
        "required",
        "sku_id",
        "spacing",
        "spoiler",
        "style",
        "type",
        "url",
        "value",
    ],
    inner: &[
        ("accessory", &COMPONENT),
        ("component", &COMPONENT),
        ("components", &COMPONENT),
        ("emoji", &EMOJI),
        ("options", &SELECT_OPTION),
    ],
};

static SELECT_OPTION: Keys =
    Keys { own: &["default", "description", "label", "value"], inner: &[("emoji", &EMOJI)] };

static EMOJI: Keys = leaf(&["animated", "id", "name"]);

/// `PUT /applications/{app}/guilds/{guild}/commands`
pub(crate) static COMMAND: Keys = Keys {
    own: &[
        "contexts",
        "default_member_permissions",
        "description",
        "description_localizations",
        "dm_permission",
        "handler",
        "id",
        "integration_types",
        "name",
        "name_localizations",
        "nsfw",
        "type",
    ],
    inner: &[("options", &COMMAND_OPTION)],
};

static COMMAND_OPTION: Keys = Keys {
    own: &[
        "autocomplete",
        "channel_types",
        "description",
        "description_localizations",
        "max_length",
        "max_value",
        "min_length",
        "min_value",
        "name",
        "name_localizations",
        "required",
        "type",
    ],
    inner: &[("choices", &COMMAND_CHOICE), ("options", &COMMAND_OPTION)],
};

static COMMAND_CHOICE: Keys = leaf(&["name", "name_localizations", "value"]);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_keys_are_found_at_every_depth() {
        let body = json!({ "type": 4, "data": {
            "content": "c", "colour": 1, "embeds": [{ "title": "t" }, { "fields": [{ "nmae": "n", "value": "v" }] }],
            "components": [{ "type": 1, "components": [{ "type": 2, "costum_id": "x", "emoji": { "nam": "e" } }] }]
        } });
        let mut unknown = of_callback(&body).unknown_in(&body);
        unknown.sort();
        assert_eq!(
            unknown,
            [
                "data.colour",
                "data.components.components.costum_id",
                "data.components.components.emoji.nam",
                "data.embeds.fields.nmae"
            ]
        );
    }

    #[test]
    fn keys_depend_on_the_call() {
        let modal =
            json!({ "type": 9, "data": { "title": "t", "custom_id": "m", "components": [] } });
        assert_eq!(of_callback(&modal).unknown_in(&modal), [] as [&str; 0]);
        let message = json!({ "type": 4, "data": { "title": "t" } });
        assert_eq!(of_callback(&message).unknown_in(&message), ["data.title"]);
        let nonce = json!({ "content": "c", "nonce": "n" });
        assert_eq!(CHANNEL_MESSAGE.unknown_in(&nonce), [] as [&str; 0]);
        assert_eq!(FOLLOW_UP.unknown_in(&nonce), ["nonce"]);
        let commands =
            json!([{ "name": "a", "name_localizations": { "es-ES": "b" }, "option": [] }]);
        assert_eq!(COMMAND.unknown_in(&commands), ["option"]);
    }
}
