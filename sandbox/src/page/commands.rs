//! The bot's slash commands as a client lists them: one entry for each that can be typed, in the
//! person's language.

use std::collections::HashMap;

use serde::Serialize;
use twilight_model::application::command::{
    Command, CommandOption, CommandOptionChoice, CommandOptionType,
};

/// A command that can be typed.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct CommandView {
    /// English, "support technical": what is sent.
    path: String,
    /// In the person's language: what is shown, and may be typed too.
    localised_path: String,
    description: String,
    options: Vec<OptionView>,
}

/// An option of a command.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct OptionView {
    /// English.
    name: String,
    /// In the person's language.
    label: String,
    description: String,
    /// Discord's number for the option's type.
    #[serde(rename = "type")]
    kind: CommandOptionType,
    required: bool,
    max_length: Option<u16>,
    choices: Vec<ChoiceView>,
}

/// A value to choose from.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ChoiceView {
    /// English: what is sent.
    value: String,
    label: String,
}

type Translations = Option<HashMap<String, String>>;

/// All commands for a client in `locale`.
pub(super) fn listed(commands: &[Command], locale: &str) -> Vec<CommandView> {
    let mut views = Vec::new();
    for command in commands {
        let name = translated(&command.name, &command.name_localizations, locale);
        let description =
            translated(&command.description, &command.description_localizations, locale);
        let path = Path { english: command.name.clone(), local: name };
        descend(path, description, &command.options, locale, &mut views);
    }
    views
}

struct Path {
    english: String,
    local: String,
}

/// Groups and commands that have subcommands cannot be typed themselves; their subcommands can.
fn descend(
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
        let local = translated(&sub.name, &sub.name_localizations, locale);
        let path = Path {
            english: format!("{} {}", path.english, sub.name),
            local: format!("{} {local}", path.local),
        };
        let description = translated(&sub.description, &sub.description_localizations, locale);
        descend(path, description, sub.options.as_deref().unwrap_or_default(), locale, views);
    }
}

fn view(option: &CommandOption, locale: &str) -> OptionView {
    OptionView {
        name: option.name.clone(),
        label: translated(&option.name, &option.name_localizations, locale),
        description: translated(&option.description, &option.description_localizations, locale),
        kind: option.kind,
        required: option.required == Some(true),
        max_length: option.max_length,
        choices: option
            .choices
            .iter()
            .flatten()
            .map(|choice| choice_view(choice, locale))
            .collect(),
    }
}

fn choice_view(choice: &CommandOptionChoice, locale: &str) -> ChoiceView {
    // A line names a choice by what the client shows, so the English name is what is sent.
    ChoiceView {
        value: choice.name.clone(),
        label: translated(&choice.name, &choice.name_localizations, locale),
    }
}

fn translated(english: &str, translations: &Translations, locale: &str) -> String {
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
    fn subcommands_are_listed_in_the_persons_language_and_keep_their_english_names() {
        let views = json!(listed(&[command()], "es-ES"));
        assert_eq!(views[0]["path"], "support technical");
        assert_eq!(views[0]["localised_path"], "soporte técnica");
        assert_eq!(views[0]["description"], "Ayuda");
        assert_eq!(views[0]["options"][0]["name"], "email");
        assert_eq!(views[0]["options"][0]["label"], "correo");
        assert_eq!(views[0]["options"][0]["type"], 3);
        assert_eq!(views[1]["localised_path"], "soporte resume");
    }

    #[test]
    fn a_language_without_translations_shows_english() {
        let views = listed(&[command()], "en-US");
        assert_eq!(views[0].path, views[0].localised_path);
        assert_eq!(views[0].options[0].label, "email");
        assert!(views[0].options[0].required);
    }
}
