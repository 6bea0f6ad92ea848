//! The contract between the bot and the functions, version 2: requests and replies as JSON.
//!
//! Both sides use these types. A function refuses fields that it does not know, because a typing
//! error in a request must not pass. The bot ignores unknown fields in replies, so that functions
//! can be updated first.

mod access;
mod message;
mod otp;
mod redeem;
mod refusal;
mod request;
mod texts;
mod words;

pub use access::{AccessRequest, IssueRequest, Issued, Proofs, Revoked};
pub use message::{Mailed, MessageRequest, OpenedLink, SuccessorQr, SupportVisit};
pub use otp::{
    CodeResult, Delivery, DeliveryReason, DeliveryStatus, Ecosystem, SendRequest, Sent, StatusOp,
    StatusRequest, Verified, VerifyRequest,
};
pub use redeem::{Alive, RedeemRequest, Redeemed};
pub use refusal::{Refusal, RefusalCode, Violation};
pub use request::{Actor, Envelope, Request};
#[cfg(feature = "aws")]
pub(crate) use texts::is_key;
pub(crate) use texts::{is_channel, is_name, is_page_of, is_session_id};
pub use words::{Locale, Purpose, Scope, Subject, SubjectKind, Target};

/// Version of the contract. Both sides send it in every request.
pub const VERSION: u64 = 2;

/// Largest request, in bytes. An ordinary request of the bot has less than 2 KiB.
pub const MAX_REQUEST: usize = 16 * 1024;
/// Longest `request_id` and `session_id`, in characters.
pub const MAX_ID: usize = 256;
/// Longest name of an agent or ecosystem, in characters. A mail shows it.
pub const MAX_NAME: usize = 200;
/// Longest other text in a request, in characters.
pub const MAX_TEXT: usize = 1_000;

/// Serializes a secret in clear. The contract passes proofs and links as plain text.
pub(crate) fn expose<S: serde::Serializer>(
    secret: &secrecy::SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secrecy::ExposeSecret::expose_secret(secret))
}

/// Converts milliseconds since the epoch. A time outside the calendar becomes the epoch.
pub(crate) fn date_time(ms: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}
