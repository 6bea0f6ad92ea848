//! The connection to Discord: checked and registered over HTTP first, then the gateway, whose
//! interactions go to the desk.

mod api;
mod budget;
mod ears;
mod patience;
mod pulse;
mod watch;

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use commands::discord::slash;
use commands::discord::slash::Data;
use commands::engine::desk::Desk;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use poise::{Framework, FrameworkError, FrameworkOptions};
use serenity::all::{
    Client, ClientBuilder, GatewayError, GatewayIntents, GuildId, Http, HttpError,
};

pub use api::http;
pub use budget::{LOW, RESERVE};
pub use patience::Patience;
pub use pulse::{Budget, Heard, Pulse};
pub use watch::Watched;

use ears::Ears;

use crate::config;
use crate::web::Health;

/// What the start has learnt of Discord.
pub struct SignedIn {
    /// Its API.
    pub http: Arc<Http>,
    /// The address of its gateway.
    pub url: String,
    /// The sessions that may still be begun.
    pub budget: Budget,
}

/// Asks for the gateway's address, for who we are, and registers the commands. Whatever fails here
/// fails the start: serenity itself would silently fall back to the real Discord's gateway.
///
/// Nor is a session begun that could cost the bot its token, as too many a day do.
pub async fn sign_in(discord: &config::Discord, now: Timestamp) -> anyhow::Result<SignedIn> {
    let http = http(discord);
    let gateway = http
        .get_gateway()
        .await
        .map_err(|error| refused(&error))
        .context("asking Discord for its gateway")?;
    let application =
        async { http.get_current_application_info().await.map_err(|error| refused(&error)) };
    let (application, budget) = tokio::join!(application, budget::ask(&http, now));
    http.set_application_id(application.context("signing in to Discord")?.id);
    let budget = budget
        .map_err(|error| refused(&error))
        .context("asking Discord how many gateway sessions are left")?;
    budget::judge(budget, now)?;
    let commands = poise::builtins::create_application_commands(&slash::commands());
    http.create_guild_commands(GuildId::new(discord.guild_id), &commands).await.map_err(|error| refused(&error)).context(
        "registering the commands: check DISCORD_GUILD_ID, and that the bot was invited with the applications.commands scope",
    )?;
    Ok(SignedIn { http: Arc::new(http), url: gateway.url, budget })
}

/// What Discord said, without the request, which carries the token.
fn refused(error: &serenity::Error) -> anyhow::Error {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code.as_u16() == 401 =>
        {
            anyhow!("Discord does not know this token: check DISCORD_TOKEN")
        }
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            anyhow!(
                "Discord answered with status {} and code {}",
                response.status_code.as_u16(),
                response.error.code
            )
        }
        error if is_unreachable(error) => {
            anyhow!(
                "Discord cannot be reached: check the network, and DISCORD_API_URL if it is set"
            )
        }
        _ => anyhow!("the answer was not Discord's: check DISCORD_API_URL if it is set"),
    }
}

/// Whether Discord was not even there to answer.
fn is_unreachable(error: &serenity::Error) -> bool {
    matches!(error, serenity::Error::Http(HttpError::Request(error)) if error.is_connect() || error.is_timeout())
}

/// The gateway's client, not connected yet; `url` is where it will connect to.
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
            on_error(&error);
            Box::pin(std::future::ready(()))
        },
        ..FrameworkOptions::default()
    };
    let data = Data { desk: Arc::clone(&desk), clock: Arc::clone(&clock) };
    // Events wait until the set-up is done, so there is nothing in it.
    let commands =
        Framework::builder().options(options).setup(|_, _, _| Box::pin(async { Ok(data) })).build();
    // No intents: interactions arrive without any, and what is not received cannot leak.
    let client = ClientBuilder::new_with_http(http(discord), GatewayIntents::empty())
        .framework(Ears { commands, desk, clock, health })
        .await
        .map_err(|error| ended(&error))?;
    // The builder has asked for the address once more, and where it had no answer it took the real
    // Discord's.
    *client.ws_url.lock().await = url;
    Ok(client)
}

/// Commands answer for themselves and cannot fail; what is left is a panic, and commands that
/// Discord knows otherwise than we do.
fn on_error(error: &FrameworkError<'_, Data, slash::Error>) {
    match error {
        FrameworkError::CommandPanic { ctx, .. } => {
            tracing::error!(command = ctx.command().qualified_name.as_ref(), "a command panicked");
        }
        FrameworkError::CommandStructureMismatch { description, .. } => {
            tracing::error!(description, "a command does not have its shape");
        }
        FrameworkError::UnknownInteraction { .. } => tracing::warn!("a command that is not ours"),
        _ => tracing::error!("a command could not be dispatched"),
    }
}

/// Why the gateway's client ended, in a sentence.
pub fn ended(error: &serenity::Error) -> anyhow::Error {
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => {
            anyhow!("Discord's gateway does not know this token: check DISCORD_TOKEN")
        }
        serenity::Error::Gateway(error) => anyhow!("Discord's gateway: {error}"),
        _ => anyhow!("the connection to Discord's gateway failed"),
    }
}
