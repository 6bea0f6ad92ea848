//! The submitted form of the recovery page.
//!
//! Code and passwords are `SecretString`, so their memory is wiped. The buffers that the bytes pass
//! through before, in hyper and in the form parser, are not.

use axum::extract::Request;
use axum::http::StatusCode;
use commands::ports::clock::Clock;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::web::form_body::read_body;

/// Maximum size of a body in bytes: two passwords of 256 characters with four bytes each, every
/// byte escaped as three, and a reserve.
pub(super) const MAX_BODY: usize = 16 * 1024;
/// The button that submitted the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SubmitAction {
    #[default]
    #[serde(alias = "")]
    Save,
    Resend,
}

/// A submitted form. Missing fields are empty, because the desk decides what to say about them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RecoveryForm {
    #[serde(rename = "do")]
    pub(super) action: SubmitAction,
    #[serde(rename = "form")]
    pub(super) form_token: String,
    pub(super) code: SecretString,
    pub(super) password: SecretString,
    pub(super) again: SecretString,
}

/// Reads the form from a request's body, or returns the status that refuses it.
pub(super) async fn read_form(
    request: Request,
    clock: &dyn Clock,
) -> Result<RecoveryForm, StatusCode> {
    let form = read_body::<RecoveryForm>(request, clock).await?;
    // The parser puts U+FFFD in place of bytes that are not UTF-8. A password must not change so.
    let fields = [&form.code, &form.password, &form.again];
    let is_utf8 = |field: &SecretString| !field.expose_secret().contains('\u{fffd}');
    if fields.into_iter().all(is_utf8) { Ok(form) } else { Err(StatusCode::BAD_REQUEST) }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};
    use std::time::Duration;

    use axum::body::Body;
    use futures_util::StreamExt as _;

    use super::*;
    use crate::clock::hand::ManualClock;
    use crate::web::form_body::BODY_TIMEOUT;

    fn post(body: impl Into<Body>) -> Request {
        Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap()
    }

    async fn read(body: &'static str) -> Result<RecoveryForm, StatusCode> {
        read_form(post(body), ManualClock::at(0).as_ref()).await
    }

    #[tokio::test]
    async fn unfinished_body_times_out() {
        let clock = ManualClock::at(0);
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>("form=t-1&pass")]);
        let body = Body::from_stream(begun.chain(futures_util::stream::pending()));
        let mut reading = std::pin::pin!(read_form(post(body), clock.as_ref()));
        let mut is_pending =
            || reading.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
        assert!(is_pending());
        clock.advance(BODY_TIMEOUT.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(is_pending(), "9.999 s");
        clock.advance(Duration::from_millis(1));
        assert_eq!(reading.await.err(), Some(StatusCode::REQUEST_TIMEOUT), "10 s");
    }

    #[tokio::test]
    async fn broken_body_is_refused() {
        let body = Body::from_stream(futures_util::stream::iter([
            Ok("form=t-1"),
            Err(std::io::Error::other("gone")),
        ]));
        let read = read_form(post(body), ManualClock::at(0).as_ref()).await;
        assert_eq!(read.err(), Some(StatusCode::BAD_REQUEST));
    }

    #[tokio::test]
    async fn browser_form_is_read() {
        let form =
            read("form=t-1&code=123+456&password=%C3%91and%C3%BA+%26%3D%2B%25&again=&do=save")
                .await
                .unwrap();
        assert_eq!((form.action, form.form_token.as_str()), (SubmitAction::Save, "t-1"));
        let fields = [&form.code, &form.password, &form.again].map(ExposeSecret::expose_secret);
        assert_eq!(fields, ["123 456", "Ñandú &=+%", ""]);
        assert_eq!(read("do=resend&code").await.unwrap().action, SubmitAction::Resend);
        assert_eq!(read("do=").await.unwrap().action, SubmitAction::Save);
        assert_eq!(read("").await.unwrap().action, SubmitAction::Save);
    }

    #[tokio::test]
    async fn stray_percent_sign_is_text() {
        for (body, code) in [("code=%", "%"), ("code=%1", "%1"), ("code=%zz", "%zz")] {
            assert_eq!(read(body).await.unwrap().code.expose_secret(), code);
        }
    }

    #[tokio::test]
    async fn malformed_form_is_refused() {
        for bad in [
            "password=%ff",
            "code=%C3",
            "again=%ED%A0%80",
            "do=delete",
            "code=1&code=2",
            "do=save&do=resend",
        ] {
            assert_eq!(read(bad).await.err(), Some(StatusCode::BAD_REQUEST), "{bad}");
        }
    }
}
