//! The local AWS: one Cognito user pool and the company's Lambda functions, over HTTP.
//!
//! Reading order: [`cognito`] (accounts and recovery), [`lambda`] (the crate `functions`),
//! `mail_events` (what becomes of a mail), `faults` (fault injection and the log of calls),
//! `routes` and `serve` (the path of one call).

pub mod cognito;
mod faults;
pub mod lambda;
mod mail_events;
mod routes;
mod serve;
mod service;
mod wire;

pub use self::faults::{Alteration, Call, Fault, Faults};
pub use self::routes::router;
pub use self::serve::FUNCTION_ERROR_MESSAGE;
pub use self::service::Aws;
