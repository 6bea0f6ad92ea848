//! The company's Lambda functions: codes, ways in, notices.
//!
//! Each is invoked synchronously with JSON. The functions resolve addresses, make and check codes,
//! and remember what they answered to an idempotency key. The bot never holds a code that it was
//! not just typed, nor a customer's tokens.

mod access;
pub mod answers;
mod call;
mod codes;
mod links;
mod messages;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use commands::ports::clock::Clock;

use crate::config::{AccessHosts, Lambda};

/// The four functions. Implements the ports `Codes`, `Access` and `Messages`.
#[derive(Clone)]
pub struct Functions {
    client: Client,
    names: Lambda,
    hosts: AccessHosts,
    clock: Arc<dyn Clock>,
}

impl Functions {
    /// Functions of these names; a sign-in link they issue must point to one of `hosts`.
    #[must_use]
    pub fn new(sdk: &SdkConfig, names: Lambda, hosts: AccessHosts, clock: Arc<dyn Clock>) -> Self {
        Self { client: Client::new(sdk), names, hosts, clock }
    }
}

#[cfg(test)]
mod tests;
