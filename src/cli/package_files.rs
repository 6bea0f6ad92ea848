//! `support-desk package-files`: the man pages and shell completions that the packages contain.

use std::path::Path;

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;

/// Name of the program.
const PROGRAM: &str = "support-desk";

/// Shells whose completions are written.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Fish, Shell::Zsh];

/// Writes a man page for the program and each command, and a file of completions for each shell.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write to {}", folder.display());
    let mut command = documented();
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut command, PROGRAM, folder).with_context(cannot)?;
    }
    clap_mangen::generate_to(command, folder).with_context(cannot)
}

/// Returns the command line without hidden commands, which the completions would contain.
fn documented() -> Command {
    let all = Cli::command();
    let visible = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    without_help(
        Command::new(PROGRAM)
            .version(env!("CARGO_PKG_VERSION"))
            .about(env!("CARGO_PKG_DESCRIPTION"))
            .args(all.get_arguments().cloned())
            .subcommands(visible),
    )
}

/// Removes the commands `help`, each of which would have a man page for every other command.
fn without_help(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_cover_visible_commands_only() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        for name in [
            "support-desk.1",
            "support-desk-trail-verify.1",
            "support-desk.bash",
            "support-desk.fish",
            "_support-desk",
        ] {
            // Man pages escape the hyphens.
            let text = std::fs::read_to_string(folder.path().join(name)).unwrap().replace('\\', "");
            assert!(text.contains("verify") && !text.contains("package-files"), "{name}: {text}");
        }
        assert!(!folder.path().join("support-desk-package-files.1").exists());
        assert!(!folder.path().join("support-desk-help.1").exists());
    }
}
