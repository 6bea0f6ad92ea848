//! The option `--env-file`: settings from a file instead of the environment.
//!
//! The file has lines `NAME=value` without quotes, comments that start with `#`, and empty lines.
//! The program starts itself again with these variables, because the AWS SDK reads the environment
//! itself. The process id stays the same.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::config::{counterpart, is_open_to_others, is_quoted, unknown_in_file, without_mark};

/// Name of the option.
const OPTION: &str = "--env-file";

/// Starts the program again with the variables of `file`. Returns only if that fails.
///
/// A setting of the environment keeps its value. An empty variable counts as not set. A secret is
/// one setting with two names, `<NAME>` and `<NAME>_FILE`.
pub(crate) fn restart_with(file: &Path) -> anyhow::Error {
    match prepare(file) {
        Ok(mut command) => anyhow::Error::new(command.exec()).context("cannot start again"),
        Err(error) => error,
    }
}

fn prepare(file: &Path) -> anyhow::Result<Command> {
    let cannot_read = || format!("cannot read {}", file.display());
    let text = std::fs::read_to_string(file).with_context(cannot_read)?;
    let variables =
        parse(without_mark(&text)).with_context(|| format!("invalid {}", file.display()))?;
    if is_open_to_others(file) {
        // The log does not exist yet.
        eprintln!(
            "support-desk: all users of this machine can read {}; remove that with chmod o-r",
            file.display()
        );
    }
    let mut command = Command::new(std::env::current_exe()?);
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    command.envs(variables.into_iter().filter(|(name, _)| !has_precedence(name, is_set)));
    command.args(without_option(std::env::args_os().skip(1)));
    Ok(command)
}

/// Returns true if the environment has the setting, under this name or the other one of a secret.
fn has_precedence(name: &str, is_set: impl Fn(&str) -> bool) -> bool {
    is_set(name) || counterpart(name).is_some_and(is_set)
}

/// Parses the lines. The error names all invalid lines and quotes none, because they hold secrets.
fn parse(text: &str) -> anyhow::Result<Vec<(String, String)>> {
    let (mut variables, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match parse_line(line) {
            Ok((name, _)) if !seen.insert(name) => {
                faults.push(format!("line {number}: {name} is set twice"));
            }
            // The name itself can be a secret that ends with `=`.
            Ok((name, value)) => match unknown_in_file(name) {
                Some(nearest) => {
                    faults.push(format!("line {number}: no such setting; is {nearest} meant?"));
                }
                None => variables.push((name.to_owned(), value.to_owned())),
            },
            Err(hint) => faults.push(format!("line {number}: {hint}")),
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(variables)
}

fn parse_line(line: &str) -> Result<(&str, &str), &'static str> {
    let (name, value) = line.split_once('=').ok_or("write NAME=value")?;
    let is_name = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !is_name {
        return Err("write NAME=value, without export and without spaces around =");
    }
    let value = value.trim();
    if is_quoted(value) || value.contains('\0') {
        return Err("write the value without quotes");
    }
    Ok((name, value))
}

/// Removes the option and its value from the arguments.
fn without_option(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.peekable();
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == OPTION {
            arguments.next();
        } else if !text.strip_prefix(OPTION).is_some_and(|rest| rest.starts_with('=')) {
            kept.push(argument);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_names_and_values() {
        let text = "# comment\n\n PG_A=1 \r\nAWS_B2=x=y # z\nTZ=\n  # indented\n\
                    DATABASE_URL=postgres://u:p@h/d?a=b";
        let parsed = parse(text).unwrap();
        let pairs: Vec<_> = parsed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let expected = [
            ("PG_A", "1"),
            ("AWS_B2", "x=y # z"),
            ("TZ", ""),
            ("DATABASE_URL", "postgres://u:p@h/d?a=b"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn every_invalid_line_is_named_and_none_quoted() {
        let text = "hush\nexport A=hush\nB = hush\nC=\"hush\"\nD='hush\n1E=hush\n=hush\nTZ=1\nTZ=hush\n\
             hushAAAA=\nDATABSE_URL=hush";
        let error = parse(text).unwrap_err().to_string();
        for line in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] {
            assert!(error.contains(&format!("line {line}: ")), "{line} in {error}");
        }
        assert!(!error.contains("hush") && !error.contains("line 8"), "{error}");
        assert!(error.ends_with("line 11: no such setting; is DATABASE_URL meant?"), "{error}");
    }

    #[test]
    fn environment_has_precedence_for_both_names() {
        let is_set = |set: &'static str| move |name: &str| name == set;
        for (name, set, expected) in [
            ("STORE_KEY", "STORE_KEY", true),
            ("STORE_KEY", "STORE_KEY_FILE", true),
            ("STORE_KEY_FILE", "STORE_KEY", true),
            ("STORE_KEY", "DISCORD_TOKEN", false),
            ("HTTP_ADDR", "HTTP_ADDR_FILE", false),
        ] {
            assert_eq!(has_precedence(name, is_set(set)), expected, "{name} and {set}");
        }
    }

    #[test]
    fn option_is_removed_from_the_arguments() {
        let kept = |arguments: &[&str]| without_option(arguments.iter().map(OsString::from));
        assert_eq!(kept(&["--env-file", "a b", "run"]), ["run"]);
        assert_eq!(kept(&["run", "--env-file=x"]), ["run"]);
        assert_eq!(kept(&["trail", "export", "--format", "csv"]).len(), 4);
    }
}
