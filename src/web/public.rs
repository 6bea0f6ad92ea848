//! The public side: up or not, the recovery page where one is set up, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;

use super::headers;
use super::recovery::{self, RecoveryPage};
use crate::health::Health;

/// `/health`, and `/recover/…` of the page.
pub fn router(health: Arc<Health>, page: Option<RecoveryPage>) -> Router {
    let mut router = Router::new().route("/health", get(look)).with_state(health);
    if let Some(page) = page {
        router = router.merge(recovery::router(page));
    }
    router.layer(middleware::from_fn(headers::strict))
}

async fn look(State(health): State<Arc<Health>>) -> StatusCode {
    if health.report().await.up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
