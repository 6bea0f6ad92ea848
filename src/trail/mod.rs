//! The trail: append-only events about every action, each signed together with the signature of the
//! event before it.
//!
//! The store numbers and signs events when it writes a commit. Once a minute a [`Checkpoint`] names
//! the heads of the chains that have grown. `verify` detects tampering with public keys only;
//! `export` writes the events as CSV or JSON lines.

pub(crate) mod checkpoint;
pub(crate) mod checkpoint_pages;
pub(crate) mod columns;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod newest_checkpoint;
pub(crate) mod overdue;
pub(crate) mod prune;
pub(crate) mod pruned;
pub(crate) mod rotation;
pub(crate) mod sign;
pub(crate) mod trusted;
pub(crate) mod verify;

#[cfg(test)]
mod tests;

pub use checkpoint::{CHECKPOINT_EVERY, Checkpoint, CheckpointRound, EMPTY_CHECKPOINT_EVERY};
pub(crate) use export::export;
pub use export::{ExportFormat, Span, parse_time};
pub use keys::{InvalidTrailKey, KeyId, OtherKey, PublicKey, PublicKeys, TrailKey, TrailKeys};
pub use log::TRAIL;
pub use newest_checkpoint::Refused;
pub use prune::Pruned;
pub(crate) use prune::{prune, require_prunable};
pub use verify::audit::AuditSummary;
pub(crate) use verify::audit::audit;
pub use verify::checkpoints::LoggedCheckpoint;
pub(crate) use verify::file::verify_file;
pub use verify::finding::Finding;
pub(crate) use verify::logged::verify_log;
pub(crate) use verify::report::verify;
pub(crate) use verify::session::verify_session;
