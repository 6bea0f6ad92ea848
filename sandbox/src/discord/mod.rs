//! The local Discord: REST, gateway, a judge of what the bot sends, and the people who use it.
//!
//! Reading order: [`person`] (what a test or the page does), `message` and `interaction` (what is
//! kept), `callback` and `webhook` (how an interaction is answered), `gateway` and `session` (how
//! it is delivered), `judge` (what is legal), [`faults`].

mod acts;
mod aimed;
mod body;
mod callback;
mod channels;
mod commands;
pub mod faults;
mod gateway;
mod ids;
mod interaction;
mod judge;
mod line;
mod message;
mod payload;
pub mod person;
mod reading;
mod record;
mod refusal;
mod render;
mod rest;
mod session;
mod settle;
mod state;
pub mod view;
mod webhook;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::routing::{any, get};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::faults::{Faults, Greeting, RestFault};
pub use self::ids::TOKEN_MARKER;
pub use self::judge::modal::InputView;
pub use self::message::MessageId;
pub use self::payload::CHANNELS;
pub use self::person::{Button, CannotAct, KeptModal, Person};
pub use self::refusal::Violation;
pub use self::view::{MessageView, ModalView};

use self::faults::Planner;
use self::settle::RestProbe;
use self::state::State;
use crate::Changed;
use crate::cast::{BOT_TOKEN, Cast};
use crate::clock::Clock;

/// The local Discord.
pub struct Discord {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Changed,
    planner: Planner,
    /// `http://127.0.0.1:PORT`, known once the server listens.
    base: OnceLock<String>,
    rest_probes: Mutex<Vec<RestProbe>>,
    /// A token that is accepted besides the public one.
    own_token: OnceLock<String>,
    /// Ends the gateway's connections with the server.
    stopping: CancellationToken,
}

impl Discord {
    /// A guild with the cast in it, where nothing has been said yet. Every change raises `changed`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, cast: &Cast, changed: Changed) -> Arc<Self> {
        Arc::new(Self {
            clock,
            state: Mutex::new(State::new(cast)),
            changed,
            planner: Planner::new(),
            base: OnceLock::new(),
            rest_probes: Mutex::new(Vec::new()),
            own_token: OnceLock::new(),
            stopping: CancellationToken::new(),
        })
    }

    /// The routes: `/api/v10/*`, `/gateway` and `/attachments/*`.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .nest("/api/v10", rest::routes(self))
            .route("/gateway", any(gateway::upgrade))
            .route("/gateway/", any(gateway::upgrade))
            .route("/attachments/{message}/{name}", get(channels::file))
            .with_state(self.clone())
    }

    /// Tells where the server listens (`http://127.0.0.1:PORT`): READY and attachments carry it.
    pub fn listens_at(&self, base: &str) {
        // The first one counts: a server does not move.
        let _ = self.base.set(base.to_owned());
    }

    /// Accepts this token too: a bot that refuses the public one can be tried with its own.
    pub fn accept_token(&self, token: &str) {
        // The first one counts.
        let _ = self.own_token.set(token.to_owned());
    }

    /// Whether the bot's token is good right now.
    pub(crate) fn knows_token(&self, token: &str) -> bool {
        let known = token == BOT_TOKEN || self.own_token.get().is_some_and(|own| own == token);
        known && !self.planner().refuses_token()
    }

    /// What the bot did that Discord does not allow, the oldest first.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.state().violations.clone()
    }

    /// Refusals that a correct bot can earn by duplicate or late delivery, or by an answer that was
    /// lost.
    #[must_use]
    pub fn expected(&self) -> Vec<Violation> {
        self.state().expected.clone()
    }

    /// The violations so far, which are then forgotten: for a test that provokes some.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut self.state().violations)
    }

    /// Makes the local Discord fail on request.
    #[must_use]
    pub fn faults(self: &Arc<Self>) -> Faults {
        Faults::new(self.clone())
    }

    /// A counter that rises whenever something changes that a person could see.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// How many gateway connections hear the events that are sent.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state().sessions.listening()
    }

    /// Waits until `count` gateway connections hear events, for as long as it takes.
    pub async fn connected(&self, count: usize) {
        let mut changed = self.changed();
        // The sender lives as long as `self`, so this ends only by the condition.
        while self.connections() != count && changed.changed().await.is_ok() {}
    }

    /// Ends the gateway's connections.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    pub(crate) fn base(&self) -> &str {
        self.base.get().map_or("http://127.0.0.1", String::as_str)
    }

    pub(crate) fn planner(&self) -> &Planner {
        &self.planner
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}
