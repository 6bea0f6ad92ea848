//! Calls of Discord's API that no person waits for. Unlike serenity's, they know how long Discord
//! asks to wait.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serenity::http::{Http, Request};

use crate::aws::error_chain;

/// Wait before the second attempt, if Discord names none. It doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Client of the calls.
pub(super) struct Rest {
    /// Holds the token and the address.
    http: Arc<Http>,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// Reason why a call failed. Its text has neither token nor address.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("Discord rejected the token: check DISCORD_TOKEN")]
    Token,
    #[error("Discord answered with status {status}{}", .wait.map(asks_to_wait).unwrap_or_default())]
    Refused {
        status: u16,
        /// Wait that Discord asks for.
        wait: Option<Duration>,
    },
    #[error("Discord is unreachable: check the network, and DISCORD_API_URL if it is set{0}")]
    Unreachable(&'static str),
    #[error("Discord did not answer in time")]
    Late,
    #[error("the connection to Discord broke")]
    Broken,
    #[error("unexpected response: check that DISCORD_API_URL points to Discord, if it is set")]
    Unreadable,
}

fn asks_to_wait(wait: Duration) -> String {
    format!(" and asks to wait {} s", wait.as_millis().div_ceil(1_000))
}

impl CallError {
    /// Returns true if the bot has no access to the guild of the call, or the guild does not exist.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self, Self::Refused { status: 403 | 404, .. })
    }

    /// Returns the wait that Discord asks for.
    pub(super) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused { wait, .. } => *wait,
            _ => None,
        }
    }

    /// Returns the error of a start that has given up.
    pub(super) fn at_start(self) -> anyhow::Error {
        match self.wait() {
            Some(_) => anyhow!("{self}, longer than the start can wait: start again after that"),
            None => self.into(),
        }
    }

    /// Returns true if a later attempt can succeed by itself.
    fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Late | Self::Broken => true,
            Self::Token | Self::Unreachable(_) | Self::Unreadable => false,
        }
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() {
            let chain = error_chain(&error);
            Self::Unreachable(crate::sql_error::clock_hint(&chain))
        } else if error.is_timeout() {
            Self::Late
        } else {
            Self::Broken
        }
    }
}

impl Rest {
    pub(super) fn new(http: Arc<Http>, client: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { http, client, clock }
    }

    /// Makes one attempt.
    pub(super) async fn once<T: DeserializeOwned>(
        &self,
        request: Request<'_>,
    ) -> Result<T, CallError> {
        let request = request.build(&self.client, self.http.token(), self.http.proxy.as_deref());
        let response = request.map_err(|_| CallError::Unreadable)?.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?;
        match status.as_u16() {
            401 => Err(CallError::Token),
            200..300 => serde_json::from_slice(&body).map_err(|_| CallError::Unreadable),
            status => Err(CallError::Refused { status, wait: named_wait(&headers, &body) }),
        }
    }

    /// Repeats a call that fails for a moment, after the waits that Discord asks for. Returns the
    /// error at once if the next wait would end after `give_up_at`.
    pub(super) async fn until<T: DeserializeOwned>(
        &self,
        give_up_at: Timestamp,
        request: Request<'_>,
    ) -> Result<T, CallError> {
        let mut unnamed = FIRST_WAIT;
        loop {
            let error = match self.once(request.clone()).await {
                Err(error) if error.is_transient() => error,
                result => return result,
            };
            let wait = error.wait().unwrap_or(unnamed);
            if self.clock.now() + wait > give_up_at {
                return Err(error);
            }
            self.clock.sleep(wait).await;
            unnamed *= 2;
        }
    }
}

