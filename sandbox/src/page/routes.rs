//! The routes of the page.

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use super::context::PageContext;
use super::{action, events, files, guard, view};

/// Returns the routes `/` and `/_sandbox/*`.
pub fn router(page: PageContext) -> Router {
    Router::new()
        .route("/", get(files::index))
        .route("/_sandbox/static/{name}", get(files::static_file))
        .route("/_sandbox/state", get(view::state))
        .route("/_sandbox/events", get(events::events))
        .route("/_sandbox/action", post(action::submit_action))
        .route("/_sandbox/suggestions", post(action::suggest))
        .route("/_sandbox/mails/{id}", get(files::mail))
        .route("/_sandbox/mails/{id}/{name}", get(files::attachment))
        .layer(middleware::from_fn(guard::guard))
        .with_state(page)
}
