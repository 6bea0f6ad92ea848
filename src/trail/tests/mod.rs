//! Tests of the trail, each on SQLite and on PostgreSQL.

mod checkpoint;
mod cut_off;
mod export;
mod odd_cells;
mod signed_trail;
mod verify;
