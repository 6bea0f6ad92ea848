//! Who may talk to the page: the browser window that shows it, and no other web page in the same
//! browser.
//!
//! The mailbox shows codes and an act presses buttons, so three doors are closed. A *rebound name*
//! (`evil.example` that resolves to 127.0.0.1) fails at the `Host` header. A *foreign page's
//! request* fails at `Sec-Fetch-Site` or `Origin`. A *form that posts here* fails at the content
//! type, which a form cannot set.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::act::Problem;

/// No script, style, picture or frame from anywhere else, and nothing inline.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request through that the page's own window made, and puts the headers on its answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    // A mail's frame brings a policy of its own.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn check(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let host = text(headers, &HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err(Problem::foreign("the page is only served to a loopback address"));
    }
    let origin = text(headers, &ORIGIN);
    match text(headers, &FETCH_SITE) {
        // `none`: typed into the address bar, or a bookmark.
        Some("same-origin") => {}
        Some("none") if method == Method::GET => {}
        // A link on another page may lead here; it sees nothing of the answer.
        Some(_)
            if method == Method::GET
                && text(headers, &HeaderName::from_static("sec-fetch-mode"))
                    == Some("navigate") => {}
        Some(_) => return Err(Problem::foreign("only the page itself may ask this")),
        // A browser without these headers sends Origin with every POST; other programs on this
        // computer send neither.
        None => {
            if origin.is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
                return Err(Problem::foreign("only the page itself may ask this"));
            }
        }
    }
    let json = text(headers, &CONTENT_TYPE).is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json")
    });
    if method == Method::POST && !json {
        return Err(Problem::foreign("an act is sent as application/json"));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a `Host` header names this computer; the port does not matter.
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
        check(method, &headers(pairs)).is_ok()
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn the_page_itself_passes() {
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
    fn a_rebound_name_does_not() {
        for host in ["evil.example:8400", "127.0.0.1.evil.example", "", "10.0.0.1"] {
            assert!(
                !passes(&Method::GET, &[("host", host), ("sec-fetch-site", "same-origin")]),
                "{host}"
            );
        }
    }

    #[test]
    fn another_page_cannot_act_and_cannot_read() {
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
    fn a_form_cannot_act() {
        let host = ("host", "127.0.0.1:8400");
        let site = ("sec-fetch-site", "same-origin");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
            assert!(!passes(&Method::POST, &[host, site, ("content-type", kind)]), "{kind}");
        }
        assert!(!passes(&Method::POST, &[host, site]));
    }
}
