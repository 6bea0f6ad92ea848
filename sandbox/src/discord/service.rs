//! The struct [`Discord`]: its state, its clock and its log of violations.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::body::SentBody;
use super::fault_plan::FaultPlan;
use super::ids;
use super::rate_limits::RateLimits;
use super::refusal::{Blame, Violation};
use super::state::State;
use super::validate::keys::Keys;
use crate::changed::Changed;
use crate::clock::Clock;
use crate::seed::{BOT_TOKEN, Seed};

/// Characters of a refused body that a violation keeps.
const BODY_KEPT: usize = 4_000;

/// Characters of a token that a violation shows.
const TOKEN_SHOWN: usize = 24;

/// A check that resolves when the bot has no work left.
pub(super) type IdleProbe = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// The local Discord.
pub struct Discord {
    pub(super) clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Changed,
    fault_plan: FaultPlan,
    rate_limits: Mutex<RateLimits>,
    /// `http://127.0.0.1:PORT`, once the server listens.
    base_url: OnceLock<String>,
    idle_probes: Mutex<Vec<IdleProbe>>,
    /// A second accepted token, besides the public one.
    private_token: OnceLock<String>,
    /// Ends the gateway's connections with the server.
    pub(super) stopping: CancellationToken,
}

impl Discord {
    /// Returns a guild with the seed's members and no messages. Every change raises `changed`.
    pub fn new(clock: Arc<dyn Clock>, seed: &Seed, changed: Changed) -> Arc<Self> {
        Arc::new(Self {
            clock,
            state: Mutex::new(State::new(seed)),
            changed,
            fault_plan: FaultPlan::new(),
            rate_limits: Mutex::default(),
            base_url: OnceLock::new(),
            idle_probes: Mutex::new(Vec::new()),
            private_token: OnceLock::new(),
            stopping: CancellationToken::new(),
        })
    }

    /// Sets the server's address (`http://127.0.0.1:PORT`), which READY and attachments carry.
    pub fn set_base_url(&self, base_url: &str) {
        // The first call wins, because a server does not move.
        let _ = self.base_url.set(base_url.to_owned());
    }

    /// Accepts `token` besides the public one, for a bot that refuses the public one.
    pub fn accept_token(&self, token: &str) {
        // The first call wins.
        let _ = self.private_token.set(token.to_owned());
    }

    /// Returns true if the token is valid and no fault refuses it.
    pub(super) fn accepts_token(&self, token: &str) -> bool {
        let known =
            token == BOT_TOKEN || self.private_token.get().is_some_and(|private| private == token);
        known && !self.fault_plan.refuses_token()
    }

    /// Returns the violations of Discord's rules so far, oldest first.
    pub fn violations(&self) -> Vec<Violation> {
        self.state().violations.clone()
    }

    /// Returns the refusals that a correct bot can cause, oldest first.
    ///
    /// Duplicate delivery, late delivery and a lost answer cause them.
    pub fn excused_violations(&self) -> Vec<Violation> {
        self.state().excused_violations.clone()
    }

    /// Returns the keys of the bot's bodies that Discord does not know and ignores, such as
    /// `follow-up: embeds.colour`.
    pub fn unknown_keys(&self) -> Vec<String> {
        self.state().unknown_keys.iter().cloned().collect()
    }

    /// Tells the bot another largest file in bytes, as in a guild of another level.
    pub fn set_file_limit(&self, bytes: usize) {
        self.state().file_limit = bytes;
    }

    /// Keeps the bodies that the bot sends from now on, for a test that validates them.
    pub fn keep_bodies(&self) {
        self.state().kept_bodies.get_or_insert_default();
    }

    /// Takes the kept bodies, oldest first.
    pub fn take_bodies(&self) -> Vec<SentBody> {
        self.state().kept_bodies.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Notes the unknown keys of a body, under the name of its call. Keeps the body if asked to.
    pub(super) fn note_body(&self, call: &'static str, keys: &Keys, body: &Value) {
        let unknown = keys.unknown_in(body);
        let mut state = self.state();
        state.unknown_keys.extend(unknown.into_iter().map(|key| format!("{call}: {key}")));
        if let Some(kept) = &mut state.kept_bodies {
            kept.push(SentBody { call, body: body.clone() });
        }
    }

    /// Returns the violations so far and clears them, for a test that provokes some.
    pub fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.state().violations)
    }

    /// Subscribes to the counter of changes that a person can see.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns the number of gateway connections that receive events.
    pub fn connections(&self) -> usize {
        self.state().sessions.receiving()
    }

    /// Waits, without a timeout, until `count` gateway connections receive events.
    pub async fn connected(&self, count: usize) {
        let mut changed = self.changed();
        // The sender lives as long as `self`, so only the condition ends the loop.
        while self.connections() != count && changed.changed().await.is_ok() {}
    }

    /// Ends the gateway's connections.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }

    /// Returns the sandbox's time, in milliseconds since the epoch.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    pub(super) fn base_url(&self) -> &str {
        self.base_url.get().map_or("http://127.0.0.1", String::as_str)
    }

    pub(super) fn fault_plan(&self) -> &FaultPlan {
        &self.fault_plan
    }

    pub(super) fn rate_limits(&self) -> MutexGuard<'_, RateLimits> {
        self.rate_limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn idle_probes(&self) -> MutexGuard<'_, Vec<IdleProbe>> {
        self.idle_probes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Records a refusal under its blame. A refusal by fault injection is not recorded.
    pub(super) fn record_violation(&self, blame: Blame, what: String, route: &str, body: &str) {
        let violation = Violation {
            at: self.now(),
            what,
            route: redact_token(route),
            body: body.chars().take(BODY_KEPT).collect(),
        };
        let mut state = self.state();
        match blame {
            Blame::Bot => {
                tracing::warn!(
                    route = violation.route,
                    what = violation.what,
                    "bot violated the Discord protocol"
                );
                state.violations.push(violation);
            }
            Blame::Delivery => state.excused_violations.push(violation),
            Blame::Fault => return,
        }
        drop(state);
        self.bump();
    }
}

/// Returns the route without the secret part of an interaction's token.
fn redact_token(route: &str) -> String {
    route
        .split('/')
        .map(|part| match part.strip_prefix(ids::TOKEN_MARKER) {
            Some(_) => part.chars().take(TOKEN_SHOWN).chain(['…']).collect(),
            None => part.to_owned(),
        })
        .collect::<Vec<String>>()
        .join("/")
}
