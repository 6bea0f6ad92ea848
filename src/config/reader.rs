//! Reads settings one by one and keeps what is wrong with them, so that the operator sees all of it
//! at once.

use std::collections::HashMap;

use super::{ConfigFault, ConfigFaults};

/// Reads from a map of variables and collects faults.
pub(super) struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    faults: ConfigFaults,
}

impl<'a> Reader<'a> {
    /// A reader that has found no fault yet.
    pub(super) fn new(variables: &'a HashMap<String, String>) -> Self {
        Self { variables, faults: ConfigFaults::default() }
    }

    /// The variable's value. One that is empty counts as not set: that is how `.env` files leave
    /// things out.
    fn value(&self, variable: &str) -> Option<&'a str> {
        self.variables.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A setting that must be there.
    pub(super) fn required<T>(
        &mut self,
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.value(variable).is_none() {
            // The parser knows best what is missing: nothing at all is wrong in the same words as
            // something wrong.
            let hint = parse("").err().unwrap_or_default();
            self.fault(variable, format!("is not set; {hint}"));
            return None;
        }
        self.optional(variable, parse)
    }

    /// A setting that may be left out.
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

    /// A setting with a default.
    pub(super) fn or<T>(
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

    /// Keeps a fault.
    pub(super) fn fault(&mut self, variable: &'static str, hint: impl Into<String>) {
        self.faults.0.push(ConfigFault { variable, hint: hint.into() });
    }

    /// What was wrong.
    pub(super) fn faults(self) -> ConfigFaults {
        self.faults
    }
}
