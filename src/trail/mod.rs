//! The trail: append-only events about every action, chained by a keyed hash.
//!
//! The store numbers and signs events when it writes a commit. Once an hour a [`Checkpoint`] names
//! the heads of the chains that have grown. [`verify()`] detects tampering; `export` writes the
//! events as CSV or JSON lines.

pub(crate) mod checkpoint;
pub(crate) mod columns;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod sign;
pub(crate) mod verify;

#[cfg(test)]
mod tests;

pub use checkpoint::{CHECKPOINT_EVERY, Checkpoint};
pub(crate) use export::export;
pub use export::{ExportFormat, parse_time};
pub use verify::audit::{AuditSummary, audit};
pub use verify::finding::Finding;
pub(crate) use verify::key::FOREIGN_KEY;
pub use verify::report::{LoggedCheckpoint, verify};
