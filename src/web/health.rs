//! Whether the bot is well: its connection to Discord, and its store.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::gateway::{Heard, Pulse};
use crate::metrics;

/// How long the gateway may be away before the bot counts as down: a connection that is resumed is
/// back within seconds.
pub const GATEWAY_GRACE: Duration = Duration::from_mins(1);
/// How long the store may take to answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// State of the connection to Discord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// Not there yet, for the first time.
    Connecting,
    /// Interactions arrive.
    Connected,
    /// Lost; being taken up again.
    Reconnecting,
    /// Given up.
    Stopped,
}

/// Asks the store whether it is there.
pub type Ping = Box<dyn Fn() -> BoxFuture<'static, Result<(), Fault>> + Send + Sync>;

/// What the listeners tell. The gateway's state is told to it; the store is asked at each look.
pub struct Health {
    clock: Arc<dyn Clock>,
    ping: Ping,
    started_at: Timestamp,
    gateway: RwLock<(Gateway, Timestamp)>,
    checkpointed_at: RwLock<Option<Timestamp>>,
    /// What is heard of the gateway.
    pub pulse: Pulse,
}

/// A look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether agents can work.
    pub up: bool,
    /// State of the connection to Discord.
    pub gateway: Gateway,
    /// Since when, in milliseconds since the epoch, UTC.
    pub gateway_since: i64,
    /// What is heard of it.
    #[serde(flatten)]
    pub heard: Heard,
    /// `ok`, or what failed.
    pub store: String,
    /// How old the newest checkpoint of the trail is, in milliseconds; not known yet: null.
    pub checkpoint_age_ms: Option<u64>,
    /// Start of the process, in milliseconds since the epoch, UTC.
    pub started_at: i64,
    /// Version of the program.
    pub version: &'static str,
}

impl Health {
    /// The health of a process that starts now.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ping: Ping) -> Arc<Self> {
        let now = clock.now();
        let gateway = RwLock::new((Gateway::Connecting, now));
        Arc::new(Self {
            clock,
            ping,
            started_at: now,
            gateway,
            checkpointed_at: RwLock::default(),
            pulse: Pulse::default(),
        })
    }

    /// Tells the state of the gateway. The same state again does not renew its "since".
    pub fn gateway(&self, state: Gateway) {
        let mut gateway = self.gateway.write().unwrap_or_else(PoisonError::into_inner);
        if gateway.0 != state {
            *gateway = (state, self.clock.now());
            metrics::gateway_connected(state == Gateway::Connected);
        }
    }

    /// Tells since when the newest checkpoint of the trail is there.
    pub fn checkpointed(&self, at: Option<Timestamp>) {
        *self.checkpointed_at.write().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// How old the newest checkpoint of the trail is.
    #[must_use]
    pub fn checkpoint_age(&self) -> Option<Duration> {
        let at = *self.checkpointed_at.read().unwrap_or_else(PoisonError::into_inner);
        at.map(|at| self.clock.now().since(at))
    }

    /// Whether interactions arrive, as far as anybody knows.
    pub fn is_connected(&self) -> bool {
        self.gateway.read().unwrap_or_else(PoisonError::into_inner).0 == Gateway::Connected
    }

    /// Looks.
    pub async fn report(&self) -> Report {
        let (gateway, since) = *self.gateway.read().unwrap_or_else(PoisonError::into_inner);
        let store = tokio::select! {
            answer = (self.ping)() => answer.map_err(|fault| fault.to_string()),
            () = self.clock.sleep(PING_TIMEOUT) => Err("no answer in time".to_owned()),
        };
        let connected = match gateway {
            Gateway::Connected => true,
            Gateway::Reconnecting => self.clock.now().since(since) < GATEWAY_GRACE,
            Gateway::Connecting | Gateway::Stopped => false,
        };
        Report {
            up: connected && store.is_ok(),
            gateway,
            gateway_since: since.0,
            heard: self.pulse.heard(self.clock.now()),
            store: store.err().unwrap_or_else(|| "ok".to_owned()),
            checkpoint_age_ms: self
                .checkpoint_age()
                .map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
            started_at: self.started_at.0,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
