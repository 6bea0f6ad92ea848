//! Discord's limit for writing a guild's commands.
//!
//! Its number is not documented. Bots that wrote their commands at each start were refused after a
//! few starts, with a wait of minutes.

use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Writes that are allowed before the wait.
const WRITES_MAX: u32 = 5;

/// Wait after too many writes, as reported for a bot that wrote its commands at each start.
const WAIT: Duration = Duration::from_secs(431);

/// Writes of the guild's commands.
#[derive(Debug, Default)]
pub(crate) struct CommandLimit {
    count: u32,
    /// When the count begins anew, in milliseconds since the epoch.
    resets_at: i64,
}

impl CommandLimit {
    /// Counts a write. Returns the answer to one too many.
    pub(super) fn refuse(&mut self, now: i64) -> Option<Response> {
        if now >= self.resets_at {
            self.count = 0;
            self.resets_at =
                now.saturating_add(i64::try_from(WAIT.as_millis()).unwrap_or(i64::MAX));
        }
        if self.count < WRITES_MAX {
            self.count += 1;
            return None;
        }
        Some(too_many(self.resets_at - now))
    }
}

/// Builds the answer with a wait in milliseconds. Discord's body has no `code`.
fn too_many(wait: i64) -> Response {
    let seconds = Duration::from_millis(u64::try_from(wait).unwrap_or(0)).as_secs_f64();
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": false });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&seconds.ceil().to_string()) {
        headers.insert(RETRY_AFTER, value);
    }
    headers.insert("x-ratelimit-scope", HeaderValue::from_static("shared"));
    response
}
