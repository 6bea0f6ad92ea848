//! The agent's own BackOffice account.

pub mod link;
pub mod recover;
pub mod rights;
pub mod show;
