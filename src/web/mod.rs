//! The two HTTP listeners.
//!
//! The public listener answers only up or down, and serves the recovery page and the report page.
//! The operator's listener serves `/health` with details, and `/metrics`.

mod client_ip;
mod connections;
mod csrf;
mod form_body;
mod html;
mod link_page;
mod places;
mod rate_limit;
mod recovery;
mod report;
mod unknown_links;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::health::Health;

pub use connections::serve;
pub use recovery::{RecoveryPage, recovery_base_url};
pub use report::{ReportPage, report_base_url};

/// Content type of Prometheus's text format.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns the routes of the public listener: the probes, and `/recover/…` and `/report/…` if there
/// are pages.
pub fn public_router(
    health: Arc<Health>,
    recovery: Option<RecoveryPage>,
    report: Option<ReportPage>,
) -> Router {
    let mut router = probes().route("/health", get(public_health)).with_state(health);
    if let Some(page) = recovery {
        router = router.merge(recovery::router(page));
    }
    if let Some(page) = report {
        router = router.merge(report::router(page));
    }
    router.layer(middleware::map_response(add_security_headers))
}

/// Returns the routes of a process that starts or stops: `/live` answers 200, all else 503.
pub fn idle_router() -> Router {
    Router::new()
        .route("/live", get(async || StatusCode::OK))
        .fallback(async || StatusCode::SERVICE_UNAVAILABLE)
        .layer(middleware::map_response(add_security_headers))
}

/// Returns the probes of both listeners, which tell a supervisor what to do. `/live`: the process
/// runs; restart it otherwise. `/ready`: it can take work; send it none otherwise.
fn probes() -> Router<Arc<Health>> {
    Router::new().route("/live", get(async || StatusCode::OK)).route("/ready", get(ready))
}

/// Returns the routes of the operator's listener: the probes, `/health` with details, and
/// `/metrics`.
pub fn admin_router(health: Arc<Health>, prometheus: PrometheusHandle) -> Router {
    let state = Arc::clone(&health);
    let render_metrics = move || {
        let (state, prometheus) = (Arc::clone(&state), prometheus.clone());
        async move {
            state.set_gauges().await;
            ([(CONTENT_TYPE, PROMETHEUS_TEXT)], prometheus.render())
        }
    };
    probes()
        .route("/health", get(admin_health))
        .with_state(health)
        .route("/metrics", get(render_metrics))
        .layer(middleware::map_response(add_security_headers))
}

async fn ready(State(health): State<Arc<Health>>) -> StatusCode {
    health_status(health.report().await.is_ready())
}

async fn public_health(State(health): State<Arc<Health>>) -> StatusCode {
    health_status(health.report().await.up)
}

async fn admin_health(State(health): State<Arc<Health>>) -> impl IntoResponse {
    let report = health.report().await;
    (health_status(report.up), Json(report))
}

fn health_status(up: bool) -> StatusCode {
    if up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Adds headers that forbid loading, framing, caching and sniffing. Keeps headers that are set.
async fn add_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (CACHE_CONTROL, "no-store"),
        // Not `no-referrer`, because browsers then send `Origin: null` with a form.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Browsers ignore it over plain http, so loopback stays reachable.
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
