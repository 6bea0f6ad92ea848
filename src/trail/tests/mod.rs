//! Tests of the trail, each on SQLite and on PostgreSQL.

mod checkpoint;
mod export;
mod verify;
