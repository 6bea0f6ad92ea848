//! Notices a gateway that has fallen silent, and replaces it.
//!
//! serenity sends a heartbeat every 41.25 s (Discord says how often) and looks for its confirmation only when the next one is due: a
//! connection that died without a word is noticed after up to 82 s. So whenever nothing was heard for a while a heartbeat is sent in
//! between; Discord confirms it within a second, or the connection is dead, whatever its socket says.
//!
//! All of this goes by the machine's clock, as heartbeats do.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{ConnectionStage, Http, ShardId, ShardManager};
use tokio::time::Instant;
use tungstenite::Message;

use commands::ports::Clock;

use super::budget;
use crate::metrics;
use crate::web::{Gateway, Health};

/// The only shard: one guild needs no more.
const SHARD: ShardId = ShardId(0);
/// A heartbeat, without the number of the last event: only serenity knows it, and Discord takes null (documentation, "Heartbeat").
const HEARTBEAT: &str = r#"{"op":1,"d":null}"#;
/// How often Discord is asked what is left of the day's sessions while there is no connection.
const ASK_AGAIN: Duration = Duration::from_mins(1);

/// How long silence is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Without a sign of life for so long, Discord is asked for one.
    pub silence: Duration,
    /// Without an answer for so long, the connection is dead.
    pub answer: Duration,
    /// How often somebody looks.
    pub look: Duration,
}

impl Patience {
    /// Half a minute in all, and serenity takes five seconds to give a silent connection up: within a minute there is a new one.
    pub const DEFAULT: Self =
        Self { silence: Duration::from_secs(20), answer: Duration::from_secs(10), look: Duration::from_secs(1) };
}

/// What a look at the connection shows. Whatever changes in it is a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    /// serenity measures it anew with each confirmed heartbeat.
    latency: Option<Duration>,
    /// When the last event came.
    event_at: i64,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing.
    Well,
    /// A sign of life is to be asked for.
    Ask,
    /// The connection is dead.
    Dead,
}

#[derive(Debug)]
struct Watch {
    patience: Patience,
    last: Option<Sign>,
    heard_at: Instant,
    asked_at: Option<Instant>,
}

impl Watch {
    fn new(patience: Patience, now: Instant) -> Self {
        Self { patience, last: None, heard_at: now, asked_at: None }
    }

