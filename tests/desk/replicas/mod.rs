//! Two replicas: two processes with one bot token on one PostgreSQL. Discord delivers every
//! interaction to both, and its effects happen once.

mod alerts;
mod dead;
mod killed;
mod once;
mod page;
pub mod pair;
pub mod postgres;
mod report;
pub mod slow;
mod stale;
mod upgrade;
