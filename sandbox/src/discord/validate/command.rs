//! Validation of slash commands in a registration.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use twilight_model::application::command::{
    Command, CommandOption, CommandOptionType, CommandType,
};

use super::error_chain::error_chain;
use crate::discord::refusal::Refusal;

/// Languages of translated names and descriptions (Discord documentation, "Locales").
const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];

/// Adds the fields that a body may omit and twilight requires.
///
/// They are the kind (1 is Discord's default), the description and the version.
fn fill_defaults(value: &Value) -> Value {
    let mut value = value.clone();
    if value.get("type").is_none_or(Value::is_null) {
        value["type"] = json!(1);
    }
    if value.get("description").is_none_or(Value::is_null) {
        value["description"] = json!("");
    }
    value["version"] = json!("1");
    value
}

/// Parses and validates a registration of all commands.
pub(crate) fn parse_commands(value: &Value) -> Result<Vec<Command>, Refusal> {
    let Some(bodies) = value.as_array() else {
        return Err(Refusal::form("", "LIST_TYPE_CONVERT", "Must be a list."));
    };
    if bodies.len() > twilight_validate::command::GUILD_COMMAND_LIMIT {
        return Err(Refusal::form("", "BASE_TYPE_BAD_LENGTH", "Must be 100 or fewer in length."));
    }
    let mut names = HashSet::new();
    let mut commands = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        let at = index.to_string();
        let command: Command = serde_json::from_value(fill_defaults(body))
            .map_err(|error| Refusal::form(&at, "MODEL", error.to_string()))?;
        validate_command(&command, &at)?;
        if !names.insert((command.kind, command.name.clone())) {
            let why = "Application command names must be unique";
            return Err(Refusal::form(&at, "APPLICATION_COMMANDS_DUPLICATE_NAME", why));
        }
        commands.push(command);
    }
    Ok(commands)
}

fn validate_command(command: &Command, at: &str) -> Result<(), Refusal> {
    twilight_validate::command::command(command)
        .map_err(|error| Refusal::form(at, "INVALID", error_chain(&error)))?;
    if command.kind != CommandType::ChatInput {
        let at = format!("{at}.type");
        return Err(Refusal::form(
            &at,
            "BASE_TYPE_CHOICES",
            "The local Discord supports slash commands only.",
        ));
    }
    validate_locales(command.name_localizations.as_ref(), &format!("{at}.name_localizations"))?;
    validate_locales(
        command.description_localizations.as_ref(),
        &format!("{at}.description_localizations"),
    )?;
    validate_options(&command.options, &format!("{at}.options"))
}

fn validate_options(options: &[CommandOption], at: &str) -> Result<(), Refusal> {
    twilight_validate::command::options(options)
        .map_err(|error| Refusal::form(at, "INVALID", error_chain(&error)))?;
    validate_localized_names(options, at)?;
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.{index}");
        validate_locales(option.name_localizations.as_ref(), &format!("{at}.name_localizations"))?;
        validate_locales(
            option.description_localizations.as_ref(),
            &format!("{at}.description_localizations"),
        )?;
        for text in option.description_localizations.iter().flat_map(HashMap::values) {
            twilight_validate::command::description(text)
                .map_err(|error| Refusal::form(&at, "INVALID", error_chain(&error)))?;
        }
        for name in option.name_localizations.iter().flat_map(HashMap::values) {
            twilight_validate::command::option_name(name)
                .map_err(|error| Refusal::form(&at, "INVALID", error_chain(&error)))?;
        }
        if option.autocomplete == Some(true) {
            validate_autocomplete(option, &at)?;
        }
        for choice in option.choices.iter().flatten() {
            validate_locales(choice.name_localizations.as_ref(), &format!("{at}.choices"))?;
        }
        validate_options(option.options.as_deref().unwrap_or_default(), &format!("{at}.options"))?;
    }
    Ok(())
}

/// Refuses suggestions for an option with choices, or of a type that has none.
fn validate_autocomplete(option: &CommandOption, at: &str) -> Result<(), Refusal> {
    use CommandOptionType::{Integer, Number, String};
    let has_choices = option.choices.as_ref().is_some_and(|choices| !choices.is_empty());
    if has_choices || !matches!(option.kind, String | Integer | Number) {
        let why = "Autocomplete is for options of type 3, 4 or 10 without choices.";
        return Err(Refusal::form(&format!("{at}.autocomplete"), "INVALID", why));
    }
    Ok(())
}

