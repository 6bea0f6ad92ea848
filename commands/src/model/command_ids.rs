//! Ids of the registered commands.

use std::collections::BTreeMap;

/// Ids that Discord gave to the registered commands, by name. A subcommand has the id of its
/// command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandIds(BTreeMap<String, u64>);

impl CommandIds {
    /// Returns the mention of a command, such as `support resume`. A tap on it opens the command,
    /// except inside an embed on a phone. `None` without an id.
    pub fn mention(&self, command: &str) -> Option<String> {
        let id = self.0.get(command.split(' ').next()?)?;
        Some(format!("</{command}:{id}>"))
    }
}

impl FromIterator<(String, u64)> for CommandIds {
    fn from_iter<T: IntoIterator<Item = (String, u64)>>(ids: T) -> Self {
        Self(ids.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mention_has_the_id_of_the_command() {
        let ids: CommandIds = [("support".to_owned(), 7)].into_iter().collect();
        assert_eq!(ids.mention("support resume").as_deref(), Some("</support resume:7>"));
        assert_eq!(ids.mention("support").as_deref(), Some("</support:7>"));
        assert_eq!(ids.mention("account show"), None);
    }
}
