//! Error answers of the local Discord.
//!
//! Every refusal has Discord's status, code and text, and is recorded. A test asserts at its end
//! that there was none.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// A request of the bot that Discord does not allow.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// Milliseconds since the epoch.
    pub at: i64,
    /// The error answer in one line.
    pub what: String,
    /// Method and path, with a shortened token.
    pub route: String,
    /// The refused body, or its beginning.
    pub body: String,
}

/// The cause of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// An error of the bot.
    Bot,
    /// Duplicate delivery, late delivery, a lost answer, or a member who has left. A correct bot
    /// can cause it.
    Delivery,
    /// Fault injection.
    Fault,
}

/// An error answer in Discord's format.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    code: u32,
    message: String,
    errors: Option<Value>,
    pub(crate) blame: Blame,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: None, blame: Blame::Bot }
    }

    /// Returns error 50035 for one invalid field. `path` is separated by dots.
    pub(crate) fn form(path: &str, code: &str, message: impl Into<String>) -> Self {
        let leaf = json!({ "_errors": [{ "code": code, "message": message.into() }] });
        let errors = path
            .split('.')
            .filter(|part| !part.is_empty())
            .rev()
            .fold(leaf, |inner, part| json!({ part: inner }));
        Self {
            errors: Some(errors),
            ..Self::new(StatusCode::BAD_REQUEST, 50035, "Invalid Form Body")
        }
    }

    /// Returns error 50035 for a field below `path`, which can be empty.
    pub(crate) fn invalid_field(path: &str, field: &str, why: impl Into<String>) -> Self {
        Self::form(&format!("{path}.{field}"), "INVALID", why)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized")
    }

    /// Returns the refusal of a client that does not name itself as a bot.
    pub(crate) fn wrong_user_agent() -> Self {
        Self::new(StatusCode::FORBIDDEN, 40333, "internal network error")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, 0, "404: Not Found")
    }

    pub(crate) fn unknown_guild() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10004, "Unknown Guild")
    }

    pub(crate) fn unknown_member() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10007, "Unknown Member")
    }

    pub(crate) fn unknown_channel() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10003, "Unknown Channel")
    }

    pub(crate) fn missing_access() -> Self {
        Self::new(StatusCode::FORBIDDEN, 50001, "Missing Access")
    }

    pub(crate) fn unknown_message() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10008, "Unknown Message")
    }

    pub(crate) fn unknown_webhook() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10015, "Unknown Webhook")
    }

    pub(crate) fn unknown_interaction() -> Self {
        Self::new(StatusCode::NOT_FOUND, 10062, "Unknown interaction")
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, 40005, "Request entity too large")
    }

    pub(crate) fn already_acknowledged() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 40060, "Interaction has already been acknowledged.")
    }

    pub(crate) fn empty_message() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50006, "Cannot send an empty message")
    }

    pub(crate) fn expired_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 50027, "Invalid Webhook Token")
    }

    pub(crate) fn bad_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50109, "The request body contains invalid JSON.")
    }

    /// Blames the delivery instead of the bot if `excused`.
    pub(crate) fn excused_if(mut self, excused: bool) -> Self {
        if excused {
            self.blame = Blame::Delivery;
        }
        self
    }

    /// Blames fault injection instead of the bot.
    pub(crate) fn injected(mut self) -> Self {
        self.blame = Blame::Fault;
        self
    }

    /// Formats the refusal in one line, for the record.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{} {}: {}", self.status.as_u16(), self.code, self.message);
        if let Some(errors) = &self.errors {
            line.push(' ');
            line.push_str(&errors.to_string());
        }
        line
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        let mut response = (self.status, Json(body)).into_response();
        // The middleware of the REST routes records it from here.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_error_names_its_field() {
        let refusal = Refusal::form("data.components.0", "BASE_TYPE_BAD_LENGTH", "Too long.");
        assert_eq!(
            refusal.line(),
            r#"400 50035: Invalid Form Body {"data":{"components":{"0":{"_errors":[{"code":"BASE_TYPE_BAD_LENGTH","message":"Too long."}]}}}}"#
        );
    }
}
