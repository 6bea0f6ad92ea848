//! The recovery page: its answers, and its behavior in a real browser.

mod answers;
mod browser;
mod fake_desk;
mod posts;
mod protection;
mod script;
mod site;
mod telemetry;
mod test_bed;
pub mod webdriver;
