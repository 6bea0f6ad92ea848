//! Faults: internal errors, logged once at the boundary. A
//! [`Refusal`](crate::model::refusal::Refusal) is an expected "no" instead.

use std::error::Error;
use std::fmt;

/// Target of the log lines about persons: lockouts, look-up limits. The program logs them at every
/// `RUST_LOG`, because an operator must see them even if nothing else is logged.
pub const ALERTS: &str = "support_desk::alert";

/// Metric that counts faults by [`Fault::call`].
pub const FAULTS: &str = "support_desk_faults_total";

/// Value of the label `call` of [`FAULTS`] for a fault of the bot itself.
pub const OF_BOT: &str = "bot";

/// Value of the label `call` of [`FAULTS`] for a fault of the store, such as a row that cannot be
/// read, sealed or moved.
pub const OF_STORE: &str = "store";

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

    /// Returns the call that failed, by the operation: its name in the metrics of calls, or
    /// [`OF_BOT`] or [`OF_STORE`].
    pub fn call(&self) -> &'static str {
        match self.doing {
            "answering an interaction" => "interaction_answer",
            "answering the recovery page"
            | "drawing a QR code"
            | "drawing a chart"
            | "writing a file" => OF_BOT,
            "asking for a reset code" => "reset_request",
            "asking for the delivery of a mail" => "otp_status",
            "checking a code" => "otp_verify",
            "deleting a message in a channel" => "channel_delete",
            "editing a message" => "message_edit",
            "editing a message in a channel" => "channel_edit",
            "issuing an access link" => "access_issue",
            "looking up a BackOffice account" => "account_find",
            "looking up a customer in Core" => "customer_find",
            "mailing a QR" => "message_qr",
            "mailing a notice" => "message_notice",
            "posting to a channel" => "channel_post",
            "reading a BackOffice account" => "account_read",
            "reading a customer in Core" => "customer_read",
            "reading a member's roles" => "member_read",
            "reading the password policy" => "policy_read",
            "revoking access links" => "access_revoke",
            "sending a code" => "otp_send",
            "sending a message" => "message_send",
            "setting a new password" => "reset_confirm",
            "signing an account out" => "sign_out",
            _ => OF_STORE,
        }
    }

    /// Logs the fault under the reference that the agent is shown, and counts it.
    pub fn log(&self, reference: &str) {
        tracing::error!(reference, "{self}");
        self.count();
    }

    /// Counts the fault in the metrics.
    pub fn count(&self) {
        metrics::counter!(FAULTS, "call" => self.call()).increment(1);
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
