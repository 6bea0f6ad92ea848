//! The recovery page: what its answers say and forbid, and how it behaves in a real browser.

mod answers;
mod browser;
mod desk;
mod posts;
mod scene;
mod sending;
mod site;
mod traces;
pub mod webdriver;
