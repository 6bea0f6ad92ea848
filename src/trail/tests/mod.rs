//! Tests of the trail, each on SQLite and on PostgreSQL.

mod checkpoint;
mod cut_off;
mod export;
mod file;
mod kept;
mod logged;
mod odd_cells;
mod prune;
mod replaced_key;
mod signed_trail;
mod verify;
