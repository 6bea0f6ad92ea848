//! Commands that a text names, as mentions. A tap on a mention opens the command.

use crate::model::command_ids::CommandIds;
use crate::model::words::Locale;
use crate::say;

/// Commands that texts name: Discord's name, then the ids of both words in the catalogs.
const COMMANDS: [(&str, &str, &str); 6] = [
    ("support technical", "command-support", "command-technical"),
    ("support successor", "command-support", "command-successor"),
    ("support resume", "command-support", "command-resume"),
    ("account link", "command-account", "command-link"),
    ("account show", "command-account", "command-show"),
    ("account recover", "command-account", "command-recover"),
];

/// Replaces each command in backticks by a mention that the agent can tap. Leaves a command without
/// an id as it is.
pub fn with_mentions(text: &str, ids: &CommandIds, locale: Locale) -> String {
    let replace = |text: String, (name, group, own): (&str, &str, &str)| match ids.mention(name) {
        Some(mention) => {
            let typed = format!("`/{} {}`", say!(locale, group), say!(locale, own));
            text.replace(&typed, &mention)
        }
        None => text,
    };
    COMMANDS.into_iter().fold(text.to_owned(), replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_mentions_in_both_languages() {
        let ids: CommandIds = [("support".to_owned(), 7)].into_iter().collect();
        let seen = |text, locale| with_mentions(text, &ids, locale);
        assert_eq!(seen("Type `/support resume`.", Locale::En), "Type </support resume:7>.");
        assert_eq!(seen("Usa `/soporte reanudar`.", Locale::Es), "Usa </support resume:7>.");
        assert_eq!(seen("Type `/account link`.", Locale::En), "Type `/account link`.", "no id");
        assert_eq!(seen("Type /support resume.", Locale::En), "Type /support resume.");
    }
}
