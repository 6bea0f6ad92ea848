//! Tests of the store, each on SQLite and on PostgreSQL.

mod claims;
mod commits;
mod events;
mod failover;
mod leases;
mod limits;
mod opening;
mod races;
mod restart;
mod status;
mod unreadable;
