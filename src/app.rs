//! Assembles the process from its configuration, and runs it until it is stopped.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use commands::engine::desk::{Desk, Rules};
use commands::model::command_ids::CommandIds;
use commands::model::fault::ALERTS;
use commands::ports::Ports;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use secrecy::ExposeSecret;
use serenity::all::{Client, Http, ShardManager};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::cognito::Cognito;
use crate::config::Config;
use crate::core_db::Core;
use crate::discord_api::{Api, DiscordChat, DiscordMembers};
use crate::gateway::{self, GatewayAddress, Registration, SignedIn, Supervisor, WatchdogTimeouts};
use crate::health::{GatewayState, Health};
use crate::keys::DeskKeys;
use crate::lambda::Functions;
use crate::pictures::PngPictures;
use crate::retention::Retention;
use crate::server_clocks::ServerClocks;
use crate::store::Database;
use crate::telemetry::CHECKPOINTS;
use crate::web::{self, RecoveryPage, ReportPage};
use crate::{aws, background, metrics};

/// Time that work in flight gets to finish once the process is asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// Time between two comparisons with Discord's clock and the store's. A machine without NTP drifts
/// by seconds a day.
const CLOCK_INTERVAL: Duration = Duration::from_mins(10);

/// Runner of the background work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// The process, once a second.
    Running,
    /// The caller that holds the desk: a test, step by step.
    Manual,
}

/// The two HTTP sockets. They are bound before the app is assembled, so that its configuration can
/// name their addresses.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    admin: TcpListener,
}

impl Listeners {
    /// Binds `HTTP_ADDR` and `ADMIN_ADDR`.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let public = listen(config.http_addr, "HTTP_ADDR").await?;
        Ok(Self { public, admin: listen(config.admin_addr, "ADMIN_ADDR").await? })
    }

    /// Returns the URL of the public listener on this machine.
    pub fn public_url(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}", self.public.local_addr()?))?)
    }

    /// Returns the URL of the admin listener on this machine.
    pub fn admin_url(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}", self.admin.local_addr()?))?)
    }

    /// Serves both sockets: `/live` answers 200, all else 503 until a router is set.
    fn serve(self, clock: &Arc<dyn Clock>) -> Serving {
        let stop = CancellationToken::new();
        let (public, public_routers) = watch::channel(web::idle_router());
        let (admin, admin_routers) = watch::channel(web::idle_router());
        let serve =
            |listener, routers| web::serve(listener, routers, Arc::clone(clock), stop.clone());
        let both = (serve(self.public, public_routers), serve(self.admin, admin_routers));
        let ended = tokio::spawn(async move { tokio::try_join!(both.0, both.1).map(drop) });
        Serving { public, admin, stop: stop.drop_guard(), ended }
    }
}

/// The served sockets. Dropping it closes them.
struct Serving {
    public: watch::Sender<Router>,
    admin: watch::Sender<Router>,
    stop: DropGuard,
    ended: JoinHandle<anyhow::Result<()>>,
}

impl Serving {
    /// Closes the sockets and waits for the requests in flight.
    async fn close(self) {
        drop(self.stop);
        let _ = self.ended.await;
    }
}

async fn listen(address: std::net::SocketAddr, variable: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: check {variable}"))
}

/// The assembled bot, not yet connected to the gateway.
pub struct App {
    pub desk: Arc<Desk>,
    pub database: Arc<Database>,
    clock: Arc<dyn Clock>,
    client: Client,
    health: Arc<Health>,
    http: Arc<Http>,
    address: Arc<GatewayAddress>,
    registration: Registration,
    pages: Option<(RecoveryPage, ReportPage)>,
    serving: Serving,
    retention: Retention,
    pub watchdog_timeouts: WatchdogTimeouts,
}

