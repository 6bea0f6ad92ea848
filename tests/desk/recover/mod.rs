//! Recovering the BackOffice password: from `/account recover` over the page to a new password.

mod browser;
mod conversation;
mod crashes;
mod eligibility;
mod faults;
mod limits;
mod links;
mod typed_input;
pub mod visit;
