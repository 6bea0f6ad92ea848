//! What a support agent can do: the flows, their screens and their texts.
//!
//! A pure core with a thin Discord skin. Reading order:
//!
//! 1. [`session`]: what a session is, with its [`clocks`].
//! 2. [`step`]: one move of it, decided without doing anything.
//! 3. [`support`]: the road on which a customer is helped, with [`technical`] and [`successor`]
//!    apart; [`verify`]: the two verifications; [`account`]: the agent's own account.
//! 4. [`desk`]: runs a click: claim, load, step, save, perform the effects through [`ports`], show.
//! 5. [`screen`], [`face`], [`text`], [`address`]: what people see and what comes back when they
//!    press it.
//! 6. [`slash`] and [`discord`]: the menu of commands and the translation to serenity, the only
//!    modules that know Discord.

pub mod account;
pub mod address;
mod awaited;
pub mod clocks;
pub mod code;
pub mod customer;
pub mod desk;
#[cfg(feature = "discord")]
pub mod discord;
mod effect;
pub mod email;
pub mod error;
mod event;
pub mod face;
pub mod ports;
pub mod reason;
mod refusals;
pub mod screen;
pub mod session;
#[cfg(feature = "discord")]
pub mod slash;
pub mod step;
pub mod succession;
pub mod successor;
pub mod support;
pub mod technical;
pub mod text;
pub mod time;
pub mod trail;
pub mod verify;
