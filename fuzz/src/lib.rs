//! What each fuzz target does with its bytes.
//!
//! A target panics when something does that must not, or when what came out is not what may come
//! out. It reaches the code by the way that the bytes take in life, so nothing is public for its
//! sake.

pub mod core_row;
pub mod custom_id;
pub mod interaction;
pub mod lambda_answer;
pub mod recovery_form;
