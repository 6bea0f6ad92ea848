//! The connection to Discord. The bot checks its settings and registers its commands over HTTP
//! first. Then it connects to the gateway, whose interactions go to the desk.

mod address;
mod api;
mod application;
mod budget;
mod dispatcher;
mod guild_watch;
mod registration;
mod rest;
mod unknown_events;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use commands::discord::slash;
use commands::discord::slash::Data;
use commands::engine::desk::Desk;
use commands::model::command_ids::CommandIds;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use poise::{Framework, FrameworkError, FrameworkOptions};
use serenity::all::{Client, ClientBuilder, GatewayError, GatewayIntents, Http};
use serenity::http::{LightMethod, Request, Route};
use serenity::model::gateway::Gateway;

pub use address::GatewayAddress;
pub use api::http;
pub(crate) use api::{compare_clock, is_unreachable};
pub(crate) use application::Application;
pub use budget::RESERVE;
pub(crate) use guild_watch::watch_guild;
pub(crate) use registration::OUTSIDE;
pub use registration::Registration;
pub use watchdog::{Supervisor, WatchdogTimeouts};

use dispatcher::Dispatcher;
use rest::{CallError, Rest};
use unknown_events::UnknownEvents;

use crate::config;
use crate::health::{Health, SessionBudget};

/// Time after which the start gives up, if Discord asks it to wait or fails for a moment. Ours: a
/// supervisor starts the bot again, and each start makes a few calls only.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Result of a successful sign-in.
pub struct SignedIn {
    /// serenity's client of Discord's API.
    pub http: Arc<Http>,
    /// Id of the bot's application.
    pub application: u64,
    /// Address of the gateway.
    pub address: Arc<GatewayAddress>,
    /// Sessions that may still be started.
    pub budget: SessionBudget,
    /// Ids of the registered commands.
    pub command_ids: CommandIds,
    /// The registered commands, to look at them later.
    pub registration: Registration,
}

/// Signs in over HTTP: reads the gateway's address, the application and the session budget, and
/// registers the commands.
///
/// Fails if any of these calls fails for good or for longer than `START_TIMEOUT`, because
/// serenity would fall back to the real Discord's gateway without an error. Fails if the day's
/// sessions are almost used up, and if Discord sends interactions elsewhere.
pub async fn sign_in(
    discord: &config::Discord,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<SignedIn> {
    let http = Arc::new(http(discord)?);
    let rest = Rest::new(Arc::clone(&http), api::client()?, Arc::clone(clock));
    let give_up_at = clock.now() + START_TIMEOUT;
    let request = Request::new(Route::Gateway, LightMethod::Get);
    let gateway: Gateway =
        explain("cannot get the gateway's address", rest.until(give_up_at, request).await)?;
    if !address::is_confidential(&gateway.url) {
        bail!("the gateway's address is not wss: check DISCORD_API_URL, if it is set");
    }
    let (application, limits) = tokio::join!(
        rest.until(give_up_at, Application::request()),
        rest.until(give_up_at, Request::new(Route::GatewayBot, LightMethod::Get)),
    );
    let application: Application = explain("cannot sign in to Discord", application)?;
    if let Some(fault) = application.fault() {
        bail!("the bot's application cannot be used: {fault}");
    }
    http.set_application_id(application.id);
    let limits = explain("cannot get the number of gateway sessions left", limits)?;
    let budget = budget::read(&limits, clock.now());
    budget::check(budget, clock.now())?;
    let mut registration = Registration::new(rest, application.id, discord.guild_id)?;
    let command_ids =
        registration.at_start(give_up_at).await.context("cannot register the commands")?;
    let address = Arc::new(GatewayAddress::new(gateway.url));
    let application = application.id.get();
    Ok(SignedIn { http, application, address, budget, command_ids, registration })
}

/// Describes the error of a call of the start. It begins with `context`: what the bot cannot do.
fn explain<T>(context: &'static str, result: Result<T, CallError>) -> anyhow::Result<T> {
    result.map_err(CallError::at_start).context(context)
}

/// Checks that the bot may still begin a gateway session today, as [`sign_in`] does. If Discord
/// does not say so, other calls report it.
pub(crate) async fn check_budget(http: &Http, now: Timestamp) -> anyhow::Result<()> {
    match budget::fetch(http, now).await {
        Ok(budget) => budget::check(budget, now),
        Err(_) => Ok(()),
    }
}

/// Returns the gateway's client, not yet connected. It will connect to `address`.
pub async fn client(
    discord: &config::Discord,
    address: Arc<GatewayAddress>,
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
) -> anyhow::Result<Client> {
    let options = FrameworkOptions {
        commands: slash::commands(),
        initialize_owners: false,
        on_error: |error| {
            log_command_error(&error);
            Box::pin(slash::answer_outdated(error))
        },
        ..FrameworkOptions::default()
    };
    let data = Data { desk: Arc::clone(&desk), clock: Arc::clone(&clock) };
    // The set-up is empty, because poise holds events back until it is done.
    let commands =
        Framework::builder().options(options).setup(|_, _, _| Box::pin(async { Ok(data) })).build();
    let dispatcher = Dispatcher { commands, desk, clock, health, address: Arc::clone(&address) };
    // No intents: interactions arrive without any, and data that is not received cannot leak.
    let client = ClientBuilder::new_with_http(http(discord)?, GatewayIntents::empty())
        .framework(dispatcher)
        .raw_event_handler(UnknownEvents)
        .await
        .map_err(|error| client_error(&error))?;
    address.apply_to(&client).await;
    Ok(client)
}

/// Logs what poise reports. Commands return no errors, so panics and unknown or outdated
/// definitions remain. [`slash::answer_outdated`] answers the latter.
fn log_command_error(error: &FrameworkError<'_, Data, slash::Error>) {
    match error {
        FrameworkError::CommandPanic { ctx, .. } => {
            tracing::error!(command = ctx.command().qualified_name.as_ref(), "a command panicked");
        }
        FrameworkError::CommandStructureMismatch { description, .. } => {
            tracing::warn!(
                description,
                "a command differs from its definition: answered that the commands have changed"
            );
        }
        FrameworkError::UnknownInteraction { .. } => {
            tracing::warn!("unknown command: answered that the commands have changed");
        }
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
