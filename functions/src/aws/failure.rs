//! Failures of AWS services: one log line each, and whether the work can be done.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::log;

/// A failed call.
pub(super) struct Failed {
    /// The service's name of the error. Empty without an answer.
    pub(super) code: String,
    /// The service is overloaded.
    pub(super) is_throttling: bool,
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
        let shown = match error {
            _ if !code.is_empty() => code,
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            _ => "no valid answer",
        };
        log::service_failed(service, shown, status);
        Self { code: code.to_owned(), is_throttling }
    }
}
