//! The other side of the wire: services that the bot runs against in the demo and in tests.
//!
//! One HTTP server on a loopback port stands in for Discord, Cognito, Lambda and the company's shop
//! front. Beside it are the company's Core database and a mailbox that keeps every mail. The bot
//! runs against it unchanged. A second implementation of the protocols of Discord and Cognito
//! checks what the bot sends: an illegal request is refused as the real service refuses it, and
//! recorded. Lambda runs the crate `functions`, which a company deploys.

mod changed;
pub mod clock;
mod random;
mod server;

pub mod mail_outcome;
pub mod seed;

pub mod core_db;
pub mod mail;
pub mod shop;

pub mod aws;
pub mod discord;
pub mod page;

mod sandbox;

pub use changed::Changed;
pub use sandbox::{Sandbox, Settings, StartError};
