//! Protection against forged forms (CSRF): the request's origin and a form token.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use commands::ports::keys::Keys;

/// Returns true if a page of `origin` sent the request.
///
/// `Sec-Fetch-Site` decides. Browsers that do not send it are checked by `Origin`. A request with
/// neither header is refused.
pub(super) fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|from| from == origin),
    }
}

/// Returns the token that the form of a link carries.
///
/// It is a MAC under the store's key: equal in every process, and known only to a client that has
/// loaded the page.
pub(super) fn form_token(keys: &dyn Keys, link: &str) -> String {
    keys.mac(&format!("the form of the recovery page {link}"))
}

/// Returns true if `given` is the form token of the link. Compares MACs, so timing reveals nothing.
pub(super) fn is_form_token(keys: &dyn Keys, link: &str, given: &str) -> bool {
    keys.mac(given) == keys.mac(&form_token(keys, link))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const OWN: &str = "https://desk.example.com";

    #[test]
    fn other_origins_are_refused() {
        for (site, origin, expected) in [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(OWN), true),
            (Some("same-site"), Some(OWN), false),
            (Some("cross-site"), Some(OWN), false),
            (Some("none"), Some(OWN), false),
            (Some(""), Some(OWN), false),
            (None, Some(OWN), true),
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
            assert_eq!(is_same_origin(&headers, OWN), expected, "{site:?} {origin:?}");
        }
    }
}