    /// `None`: serenity is just making a connection, and gives it up itself where it does not come about.
    fn look(&mut self, sign: Option<Sign>, now: Instant) -> Verdict {
        if sign.is_none() || sign != self.last {
            *self = Self { last: sign, ..Self::new(self.patience, now) };
            return Verdict::Well;
        }
        match self.asked_at {
            Some(at) if now - at >= self.patience.answer => {
                *self = Self::new(self.patience, now);
                Verdict::Dead
            }
            None if now - self.heard_at >= self.patience.silence => {
                self.asked_at = Some(now);
                Verdict::Ask
            }
            _ => Verdict::Well,
        }
    }
}

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
    /// Watches. Ends only when another session would cost the bot its token.
    pub async fn watch(&self, patience: Patience) -> anyhow::Error {
        let mut watch = Watch::new(patience, Instant::now());
        let (mut counted, mut asked_at) = (0, Instant::now());
        loop {
            tokio::time::sleep(patience.look).await;
            let (sign, messenger) = self.sees().await.unzip();
            if sign.is_some_and(|sign| watch.last.is_some_and(|last| last.latency != sign.latency)) {
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
            let heard = self.health.pulse.heard(self.clock.now());
            metrics::gateway_heard(&heard);
            // After each new session, and while one does not come about: serenity tries every ten seconds or so, and without end.
            let count = self.health.pulse.count();
            if count != counted || (!self.health.is_connected() && asked_at.elapsed() >= ASK_AGAIN) {
                (counted, asked_at) = (count, Instant::now());
                if let Err(error) = self.counts().await {
                    return error;
                }
            }
        }
    }

    async fn sees(&self) -> Option<(Sign, serenity::all::ShardMessenger)> {
        let runners = self.shards.runners.lock().await;
        let runner = runners.get(&SHARD);
        // While the list is held nobody can say that there is a connection again, which would come first and be overruled.
        if self.health.is_connected() && runner.is_none_or(|runner| runner.stage != ConnectionStage::Connected) {
            self.health.gateway(Gateway::Reconnecting);
        }
        let runner = runner.filter(|runner| runner.stage != ConnectionStage::Disconnected)?;
        let sign = Sign { latency: runner.latency, event_at: self.health.pulse.last_event() };
        Some((sign, runner.runner_tx.clone()))
    }

    async fn replaces(&self) {
        tracing::warn!("Discord's gateway has fallen silent: another connection is made");
        metrics::gateway_session("replaced");
        self.health.gateway(Gateway::Reconnecting);
        self.shards.restart(SHARD).await;
    }

    /// Asks what is left; an answer that does not come is no reason to stop.
    async fn counts(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let budget = match budget::ask(&self.http, now).await {
            Ok(budget) => budget,
            Err(error) => {
                tracing::debug!("what is left of the day's gateway sessions is not known: {error:#}");
                return Ok(());
            }
        };
        self.health.pulse.is_left(budget);
        if self.health.is_connected() {
            // There is a session, and it costs nothing as long as it lasts.
            let _ = budget::judge(budget, now);
            return Ok(());
        }
        budget::judge(budget, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience::DEFAULT;
    const A_MILLISECOND: Duration = Duration::from_millis(1);

    fn sign(latency: u64, event_at: i64) -> Sign {
        Sign { latency: Some(Duration::from_millis(latency)), event_at }
    }

    #[test]
    fn a_silence_is_noticed_within_a_minute() {
        let worst = PATIENCE.silence + PATIENCE.answer + 2 * PATIENCE.look;
        // serenity waits five seconds for a dead connection to say goodbye, and up to five more between two sessions.
        assert!(worst + Duration::from_secs(10) < Duration::from_mins(1));
    }

    #[test]
    fn silence_is_asked_about_and_then_ended() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        assert_eq!(watch.look(Some(sign(1, 0)), began), Verdict::Well);
        let asks = began + PATIENCE.silence;
        assert_eq!(watch.look(Some(sign(1, 0)), asks - A_MILLISECOND), Verdict::Well);
        assert_eq!(watch.look(Some(sign(1, 0)), asks), Verdict::Ask);
        assert_eq!(watch.look(Some(sign(1, 0)), asks + PATIENCE.answer - A_MILLISECOND), Verdict::Well, "asked once");
        assert_eq!(watch.look(Some(sign(1, 0)), asks + PATIENCE.answer), Verdict::Dead);
        assert_eq!(
            watch.look(Some(sign(1, 0)), asks + PATIENCE.answer + A_MILLISECOND),
            Verdict::Well,
            "the next one has its time"
        );
    }

    #[test]
    fn a_confirmed_heartbeat_or_an_event_is_a_sign_of_life() {
        for other in [Some(sign(2, 0)), Some(sign(1, 7)), None] {
            let began = Instant::now();
            let mut watch = Watch::new(PATIENCE, began);
            watch.look(Some(sign(1, 0)), began);
            let asks = began + PATIENCE.silence;
            assert_eq!(watch.look(Some(sign(1, 0)), asks), Verdict::Ask);
            assert_eq!(watch.look(other, asks + PATIENCE.answer), Verdict::Well);
            assert_eq!(watch.look(other, asks + PATIENCE.answer + PATIENCE.silence - A_MILLISECOND), Verdict::Well);
        }
    }

    #[test]
    fn who_makes_a_connection_is_left_alone() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        for minute in 0..10 {
            assert_eq!(watch.look(None, began + Duration::from_mins(minute)), Verdict::Well);
        }
    }
}
