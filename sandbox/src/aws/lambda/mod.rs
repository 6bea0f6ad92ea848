//! The company's four functions, as the contract names them.
//!
//! They resolve addresses, make and check codes, issue and revoke access links, and send mails. The
//! bot does none of that itself. A call under a key that was answered before gets that answer again
//! and has no second effect.

mod access;
mod challenge;
mod context;
mod memory;
mod message;
mod otp;
mod refusal;
mod request;
mod run;

pub use self::otp::{ATTEMPTS, CODE_LIFE, PROOF_LIFE, PROOF_MARKER, RESEND_AFTER_S};

pub(super) use self::context::CallContext;
pub(super) use self::memory::Lambda;
pub(super) use self::refusal::Refusal;

/// The names of the functions.
pub const FUNCTIONS: [&str; 4] = ["cs-otp-send", "cs-otp-verify", "cs-access", "cs-message"];

#[cfg(test)]
mod tests;
