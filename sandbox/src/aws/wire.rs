//! HTTP formats that both services share: signatures, errors and times.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// The content type of Cognito's protocol.
pub(super) const AMZ_JSON: &str = "application/x-amz-json-1.1";
/// The content type of Lambda's protocol.
pub(super) const JSON: &str = "application/json";

/// Format of `X-Amz-Date` (AWS Signature Version 4).
pub(super) const AMZ_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
/// Largest difference between the time of a signature and AWS's clock, in milliseconds.
const MAX_SKEW_MS: u64 = 5 * 60 * 1_000;

/// Returns true if a request is signed. The signature itself is not verified.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential="))
}

/// Returns true if the time of a signature differs from `now` by at most [`MAX_SKEW_MS`].
pub(super) fn is_in_time(headers: &HeaderMap, now: i64) -> bool {
    let signed_at = headers.get("x-amz-date").and_then(|value| value.to_str().ok());
    signed_at.and_then(|text| PrimitiveDateTime::parse(text, AMZ_DATE).ok()).is_some_and(|at| {
        let ms = at.assume_utc().unix_timestamp().saturating_mul(1_000);
        ms.abs_diff(now) <= MAX_SKEW_MS
    })
}

/// Builds a JSON answer.
pub(super) fn json_answer(
    status: StatusCode,
    content_type: &'static str,
    body: &Value,
) -> Response<Body> {
    text_answer(status, content_type, body.to_string())
}

/// Builds an answer with any text as its body.
pub(super) fn text_answer(
    status: StatusCode,
    content_type: &'static str,
    body: String,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(
        "x-amzn-requestid",
        HeaderValue::from_static("00000000-0000-4000-8000-000000000000"),
    );
    response
}

/// Builds an error as the SDKs expect it, with its name in a header and in the body.
pub(super) fn error_answer(
    status: StatusCode,
    content_type: &'static str,
    name: &str,
    message: &str,
) -> Response<Body> {
    let body = json!({"__type": name, "message": message, "Message": message, "Type": "User"});
    let mut response = json_answer(status, content_type, &body);
    if let Ok(value) = HeaderValue::from_str(name) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// Builds an answer whose connection ends before its body does.
pub(super) fn broken_answer(content_type: &'static str) -> Response<Body> {
    let cut = futures_util::stream::once(async {
        Err::<Vec<u8>, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let mut response = Response::new(Body::from_stream(cut));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Formats a time in RFC 3339 and UTC. A time outside the calendar becomes the epoch.
pub(super) fn rfc3339(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_is_in_utc() {
        assert_eq!(rfc3339(1_780_308_000_000), "2026-06-01T10:00:00Z");
        assert_eq!(rfc3339(1_780_308_000_250), "2026-06-01T10:00:00.25Z");
    }
}
