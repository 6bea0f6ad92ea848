//! Notices a gateway that has fallen silent, or that lets nobody in, and replaces it.
//!
//! serenity sends a heartbeat every 41.25 s (Discord says how often) and looks for its confirmation
//! only when the next one is due: a connection that died without a word is noticed after up to 82
//! s. So whenever nothing was heard for a while a heartbeat is sent in between; Discord confirms it
//! within a second, or the connection is dead, whatever its socket says.
//!
//! Heartbeats are confirmed on a connection without a session too, on which no interaction ever
//! comes: so READY or RESUMED has its time, and then another connection is made. And serenity waits
//! without end for a server that takes a connection and does not answer, in the loop that would
//! make another one: what hangs there only a new process can replace.
//!
//! All of this goes by the machine's clock, as heartbeats do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use commands::ports::clock::Clock;
use serenity::all::{ConnectionStage, Http, ShardId, ShardManager, ShardMessenger};
use tokio::time::Instant;
use tungstenite::Message;

use super::patience::{Patience, Sign, Verdict, Watch};
use super::{budget, is_unreachable, refused};
use crate::metrics;
use crate::web::{Gateway, Health};

/// The only shard: one guild needs no more.
const SHARD: ShardId = ShardId(0);
/// A heartbeat, without the number of the last event: only serenity knows it, and Discord takes
/// null (documentation, "Heartbeat").
const HEARTBEAT: &str = r#"{"op":1,"d":null}"#;

/// What is watched, and who is told.
pub struct Watched {
    /// serenity's connections.
    pub shards: Arc<ShardManager>,
    /// Asks Discord what is left of the day's sessions.
    pub http: Arc<Http>,
    /// Is told.
    pub health: Arc<Health>,
    /// For what is told.
    pub clock: Arc<dyn Clock>,
}

impl Watched {
    /// Watches. Ends when another session would cost the bot its token, and when only another
    /// process can have one.
    pub async fn watch(&self, patience: Patience) -> anyhow::Error {
        let mut watch = Watch::new(patience, Instant::now());
        let (mut counted, mut requested_at) = (0, Instant::now());
        loop {
            tokio::time::sleep(patience.look).await;
            let (sign, messenger) = self.sees().await.unzip();
            let latency = |sign: Option<Sign>| sign.and_then(|sign| sign.latency);
            if latency(sign).is_some() && latency(sign) != latency(watch.last) {
                self.health.pulse.acked(self.clock.now());
            }
            match watch.look(sign, Instant::now()) {
                Verdict::Well => {}
                Verdict::Ask => {
                    if let Some(messenger) = messenger {
                        messenger.websocket_message(Message::text(HEARTBEAT));
                    }
                }
                Verdict::Dead => self.replaces().await,
            }
            let away = watch.away(Instant::now());
            self.tells(away);
            // After each new session, and while there is none: serenity tries without end.
            let count = self.health.pulse.count();
            if count != counted || (away.is_some() && requested_at.elapsed() >= patience.ask) {
                let passed = requested_at.elapsed();
                (counted, requested_at) = (count, Instant::now());
                let answers = self.asks(away.map(|_| passed)).await;
                // Whoever has a session keeps it, also when it came while Discord was asked: it
                // costs nothing as long as it lasts.
                let is_away = !self.sees().await.is_some_and(|(sign, _)| sign.session);
                let judged = self
                    .health
                    .pulse
                    .left()
                    .map_or(Ok(()), |left| budget::judge(left, self.clock.now()));
                if let (Err(error), true) = (judged, is_away) {
                    return error;
                }
                // Where Discord itself is away, a new process would not even start: the clocks of
                // the sessions go on in this one.
                if let Some(away) = away.filter(|away| is_away && answers && *away >= patience.away)
                {
                    return anyhow!(
                        "Discord answers, but its gateway has not let the bot in for {} s: it has to be started anew",
                        away.as_secs()
                    );
                }
            }
        }
    }

    async fn sees(&self) -> Option<(Sign, ShardMessenger)> {
        let runners = self.shards.runners.lock().await;
        let runner = runners.get(&SHARD)?;
        let session = runner.stage == ConnectionStage::Connected;
        let sign =
            Sign { session, latency: runner.latency, event_at: self.health.pulse.last_event() };
        Some((sign, runner.runner_tx.clone()))
    }

    /// serenity does not tell of every session that is lost.
    fn tells(&self, away: Option<Duration>) {
        match away {
            None => self.health.gateway(Gateway::Connected),
            Some(_) if self.health.is_connected() => self.health.gateway(Gateway::Reconnecting),
            Some(_) => {}
        }
        metrics::gateway_heard(&self.health.pulse.heard(self.clock.now()));
    }

    async fn replaces(&self) {
        tracing::warn!(
            "Discord's gateway has fallen silent, or lets nobody in: another connection is made"
        );
        metrics::gateway_session("replaced");
        if self.health.is_connected() {
            self.health.gateway(Gateway::Reconnecting);
        }
        self.shards.restart(SHARD).await;
    }

    /// Asks what is left, and tells whether there was an answer. `in_vain`: for how long sessions
    /// may have been begun since.
    async fn asks(&self, in_vain: Option<Duration>) -> bool {
        let now = self.clock.now();
        let error = match budget::ask(&self.http, now).await {
            Ok(budget) => {
                self.health.pulse.is_left(budget);
                return true;
            }
            Err(error) => error,
        };
        tracing::debug!(
            "what is left of the day's gateway sessions is not known: {:#}",
            refused(&error)
        );
        // Where nobody is reached, nothing is begun. But a Discord that stumbles may count on.
        let known = self.health.pulse.left().filter(|_| !is_unreachable(&error));
        if let Some(left) =
            known.zip(in_vain).and_then(|(known, passed)| budget::at_worst(known, passed, now))
        {
            self.health.pulse.is_left(left);
        }
        false
    }
}
