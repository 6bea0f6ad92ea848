//! Reader of single settings, and their faults. It collects the faults, so that the operator sees
//! all of them at once.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::{fmt, fs};

use super::names::{Resembling, SECRETS, resembling};

/// Every fault of the configuration, so that the operator sees all of them at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

/// A variable that is invalid or missing, or that a warning is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// Name of the variable.
    pub variable: &'static str,
    /// Description of a valid value. Never repeats the value, because it can be a secret.
    pub hint: String,
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid settings:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.variable, fault.hint))
    }
}

impl std::error::Error for ConfigFaults {}

/// Characters that people write around a value. No setting begins or ends with one.
const QUOTES: [char; 10] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»'];

/// Hint for a quoted value. Docker's `--env-file` and others pass quotes on as part of the value.
const QUOTED: &str = "remove the quotes around the value, because they would become a part of it";

/// Permission of all users outside of the file's group to read it.
const OF_OTHERS: u32 = 0o004;
/// User id of root.
const ROOT: u32 = 0;
/// Folders in which systemd, Docker and Kubernetes put secrets. The files belong to root, with a
/// mode that the service cannot change.
const CREDENTIAL_FOLDERS: [&str; 3] = ["/run/credentials", "/run/secrets", "/var/run/secrets"];

/// A fault of this variable is recorded already.
struct Recorded;

