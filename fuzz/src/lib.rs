//! The fuzz targets.
//!
//! A target panics if the code panics or if its result breaks a rule. It enters the code where the
//! bytes enter in production, so no item is public only for a target.

pub mod core_row;
pub mod custom_id;
pub mod interaction;
pub mod lambda_answer;
pub mod lambda_request;
pub mod recovery_form;
