//! Puts the parts together and runs them: configuration in, adapters, desk, gateway and listeners
//! out.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::discord::chat::DiscordChat;
use commands::engine::desk::{Desk, Rules};
use commands::ports::Ports;
use commands::ports::claims::Claims as _;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use commands::ports::limits::Limits as _;
use secrecy::ExposeSecret;
use serenity::all::{Client, Http, ShardManager};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::cognito::Cognito;
use crate::config::Config;
use crate::core::Core;
use crate::gateway::{Patience, SignedIn, Watched};
use crate::keys::DeskKeys;
use crate::lambda::Functions;
use crate::qr::QrPictures;
use crate::store::Database;
use crate::trail::Checkpoint;
use crate::web::{self, Gateway, Health, RecoveryPage};
use crate::{aws, gateway, metrics, telemetry};

/// How long clicks in flight may take to end once the process is asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// How often the clocks of the sessions are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often the store is rid of what nobody needs.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked whether the trail's next checkpoint is due, so that none is later than
/// that.
const CHECKPOINT_LOOK: Duration = Duration::from_mins(1);

/// Who lets the clocks act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// The process itself, once a second.
    Running,
    /// Whoever holds the desk: tests, tick by tick.
    Ticked,
}

/// The two sockets, bound: whoever assembles the app may want to know where they are.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    admin: TcpListener,
}

impl Listeners {
    /// Binds what the settings name.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let public = listen(config.http_addr, "HTTP_ADDR").await?;
        Ok(Self { public, admin: listen(config.admin_addr, "ADMIN_ADDR").await? })
    }

    /// Where the public side is reached from this very machine.
    pub fn public_url(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}", self.public.local_addr()?))?)
    }

    /// Likewise, the operator's side.
    pub fn admin_url(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}", self.admin.local_addr()?))?)
    }
}

/// Everything connected but the gateway.
pub struct App {
    /// Answers clicks.
    pub desk: Arc<Desk>,
    /// The store behind it.
    pub database: Arc<Database>,
    clock: Arc<dyn Clock>,
    client: Client,
    health: Arc<Health>,
    http: Arc<Http>,
    page: Option<RecoveryPage>,
    listeners: Listeners,
    /// How long a silent gateway is borne.
    pub patience: Patience,
}

impl App {
    /// Opens the store, signs in to Discord and puts the desk together. Whatever is missing ends
    /// the start with a sentence.
    pub async fn assemble(
        config: Config,
        listeners: Listeners,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let store = Database::open(
            config.database_url.expose_secret(),
            Arc::clone(&config.store_key),
            Arc::clone(&clock),
        )
        .await?;
        store.migrate().await?;
        let database = Arc::new(store);
        let core = Arc::new(Core::open(&config.core_database_url)?);
        let sdk = aws::load(&config.aws, Arc::clone(&clock)).await;
        let functions =
            Arc::new(Functions::new(&sdk, config.lambda, config.access_hosts, Arc::clone(&clock)));
        let groups = config.cognito.agent_groups.names().to_vec();
        let cognito = Arc::new(Cognito::new(&sdk, config.cognito, Arc::clone(&clock)));
        let pinged = Arc::clone(&database);
        let health = Health::new(
            Arc::clone(&clock),
            Box::new(move || {
                let database = Arc::clone(&pinged);
                Box::pin(async move { database.ping().await })
            }),
        );

        let SignedIn { http, url, budget } = gateway::sign_in(&config.discord, clock.now()).await?;
        health.pulse.is_left(budget);
        let chat = DiscordChat::new(
            Arc::clone(&http),
            Arc::clone(&clock),
            config.discord.leads_channel_id,
        );
        let keys: Arc<dyn Keys> = Arc::new(DeskKeys::new(config.store_key));
        let ports = Ports {
            clock: Arc::clone(&clock),
            keys: Arc::clone(&keys),
            directory: core,
            identity: Arc::clone(&cognito) as _,
            recovery: cognito,
            codes: Arc::clone(&functions) as _,
            access: Arc::clone(&functions) as _,
            messages: functions,
            pictures: Arc::new(QrPictures),
            chat: Arc::new(chat),
            sessions: Arc::clone(&database) as _,
            claims: Arc::clone(&database) as _,
            limits: Arc::clone(&database) as _,
            account_links: Arc::clone(&database) as _,
        };
        let rules = Rules {
            guild: config.discord.guild_id,
            channel: config.discord.channel_id,
            agent_role: config.discord.agent_role_id,
            lead_role: config.discord.lead_role_id,
            groups,
            idle: config.idle_close,
            pages: config.public_url.as_ref().map(web::pages),
        };
        let desk = Arc::new(Desk::new(ports, rules));
        let page = config.public_url.map(|url| {
            RecoveryPage::new(Arc::clone(&desk) as _, Arc::clone(&keys), Arc::clone(&clock), &url)
        });
        let client = gateway::client(
            &config.discord,
            url,
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
            page,
            listeners,
            patience: Patience::DEFAULT,
        })
    }

    /// Runs until it is asked to stop: takes no new work then, finishes what was begun within ten
    /// seconds, and ends well.
    pub async fn run(self, workers: Workers, stop: CancellationToken) -> anyhow::Result<()> {
        let Self {
            desk,
            database,
            clock,
            mut client,
            health,
            http,
            page,
            listeners: Listeners { public, admin },
            patience,
        } = self;
        let shards = Arc::clone(&client.shard_manager);
        let listeners = CancellationToken::new();
        let public = web::serve(
            public,
            web::public(Arc::clone(&health), page),
            Arc::clone(&clock),
            listeners.clone(),
        );
        let admin = web::serve(
            admin,
            web::admin(Arc::clone(&health), metrics::install()?),
            Arc::clone(&clock),
            listeners.clone(),
        );
        let listening = tokio::spawn(async move { tokio::try_join!(public, admin).map(drop) });

        let watched = Watched {
            shards: Arc::clone(&shards),
            http,
            health: Arc::clone(&health),
            clock: Arc::clone(&clock),
        };
        let result = tokio::select! {
            ended = client.start() => ended.map_err(|error| gateway::ended(&error)),
            never = work(workers, &desk, &database, &health, &clock) => match never {},
            error = watched.watch(patience), if workers == Workers::Running => Err(error),
            () = stop.cancelled() => Ok(()),
        };
        health.gateway(Gateway::Stopped);
        listeners.cancel();
        wind_down(&shards, &desk, &clock).await;
        let _ = listening.await;
        database.close().await;
        result
    }
}

