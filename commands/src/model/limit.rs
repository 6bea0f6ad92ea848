//! Rolling limits and lockouts.

use std::time::Duration;

use crate::model::time::Timestamp;
use crate::model::words::Limit;

/// One use counted against a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    pub limit: Limit,
    /// Subject of the count, such as `agent:…`.
    pub subject: String,
    /// Maximum uses in `window`.
    pub allowed: u32,
    /// Rolling window.
    pub window: Duration,
}

/// Time in which a subject cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Subject of the lockout, such as `customer:…`.
    pub subject: String,
    pub until: Timestamp,
}
