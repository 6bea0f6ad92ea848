//! Views of the leads. They are pure: sessions and events in, a screen out.
//!
//! A customer stays masked for a lead too. A lead needs to know which session it is, not who.

pub mod agent;
pub mod agent_acts;
pub mod agents;
pub mod charts;
pub mod close;
pub mod customer;
pub mod customer_acts;
pub mod figures;
pub mod files;
pub mod launcher;
pub(super) mod parts;
pub mod period;
pub mod requests;
pub mod session;
pub mod sessions;
pub mod stats;
pub mod stats_file;
pub mod take_over;
pub mod trail;
pub mod trail_file;
mod trail_line;
