//! The two ways in which something does not happen.
//!
//! A [`Refusal`] is a value: a sentence for the agent, foreseen and without harm. A [`Fault`] is
//! ours: it is logged once, at the boundary, and the agent is shown a reference to quote.

use std::error::Error;
use std::fmt;

/// Something of ours, or beyond us, failed. FieldMessage to nobody but the log.
#[derive(Debug)]
pub struct Fault {
    /// What was being done, in a few fixed words.
    pub doing: &'static str,
    /// Why it failed. Never carries a payload, an address or a secret.
    pub source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    /// A fault while `doing` something.
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
