//! The bot's own store: sessions, claims, account links, limits and the trail's rows, in SQLite or
//! PostgreSQL.
//!
//! Both engines run the same statements over `sqlx::Any`: `$1` placeholders, TEXT and BIGINT
//! columns, times in milliseconds. The row is the truth; memory is a cache. The database decides
//! every race, so several replicas can share it: who answers an interaction, who attends a
//! customer, which of two transitions counts, and which use of a limit is the last one allowed.

pub(crate) mod database;
pub(crate) mod engine;
mod file;
pub(crate) mod retry;
pub(crate) mod seal;

mod account_links;
mod batch;
mod bulk;
mod cache;
mod claims;
mod commit;
mod events;
mod inspect;
mod leases;
mod limits;
mod open_error;
mod prepared;
mod queries;
mod rows;
mod unlock;
mod unreadable;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use database::Database;
pub use file::RunLock;
pub use inspect::{Unusable, inspect};
pub use open_error::OpenError;
pub use seal::{InvalidStoreKey, KEY_BYTES, NoRandomness, StoreKey};
