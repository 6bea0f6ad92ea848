//! The Lambda functions of Support Desk.
//!
//! Six functions make and check codes, issue and redeem access links, mail messages, and keep what
//! became of the mails. The bot calls four of them, the company's backend calls `redeem`, and the
//! mail service's events call `delivery`. `docs/lambda-contract.md` describes every request and
//! reply.
//!
//! All that the functions remember of a session is one value, [`SessionState`]. A call loads it,
//! decides, and saves it if no other call was faster. The rules are pure; services are behind the
//! traits in [`ports`]. The sandbox uses [`memory`], a deployment the feature `aws`.

pub mod contract;
pub mod ports;

mod session_state;
mod update;

mod idempotency;
mod secrets;

mod access;
mod delivery;
mod mail_event;
mod message;
mod otp_send;
mod otp_verify;
mod redeem;

mod functions;
pub mod mail;
mod qr;
mod recipients;

pub mod memory;
pub mod system;

#[cfg(feature = "aws")]
pub mod aws;

pub use access::LINK_LIFE;
pub use functions::{Function, Functions, Reply, Settings};
pub use idempotency::{LEASE, NONCE_LIFE, WAIT_FOR_ANSWER};
pub use otp_send::RESEND_AFTER;
pub use otp_verify::{ATTEMPTS, PROOF_LIFE};
pub use secrets::{LINK_MARKER, PROOF_MARKER};
pub use session_state::{ANSWER_LIFE, CODE_LIFE, SessionState};
