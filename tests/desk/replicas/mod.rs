//! Two replicas: two processes on one PostgreSQL with one token. Both get every interaction;
//! whatever happens, happens once.

mod dead;
mod killed;
mod once;
mod page;
mod pair;
pub mod postgres;
mod slow;
mod stale;
