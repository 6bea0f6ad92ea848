//! Runs an interaction: claims it, decides, saves, performs effects through ports, draws.
//!
//! Effects are saved before they are performed, under an idempotency key. A crash at any moment
//! loses nothing and repeats nothing. `docs/architecture.md` describes the life of a click.

pub(crate) mod click;
pub mod desk;
pub(crate) mod draw;
pub(crate) mod effects;
mod flight;
pub mod interaction;
pub(crate) mod lease;
pub mod panel;
pub(crate) mod reply;
pub(crate) mod stale;
mod sweep;
