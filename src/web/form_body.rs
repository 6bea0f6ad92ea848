//! Reading the body of a submitted form.

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use commands::ports::clock::Clock;
use serde::de::DeserializeOwned;

/// Time in which the whole body must arrive, from its head on.
///
/// `tower_http::RequestBodyTimeout` restarts with each frame, so a slow client could hold a
/// connection for hours.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the form from a request's body, or returns the status that refuses it.
pub(super) async fn read_body<T: DeserializeOwned>(
    request: Request,
    clock: &dyn Clock,
) -> Result<T, StatusCode> {
    let read = tokio::select! {
        read = Form::<T>::from_request(request, &()) => read,
        () = clock.sleep(BODY_TIMEOUT) => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    let Form(form) = read.map_err(|rejection| match rejection.status() {
        // The pages answer 422 themselves, when a field needs a correction.
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    })?;
    Ok(form)
}