impl App {
    /// Opens the store, signs in to Discord and builds the desk. Fails if the store or Discord is
    /// missing. During this the listeners answer probes.
    pub async fn assemble(
        config: Config,
        listeners: Listeners,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let serving = listeners.serve(&clock);
        let rules = rules(&config);
        let database = open_store(&config, &clock).await?;
        let core = Arc::new(Core::open(&config.core_database_url)?);
        let health = health_of(&database, &clock);
        health.set_retention(!config.retention.keeps_all());
        health.watch_pools([database.pools.pool_use(), core.pool_use()]);
        let clocks = Arc::clone(&health.server_clocks);
        let sdk = aws::load_config(&config.aws, &clocks).await;
        let functions = Arc::new(Functions::new(
            &sdk,
            config.lambda,
            config.access_hosts,
            config.discord.channel_url(),
            clocks,
        ));
        let cognito = Arc::new(Cognito::new(&sdk, config.cognito, Arc::clone(&clock)));

        let SignedIn { http, application, address, budget, command_ids, registration } =
            gateway::sign_in(&config.discord, &clock).await?;
        health.gateway_stats.set_budget(budget);
        gateway::compare_clock(&http, &health.server_clocks).await;
        let breaker = Arc::clone(&health.discord_breaker);
        let api = Api::new(&config.discord, application, breaker, Arc::clone(&clock))?;
        let api = Arc::new(api);
        let chat = DiscordChat::new(Arc::clone(&api), application);
        let guild = config.discord.guild_id;
        let members = DiscordMembers::new(api, guild, Arc::clone(&clock));
        let keys: Arc<dyn Keys> = Arc::new(DeskKeys::new(config.keys));
        let ports = Ports {
            clock: Arc::clone(&clock),
            keys: Arc::clone(&keys),
            customers: Arc::clone(&database) as _,
            directory: core,
            history: Arc::clone(&database) as _,
            identity: Arc::clone(&cognito) as _,
            recovery: cognito,
            codes: Arc::clone(&functions) as _,
            access: Arc::clone(&functions) as _,
            messages: functions,
            pictures: Arc::new(PngPictures),
            chat: Arc::new(chat),
            sessions: Arc::clone(&database) as _,
            figures: Arc::clone(&database) as _,
            session_search: Arc::clone(&database) as _,
            alerts: Arc::clone(&database) as _,
            watched: Arc::clone(&database) as _,
            trail_search: Arc::clone(&database) as _,
            claims: Arc::clone(&database) as _,
            limits: Arc::clone(&database) as _,
            account_links: Arc::clone(&database) as _,
            member_roles: Arc::new(members),
        };
        let desk = Arc::new(Desk::new(ports, Rules { command_ids, ..rules }));
        let pages = config.public_url.map(|url| {
            let (keys, clock) = (|| Arc::clone(&keys), || Arc::clone(&clock));
            let recovery = RecoveryPage::new(Arc::clone(&desk) as _, keys(), clock(), &url);
            (recovery, ReportPage::new(Arc::clone(&desk) as _, keys(), clock(), &url))
        });
        let client = gateway::client(
            &config.discord,
            Arc::clone(&address),
            Arc::clone(&desk),
            Arc::clone(&clock),
            Arc::clone(&health),
        )
        .await?;
        Ok(Self {
            desk,
            database,
            clock,
            client,
            health,
            http,
            address,
            registration,
            pages,
            serving,
            retention: config.retention,
            watchdog_timeouts: WatchdogTimeouts::DEFAULT,
        })
    }

