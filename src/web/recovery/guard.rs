//! Who may send the form, and what a browser is told about the page.

use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use commands::ports::keys::Keys;

/// Our own style and script, a form that posts to us; nothing inline, nothing from elsewhere, in
/// nobody's frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// Nothing that a form needs.
const PERMISSIONS: HeaderValue =
    HeaderValue::from_static("camera=(), microphone=(), geolocation=()");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// What the listener's own strict headers lack or forbid; the others follow there.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), SAME_ORIGIN);
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), SAME_ORIGIN);
    headers.insert(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    // A link that leaks into a search engine is still a secret.
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

/// Whether our own page sends this: by `Sec-Fetch-Site`, or by `Origin` where a browser does not
/// know that header. Neither: no.
pub(super) fn from_our_origin(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|from| from == origin),
    }
}

/// What the form of a link carries. Under the store's key: the same in every process, and known to
/// nobody who was not shown the page.
pub(super) fn form_token(keys: &dyn Keys, token: &str) -> String {
    keys.mac(&format!("the form of the recovery page {token}"))
}

/// Whether this is it. Hashes of both are compared, so the time that takes says nothing about how
/// much of it was right.
pub(super) fn is_form_token(keys: &dyn Keys, token: &str, given: &str) -> bool {
    keys.mac(given) == keys.mac(&form_token(keys, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://desk.example.com";

    #[test]
    fn only_our_own_page_may_send() {
        for (site, origin, fits) in [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(OURS), true),
            (Some("same-site"), Some(OURS), false),
            (Some("cross-site"), Some(OURS), false),
            (Some("none"), Some(OURS), false),
            (Some(""), Some(OURS), false),
            (None, Some(OURS), true),
            (None, Some("https://desk.example.com:444"), false),
            (None, Some("http://desk.example.com"), false),
            (None, Some("https://desk.example.com.evil.example"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(from_our_origin(&headers, OURS), fits, "{site:?} {origin:?}");
        }
    }
}
