//! What both services' HTTP has in common: who may call, how an error looks, how a time is written.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The content type of Cognito's protocol.
pub(super) const AMZ_JSON: &str = "application/x-amz-json-1.1";
/// The content type of Lambda's.
pub(super) const JSON: &str = "application/json";

/// Whether a request is signed; the signature itself is not checked.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential="))
}

/// A JSON answer.
pub(super) fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: &Value,
) -> Response<Body> {
    raw(status, content_type, body.to_string())
}

/// An answer with any text as its body.
pub(super) fn raw(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(
        "x-amzn-requestid",
        HeaderValue::from_static("00000000-0000-4000-8000-000000000000"),
    );
    response
}

/// An error as the SDKs read it: its name in a header and in the body.
pub(super) fn error(
    status: StatusCode,
    content_type: &'static str,
    name: &str,
    message: &str,
) -> Response<Body> {
    let body = json!({"__type": name, "message": message, "Message": message, "Type": "User"});
    let mut response = answer(status, content_type, &body);
    if let Ok(value) = HeaderValue::from_str(name) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// An answer that breaks off: the client sees its connection end before the body does.
pub(super) fn broken(content_type: &'static str) -> Response<Body> {
    let cut = futures_util::stream::once(async {
        Err::<Vec<u8>, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let mut response = Response::new(Body::from_stream(cut));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// RFC 3339 in UTC, as the functions write times; the epoch for a time outside the calendar.
pub(super) fn rfc3339(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(1_780_308_000_000), "2026-06-01T10:00:00Z");
        assert_eq!(rfc3339(1_780_308_000_250), "2026-06-01T10:00:00.25Z");
    }
}