    /// Runs until `stop` is cancelled, or until the gateway or its watchdog gives up. Then takes no
    /// new work and gives the work in flight `STOP_GRACE` to finish.
    pub async fn run(self, workers: Workers, stop: CancellationToken) -> anyhow::Result<()> {
        let Self {
            desk,
            database,
            clock,
            mut client,
            health,
            http,
            address,
            registration,
            pages,
            serving,
            retention,
            watchdog_timeouts,
        } = self;
        let shards = Arc::clone(&client.shard_manager);
        let admin = web::admin_router(Arc::clone(&health), metrics::install()?);
        serving.admin.send_modify(|router| *router = admin);
        let (recovery, report) = pages.unzip();
        let public = web::public_router(Arc::clone(&health), recovery, report);
        serving.public.send_modify(|router| *router = public);

        let runs_alone = workers == Workers::Running;
        let supervisor = Supervisor {
            shards: Arc::clone(&shards),
            http: Arc::clone(&http),
            health: Arc::clone(&health),
            clock: Arc::clone(&clock),
            address,
        };
        let result = tokio::select! {
            ended = client.start() => ended.map_err(|error| gateway::client_error(&error)),
            never = background::run(&desk, &database, &health, retention, clock.as_ref()), if runs_alone => {
                match never {}
            }
            never = compare_clocks(&http, &database, &health.server_clocks), if runs_alone => {
                match never {}
            }
            never = gateway::watch_guild(registration, &health, clock.as_ref()), if runs_alone => {
                match never {}
            }
            error = supervisor.run(watchdog_timeouts), if runs_alone => Err(error),
            () = stop.cancelled() => Ok(()),
        };
        health.set_gateway(GatewayState::Stopped);
        // The page takes no new work. Probes are answered until the work in flight has ended.
        serving.public.send_modify(|router| *router = web::idle_router());
        wind_down(&shards, &desk, &clock).await;
        serving.close().await;
        database.close().await;
        result
    }
}

async fn open_store(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<Database>> {
    let database = Database::open(
        config.database_url.expose_secret(),
        Arc::clone(&config.keys),
        Arc::clone(clock),
    )
    .await?;
    if config.migrates {
        database.migrate().await?;
    } else {
        database.require_tables().await?;
    }
    // No refusal, because the operator can have changed a key on purpose.
    if let Some(foreign) = database.foreign_key().await? {
        tracing::error!(target: ALERTS, "{}", foreign.sentence());
    }
    if !database.publish_trail_key().await? {
        tracing::warn!("TRAIL_KEY is new to this store: run `support-desk rekey` once");
    }
    let public = config.keys.trail.current().public();
    tracing::info!(target: CHECKPOINTS, key = %public.id(), %public, "the trail is signed with this key");
    Ok(Arc::new(database))
}

fn health_of(database: &Arc<Database>, clock: &Arc<dyn Clock>) -> Arc<Health> {
    let database = Arc::clone(database);
    let ping = move || {
        let database = Arc::clone(&database);
        Box::pin(async move { database.status().await }) as _
    };
    Health::new(Arc::clone(clock), Box::new(ping))
}

/// Compares this machine's clock with others now and every ten minutes.
async fn compare_clocks(http: &Http, database: &Database, clocks: &ServerClocks) -> Infallible {
    loop {
        gateway::compare_clock(http, clocks).await;
        database.compare_clock(clocks).await;
        clocks.clock().sleep(CLOCK_INTERVAL).await;
    }
}

fn rules(config: &Config) -> Rules {
    Rules {
        guild: config.discord.guild_id,
        channel: config.discord.channel_id,
        leads_channel: config.discord.leads_channel_id,
        leads_locale: config.discord.leads_locale,
        agent_role: config.discord.agent_role_id,
        lead_role: config.discord.lead_role_id,
        groups: config.cognito.support_groups(),
        idle: config.idle_close,
        pages: config.public_url.as_ref().map(web::recovery_base_url),
        utc_offset: config.utc_offset,
        report_pages: config.public_url.as_ref().map(web::report_base_url),
        // Known once the commands are registered.
        command_ids: CommandIds::default(),
    }
}

/// Leaves the gateway, waits for the work in flight, at most [`STOP_GRACE`], and writes the
/// refusals that were only counted.
async fn wind_down(shards: &ShardManager, desk: &Desk, clock: &Arc<dyn Clock>) {
    shards.shutdown_all().await;
    tokio::select! {
        () = desk.at_rest() => {}
        () = clock.sleep(STOP_GRACE) => {
            tracing::warn!("shutdown grace period expired with work in flight");
        }
    }
    desk.write_counted_refusals().await;
}
