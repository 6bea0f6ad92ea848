//! A world to try Support Desk in: the other side of the wire.
//!
//! One HTTP server on a loopback port plays Discord, Cognito, Lambda, the company's shop front and
//! its Core database, and keeps every mail that is "sent". The bot runs against it unchanged, in
//! the demo and in the tests. What the bot sends is judged by somebody else's reading of the
//! protocols, and anything illegal is refused as the real service would refuse it, and recorded.
//!
//! Reading order: [`cast`] (who is there), [`clock`] (what time it is), [`discord`] (people,
//! messages, the gateway), [`aws`] (accounts, codes, sign-ins), [`mail`] and [`shop`] (where they
//! arrive), [`core`] (what the company knows), [`page`] (all of it in a browser).

pub mod aws;
pub mod cast;
pub mod clock;
pub mod core;
pub mod discord;
pub mod mail;
pub mod page;
mod server;
pub mod shop;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::aws::Aws;
use self::cast::Cast;
use self::clock::Clock;
use self::core::{Core, CoreError};
use self::discord::Discord;
use self::mail::Mailbox;
use self::page::Page;
use self::shop::Shop;

/// "Something changed": one counter for the whole sandbox, raised by whoever changes what a person
/// could see.
pub type Changed = watch::Sender<u64>;

/// How long [`Sandbox::stop`] waits for connections to end by themselves. A browser's event stream
/// never does.
const FAREWELL: Duration = Duration::from_millis(500);

/// What a sandbox is started with.
pub struct Settings {
    /// The time that everything here goes by.
    pub clock: Arc<dyn Clock>,
    /// Where to listen: a loopback address, port 0 for any free one.
    pub listen: SocketAddr,
    /// Where the company's Core is made, a URL of SQLite or PostgreSQL.
    pub core_database: String,
    /// Who is there.
    pub cast: Cast,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The sandbox has a public token and mails its codes to everybody: it never listens to the
    /// outside.
    #[error("the sandbox listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The port is taken, or may not be used.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Core could not be made at its address.
    #[error("cannot make Core's database: {0}")]
    Core(#[from] CoreError),
}

/// A running sandbox.
pub struct Sandbox {
    /// People, messages, the gateway.
    pub discord: Arc<Discord>,
    /// Cognito and Lambda.
    pub aws: Arc<Aws>,
    /// Every mail that was sent.
    pub mail: Arc<Mailbox>,
    /// The shop front, where sign-in links lead.
    pub shop: Arc<Shop>,
    /// The company's database.
    pub core: Core,
    changed: Changed,
    address: SocketAddr,
    stopping: CancellationToken,
    server: JoinHandle<Result<(), std::io::Error>>,
}

impl Sandbox {
    /// Starts everything and listens.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { clock, listen, core_database, cast } = settings;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let refused = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let url = format!("http://{address}");
        let changed = Changed::new(0);
        let stopping = CancellationToken::new();

        let core = Core::create(&core_database, &cast).await?;
        let discord = Discord::new(clock.clone(), &cast, changed.clone());
        discord.listens_at(&url);
        let mail = Arc::new(Mailbox::new(clock.clone(), changed.clone()));
        let shop = Arc::new(Shop::new(clock.clone(), url, changed.clone()));
        let aws = Arc::new(Aws::new(clock, &cast, core.clone(), mail.clone(), shop.clone()));
        let page = Page {
            discord: discord.clone(),
            mail: mail.clone(),
            cast: Arc::new(cast),
            stopping: stopping.clone(),
        };

        let router = Router::new()
            .merge(discord.router())
            .merge(aws::router(aws.clone()))
            .merge(shop::router(shop.clone()))
            .merge(page::router(page));
        let server = server::serve(listener, router, stopping.clone());
        Ok(Self { discord, aws, mail, shop, core, changed, address, stopping, server })
    }

    /// A counter that rises whenever something changes that a person could see, in Discord, in the
    /// mailbox or in the shop.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Where it listens, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection and stops listening.
    pub async fn stop(self) {
        self.discord.stop();
        self.stopping.cancel();
        // Whoever does not let go in time goes with the process.
        let _ = tokio::time::timeout(FAREWELL, self.server).await;
    }
}
