//! An error and its sources as text.

use std::error::Error;

/// Formats an error with all its sources in one line, because twilight's sources hold the details.
pub(super) fn error_chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        source = inner.source();
    }
    line
}
