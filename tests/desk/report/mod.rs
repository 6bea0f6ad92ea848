//! "I did not ask for this": links in mails, the page, and what an answer does.

mod answers;
mod browser;
mod late;
mod mails;
mod page;
mod visit;
mod visitor;
