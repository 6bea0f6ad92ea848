//! Error answers of the page.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::discord::ActionError;

/// An error answer: `{"ok": false, "error": {"code", "text"}}`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    text: String,
}

impl Problem {
    pub(super) fn unknown_person(name: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "unknown_person",
            text: format!("There is no person named {name:?}."),
        }
    }

    pub(super) fn forbidden(text: &str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "forbidden", text: text.to_owned() }
    }

    pub(super) fn malformed(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "malformed", text: text.into() }
    }
}

impl From<ActionError> for Problem {
    /// Keeps the first line only. The lines below it describe the screen, which the page shows.
    fn from(error: ActionError) -> Self {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        Self { status: StatusCode::CONFLICT, code: "impossible", text: first.to_owned() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "ok": false, "error": { "code": self.code, "text": self.text } });
        (self.status, Json(body)).into_response()
    }
}
