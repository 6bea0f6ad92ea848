//! Reader of single settings, and their faults. It collects the faults, so that the operator sees
//! all of them at once.

use std::collections::HashMap;
use std::fmt;

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

/// Secrets, and the variables that name a file with the secret.
const SECRETS: [(&str, &str); 7] = [
    ("DISCORD_TOKEN", "DISCORD_TOKEN_FILE"),
    ("DATABASE_URL", "DATABASE_URL_FILE"),
    ("CORE_DATABASE_URL", "CORE_DATABASE_URL_FILE"),
    ("STORE_KEY", "STORE_KEY_FILE"),
    ("COGNITO_CLIENT_SECRET", "COGNITO_CLIENT_SECRET_FILE"),
    ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY_FILE"),
    ("AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN_FILE"),
];

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
        if is_quoted(&value) {
            self.fault(named, QUOTED);
            return Err(Recorded);
        }
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    fn text(&self, variable: &str) -> &'a str {
        self.variables.get(variable).map_or("", |value| value.trim())
    }

    /// Reads the file that a variable names. Faults do not quote the name, because it can be the
    /// secret itself.
    fn file_content(&mut self, variable: &'static str) -> Result<String, Recorded> {
        let content = match std::fs::read_to_string(self.text(variable)) {
            Ok(content) if content.trim().is_empty() => Err("the file is empty".to_owned()),
            Ok(content) => Ok(content.trim().to_owned()),
            Err(error) => Err(format!("the file cannot be read: {}", error.kind())),
        };
        content.map_err(|hint| {
            self.fault(variable, hint);
            Recorded
        })
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

/// Returns true if the value begins or ends with a quote.
pub(crate) fn is_quoted(value: &str) -> bool {
    value.starts_with(QUOTES) || value.ends_with(QUOTES)
}
