//! What a click has done to its session.

use crate::model::words::NotEligible;

/// Result of a click for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    No,
    Yes,
    /// The session closed because its agent is not eligible. The agent's other sessions close too.
    Ineligible(NotEligible),
}
