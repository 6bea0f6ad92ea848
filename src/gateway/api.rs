//! The client of Discord's API, for everything but the gateway itself.

use std::time::Duration;

use secrecy::ExposeSecret;
use serenity::http::{Http, HttpBuilder};

use crate::config;

/// How long one call to Discord may take before it counts as lost.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of Discord's API that asks where the settings say.
#[must_use]
pub fn http(discord: &config::Discord) -> Http {
    // serenity's own client waits for ever. The builder fails only where TLS cannot be set up at
    // all; then serenity's takes over.
    let client = reqwest::Client::builder().use_rustls_tls().timeout(CALL_TIMEOUT).build();
    // Without serenity's rate limiter. It takes the edits of all agents for one bucket, in which
    // one 429 has everybody wait for as long as it says, whoever is waiting for an answer; it never
    // forgets an interaction; and it ignores another base. Whoever calls tries a 429 again a few
    // times, and gives up.
    let builder = HttpBuilder::new(discord.token.expose_secret()).ratelimiter_disabled(true);
    let builder = client.into_iter().fold(builder, HttpBuilder::client);
    match &discord.api_url {
        Some(url) => builder.proxy(url.as_str().trim_end_matches('/')).build(),
        None => builder.build(),
    }
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use super::*;
    use crate::demo;

    #[test]
    fn nobody_waits_for_serenitys_rate_limiter() {
        let config =
            demo::config("http://127.0.0.1:1", "sqlite://desk.db", "sqlite://core.db", &[])
                .unwrap();
        let discord = config::Discord { api_url: None, ..config.discord };
        assert!(http(&discord).ratelimiter.is_none());
    }
}
