//! "I did not ask for this": links in mails, the page, and what an answer does.

mod answers;
mod at_once;
mod browser;
mod late;
mod mails;
mod page;
pub mod visit;
mod visitor;
