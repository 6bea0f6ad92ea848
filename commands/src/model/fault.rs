//! Faults: internal errors, logged once at the boundary. A
//! [`Refusal`](crate::model::refusal::Refusal) is an expected "no" instead.

use std::error::Error;
use std::fmt;

/// Target of the log lines about persons: lockouts, look-up limits. The program logs them at every
/// `RUST_LOG`, because an operator must see them even if nothing else is logged.
pub const ALERTS: &str = "support_desk::alert";

/// Metric that counts faults by [`Fault::what`].
pub const FAULTS: &str = "support_desk_faults_total";

/// Values of the label `what` of [`FAULTS`].
pub const FAULT_WORDS: [&str; 6] = ["bot", "cognito", "core", "discord", "lambda", "store"];

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

    /// Returns the service that failed, by the operation: one of [`FAULT_WORDS`].
    pub fn what(&self) -> &'static str {
        match self.doing {
            "answering the recovery page"
            | "drawing a QR code"
            | "drawing a chart"
            | "writing a file" => "bot",
            "asking for a reset code"
            | "looking up a BackOffice account"
            | "reading a BackOffice account"
            | "reading the password policy"
            | "setting a new password"
            | "signing an account out" => "cognito",
            "looking up a customer in Core" | "reading a customer in Core" => "core",
            "editing a message in a channel"
            | "deleting a message in a channel"
            | "answering an interaction"
            | "editing a message"
            | "posting to a channel"
            | "reading a member's roles"
            | "sending a message" => "discord",
            "asking for the delivery of a mail"
            | "checking a code"
            | "issuing an access link"
            | "mailing a QR"
            | "mailing a notice"
            | "revoking access links"
            | "sending a code" => "lambda",
            // Also a row that cannot be read, sealed or moved.
            _ => "store",
        }
    }

    /// Logs the fault under the reference that the agent is shown, and counts it.
    pub fn log(&self, reference: &str) {
        tracing::error!(reference, "{self}");
        self.count();
    }

    /// Counts the fault in the metrics.
    pub fn count(&self) {
        metrics::counter!(FAULTS, "what" => self.what()).increment(1);
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
