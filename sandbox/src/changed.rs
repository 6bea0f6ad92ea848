//! The change counter.

use tokio::sync::watch;

/// Counts changes that a person can see. Every part of the sandbox raises it.
pub type Changed = watch::Sender<u64>;
