//! Recovering the BackOffice password: from `/account recover` over the page to a new password.

mod browser;
mod crashes;
mod door;
mod faults;
mod limits;
mod links;
mod road;
mod tries;
pub mod visit;
