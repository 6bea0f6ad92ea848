//! Answers of a Discord that limits the bot, or is broken.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER, SERVER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::fault_plan::{ErrorBody, Scope};
use super::rate_limits::{Exceeded, Usage};

/// Header with the scope of a 429: one user, the whole bot, or a shared resource.
const SCOPE: HeaderName = HeaderName::from_static("x-ratelimit-scope");

/// Value of `X-RateLimit-Bucket` for follow-ups. Discord's is opaque, too.
const FOLLOW_UP_BUCKET: &str = "f0110e5d5a7d0c0b";

impl Scope {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::User => "user",
            Self::Shared => "shared",
            Self::Global => "global",
        })
    }
}

/// Returns a 429 with Discord's JSON, which has no `code`.
///
/// The header counts whole seconds, rounded up. The body has the exact number.
pub(super) fn too_many(exceeded: Exceeded) -> Response {
    let global = exceeded.scope == Scope::Global;
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds(exceeded.wait), "global": global
    });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(SCOPE, exceeded.scope.header());
    if global {
        headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
    }
    insert(headers, RETRY_AFTER, &whole_seconds(exceeded.wait));
    response
}

/// Returns a 429 with Cloudflare's HTML, which asks for a wait in milliseconds.
pub(super) fn blocked(wait: i64) -> Response {
    let mut response = cloudflare(StatusCode::TOO_MANY_REQUESTS, "Error 1015");
    insert(response.headers_mut(), RETRY_AFTER, &whole_seconds(wait));
    response
}

/// Returns true if the answer is an invalid request (Discord documentation, "Invalid Request
/// Limit").
pub(super) fn is_invalid_request(answer: &Response) -> bool {
    let shared = answer.headers().get(SCOPE) == Some(&Scope::Shared.header());
    matches!(
        answer.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) && !shared
}

/// Returns a server error that comes from Cloudflare.
pub(super) async fn server_error(status: u16, body: ErrorBody) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = cloudflare(status, "Discord is not available");
    match body {
        ErrorBody::Html => page,
        ErrorBody::Empty => status.into_response(),
        ErrorBody::CutShort => cut_short(page).await,
    }
}

fn cloudflare(status: StatusCode, title: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>discord.com | {status}</title></head>\n\
         <body><h1>{title}</h1><hr><center>cloudflare</center></body>\n</html>\n"
    );
    (status, [(SERVER, "cloudflare")], Html(page)).into_response()
}

/// Returns the answer with the first half of its body, after which the connection breaks.
pub(super) async fn cut_short(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = stream::once(std::future::ready(Ok(whole.slice(..whole.len() / 2))));
    let end = stream::once(async {
        // The server writes the first half while the end is pending.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}

/// Adds the headers of a rate limit.
pub(super) fn add_usage(headers: &mut HeaderMap, usage: Usage, now: i64) {
    let name = HeaderName::from_static;
    insert(headers, name("x-ratelimit-limit"), &usage.limit.to_string());
    insert(headers, name("x-ratelimit-remaining"), &usage.remaining.to_string());
    insert(headers, name("x-ratelimit-reset"), &decimal_seconds(usage.resets_at));
    insert(headers, name("x-ratelimit-reset-after"), &decimal_seconds(usage.resets_at - now));
    headers.insert("x-ratelimit-bucket", HeaderValue::from_static(FOLLOW_UP_BUCKET));
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Digits and a point are valid in a header.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn seconds(ms: i64) -> f64 {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0)).as_secs_f64()
}

fn whole_seconds(ms: i64) -> String {
    u64::try_from(ms).unwrap_or(0).div_ceil(1_000).to_string()
}

fn decimal_seconds(ms: i64) -> String {
    format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
}
