//! Parses a typed command line, such as `/support technical email:julia@example.com`.
//!
//! `default_member_permissions` hides no command here. It is only a default, and this guild's
//! administrators have opened every command to all members. The bot must check permissions itself.

use serde_json::{Map, Value, json};
use twilight_model::application::command::{
    Command, CommandOption, CommandOptionChoiceValue, CommandOptionType,
};

use super::payload;
use super::state::State;
use crate::seed::GUILD_ID;

/// A command that a client can send.
#[derive(Debug)]
pub(crate) struct ParsedCommand {
    /// The command without values of options, such as `/support technical`.
    pub(crate) via: String,
    /// The `data` of the interaction.
    pub(crate) data: Value,
}

/// Parses `line` as a client in `locale` does. Names are in English or in that language.
pub(crate) fn parse(line: &str, state: &State, locale: &str) -> Result<ParsedCommand, String> {
    let found = find_command(line, state, locale)?;
    let mut resolved = Map::new();
    let mut values = Vec::new();
    for (option, text) in split_options(found.words.iter().copied(), found.options, locale)? {
        let value = parse_value(option, &text, locale, state, &mut resolved)?;
        values.push(json!({ "name": option.name, "type": option.kind, "value": value }));
    }
    for option in found.options.iter().filter(|option| option.required == Some(true)) {
        if !values.iter().any(|value| value["name"] == option.name) {
            return Err(format!("{} needs {}:", found.via, option.name));
        }
    }
    Ok(found.with(values, resolved))
}

/// Parses a line whose last option is being typed. Options before it must be valid, and others can
/// be missing.
pub(crate) fn parse_typing(
    line: &str,
    state: &State,
    locale: &str,
) -> Result<ParsedCommand, String> {
    let found = find_command(line, state, locale)?;
    let mut typed = split_options(found.words.iter().copied(), found.options, locale)?;
    let (focused, text) = typed.pop().ok_or("No option is being typed.")?;
    if focused.autocomplete != Some(true) {
        return Err(format!("{} has no suggestions", focused.name));
    }
    let mut resolved = Map::new();
    let mut values = Vec::new();
    for (option, text) in typed {
        let value = parse_value(option, &text, locale, state, &mut resolved)?;
        values.push(json!({ "name": option.name, "type": option.kind, "value": value }));
    }
    values.push(json!({
        "name": focused.name, "type": focused.kind, "value": text, "focused": true
    }));
    Ok(found.with(values, resolved))
}

/// A command or subcommand that a line names.
struct FoundCommand<'a> {
    command: &'a Command,
    /// The path from the command to its subcommand.
    path: Vec<&'a CommandOption>,
    via: String,
    options: &'a [CommandOption],
    /// The words after the name.
    words: Vec<&'a str>,
}

impl FoundCommand<'_> {
    /// Returns the command with these options.
    fn with(self, values: Vec<Value>, resolved: Map<String, Value>) -> ParsedCommand {
        let mut inner = values;
        for sub in self.path.into_iter().rev() {
            inner = vec![json!({ "name": sub.name, "type": sub.kind, "options": inner })];
        }
        let Command { id, name, .. } = self.command;
        let id = id.map(|id| id.to_string());
        let mut data = json!({
            "id": id, "name": name, "type": 1, "guild_id": GUILD_ID.to_string(), "options": inner
        });
        if !resolved.is_empty() {
            data["resolved"] = Value::Object(resolved);
        }
        ParsedCommand { via: self.via, data }
    }
}

/// Finds the command, its group and its subcommand.
fn find_command<'a>(
    line: &'a str,
    state: &'a State,
    locale: &str,
) -> Result<FoundCommand<'a>, String> {
    let mut words = line.strip_prefix('/').ok_or("A command starts with /.")?.split_whitespace();
    let name = words.next().unwrap_or_default();
    let command = state
        .commands
        .iter()
        .find(|command| command.name == name || localized_name(command, locale) == Some(name))
        .ok_or_else(|| {
            format!("There is no command /{name}. Commands: {}", command_names(&state.commands))
        })?;
    let mut via = format!("/{}", command.name);
    let mut options: &[CommandOption] = &command.options;
    let mut path = Vec::new();
    while options.iter().any(is_subcommand) {
        let word = words.next().unwrap_or_default();
        let sub = options
            .iter()
            .find(|option| is_subcommand(option) && has_name(option, word, locale))
            .ok_or_else(|| {
                format!("{via} has no {word:?}. Subcommands: {}", option_names(options))
            })?;
        via = format!("{via} {}", sub.name);
        options = sub.options.as_deref().unwrap_or_default();
        path.push(sub);
    }
    Ok(FoundCommand { command, path, via, options, words: words.collect() })
}

