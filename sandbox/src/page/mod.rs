//! The page: a Discord-like channel in a browser, to try the bot by hand.
//!
//! `GET /_sandbox/state` returns the whole screen, `POST /_sandbox/action` takes what a person
//! does, and `GET /_sandbox/events` signals changes. The actions are those of
//! [`Person`](crate::discord::Person), so the page can do no more than a test or a real client.
//!
//! Reading order: `view` (the screen), `action` (the actions), `guard` (access control), `files`
//! and `events`. The browser's part is in `static/`; `page.js` is its entry point.

mod action;
mod commands;
mod context;
mod events;
mod files;
mod guard;
mod problem;
mod routes;
mod view;

pub use self::context::PageContext;
pub use self::routes::router;

#[cfg(test)]
mod tests;
