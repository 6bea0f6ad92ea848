//! The two HTTP listeners: a public one, which says as little as it can, and the operator's.

mod admin;
mod connections;
mod headers;
mod public;
mod recovery;

pub use admin::router as admin;
pub use connections::serve;
pub use public::router as public;
pub use recovery::{RecoveryPage, pages};

#[cfg(test)]
mod tests;