/// Splits the words after the command. Each `name:` begins a value, which may contain spaces.
fn split_options<'a, 'o>(
    words: impl Iterator<Item = &'a str>,
    options: &'o [CommandOption],
    locale: &str,
) -> Result<Vec<(&'o CommandOption, String)>, String> {
    let mut values: Vec<(&CommandOption, String)> = Vec::new();
    for word in words {
        let begun = word.split_once(':').and_then(|(name, rest)| {
            Some((options.iter().find(|option| has_name(option, name, locale))?, rest))
        });
        match (begun, values.last_mut()) {
            (Some((option, rest)), _) => values.push((option, rest.to_owned())),
            (None, Some((_, value))) => {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(word);
            }
            (None, None) => {
                return Err(format!(
                    "{word:?} belongs to no option. Options: {}",
                    option_names(options)
                ));
            }
        }
    }
    Ok(values)
}

fn parse_value(
    option: &CommandOption,
    text: &str,
    locale: &str,
    state: &State,
    resolved: &mut Map<String, Value>,
) -> Result<Value, String> {
    let name = &option.name;
    if let Some(choices) = option.choices.as_ref().filter(|choices| !choices.is_empty()) {
        let choice = choices.iter().find(|choice| {
            let local = choice.name_localizations.as_ref().and_then(|map| map.get(locale));
            choice.name == text || local.is_some_and(|local| local == text)
        });
        let choice = choice.ok_or_else(|| format!("{name} has no choice {text:?}"))?;
        return Ok(match &choice.value {
            CommandOptionChoiceValue::String(value) => json!(value),
            CommandOptionChoiceValue::Integer(value) => json!(value),
            CommandOptionChoiceValue::Number(value) => json!(value),
        });
    }
    let wrong = |what: &str| format!("{name} takes {what}, not {text:?}");
    match option.kind {
        CommandOptionType::String => {
            let length = text.chars().count();
            let min = usize::from(option.min_length.unwrap_or(0));
            let max = usize::from(option.max_length.unwrap_or(6000));
            if text.is_empty() || !(min..=max).contains(&length) {
                return Err(wrong(&format!("{} to {max} characters", min.max(1))));
            }
            Ok(json!(text))
        }
        CommandOptionType::Integer => {
            text.parse::<i64>().map(|n| json!(n)).map_err(|_| wrong("a whole number"))
        }
        CommandOptionType::Number => {
            text.parse::<f64>().map(|n| json!(n)).map_err(|_| wrong("a number"))
        }
        CommandOptionType::Boolean => {
            text.parse::<bool>().map(|b| json!(b)).map_err(|_| wrong("true or false"))
        }
        CommandOptionType::User => {
            let wanted =
                text.trim_start_matches("<@").trim_start_matches('@').trim_end_matches('>');
            let member = state
                .members
                .values()
                .find(|member| {
                    member.person.name == wanted || member.person.id.to_string() == wanted
                })
                .ok_or_else(|| wrong("a member of the guild"))?;
            let id = member.person.id.to_string();
            let (user, membership) = payload::resolved(member);
            // A user who has left the guild resolves without a membership.
            let membership = (!member.has_left).then_some(("members", membership));
            for (kind, value) in [("users", user)].into_iter().chain(membership) {
                let kind = resolved.entry(kind).or_insert_with(|| json!({}));
                kind[&id] = value;
            }
            Ok(json!(id))
        }
        _ => Err(format!("{name} has a type that this client does not support")),
    }
}

fn is_subcommand(option: &CommandOption) -> bool {
    matches!(option.kind, CommandOptionType::SubCommand | CommandOptionType::SubCommandGroup)
}

fn has_name(option: &CommandOption, word: &str, locale: &str) -> bool {
    let local = option.name_localizations.as_ref().and_then(|map| map.get(locale));
    option.name == word || local.is_some_and(|local| local == word)
}

