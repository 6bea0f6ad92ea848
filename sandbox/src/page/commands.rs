//! The list of slash commands for the page: one entry for each command that can be typed.

use std::collections::HashMap;

use serde::Serialize;
use twilight_model::application::command::{
    Command, CommandOption, CommandOptionChoice, CommandOptionType,
};

/// A command that can be typed.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct CommandView {
    /// The English name that is sent, such as `support technical`.
    path: String,
    /// The displayed name in the person's language, which can also be typed.
    localised_path: String,
    description: String,
    options: Vec<OptionView>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct OptionView {
    /// The English name.
    name: String,
    /// The name in the person's language.
    label: String,
    description: String,
    /// Discord's number for the option's type.
    #[serde(rename = "type")]
    kind: CommandOptionType,
    required: bool,
    max_length: Option<u16>,
    /// The bot suggests values while the person types.
    autocomplete: bool,
    choices: Vec<ChoiceView>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ChoiceView {
    /// The English name that is sent.
    value: String,
    label: String,
}

type Translations = Option<HashMap<String, String>>;

/// Lists all commands for a client in `locale`.
pub(super) fn list_commands(commands: &[Command], locale: &str) -> Vec<CommandView> {
    let mut views = Vec::new();
    for command in commands {
        let name = localize(&command.name, &command.name_localizations, locale);
        let description =
            localize(&command.description, &command.description_localizations, locale);
        let path = Path { english: command.name.clone(), local: name };
        add_commands(path, description, &command.options, locale, &mut views);
    }
    views
}

struct Path {
    english: String,
    local: String,
}

/// Adds a command, or its subcommands. A group cannot be typed itself.
fn add_commands(
    path: Path,
    description: String,
    options: &[CommandOption],
    locale: &str,
    views: &mut Vec<CommandView>,
) {
    let is_sub = |option: &&CommandOption| {
        matches!(option.kind, CommandOptionType::SubCommand | CommandOptionType::SubCommandGroup)
    };
    let mut subs = options.iter().filter(is_sub).peekable();
    if subs.peek().is_none() {
        let options = options.iter().map(|option| view(option, locale)).collect();
        views.push(CommandView {
            path: path.english,
            localised_path: path.local,
            description,
            options,
        });
        return;
    }
    for sub in subs {
        let local = localize(&sub.name, &sub.name_localizations, locale);
        let path = Path {
            english: format!("{} {}", path.english, sub.name),
            local: format!("{} {local}", path.local),
        };
        let description = localize(&sub.description, &sub.description_localizations, locale);
        add_commands(path, description, sub.options.as_deref().unwrap_or_default(), locale, views);
    }
}

fn view(option: &CommandOption, locale: &str) -> OptionView {
    OptionView {
        name: option.name.clone(),
        label: localize(&option.name, &option.name_localizations, locale),
        description: localize(&option.description, &option.description_localizations, locale),
        kind: option.kind,
        required: option.required == Some(true),
        max_length: option.max_length,
        autocomplete: option.autocomplete == Some(true),
        choices: option
            .choices
            .iter()
            .flatten()
            .map(|choice| choice_view(choice, locale))
            .collect(),
    }
}

fn choice_view(choice: &CommandOptionChoice, locale: &str) -> ChoiceView {
    // Send the English name, because a command line names a choice by its displayed name.
    ChoiceView {
        value: choice.name.clone(),
        label: localize(&choice.name, &choice.name_localizations, locale),
    }
}

fn localize(english: &str, translations: &Translations, locale: &str) -> String {
    translations
        .as_ref()
        .and_then(|map| map.get(locale))
        .map_or_else(|| english.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command() -> Command {
        let body = json!({
            "type": 1, "version": "1", "name": "support", "name_localizations": { "es-ES": "soporte" }, "description": "S",
            "options": [
                { "type": 1, "name": "technical", "name_localizations": { "es-ES": "técnica" }, "description": "Help",
                  "description_localizations": { "es-ES": "Ayuda" },
                  "options": [{ "type": 3, "name": "email", "name_localizations": { "es-ES": "correo" }, "description": "Whom", "required": true }] },
                { "type": 1, "name": "resume", "description": "Again" }
            ]
        });
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn subcommands_have_localized_and_english_names() {
        let views = json!(list_commands(&[command()], "es-ES"));
        assert_eq!(views[0]["path"], "support technical");
        assert_eq!(views[0]["localised_path"], "soporte técnica");
        assert_eq!(views[0]["description"], "Ayuda");
        assert_eq!(views[0]["options"][0]["name"], "email");
        assert_eq!(views[0]["options"][0]["label"], "correo");
        assert_eq!(views[0]["options"][0]["type"], 3);
        assert_eq!(views[1]["localised_path"], "soporte resume");
    }

    #[test]
    fn missing_translation_shows_english() {
        let views = list_commands(&[command()], "en-US");
        assert_eq!(views[0].path, views[0].localised_path);
        assert_eq!(views[0].options[0].label, "email");
        assert!(views[0].options[0].required);
    }
}
