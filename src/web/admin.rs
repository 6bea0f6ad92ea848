//! The operator's side: `/health` with detail, and `/metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;

use super::headers;
use crate::health::Health;
use crate::metrics as figures;

/// The version of Prometheus's text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/health` and `/metrics`.
pub fn router(health: Arc<Health>, metrics: PrometheusHandle) -> Router {
    let looked = Arc::clone(&health);
    let figures = move || {
        // At each look, so that it goes on growing when nobody makes one any more.
        if let Some(age) = looked.checkpoint_age() {
            figures::set_checkpoint_age(age);
        }
        let metrics = metrics.clone();
        async move { ([(CONTENT_TYPE, TEXT_FORMAT)], metrics.render()) }
    };
    Router::new()
        .route("/health", get(look))
        .with_state(health)
        .route("/metrics", get(figures))
        .layer(middleware::from_fn(headers::strict))
}

async fn look(State(health): State<Arc<Health>>) -> impl IntoResponse {
    let report = health.report().await;
    (if report.up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(report))
}
