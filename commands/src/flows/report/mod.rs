//! "I did not ask for this": the links to the report pages.

pub mod link;
