//! Requests and replies of `redeem`, which the company's backend calls.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::request::{parse_fields, parse_object};
use super::{Actor, Refusal, Target};

/// Request of `redeem`. It has `v`, but no other field of the bot's requests.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum RedeemRequest {
    /// Spends an access link.
    Redeem {
        /// The part of the link after `#`.
        #[serde(serialize_with = "super::expose")]
        token: SecretString,
    },
    /// Asks if a session still permits access.
    Alive { session_id: String },
}

impl RedeemRequest {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        parse_fields(parse_object(body)?)
    }
}

/// Reply to `redeem`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    pub customer_id: String,
    pub ecosystem_id: String,
    pub target: Target,
    /// The agent who opened the link.
    pub agent: Actor,
    pub session_id: String,
}

/// Reply to `alive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alive {
    pub alive: bool,
}
