//! Starts and stops the whole sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::aws::{self, Aws};
use crate::changed::Changed;
use crate::clock::Clock;
use crate::core_db::{Core, CoreError};
use crate::discord::{self, Discord};
use crate::mail::Mailbox;
use crate::page::{self, PageContext};
use crate::seed::Seed;
use crate::server;
use crate::shop::{self, Front, Shop};

/// Time that [`Sandbox::stop`] waits for connections to end. A browser's event stream never ends.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// The settings of a sandbox.
pub struct Settings {
    /// The clock of all services.
    pub clock: Arc<dyn Clock>,
    /// The loopback address to listen on. Port 0: any free port.
    pub listen: SocketAddr,
    /// The URL of the company's Core database, SQLite or PostgreSQL.
    pub core_database: String,
    /// The initial data.
    pub seed: Seed,
}

/// The reason why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not loopback. The sandbox has a public token and shows every code, so it must
    /// not be reachable from outside.
    #[error("the sandbox listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The port is taken or forbidden.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The Core database could not be created.
    #[error("cannot create the Core database: {0}")]
    Core(#[from] CoreError),
}

/// A running sandbox.
pub struct Sandbox {
    /// People, messages, the gateway.
    pub discord: Arc<Discord>,
    pub aws: Arc<Aws>,
    pub mail: Arc<Mailbox>,
    /// The shop front, which access links lead to.
    pub shop: Arc<Shop>,
    pub core: Core,
    changed: Changed,
    address: SocketAddr,
    stopping: CancellationToken,
    server: JoinHandle<Result<(), std::io::Error>>,
}

impl Sandbox {
    /// Starts all services and listens.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { clock, listen, core_database, seed } = settings;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let refused = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let url = format!("http://{address}");
        let changed = Changed::new(0);
        let stopping = CancellationToken::new();

        let core = Core::create(&core_database, &seed).await?;
        let discord = Discord::new(clock.clone(), &seed, changed.clone());
        discord.set_base_url(&url);
        let mail = Arc::new(Mailbox::new(clock.clone(), changed.clone()));
        for customer in &seed.customers {
            mail.set_outcome(&customer.email, Some(customer.mail_outcome));
        }
        let shop = Arc::new(Shop::new(clock.clone(), url, changed.clone()));
        let aws =
            Arc::new(Aws::new(clock.clone(), &seed, core.clone(), mail.clone(), shop.clone()));
        let page = PageContext {
            discord: discord.clone(),
            mail: mail.clone(),
            aws: aws.clone(),
            seed: Arc::new(seed),
            stopping: stopping.clone(),
        };

        let router = Router::new()
            .merge(discord::router(discord.clone()))
            .merge(aws::router(aws.clone()))
            .merge(shop::router(Front::new(shop.clone(), aws.functions().clone(), core.clone())))
            .merge(page::router(page));
        let server = server::serve(listener, server::dated(router, clock), stopping.clone());
        Ok(Self { discord, aws, mail, shop, core, changed, address, stopping, server })
    }

    /// Subscribes to the counter of changes that a person can see, in Discord, mailbox or shop.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns the sandbox's address, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection and stops listening.
    pub async fn stop(self) {
        self.discord.stop();
        self.stopping.cancel();
        // Connections that are still open end with the process.
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.server).await;
    }
}
