//! Faults: internal errors, logged once at the boundary. A
//! [`Refusal`](crate::model::refusal::Refusal) is an expected "no" instead.

use std::error::Error;
use std::fmt;

/// An internal error. The log has it under a reference, and the agent sees only that reference.
#[derive(Debug)]
pub struct Fault {
    /// The failed operation in a few fixed words, such as "moving a session".
    pub doing: &'static str,
    /// Cause. Must not contain a payload, an address or a secret.
    pub source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    pub fn new(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, source: source.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.source)?;
        let mut source = self.source.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl Error for Fault {}
