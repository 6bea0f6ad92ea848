//! Recovery of the BackOffice password: `/account recover`, the page, the new password.

mod browser;
mod conversation;
mod crashes;
mod eligibility;
mod faults;
mod limits;
mod links;
mod typed_input;
pub mod visit;