async fn listen(address: std::net::SocketAddr, variable: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: check {variable}"))
}

/// What happens without a click: what a crash has left is finished, and the clocks act.
async fn work(
    workers: Workers,
    desk: &Arc<Desk>,
    database: &Database,
    health: &Health,
    clock: &Arc<dyn Clock>,
) -> Infallible {
    if workers == Workers::Ticked {
        return std::future::pending().await;
    }
    // Tasks of their own: a stop waits for what they have begun, and does not cut it off.
    let recovering = Arc::clone(desk);
    tokio::spawn(async move {
        if let Err(fault) = recovering.recover().await {
            tracing::error!("{fault}");
        }
    });
    let sweeping = async {
        // One sweep does not wait for another: a session whose Discord or Lambda hangs must not
        // stop the clocks of the rest. Where there is more to do than a second is enough for, the
        // next one takes it over.
        loop {
            let desk = Arc::clone(desk);
            tokio::spawn(async move {
                if let Err(fault) = desk.sweep().await {
                    tracing::error!("{fault}");
                }
            });
            clock.sleep(SWEEP_EVERY).await;
        }
    };
    let purging = async {
        loop {
            let now = clock.now();
            for purged in [database.purge_claims(now).await, database.purge_limits(now).await] {
                if let Err(fault) = purged {
                    tracing::error!("{fault}");
                }
            }
            clock.sleep(PURGE_EVERY).await;
        }
    };
    let checking = async {
        loop {
            match database.checkpoint(clock.now()).await {
                Ok(Some(Checkpoint { seq, heads, mac, .. })) => {
                    tracing::info!(target: telemetry::CHECKPOINTS, checkpoint = format_args!("{seq}:{mac}"), heads, "checkpoint of the trail");
                }
                Ok(None) => {}
                Err(fault) => tracing::error!("{fault}"),
            }
            health.checkpointed(database.checkpointed_at());
            clock.sleep(CHECKPOINT_LOOK).await;
        }
    };
    tokio::select! {
        never = sweeping => never,
        never = purging => never,
        never = checking => never,
    }
}

/// No new work; what was begun may end, but not for ever.
async fn wind_down(shards: &ShardManager, desk: &Desk, clock: &Arc<dyn Clock>) {
    shards.shutdown_all().await;
    tokio::select! {
        () = desk.at_rest() => {}
        () = clock.sleep(STOP_GRACE) => tracing::warn!("stopped before everything that was begun had ended"),
    }
}
