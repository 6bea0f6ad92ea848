//! Client of Discord's HTTP API, and its errors in words.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use secrecy::ExposeSecret;
use serenity::all::HttpError;
use serenity::http::{Http, HttpBuilder, LightMethod, Request, Route};

use crate::aws::error_chain;
use crate::config;
use crate::discord_api::client_builder;
use crate::server_clocks::{ServerClocks, TimeSource};
use crate::sql_error::clock_hint;

/// Time after which a call to Discord counts as failed.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the HTTP client of serenity's calls to Discord's API. Fails if TLS is unavailable.
pub(super) fn client() -> anyhow::Result<reqwest::Client> {
    // serenity's own client has no timeout.
    client_builder().timeout(CALL_TIMEOUT).build().context("cannot set up TLS for Discord")
}

/// Returns serenity's client of Discord's API, or of `DISCORD_API_URL` if that is set. Fails if TLS
/// is unavailable.
pub fn http(discord: &config::Discord) -> anyhow::Result<Http> {
    // serenity's rate limiter is off, because it does not work with another base URL. The calls of
    // a start go through `Rest`, which waits as long as Discord asks.
    let builder = HttpBuilder::new(discord.token.expose_secret()).ratelimiter_disabled(true);
    let builder = builder.client(client()?);
    Ok(match &discord.api_url {
        Some(url) => builder.proxy(url.as_str().trim_end_matches('/')).build(),
        None => builder.build(),
    })
}

/// Compares this machine's clock with Discord's. Does nothing if Discord does not answer, because
/// other calls report that.
pub(crate) async fn compare_clock(http: &Http, clocks: &ServerClocks) {
    let sent_at = clocks.clock().now();
    let Ok(answer) = http.request(Request::new(Route::Gateway, LightMethod::Get)).await else {
        return;
    };
    if let Some(date) = answer.headers().get("date").and_then(|date| date.to_str().ok()) {
        clocks.compare(TimeSource::Discord, date, sent_at);
    }
}

/// Describes a failed call without the request, because the request carries the token.
pub(super) fn describe(error: &serenity::Error) -> anyhow::Error {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code.as_u16() == 401 =>
        {
            anyhow!("Discord rejected the token: check DISCORD_TOKEN")
        }
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            let (status, code) = (response.status_code.as_u16(), response.error.code);
            anyhow!("Discord answered with status {status} and code {code}")
        }
        error if is_unreachable(error) => {
            anyhow!(
                "Discord is unreachable: check the network, and DISCORD_API_URL if it is set{}",
                clock_hint(&error_chain(error))
            )
        }
        _ => anyhow!(
            "unexpected response: check that DISCORD_API_URL points to Discord, if it is set"
        ),
    }
}

/// Returns true if no server answered.
pub(crate) fn is_unreachable(error: &serenity::Error) -> bool {
    let serenity::Error::Http(HttpError::Request(error)) = error else { return false };
    error.is_connect() || error.is_timeout()
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use super::*;
    use crate::aws_stub::{AwsStub, StubReply};
    use crate::demo;

    #[tokio::test]
    async fn redirect_is_not_followed() {
        let stub = AwsStub::start(|_| StubReply {
            status: 302,
            headers: vec![("location", "/elsewhere".to_owned())],
            body: String::new(),
        })
        .await;
        let config = demo::config(stub.url(), "sqlite://desk.db", "sqlite://core.db", &[]).unwrap();
        assert!(http(&config.discord).unwrap().get_gateway().await.is_err());
        assert_eq!(stub.operations(), ["/api/v10/gateway"]);
    }

    #[test]
    fn http_has_no_rate_limiter() {
        let config =
            demo::config("http://127.0.0.1:1", "sqlite://desk.db", "sqlite://core.db", &[])
                .unwrap();
        let discord = config::Discord { api_url: None, ..config.discord };
        assert!(http(&discord).unwrap().ratelimiter.is_none());
    }
}
