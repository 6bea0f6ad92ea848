//! Errors of the local Cognito.

use axum::http::StatusCode;
use serde_json::Value;

/// An exception with AWS's name and message.
#[derive(Debug)]
pub(in crate::aws) struct Exception {
    pub(in crate::aws) status: StatusCode,
    pub(in crate::aws) name: &'static str,
    pub(in crate::aws) message: String,
}

impl Exception {
    pub(super) fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, name, message: message.into() }
    }
}

/// Returns a required text field of a request.
pub(super) fn required<'a>(body: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = body.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        Exception::new(
            "InvalidParameterException",
            format!("1 validation error detected: {name} must not be empty"),
        )
    })
}
