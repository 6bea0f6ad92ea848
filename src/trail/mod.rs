//! The trail: append-only events, chained by a keyed hash; signed, verified and exported.

pub(crate) mod checkpoint;
pub(crate) mod columns;
pub(crate) mod event;
mod export;
pub(crate) mod verify;

#[cfg(test)]
mod tests;

pub use checkpoint::{CHECKPOINT_EVERY, Checkpoint};
pub use export::{LoggedCheckpoint, Shape, export, time, verify};
pub use verify::{Finding, Seen};
