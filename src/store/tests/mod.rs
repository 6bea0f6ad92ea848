//! The store's tests, each on SQLite and on PostgreSQL.

mod audit;
mod checkpoints;
mod claims;
mod commits;
mod leases;
mod limits;
mod opening;
mod races;
mod restart;
mod trail;
mod unreadable;
