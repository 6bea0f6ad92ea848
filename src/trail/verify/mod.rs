//! Verification of the trail: every chain, every head and every checkpoint.

pub(crate) mod audit;
mod chain;
mod checkpoint_chain;
pub(crate) mod checkpoints;
pub(crate) mod evidence;
pub(crate) mod file;
mod file_line;
pub(crate) mod finding;
pub(crate) mod logged;
mod named_heads;
pub(crate) mod report;
mod rotations;
pub(crate) mod session;
pub(crate) mod single;