/// Refuses two options with the same name in one language. It is unknown whether Discord does.
fn validate_localized_names(options: &[CommandOption], at: &str) -> Result<(), Refusal> {
    for locale in LOCALES {
        let mut names = HashSet::new();
        for (index, option) in options.iter().enumerate() {
            let localized = option.name_localizations.as_ref().and_then(|map| map.get(locale));
            if !names.insert(localized.unwrap_or(&option.name)) {
                let why = "Option name already exists";
                let at = format!("{at}.{index}.name_localizations.{locale}");
                return Err(Refusal::form(
                    &at,
                    "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                    why,
                ));
            }
        }
    }
    Ok(())
}

fn validate_locales(localized: Option<&HashMap<String, String>>, at: &str) -> Result<(), Refusal> {
    match localized
        .iter()
        .flat_map(|map| map.keys())
        .find(|locale| !LOCALES.contains(&locale.as_str()))
    {
        Some(locale) => {
            let why = format!("Value must be one of Discord's locales, not {locale:?}.");
            Err(Refusal::form(at, "BASE_TYPE_CHOICES", why))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_fields_get_defaults() {
        let commands = json!([{
            "name": "support", "name_localizations": { "es-ES": "soporte" }, "description": "Help a customer",
            "description_localizations": {}, "nsfw": false, "default_member_permissions": "8",
            "options": [{ "type": 1, "name": "technical", "description": "Technical Assistance", "required": false,
                "options": [{ "type": 3, "name": "email", "description": "The customer's", "required": true }] }]
        }]);
        assert_eq!(parse_commands(&commands).unwrap().len(), 1);
    }

    #[test]
    fn invalid_names_and_locales_are_refused() {
        let refused = |body: Value| parse_commands(&json!([body])).unwrap_err().line();
        assert!(refused(json!({ "name": "Support Desk", "description": "d" })).contains("50035"));
        assert!(refused(json!({ "name": "support", "description": "" })).contains("50035"));
        let locale = json!({ "name": "support", "description": "d", "name_localizations": { "es": "soporte" } });
        assert!(refused(locale).contains("locales"));
    }
    #[test]
    fn localized_descriptions_are_measured() {
        let parse = |length: usize| {
            let text = json!({ "es-ES": "ñ".repeat(length) });
            let option = json!({ "type": 3, "name": "email", "description": "d", "description_localizations": text });
            parse_commands(&json!([{ "name": "support", "description": "d", "options": [option] }]))
        };
        parse(100).unwrap();
        assert!(parse(101).unwrap_err().line().contains("options"));
        assert!(parse(0).is_err());
        let command = json!({ "name": "support", "description": "d", "description_localizations": { "es-ES": "ñ".repeat(101) } });
        assert!(parse_commands(&json!([command])).is_err());
    }

    #[test]
    fn suggestions_are_for_texts_and_numbers_without_choices() {
        let parse = |kind: u8, choices: Value| {
            let option = json!({
                "type": kind, "name": "session", "description": "d", "autocomplete": true, "choices": choices
            });
            parse_commands(&json!([{ "name": "desk", "description": "d", "options": [option] }]))
        };
        parse(3, json!([])).unwrap();
        parse(10, json!(null)).unwrap();
        assert!(parse(6, json!(null)).unwrap_err().line().contains("autocomplete"));
        let choices = json!([{ "name": "a", "value": "a" }]);
        assert!(parse(3, choices).unwrap_err().line().contains("autocomplete"));
    }

    #[test]
    fn options_of_one_localized_name_are_refused() {
        let parse = |first: Value, second: Value| {
            let option = |name: &str, localized: Value| json!({ "type": 3, "name": name, "description": "d", "name_localizations": localized });
            let options = [option("code", first), option("mail", second)];
            parse_commands(&json!([{ "name": "support", "description": "d", "options": options }]))
        };
        parse(json!({ "es-ES": "clave" }), json!({ "es-ES": "correo" })).unwrap();
        parse(json!({ "es-ES": "clave" }), json!({ "fr": "clave" })).unwrap();
        let same = parse(json!({ "es-ES": "clave" }), json!({ "es-ES": "clave" }));
        assert!(same.unwrap_err().line().contains("NAME_ALREADY_EXISTS"));
        let plain = parse(json!({ "es-ES": "mail" }), json!(null));
        assert!(plain.unwrap_err().line().contains("NAME_ALREADY_EXISTS"));
    }
}
