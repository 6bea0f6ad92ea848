//! Everything that a run has measured.

use crate::measure::{Load, Times};
use crate::plan::Subject;
use crate::process::Memory;

/// What was measured, part by part.
#[derive(Debug, Default)]
pub struct Report {
    /// The loads, in the order in which they were.
    pub loads: Vec<Load>,
    /// The bare bot and the product in turn.
    pub rounds: Vec<Load>,
    /// Starts of the process.
    pub starts: Vec<Starts>,
    /// Memory at rest and later.
    pub memory: Vec<MemoryOf>,
}

/// How long the process took to its IDENTIFY.
#[derive(Debug)]
pub struct Starts {
    /// Whose.
    pub subject: Subject,
    /// With the tables to be made first.
    pub first: Times,
    /// With everything there.
    pub again: Times,
}

/// Memory of a bot at some moment.
#[derive(Debug)]
pub struct MemoryOf {
    /// Whose.
    pub subject: Subject,
    /// At rest, or after how much.
    pub when: String,
    /// How much.
    pub of: Memory,
    /// Clicks before that.
    pub clicks: usize,
}
