//! Errors of the Core database.

/// A failed operation of the Core database.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The database failed.
    #[error("Core database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A list could not be serialized.
    #[error("cannot serialize a list: {0}")]
    Json(#[from] serde_json::Error),
    /// No row was changed, because the test names an unknown user.
    #[error("no row in Core matches {0}")]
    NothingMatches(String),
}
