//! "I did not ask for this": links in mails, the page, and what an answer does.

mod mails;
mod visit;