fn localized_name<'a>(command: &'a Command, locale: &str) -> Option<&'a str> {
    command.name_localizations.as_ref()?.get(locale).map(String::as_str)
}

fn command_names(commands: &[Command]) -> String {
    commands.iter().map(|command| format!("/{}", command.name)).collect::<Vec<_>>().join(", ")
}

fn option_names(options: &[CommandOption]) -> String {
    options.iter().map(|option| option.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discord::validate::command;
    use crate::seed::Seed;

    fn guild() -> State {
        let mut state = State::new(&Seed::demo());
        let email = json!({
            "type": 3, "name": "email", "name_localizations": { "es-ES": "correo" }, "description": "Whom", "required": true
        });
        let technical = json!({
            "type": 1, "name": "technical", "name_localizations": { "es-ES": "técnica" }, "description": "T", "options": [email]
        });
        let close = json!({ "type": 1, "name": "close", "description": "Close", "options": [
            { "type": 6, "name": "agent", "description": "Whose", "required": true },
            { "type": 3, "name": "reason", "description": "Why" }
        ] });
        state.commands = command::parse_commands(&json!([
            { "name": "support", "name_localizations": { "es-ES": "soporte" }, "description": "S", "options": [technical, close] }
        ]))
        .unwrap();
        state
    }

    #[test]
    fn both_languages_send_the_same_command() {
        let state = guild();
        let english = parse("/support technical email:j@example.com", &state, "es-ES").unwrap();
        let spanish = parse("/soporte técnica correo:j@example.com", &state, "es-ES").unwrap();
        assert_eq!(english.data, spanish.data);
        assert_eq!(spanish.via, "/support technical");
        assert_eq!(english.data["options"][0]["options"][0]["value"], "j@example.com");
        assert!(
            parse("/soporte técnica correo:x", &state, "en-US").is_err(),
            "Spanish names work only in a Spanish client"
        );
    }

    #[test]
    fn invalid_command_is_not_sent() {
        let state = guild();
        let refused = |line: &str| parse(line, &state, "en-US").unwrap_err();
        assert!(refused("/nothing").contains("/support"));
        assert!(refused("/support").contains("technical"));
        assert!(refused("/support technical").contains("needs email"));
        assert!(refused("/support technical julia").contains("belongs to no option"));
        assert!(refused("/support close agent:unknown").contains("member of the guild"));
    }

    #[test]
    fn last_option_is_typed_and_others_can_be_missing() {
        let mut state = guild();
        let session = json!({
            "type": 3, "name": "session", "description": "S", "required": true, "autocomplete": true
        });
        let reason = json!({ "type": 3, "name": "reason", "description": "R", "required": true });
        let group = json!({ "type": 2, "name": "session", "description": "G", "options": [
            { "type": 1, "name": "end", "description": "E", "options": [session, reason] }
        ] });
        state.commands = command::parse_commands(&json!([
            { "name": "desk", "description": "D", "options": [group] }
        ]))
        .unwrap();
        let typing = |line: &str| parse_typing(line, &state, "en-US");
        let typed = typing("/desk session end reason:away session:ry").unwrap();
        assert_eq!(typed.via, "/desk session end");
        let group = &typed.data["options"][0];
        assert_eq!((&group["type"], &group["options"][0]["type"]), (&json!(2), &json!(1)));
        let options = &group["options"][0]["options"];
        assert_eq!(
            options[1],
            json!({ "name": "session", "type": 3, "value": "ry", "focused": true })
        );
        assert_eq!(typing("/desk session end session:").unwrap().via, "/desk session end");
        assert!(
            typing("/desk session end session:x reason:y").unwrap_err().contains("no suggestions")
        );
        assert!(typing("/desk session end").is_err());
    }

    #[test]
    fn values_keep_spaces_and_people_are_resolved() {
        let state = guild();
        let data =
            parse("/support close agent:@ana reason:gone for lunch", &state, "en-US").unwrap().data;
        let options = &data["options"][0]["options"];
        assert_eq!(options[1]["value"], "gone for lunch");
        let ana = options[0]["value"].as_str().unwrap();
        assert_eq!(data["resolved"]["users"][ana]["username"], "ana");
    }
}
