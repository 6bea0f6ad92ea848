//! Access control of the page: only its own browser window, not another web page in that browser.
//!
//! The mailbox shows codes and an action presses buttons, so three attacks are blocked:
//!
//! - DNS rebinding, such as `evil.example` that resolves to 127.0.0.1: refused by `Host`.
//! - Requests of another page: refused by `Sec-Fetch-Site` or `Origin`.
//! - Forms that post here: refused by the content type, which a form cannot set.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Content policy: no external and no inline script, style, image or frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Passes requests of the page's own window, and sets the security headers of all answers.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match validate_origin(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    // A mail has its own policy.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn validate_origin(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let host = text(headers, &HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err(Problem::forbidden("the page is served to loopback addresses only"));
    }
    let origin = text(headers, &ORIGIN);
    match text(headers, &FETCH_SITE) {
        // `none`: from the address bar or a bookmark.
        Some("same-origin") => {}
        Some("none") if method == Method::GET => {}
        // A link on another page may navigate here, because that page cannot read the answer.
        Some(_)
            if method == Method::GET
                && text(headers, &HeaderName::from_static("sec-fetch-mode"))
                    == Some("navigate") => {}
        Some(_) => return Err(Problem::forbidden("only the page itself can send this request")),
        // An old browser sends Origin with every POST. Other programs on this computer send
        // neither.
        None => {
            if origin.is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
                return Err(Problem::forbidden("only the page itself can send this request"));
            }
        }
    }
    let json = text(headers, &CONTENT_TYPE).is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json")
    });
    if method == Method::POST && !json {
        return Err(Problem::forbidden("an action requires application/json"));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns true if a `Host` header names this computer, on any port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
            })
            .collect()
    }

    fn passes(method: &Method, pairs: &[(&str, &str)]) -> bool {
        validate_origin(method, &headers(pairs)).is_ok()
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn own_page_is_accepted() {
        for host in ["127.0.0.1:8400", "localhost:8400", "[::1]:8400", "localhost"] {
            assert!(
                passes(&Method::GET, &[("host", host), ("sec-fetch-site", "same-origin")]),
                "{host}"
            );
            assert!(passes(&Method::GET, &[("host", host), ("sec-fetch-site", "none")]), "{host}");
            assert!(
                passes(&Method::POST, &[("host", host), ("sec-fetch-site", "same-origin"), JSON]),
                "{host}"
            );
        }
    }

    #[test]
    fn rebound_host_is_refused() {
        for host in ["evil.example:8400", "127.0.0.1.evil.example", "", "10.0.0.1"] {
            assert!(
                !passes(&Method::GET, &[("host", host), ("sec-fetch-site", "same-origin")]),
                "{host}"
            );
        }
    }

    #[test]
    fn foreign_page_cannot_act_or_read() {
        let host = ("host", "127.0.0.1:8400");
        for site in ["cross-site", "same-site"] {
            assert!(!passes(&Method::POST, &[host, ("sec-fetch-site", site), JSON]));
            assert!(!passes(
                &Method::GET,
                &[host, ("sec-fetch-site", site), ("sec-fetch-mode", "cors")]
            ));
            assert!(passes(
                &Method::GET,
                &[host, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]
            ));
        }
        assert!(!passes(&Method::POST, &[host, ("sec-fetch-site", "none"), JSON]));
        assert!(!passes(&Method::POST, &[host, ("origin", "http://evil.example"), JSON]));
        assert!(!passes(&Method::POST, &[host, ("origin", "null"), JSON]));
        assert!(passes(&Method::POST, &[host, ("origin", "http://127.0.0.1:8400"), JSON]));
    }

    #[test]
    fn form_post_is_refused() {
        let host = ("host", "127.0.0.1:8400");
        let site = ("sec-fetch-site", "same-origin");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
            assert!(!passes(&Method::POST, &[host, site, ("content-type", kind)]), "{kind}");
        }
        assert!(!passes(&Method::POST, &[host, site]));
    }
}