/// Returns the wait that an error names, in the header or in Discord's body.
fn named_wait(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Body {
        retry_after: f64,
    }
    let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = || serde_json::from_slice(body).ok().map(|body: Body| body.retry_after);
    Duration::try_from_secs_f64(header.or_else(body)?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use serde_json::Value;
    use serenity::http::{HttpBuilder, LightMethod, Route};

    use super::*;
    use crate::aws_stub::{AwsStub, StubReply};
    use crate::clock::hand::ManualClock;

    /// A status, the value of `Retry-After`, and a body.
    type Answer = (u16, &'static str, &'static str);

    const PATIENCE: Duration = Duration::from_mins(1);

    const FINE: Answer = (200, "", r#"{"url":"wss://gateway"}"#);

    /// Calls a Discord that gives these answers, with `patience` of waits. Returns the result, the
    /// number of calls, and the time that passed.
    async fn call(
        patience: Duration,
        answers: &[Answer],
    ) -> (Result<Value, CallError>, usize, Duration) {
        let answers = Mutex::new(VecDeque::from(answers.to_vec()));
        let stub = AwsStub::start(move |_| {
            let (status, wait, body) = answers.lock().unwrap().pop_front().unwrap_or(FINE);
            let headers =
                if wait.is_empty() { Vec::new() } else { vec![("retry-after", wait.to_owned())] };
            StubReply { status, headers, body: body.to_owned() }
        })
        .await;
        let clock = ManualClock::at(0);
        let http = HttpBuilder::new("token").ratelimiter_disabled(true).proxy(stub.url()).build();
        let rest = Rest::new(Arc::new(http), reqwest::Client::new(), clock.clone());
        let request = Request::new(Route::Gateway, LightMethod::Get);
        let calling = rest.until(clock.now() + patience, request);
        let moving = async {
            loop {
                clock.sleeps(1).await;
                clock.advance(Duration::from_millis(500));
                tokio::task::yield_now().await;
            }
        };
        let result = tokio::select! {
            biased;
            result = calling => result,
            () = moving => unreachable!("it never ends"),
        };
        (result, stub.operations().len(), clock.now().since(Timestamp(0)))
    }

    #[tokio::test]
    async fn named_wait_is_kept_to_the_last_moment() {
        let (result, calls, passed) = call(PATIENCE, &[(429, "60", "")]).await;
        assert!(result.is_ok() && calls == 2 && passed == PATIENCE, "{calls} calls, {passed:?}");

        let (result, calls, passed) = call(PATIENCE, &[(429, "60.001", "")]).await;
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "Discord answered with status 429 and asks to wait 61 s");
        assert!(calls == 1 && passed.is_zero(), "{calls} calls, {passed:?}");
    }

    #[tokio::test]
    async fn waits_of_all_attempts_share_the_time() {
        let twice = [(429, "30", ""), (503, "30", "")];
        let (result, calls, passed) = call(PATIENCE, &twice).await;
        assert!(result.is_ok() && calls == 3 && passed == PATIENCE);
        let (result, calls, _) = call(Duration::from_secs(59), &twice).await;
        assert!(result.is_err() && calls == 2);
    }

    #[tokio::test]
    async fn unnamed_waits_double() {
        let page = "<html>cloudflare</html>";
        let (result, calls, passed) =
            call(PATIENCE, &[(502, "", page), (500, "", ""), (520, "", page)]).await;
        assert!(
            result.is_ok() && calls == 4 && passed == Duration::from_secs(1 + 2 + 4),
            "{passed:?}"
        );
    }

    #[tokio::test]
    async fn body_names_the_wait_without_a_header() {
        let body = r#"{"message":"You are being rate limited.","retry_after":2.5,"global":false}"#;
        let (result, _, passed) = call(PATIENCE, &[(429, "", body)]).await;
        assert!(result.is_ok() && passed == Duration::from_millis(2_500), "{passed:?}");
        let (result, _, passed) = call(PATIENCE, &[(429, "0.5", body)]).await;
        assert!(result.is_ok() && passed == Duration::from_millis(500), "{passed:?}");
        for nonsense in ["-1", "soon", "nan", "1e300"] {
            let (result, _, passed) = call(PATIENCE, &[(429, nonsense, "")]).await;
            assert!(result.is_ok() && passed == FIRST_WAIT, "{nonsense}: {passed:?}");
        }
    }

    #[tokio::test]
    async fn lasting_errors_are_not_repeated() {
        for (answer, text) in [
            ((401, "", ""), "Discord rejected the token: check DISCORD_TOKEN"),
            ((403, "", r#"{"code":50001}"#), "Discord answered with status 403"),
            ((404, "", ""), "Discord answered with status 404"),
            (
                (200, "", "<html>"),
                "unexpected response: check that DISCORD_API_URL points to Discord, if it is set",
            ),
        ] {
            let (result, calls, _) = call(PATIENCE, &[answer]).await;
            assert_eq!((result.unwrap_err().to_string().as_str(), calls), (text, 1));
        }
    }
}
