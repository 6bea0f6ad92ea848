//! A command's definition: what the bot decides of it.
//!
//! Discord's answer has more: ids, a version, and defaults for fields that were not sent. It leaves
//! empty fields out. Only fields that are listed here are compared, because a field that Discord
//! adds one day must not make each start write the commands.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serenity::all::CommandId;

/// A command at Discord.
#[derive(Debug, Deserialize)]
pub(super) struct Registered {
    pub(super) id: CommandId,
    #[serde(flatten)]
    pub(super) definition: Definition,
}

/// Translations of a name or description, by Discord's tag of the language.
type Translations = BTreeMap<String, String>;

#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Definition {
    #[serde(rename = "type", default = "chat_input")]
    kind: u64,
    pub(super) name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    name_localizations: Translations,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "null_as_default")]
    description_localizations: Translations,
    #[serde(default, deserialize_with = "null_as_default")]
    options: Vec<CommandOption>,
    /// A number in decimal digits. `None`: everybody sees the command.
    #[serde(default)]
    default_member_permissions: Option<String>,
    #[serde(default)]
    nsfw: bool,
}

impl Definition {
    /// Returns true if both are definitions of one command.
    pub(super) fn names(&self, other: &Self) -> bool {
        (self.kind, &self.name) == (other.kind, &other.name)
    }
}

/// A subcommand, a group of them, or a parameter.
#[derive(Debug, PartialEq, Deserialize)]
struct CommandOption {
    #[serde(rename = "type")]
    kind: u64,
    name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    name_localizations: Translations,
    description: String,
    #[serde(default, deserialize_with = "null_as_default")]
    description_localizations: Translations,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    autocomplete: bool,
    #[serde(default, deserialize_with = "null_as_default")]
    choices: Vec<Choice>,
    #[serde(default, deserialize_with = "null_as_default")]
    options: Vec<CommandOption>,
    #[serde(default, deserialize_with = "null_as_default")]
    channel_types: Vec<u64>,
    min_value: Option<f64>,
    max_value: Option<f64>,
    min_length: Option<u64>,
    max_length: Option<u64>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Choice {
    name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    name_localizations: Translations,
    value: Value,
}

/// Returns the type of a slash command, which is Discord's default.
fn chat_input() -> u64 {
    1
}

fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A command as the bot sends it.
    fn sent() -> Value {
        json!({
            "name": "support", "name_localizations": { "es-ES": "soporte" }, "description": "Help",
            "description_localizations": {}, "default_member_permissions": "0", "nsfw": false,
            "options": [{
                "type": 1, "name": "technical", "name_localizations": null, "description": "Technical",
                "description_localizations": null, "required": false, "autocomplete": false, "choices": [],
                "options": [{ "type": 3, "name": "email", "description": "Address", "required": true, "max_length": 254 }]
            }]
        })
    }

    /// The same command as Discord returns it.
    fn returned() -> Value {
        json!({
            "id": "1200000000000000777", "application_id": "1", "guild_id": "2", "version": "3", "type": 1,
            "name": "support", "name_localizations": { "es-ES": "soporte" }, "description": "Help",
            "description_localizations": null, "default_member_permissions": "0", "dm_permission": true,
            "contexts": null, "integration_types": [0], "nsfw": false, "some_new_field": 7,
            "options": [{
                "type": 1, "name": "technical", "description": "Technical",
                "options": [{ "type": 3, "name": "email", "description": "Address", "required": true, "max_length": 254 }]
            }]
        })
    }

    #[test]
    fn additions_of_discord_are_no_difference() {
        let registered: Registered = serde_json::from_value(returned()).unwrap();
        let wanted: Definition = serde_json::from_value(sent()).unwrap();
        assert_eq!(
            (registered.definition, registered.id.get()),
            (wanted, 1_200_000_000_000_000_777)
        );
    }

    #[test]
    fn every_field_of_ours_is_a_difference() {
        let wanted: Definition = serde_json::from_value(sent()).unwrap();
        for (at, value) in [
            ("/name_localizations", json!(null)),
            ("/name_localizations/es-ES", json!("ayuda")),
            ("/description", json!("Other")),
            ("/description_localizations", json!({ "es-ES": "Ayuda" })),
            ("/default_member_permissions", json!("8")),
            ("/default_member_permissions", json!(null)),
            ("/nsfw", json!(true)),
            ("/type", json!(2)),
            ("/options", json!([])),
            ("/options/0/name", json!("technic")),
            ("/options/0/options/0/required", json!(false)),
            ("/options/0/options/0/max_length", json!(100)),
            ("/options/0/options/0/type", json!(6)),
            ("/options/0/options/0/description", json!("E-mail")),
        ] {
            let mut other = returned();
            *other.pointer_mut(at).unwrap() = value;
            let other: Registered = serde_json::from_value(other).unwrap();
            assert_ne!(other.definition, wanted, "{at}");
        }
        let mut more = returned();
        more["options"][0]["options"][0]["choices"] = json!([{ "name": "a", "value": "b" }]);
        let more: Registered = serde_json::from_value(more).unwrap();
        assert_ne!(more.definition, wanted);
    }
}