pub(super) struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    faults: ConfigFaults,
    warnings: Vec<ConfigFault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a HashMap<String, String>) -> Self {
        Self { variables, faults: ConfigFaults::default(), warnings: Vec::new() }
    }

    /// Returns the trimmed value; of a secret also from the file that `<NAME>_FILE` names. An empty
    /// value counts as not set, because `.env` files leave variables empty. A quoted value is a
    /// fault.
    fn value(&mut self, variable: &'static str) -> Result<Option<String>, Recorded> {
        let in_file = SECRETS.iter().find(|(name, _)| *name == variable).map(|(_, file)| *file);
        let (named, value) = match in_file.filter(|file| !self.text(file).is_empty()) {
            None => (variable, self.text(variable).to_owned()),
            Some(file) if !self.text(variable).is_empty() => {
                self.fault(file, format!("{variable} is set too; set one of the two"));
                return Err(Recorded);
            }
            Some(file) => (file, self.file_content(file)?),
        };
        let hint = if is_quoted(&value) {
            QUOTED
        } else if value.contains(char::REPLACEMENT_CHARACTER) {
            "the value is not UTF-8; write it in that encoding"
        } else {
            return Ok(Some(value).filter(|value| !value.is_empty()));
        };
        self.fault(named, hint);
        Err(Recorded)
    }

    fn text(&self, variable: &str) -> &'a str {
        self.variables.get(variable).map_or("", |value| value.trim())
    }

    /// Reads the file that a variable names. Faults do not quote the name, because it can be the
    /// secret itself.
    fn file_content(&mut self, variable: &'static str) -> Result<String, Recorded> {
        let file = self.text(variable);
        if is_quoted(file) {
            self.fault(variable, QUOTED);
            return Err(Recorded);
        }
        let content = match fs::read_to_string(file) {
            Ok(content) => match without_mark(&content).trim() {
                "" => Err("the file is empty".to_owned()),
                // No secret has a second line.
                content if content.contains(['\r', '\n']) => {
                    Err("the file has more than one line; write the secret only".to_owned())
                }
                content => Ok(content.to_owned()),
            },
            Err(error) => Err(format!("the file cannot be read: {}", error.kind())),
        };
        if is_open_to_others(Path::new(file)) {
            self.warn(
                variable,
                "all users of this machine can read the file; remove that with chmod o-r",
            );
        }
        content.map_err(|hint| {
            self.fault(variable, hint);
            Recorded
        })
    }

    /// Returns true if the setting has a value, valid or not.
    pub(super) fn is_set(&self, variable: &str) -> bool {
        let in_file = SECRETS.iter().find(|(name, _)| *name == variable).map(|(_, file)| *file);
        [Some(variable), in_file].into_iter().flatten().any(|name| !self.text(name).is_empty())
    }

    /// Judges variables that resemble these settings. A misspelt name is a fault if the setting has
    /// no value, because the setting would have its default. Otherwise it is a warning.
    pub(super) fn judge_resembling(&mut self, settings: &[&str]) {
        let mut found: Vec<_> = self
            .variables
            .keys()
            .filter_map(|name| Some((name.as_str(), resembling(name)?)))
            .collect();
        found.sort_unstable_by_key(|(name, _)| *name);
        for (name, resembling) in found {
            let (Resembling::Misspelt(meant) | Resembling::Alike(meant)) = resembling;
            if !settings.contains(&meant) {
                continue;
            }
            let is_file = name.strip_suffix("_FILE") == Some(meant);
            let why =
                if is_file { "only secrets can be in a file" } else { "is this setting meant?" };
            let hint = format!("the environment has {name}, which is no setting; {why}");
            if matches!(resembling, Resembling::Misspelt(_)) && !self.is_set(meant) {
                self.fault(meant, hint);
            } else {
                self.warn(meant, hint);
            }
        }
    }

    /// Records each of these variables that has a value as a fault.
    pub(super) fn refuse_if_set(&mut self, variables: &[&'static str], hint: &'static str) {
        for variable in variables {
            if self.is_set(variable) {
                self.fault(variable, hint);
            }
        }
    }

    /// Checks variables that a library parses itself.
    pub(super) fn refuse_quotes(&mut self, variables: &[&'static str]) {
        for variable in variables {
            let _ = self.value(variable);
        }
    }

    /// Parses a required setting.
    pub(super) fn required<T, H: Into<String>>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, H>,
    ) -> Option<T> {
        let Some(value) = self.value(variable).ok()? else {
            // The parser's hint for an empty value describes a valid one.
            let hint = parse("").err().map(Into::into).unwrap_or_default();
            self.fault(variable, format!("is not set; {hint}"));
            return None;
        };
        self.parsed(variable, parse(&value))
    }

    /// Parses an optional setting.
    pub(super) fn optional<T, H: Into<String>>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, H>,
    ) -> Option<T> {
        let value = self.value(variable).ok()??;
        self.parsed(variable, parse(&value))
    }

    /// Parses a setting that has a default.
    pub(super) fn or_default<T, H: Into<String>>(
        &mut self,
        variable: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, H>,
    ) -> Option<T> {
        let value = self.value(variable).ok()?;
        self.parsed(variable, parse(value.as_deref().unwrap_or(default)))
    }

    fn parsed<T>(
        &mut self,
        variable: &'static str,
        value: Result<T, impl Into<String>>,
    ) -> Option<T> {
        value.map_err(|hint| self.fault(variable, hint)).ok()
    }

    pub(super) fn fault(&mut self, variable: &'static str, hint: impl Into<String>) {
        self.faults.0.push(ConfigFault { variable, hint: hint.into() });
    }

    /// Records a setting that works and that an operator should change.
    pub(super) fn warn(&mut self, variable: &'static str, hint: impl Into<String>) {
        self.warnings.push(ConfigFault { variable, hint: hint.into() });
    }

    /// Warns about variables that have no effect. Their values can contain a password.
    pub(super) fn warn_if_set(&mut self, variables: &[&'static str], hint: &'static str) {
        for variable in variables {
            if !self.text(variable).is_empty() {
                self.warn(variable, hint);
            }
        }
    }

    /// Returns the faults and the warnings.
    pub(super) fn finish(self) -> (ConfigFaults, Vec<ConfigFault>) {
        (self.faults, self.warnings)
    }
}

/// Returns the text without the byte order mark that some editors write before it.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Returns true if the value begins or ends with a quote.
pub(crate) fn is_quoted(value: &str) -> bool {
    value.starts_with(QUOTES) || value.ends_with(QUOTES)
}

/// Returns true if users outside of the file's group can read it.
pub(crate) fn is_open_to_others(file: &Path) -> bool {
    let Ok(metadata) = fs::metadata(file) else { return false };
    let is_provided =
        metadata.uid() == ROOT && CREDENTIAL_FOLDERS.iter().any(|folder| file.starts_with(folder));
    metadata.is_file() && metadata.mode() & OF_OTHERS != 0 && !is_provided
}
