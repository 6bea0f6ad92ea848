//! The public side: up or not, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;

use super::headers;
use super::health::Health;

/// `/health`.
pub fn router(health: Arc<Health>) -> Router {
    Router::new().route("/health", get(look)).with_state(health).layer(middleware::from_fn(headers::strict))
}

async fn look(State(health): State<Arc<Health>>) -> StatusCode {
    if health.report().await.up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
