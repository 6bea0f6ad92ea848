//! Reader of single settings. It collects faults, so that the operator sees all of them at once.

use std::collections::HashMap;

use super::faults::{ConfigFault, ConfigFaults};

pub(super) struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    faults: ConfigFaults,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a HashMap<String, String>) -> Self {
        Self { variables, faults: ConfigFaults::default() }
    }

    /// Returns the trimmed value. An empty value counts as not set, because `.env` files leave
    /// variables empty.
    fn value(&self, variable: &str) -> Option<&'a str> {
        self.variables.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Parses a required setting.
    pub(super) fn required<T>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.value(variable).is_none() {
            // The parser's hint for an empty value describes a valid one.
            let hint = parse("").err().unwrap_or_default();
            self.fault(variable, format!("is not set; {hint}"));
            return None;
        }
        self.optional(variable, parse)
    }

    /// Parses an optional setting.
    pub(super) fn optional<T>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.value(variable)?) {
            Ok(value) => Some(value),
            Err(hint) => {
                self.fault(variable, hint);
                None
            }
        }
    }

    /// Parses a setting that has a default.
    pub(super) fn or_default<T>(
        &mut self,
        variable: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.value(variable).unwrap_or(default)) {
            Ok(value) => Some(value),
            Err(hint) => {
                self.fault(variable, hint);
                None
            }
        }
    }

    pub(super) fn fault(&mut self, variable: &'static str, hint: impl Into<String>) {
        self.faults.0.push(ConfigFault { variable, hint: hint.into() });
    }

    pub(super) fn faults(self) -> ConfigFaults {
        self.faults
    }
}
