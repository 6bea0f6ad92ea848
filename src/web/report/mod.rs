//! The report page, "I did not ask for this".

use url::Url;

/// Returns the URL that the last part of a link is appended to. Keeps the path of `public_url`,
/// because a proxy may serve the public listener below a path.
pub fn report_base_url(public_url: &Url) -> String {
    format!("{}/report/", public_url.as_str().trim_end_matches('/'))
}
