//! What was typed, read from the body of a POST, and wiped.
//!
//! The body is copied once, into memory that is wiped when it is let go, and each field from there
//! into a secret of its own. (The HTTP library's own buffers, which the bytes pass through before,
//! are beyond us, as the kernel's are.)

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use commands::ports::clock::Clock;
use futures_util::StreamExt;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

/// The longest body: two passwords of 256 characters, of four bytes each, each byte written as
/// three, and room to be wrong in.
const LONGEST_BODY: usize = 16 * 1024;
/// How long a body may take, from its head on.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Save,
    Resend,
}

/// The form. A field that is missing is empty: what to say about that is the desk's.
pub(super) struct Form {
    pub(super) act: Act,
    /// Proves that the sender was shown the page.
    pub(super) token: String,
    pub(super) code: Zeroizing<String>,
    pub(super) password: SecretString,
    pub(super) again: SecretString,
}

/// Reads the form, or says with which status it is refused.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    clock: &dyn Clock,
) -> Result<Form, StatusCode> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let whole = tokio::select! {
        whole = collect(body) => whole?,
        () = clock.sleep(PATIENCE) => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    parse(&whole).ok_or(StatusCode::BAD_REQUEST)
}

async fn collect(body: Body) -> Result<Zeroizing<Vec<u8>>, StatusCode> {
    // All of it from the beginning: a vector that grows leaves copies behind.
    let mut whole = Zeroizing::new(Vec::with_capacity(LONGEST_BODY));
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if whole.len() + chunk.len() > LONGEST_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// `None` when it is not text, or not written as a browser writes it.
fn parse(body: &[u8]) -> Option<Form> {
    let field = |name: &str| -> Option<Zeroizing<String>> {
        let mut found = None;
        for pair in body.split(|byte| *byte == b'&') {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            if &pair[..at] == name.as_bytes() {
                // The same field twice is not of our page.
                if found.is_some() {
                    return None;
                }
                found = Some(decode(pair.get(at + 1..).unwrap_or_default())?);
            }
        }
        Some(found.unwrap_or_default())
    };
    let act = match field("do")?.as_str() {
        "resend" => Act::Resend,
        "save" | "" => Act::Save,
        _ => return None,
    };
    Some(Form {
        act,
        token: field("form")?.to_string(),
        code: field("code")?,
        password: SecretString::from(field("password")?.as_str()),
        again: SecretString::from(field("again")?.as_str()),
    })
}

/// Undoes what a browser does to a value; `None` when it cannot have been one.
fn decode(value: &[u8]) -> Option<Zeroizing<String>> {
    // Never longer than what it was written as, so it does not grow.
    let mut decoded = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value.iter();
    while let Some(&byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    char::from(*rest.next()?)
                        .to_digit(16)
                        .and_then(|digit| u8::try_from(digit).ok())
                };
                (digit()? << 4) | digit()?
            }
            byte => byte,
        });
    }
    std::str::from_utf8(&decoded).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use secrecy::ExposeSecret;

    use super::*;
    use crate::clock::hand::HandClock;

    fn kind(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())])
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up() {
        let clock = HandClock::at(0);
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>("form=t-1&pass")]);
        let body = Body::from_stream(begun.chain(futures_util::stream::pending()));
        let headers = kind("application/x-www-form-urlencoded");
        let mut reading = std::pin::pin!(read(&headers, body, clock.as_ref()));
        let mut waits =
            || reading.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
        assert!(waits());
        clock.advance(PATIENCE.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(waits(), "9.999 s");
        clock.advance(Duration::from_millis(1));
        assert_eq!(reading.await.err(), Some(StatusCode::REQUEST_TIMEOUT), "10 s");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_form() {
        let body = Body::from_stream(futures_util::stream::iter([
            Ok("form=t-1"),
            Err(std::io::Error::other("gone")),
        ]));
        let read =
            read(&kind("application/x-www-form-urlencoded"), body, HandClock::at(0).as_ref()).await;
        assert_eq!(read.err(), Some(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn reads_what_a_browser_writes() {
        let form =
            parse(b"form=t-1&code=123+456&password=%C3%91and%C3%BA+%26%3D%2B%25&again=&do=save")
                .unwrap();
        assert_eq!(
            (form.act, form.token.as_str(), form.code.as_str()),
            (Act::Save, "t-1", "123 456")
        );
        assert_eq!((form.password.expose_secret(), form.again.expose_secret()), ("Ñandú &=+%", ""));
        assert_eq!(parse(b"do=resend&code").unwrap().act, Act::Resend);
        assert_eq!(parse(b"").unwrap().act, Act::Save);
    }

    #[test]
    fn refuses_the_rest() {
        for bad in [
            "code=%",
            "code=%1",
            "code=%zz",
            "password=%ff",
            "do=delete",
            "code=1&code=2",
            "do=save&do=resend",
        ] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
