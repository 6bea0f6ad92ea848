//! Verification of the trail: every chain, every head and every checkpoint.

pub(crate) mod audit;
mod chain;
pub(crate) mod finding;
pub(crate) mod key;
pub(crate) mod report;
