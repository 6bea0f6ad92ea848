//! Runs an interaction: claims it, decides, saves, performs effects through ports, draws.
//!
//! Effects are saved before they are performed, under an idempotency key (a transactional outbox).
//! A crash at any moment loses nothing and repeats nothing. `docs/architecture.md` describes the
//! life of a click.

pub(crate) mod access_refusals;
mod alert_cards;
mod card_limits;
mod card_warnings;
pub(crate) mod cause;
pub(crate) mod click;
mod deliveries;
pub mod desk;
mod draw;
pub(crate) mod effects;
mod eligibility_sweep;
mod figure_memory;
pub mod interaction;
mod lead_drafts;
mod lease;
mod mail_status;
pub mod minimal;
pub(crate) mod moved;
pub mod panel;
mod picture;
pub(crate) mod raised;
pub(crate) mod redraw;
mod repeated_faults;
pub(crate) mod reply;
mod sweep;
mod takeover;
pub(crate) mod transition;
mod undrawn;
