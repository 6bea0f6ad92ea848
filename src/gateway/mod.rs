//! The connection to Discord. The bot checks its settings and registers its commands over HTTP
//! first. Then it connects to the gateway, whose interactions go to the desk.

mod api;
mod budget;
mod dispatcher;
mod watchdog;

use std::sync::Arc;

use anyhow::{anyhow, bail};
use commands::discord::slash;
use commands::discord::slash::Data;
use commands::engine::desk::Desk;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use poise::{Framework, FrameworkError, FrameworkOptions};
use serenity::all::{Client, ClientBuilder, GatewayError, GatewayIntents, GuildId, Http};
use url::Url;

pub use api::http;
pub(crate) use api::{compare_clock, is_unreachable};
pub use budget::RESERVE;
pub use watchdog::{Supervisor, WatchdogTimeouts};

use dispatcher::Dispatcher;

use crate::config;
use crate::health::{Health, SessionBudget};

/// Result of a successful sign-in.
pub struct SignedIn {
    /// serenity's client of Discord's API.
    pub http: Arc<Http>,
    /// Id of the bot's application.
    pub application: u64,
    /// Address of the gateway.
    pub url: String,
    /// Sessions that may still be started.
    pub budget: SessionBudget,
}

/// Signs in over HTTP: reads the gateway's address, the application and the session budget, and
/// registers the commands.
///
/// Fails if any of these calls fails, because serenity would fall back to the real Discord's
/// gateway without an error. Fails if the day's sessions are almost used up.
pub async fn sign_in(discord: &config::Discord, now: Timestamp) -> anyhow::Result<SignedIn> {
    let http = http(discord)?;
    let gateway = api::explain("cannot get the gateway's address", http.get_gateway().await)?;
    if !is_confidential_gateway(&gateway.url) {
        bail!("the gateway's address is not wss: check DISCORD_API_URL, if it is set");
    }
    let (application, budget) =
        tokio::join!(http.get_current_application_info(), budget::fetch(&http, now));
    let application = api::explain("cannot sign in to Discord", application)?.id;
    http.set_application_id(application);
    let budget = api::explain("cannot get the number of gateway sessions left", budget)?;
    budget::check(budget, now)?;
    let commands = poise::builtins::create_application_commands(&slash::commands());
    let registered = http.create_guild_commands(GuildId::new(discord.guild_id), &commands).await;
    api::explain(
        "cannot register the commands (check DISCORD_GUILD_ID, and that the bot was invited with \
         the applications.commands scope)",
        registered,
    )?;
    Ok(SignedIn { http: Arc::new(http), application: application.get(), url: gateway.url, budget })
}

/// Returns true if no other machine can read what is sent to the gateway, which includes the token.
fn is_confidential_gateway(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "wss" || config::is_confidential(&url))
}

/// Checks that the bot may still begin a gateway session today, as [`sign_in`] does. If Discord
/// does not say so, other calls report it.
pub(crate) async fn check_budget(http: &Http, now: Timestamp) -> anyhow::Result<()> {
    match budget::fetch(http, now).await {
        Ok(budget) => budget::check(budget, now),
        Err(_) => Ok(()),
    }
}

/// Returns the gateway's client, not yet connected. It will connect to `url`.
pub async fn client(
    discord: &config::Discord,
    url: String,
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
) -> anyhow::Result<Client> {
    let options = FrameworkOptions {
        commands: slash::commands(),
        initialize_owners: false,
        on_error: |error| {
            log_command_error(&error);
            Box::pin(std::future::ready(()))
        },
        ..FrameworkOptions::default()
    };
    let data = Data { desk: Arc::clone(&desk), clock: Arc::clone(&clock) };
    // The set-up is empty, because poise holds events back until it is done.
    let commands =
        Framework::builder().options(options).setup(|_, _, _| Box::pin(async { Ok(data) })).build();
    // No intents: interactions arrive without any, and data that is not received cannot leak.
    let client = ClientBuilder::new_with_http(http(discord)?, GatewayIntents::empty())
        .framework(Dispatcher { commands, desk, clock, health })
        .await
        .map_err(|error| client_error(&error))?;
    // The builder requests the address again and falls back to the real Discord's gateway.
    *client.ws_url.lock().await = url;
    Ok(client)
}

/// Logs what poise reports. Commands return no errors, so panics and unknown or outdated
/// definitions remain.
fn log_command_error(error: &FrameworkError<'_, Data, slash::Error>) {
    match error {
        FrameworkError::CommandPanic { ctx, .. } => {
            tracing::error!(command = ctx.command().qualified_name.as_ref(), "a command panicked");
        }
        FrameworkError::CommandStructureMismatch { description, .. } => {
            tracing::error!(description, "a command differs from its registered definition");
        }
        FrameworkError::UnknownInteraction { .. } => tracing::warn!("unknown command"),
        _ => tracing::error!("a command could not be dispatched"),
    }
}

/// Describes the error that ended the gateway's client.
pub fn client_error(error: &serenity::Error) -> anyhow::Error {
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => {
            anyhow!("Discord's gateway rejected the token: check DISCORD_TOKEN")
        }
        serenity::Error::Gateway(error) => anyhow!("Discord's gateway: {error}"),
        _ => anyhow!("the connection to Discord's gateway failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_is_wss_or_on_this_machine() {
        for (url, allowed) in [
            ("wss://gateway.discord.gg", true),
            ("ws://127.0.0.1:8400/gateway", true),
            ("ws://localhost:8400", true),
            ("ws://gateway.example.com", false),
            ("ws://10.0.0.7:8400", false),
            ("gateway.discord.gg", false),
        ] {
            assert_eq!(is_confidential_gateway(url), allowed, "{url}");
        }
    }
}
