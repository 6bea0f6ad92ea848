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
pub(crate) mod store_keys;

mod about;
mod account_links;
mod alert_rows;
mod alerts;
mod batch;
mod bound;
mod bulk;
mod cache;
mod claims;
mod closed_case;
mod closed_row;
mod commit;
mod counts;
mod customer_checks;
mod customer_rows;
mod daily;
mod decide;
mod end_sessions;
mod erasure;
mod events;
mod facts;
mod figures;
mod fitting_keys;
mod history;
mod inspect;
mod key_retention;
mod key_rows;
mod leases;
mod limit_rows;
mod limit_windows;
mod limits;
mod link_rows;
mod load;
mod lockouts;
mod loose_columns;
mod named_customer;
mod new_customers;
mod odd_ids;
mod open_error;
#[cfg(any(test, feature = "demo"))]
mod opened;
mod past;
mod prepared;
mod progress;
mod quarter;
mod queries;
mod rekey;
mod rekey_values;
mod rekeyed;
mod request_rows;
mod requests;
mod row_columns;
mod rows;
mod seal;
mod sealing;
mod session_search;
mod status;
pub(crate) mod subject_keys;
mod subjects;
mod tickets;
mod trail_search;
mod trail_selection;
mod transaction;
mod unlock;
mod unusable_rows;
mod versions;
mod watched;
mod watched_events;
mod wipe;

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use about::{event_binding, key_name_of};
pub(crate) use closed_row::{ClosedRow, find_closed};
pub(crate) use customer_rows::{
    CopiedAbout, CopiedEvent, CopiedLimit, CopiedSession, CustomerRows,
};
pub use daily::{DAY, DailyWork, LastRun};
pub use database::Database;
pub use end_sessions::{Ended, EndedOne};
pub use erasure::{CannotErase, Erasable, Occasion};
pub use file::RunLock;
pub(crate) use file::create_private;
pub use fitting_keys::ForeignKey;
pub use inspect::{Inspected, Unusable, inspect};
pub use open_error::OpenError;
pub use quarter::{NotAQuarter, Quarter, quarter_of};
pub use rekeyed::{CannotRekey, LostKeys, Rekeyed};
pub use store_keys::{InvalidStoreKey, KEY_BYTES, NoRandomness, StoreKey, StoreKeys};
pub use subject_keys::KeyName;
pub(crate) use versions::behind;
pub use versions::{StoreVersion, VersionError};
pub use wipe::NotWiped;
