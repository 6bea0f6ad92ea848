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

    /// Returns the trimmed value. An empty value counts as not set, because `.env` files leave
    /// variables empty. A quoted value is a fault.
    fn value(&mut self, variable: &'static str) -> Result<Option<&'a str>, Recorded> {
        let value = self.variables.get(variable).map_or("", |value| value.trim());
        if is_quoted(value) {
            self.fault(variable, QUOTED);
            return Err(Recorded);
        }
        Ok(Some(value).filter(|value| !value.is_empty()))
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
        self.parsed(variable, parse(value))
    }

    /// Parses an optional setting.
    pub(super) fn optional<T, H: Into<String>>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, H>,
    ) -> Option<T> {
        let value = self.value(variable).ok()??;
        self.parsed(variable, parse(value))
    }

    /// Parses a setting that has a default.
    pub(super) fn or_default<T, H: Into<String>>(
        &mut self,
        variable: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, H>,
    ) -> Option<T> {
        let value = self.value(variable).ok()?.unwrap_or(default);
        self.parsed(variable, parse(value))
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

    /// Returns the faults and the warnings.
    pub(super) fn finish(self) -> (ConfigFaults, Vec<ConfigFault>) {
        (self.faults, self.warnings)
    }
}

/// Returns true if the value begins or ends with a quote.
pub(super) fn is_quoted(value: &str) -> bool {
    value.starts_with(QUOTES) || value.ends_with(QUOTES)
}
