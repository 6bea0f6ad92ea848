//! A customer's rights: erasure and a copy of what is stored (GDPR, articles 15 and 17).
//!
//! [`find`] leads from an address or Core's id to the pseudonyms, `copy` builds the copy from the
//! store's rows, and `text` writes it for people. `erased_log` reads the erasures that a
//! restored backup has lost. The store erases, see [`Database::erase`](crate::store::Database).

mod actor;
mod copy;
mod erased_log;
mod event_text;
mod export;
mod find;
mod text;

#[cfg(test)]
mod tests;

pub use copy::CustomerCopy;
pub use erased_log::{ErasedLog, read_erased};
pub use export::{CopyFormat, ExportOptions, export, render};
pub use find::{CannotFind, CustomerKey, FoundCustomer, find, read_line};
