//! Tests of the store, each on SQLite and on PostgreSQL.

mod about;
mod batch_property;
mod batches;
mod claims;
mod commits;
mod events;
mod failover;
mod golden_rows;
mod lead_acts;
mod leases;
mod limits;
mod lockouts;
mod opening;
mod races;
mod rekey;
mod rekeyed_rows;
mod restart;
mod session_search;
mod status;
mod subjects;
mod take_over;
mod tampered_rows;
mod tickets;
mod unknown_fields;
mod unusable_rows;
mod versions;
