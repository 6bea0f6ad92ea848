//! The page: one Discord-like channel in a browser, to play with the bot.
//!
//! What is on the screen comes whole from `GET /_sandbox/state`, what a person does goes to `POST
//! /_sandbox/act`, and `GET /_sandbox/events` says when to read again. The acts are those of
//! [`Person`](crate::discord::Person), so the page can do nothing that a test could not, and a real
//! client would not.
//!
//! Reading order: `view` (what is shown), `act` (what can be done), `guard` (who may), `files` and
//! `events`. The browser's side is in `static/`, where `page.js` is the place to begin.

mod act;
mod commands;
mod events;
mod files;
mod guard;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;

use crate::cast::Cast;
use crate::discord::Discord;
use crate::mail::Mailbox;

/// What the page shows and acts on.
#[derive(Clone)]
pub struct Page {
    /// Messages, people and commands.
    pub discord: Arc<Discord>,
    /// The mailbox in the right column.
    pub mail: Arc<Mailbox>,
    /// Who is who, for the left column.
    pub cast: Arc<Cast>,
    /// Ends the event streams, which otherwise keep a stopping server waiting.
    pub stopping: CancellationToken,
}

/// The routes: `/` and `/_sandbox/*`.
pub fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(files::index))
        .route("/_sandbox/static/{name}", get(files::file))
        .route("/_sandbox/state", get(view::state))
        .route("/_sandbox/events", get(events::events))
        .route("/_sandbox/act", post(act::act))
        .route("/_sandbox/mails/{id}", get(files::mail))
        .route("/_sandbox/mails/{id}/{name}", get(files::attachment))
        .layer(middleware::from_fn(guard::guard))
        .with_state(page)
}

#[cfg(test)]
mod tests;
