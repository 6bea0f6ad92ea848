//! Refusals of the Lambda contract.

use serde_json::{Value, json};

use crate::core_db::CoreError;

/// A refusal with a code of the contract.
#[derive(Debug)]
pub(in crate::aws) struct Refusal {
    pub(in crate::aws) code: String,
    pub(in crate::aws) retry_after_s: Option<u64>,
    /// Detail for the sandbox's log. The bot gets only the code.
    pub(in crate::aws) why: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str) -> Self {
        Self { code: code.to_owned(), retry_after_s: None, why: None }
    }

    pub(super) fn not_found() -> Self {
        Self::new("NOT_FOUND")
    }

    pub(super) fn bad_request(why: impl Into<String>) -> Self {
        Self { code: "BAD_REQUEST".to_owned(), retry_after_s: None, why: Some(why.into()) }
    }

    #[expect(clippy::needless_pass_by_value, reason = "map_err hands over the error by value")]
    pub(super) fn unavailable(error: CoreError) -> Self {
        Self { code: "UNAVAILABLE".to_owned(), retry_after_s: None, why: Some(error.to_string()) }
    }

    pub(in crate::aws) fn as_json(&self) -> Value {
        let mut error = json!({"code": self.code});
        if let Some(seconds) = self.retry_after_s {
            error["retry_after_s"] = json!(seconds);
        }
        json!({"ok": false, "error": error})
    }
}
