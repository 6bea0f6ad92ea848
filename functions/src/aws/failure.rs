//! Failures of AWS services: one log line each, and whether the work can be done.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::log;

/// A failed call.
pub(super) struct Failed {
    /// The service answered that it did not do the work: its status is 4xx.
    pub(super) is_refusal: bool,
    /// The service is overloaded.
    pub(super) is_throttling: bool,
    /// The function's role or credentials are wrong, which an operator must mend.
    pub(super) is_denied: bool,
}

impl Failed {
    /// Logs a failed call by its code. Messages of services quote addresses, so they are left out.
    pub(super) fn log<E: ProvideErrorMetadata>(service: &str, error: &SdkError<E>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().unwrap_or_default();
        let is_throttling = status == Some(429)
            || ["Throttling", "TooManyRequests", "LimitExceeded", "ThroughputExceeded"]
                .iter()
                .any(|word| code.contains(word));
        let is_denied = status == Some(403) || code.contains("AccessDenied");
        let is_refusal = status.is_some_and(|status| (400..500).contains(&status));
        let shown = match error {
            _ if !code.is_empty() => code,
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            _ => "no valid answer",
        };
        log::service_failed(service, shown, status);
        Self { is_refusal, is_throttling, is_denied }
    }
}
