//! SQLite's write-ahead log is moved into the database file beside the clicks, instead of by one of
//! them.
//!
//! SQLite moves it during whichever commit makes it longer than a threshold, and everybody waits
//! for that. Moved by a reading connection, often and a little at a time, it is in nobody's way.
//! The threshold stays, far higher, for when that falls behind.

use std::time::Duration;

use sqlx::AnyPool;

/// How often. This is real time, whatever the product's clock says: it is about a disk and not
/// about sessions.
const EVERY: Duration = Duration::from_millis(500);

/// Starts moving it; ends with the store.
pub(super) fn keep_short(reads: AnyPool) {
    tokio::spawn(async move {
        while !reads.is_closed() {
            // Whoever holds it up does so for a moment, and there is a next time.
            let _ = sqlx::raw_sql("pragma wal_checkpoint(passive)").execute(&reads).await;
            tokio::time::sleep(EVERY).await;
        }
    });
}
