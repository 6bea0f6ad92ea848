//! The shared part of the pages behind a mailed link: their headers, the limits of their visitors,
//! and what they log.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{ConnectInfo, Request};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use commands::model::fault::Fault;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use url::Url;

use super::client_ip::client_ip;
use super::csrf;
use super::rate_limit::RateLimit;
use super::unknown_links::UnknownLinks;
use crate::metrics;

/// Returns the headers in which a page differs from the listener's strict ones.
pub(super) const fn headers(
    content_security_policy: &'static str,
) -> [(&'static str, &'static str); 5] {
    [
        ("content-security-policy", content_security_policy),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
        // Keeps a leaked link out of search engines.
        ("x-robots-tag", "noindex"),
    ]
}

/// Returns the URL that the last part of a page's link is appended to. Keeps the path of
/// `public_url`, because a proxy may serve the public listener below a path.
pub(super) fn base_url(public_url: &Url, folder: &str) -> String {
    format!("{}/{folder}/", public_url.as_str().trim_end_matches('/'))
}

/// Sentences of a page in the log. The operator searches for them.
pub(super) struct LogTexts {
    pub(super) unknown_link: &'static str,
    pub(super) refused_form: &'static str,
}

/// A page behind a mailed link.
pub(super) struct LinkPage {
    log_texts: LogTexts,
    pub(super) keys: Arc<dyn Keys>,
    pub(super) clock: Arc<dyn Clock>,
    /// Scheme, host and port of `PUBLIC_URL`, as browsers write them in `Origin`.
    origin: String,
    rate_limit: Mutex<RateLimit>,
    unknown_links: Mutex<UnknownLinks>,
}

impl LinkPage {
    pub(super) fn new(
        log_texts: LogTexts,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        public_url: &Url,
    ) -> Self {
        let origin = public_url.origin().ascii_serialization();
        let (rate_limit, unknown_links) = (Mutex::default(), Mutex::default());
        Self { log_texts, keys, clock, origin, rate_limit, unknown_links }
    }

    /// Logs a fault and returns its reference.
    pub(super) fn log(&self, fault: &Fault) -> String {
        let reference = self.keys.reference();
        fault.log(&reference);
        reference
    }

    /// Logs and counts a form that the page did not send, because many of them are an attack.
    pub(super) fn log_refused(&self, why: &'static str) {
        tracing::warn!(why, "{}", self.log_texts.refused_form);
        metrics::count_page_refused(why);
    }

    /// Returns true if the page's own origin sent the request.
    pub(super) fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        csrf::is_same_origin(headers, &self.origin)
    }

    /// Answers 429 with the page `busy` if the client's address has used up its requests. Records
    /// requests for unknown links.
    pub(super) async fn limit_rate(
        &self,
        request: Request,
        next: Next,
        busy: impl FnOnce(&HeaderMap, StatusCode) -> Response,
    ) -> Response {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let client = peer.map(|ConnectInfo(peer)| client_ip(peer.ip(), request.headers()));
        let now = self.clock.now();
        let taken =
            self.rate_limit.lock().unwrap_or_else(PoisonError::into_inner).take(client, now);
        let Err(wait) = taken else {
            let response = next.run(request).await;
            // Only an unknown link has this status.
            if response.status() == StatusCode::NOT_FOUND {
                let mut links = self.unknown_links.lock().unwrap_or_else(PoisonError::into_inner);
                // The log has neither the token nor the address.
                if links.record(client, now) {
                    tracing::warn!("{}", self.log_texts.unknown_link);
                }
            }
            return response;
        };
        // Counted but not logged, because a flood of requests must not flood the log.
        metrics::count_page_refused("rate");
        let retry_after = [(RETRY_AFTER, (wait.as_secs() + 1).to_string())];
        (retry_after, busy(request.headers(), StatusCode::TOO_MANY_REQUESTS)).into_response()
    }
}
