//! Notices a gateway that has fallen silent, or that lets nobody in, and replaces it.
//!
//! serenity sends a heartbeat every 41.25 s (Discord says how often) and looks for its confirmation only when the next one is due: a
//! connection that died without a word is noticed after up to 82 s. So whenever nothing was heard for a while a heartbeat is sent in
//! between; Discord confirms it within a second, or the connection is dead, whatever its socket says.
//!
//! Heartbeats are confirmed on a connection without a session too, on which no interaction ever comes: so READY or RESUMED has its
//! time, and then another connection is made. And serenity waits without end for a server that takes a connection and does not
//! answer, in the loop that would make another one: what hangs there only a new process can replace.
//!
//! All of this goes by the machine's clock, as heartbeats do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use serenity::all::{ConnectionStage, Http, ShardId, ShardManager, ShardMessenger};
use tokio::time::Instant;
use tungstenite::Message;

use commands::ports::Clock;

use super::{budget, is_unreachable, refused};
use crate::metrics;
use crate::web::{GATEWAY_GRACE, Gateway, Health};

/// The only shard: one guild needs no more.
const SHARD: ShardId = ShardId(0);
/// A heartbeat, without the number of the last event: only serenity knows it, and Discord takes null (documentation, "Heartbeat").
const HEARTBEAT: &str = r#"{"op":1,"d":null}"#;

/// How long what is not well is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Without a sign of life for so long, Discord is asked for one.
    pub silence: Duration,
    /// Without an answer for so long, the connection is dead.
    pub answer: Duration,
    /// A connection on which no session has come about for so long is dead.
    pub session: Duration,
    /// Without a session for so long, however many connections were made, the process has to be started anew.
    pub away: Duration,
    /// How often Discord is asked what is left of the day's sessions while there is none.
    pub ask: Duration,
    /// How often somebody looks.
    pub look: Duration,
}

impl Patience {
    /// A silent connection is dead after half a minute, and one without a session before serenity, which waits 15 s for a greeting and
    /// five more for a goodbye, could still be replacing it by itself. Then serenity takes up to ten seconds: within a minute there is
    /// another one.
    pub const DEFAULT: Self = Self {
        silence: Duration::from_secs(20),
        answer: Duration::from_secs(10),
        session: Duration::from_secs(25),
        away: GATEWAY_GRACE,
        ask: budget::ASK_AGAIN,
        look: Duration::from_secs(1),
    };
}

/// What a look at the connection shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    /// Whether there is a session on it. serenity tells of its loss late: with the next confirmed heartbeat.
    session: bool,
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
    /// The last sign of life, or since when this connection has had no session.
    heard_at: Instant,
    asked_at: Option<Instant>,
    /// Since when there has been no session.
    away_since: Option<Instant>,
}

impl Watch {
    fn new(patience: Patience, now: Instant) -> Self {
        Self { patience, last: None, heard_at: now, asked_at: None, away_since: None }
    }

    /// `None`: serenity is just making a connection, or waits before it makes one.
    fn look(&mut self, sign: Option<Sign>, now: Instant) -> Verdict {
        let has_session = sign.is_some_and(|sign| sign.session);
        self.away_since = if has_session { None } else { self.away_since.or(Some(now)) };
        let is_sign_of_life = match (self.last, sign) {
            (Some(last), Some(sign)) if !last.session && !sign.session => false,
            (last, sign) => sign.is_none() || sign != last,
        };
        self.last = sign;
        if is_sign_of_life {
            (self.heard_at, self.asked_at) = (now, None);
            return Verdict::Well;
        }
        let silent_for = now - self.heard_at;
        match self.asked_at {
            _ if !has_session && silent_for >= self.patience.session => self.gives_up(now),
            _ if !has_session => Verdict::Well,
            Some(at) if now - at >= self.patience.answer => self.gives_up(now),
            None if silent_for >= self.patience.silence => {
                self.asked_at = Some(now);
                Verdict::Ask
            }
            _ => Verdict::Well,
        }
    }

    /// The next connection has its time.
    fn gives_up(&mut self, now: Instant) -> Verdict {
        *self = Self { away_since: self.away_since.or(Some(now)), ..Self::new(self.patience, now) };
        Verdict::Dead
    }

    /// For how long there has been no session.
    fn away(&self, now: Instant) -> Option<Duration> {
        self.away_since.map(|since| now - since)
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
    /// Watches. Ends when another session would cost the bot its token, and when only another process can have one.
    pub async fn watch(&self, patience: Patience) -> anyhow::Error {
        let mut watch = Watch::new(patience, Instant::now());
        let (mut counted, mut asked_at) = (0, Instant::now());
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
            if count != counted || (away.is_some() && asked_at.elapsed() >= patience.ask) {
                let passed = asked_at.elapsed();
                (counted, asked_at) = (count, Instant::now());
                let answers = self.asks(away.map(|_| passed)).await;
                // Whoever has a session keeps it, also when it came while Discord was asked: it costs nothing as long as it lasts.
                let is_away = !self.sees().await.is_some_and(|(sign, _)| sign.session);
                let judged = self.health.pulse.left().map_or(Ok(()), |left| budget::judge(left, self.clock.now()));
                if let (Err(error), true) = (judged, is_away) {
                    return error;
                }
                // Where Discord itself is away, a new process would not even start: the clocks of the sessions go on in this one.
                if let Some(away) = away.filter(|away| is_away && answers && *away >= patience.away) {
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
        let sign = Sign { session, latency: runner.latency, event_at: self.health.pulse.last_event() };
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
        tracing::warn!("Discord's gateway has fallen silent, or lets nobody in: another connection is made");
        metrics::gateway_session("replaced");
        if self.health.is_connected() {
            self.health.gateway(Gateway::Reconnecting);
        }
        self.shards.restart(SHARD).await;
    }

    /// Asks what is left, and tells whether there was an answer. `in_vain`: for how long sessions may have been begun since.
    async fn asks(&self, in_vain: Option<Duration>) -> bool {
        let now = self.clock.now();
        let error = match budget::ask(&self.http, now).await {
            Ok(budget) => {
                self.health.pulse.is_left(budget);
                return true;
            }
            Err(error) => error,
        };
        tracing::debug!("what is left of the day's gateway sessions is not known: {:#}", refused(&error));
        // Where nobody is reached, nothing is begun. But a Discord that stumbles may count on.
        let known = self.health.pulse.left().filter(|_| !is_unreachable(&error));
        if let Some(left) = known.zip(in_vain).and_then(|(known, passed)| budget::at_worst(known, passed, now)) {
            self.health.pulse.is_left(left);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience::DEFAULT;
    const A_MILLISECOND: Duration = Duration::from_millis(1);

    /// What serenity takes to replace a connection: five seconds for a dead one to say goodbye, up to five more between two sessions.
    const REPLACED: Duration = Duration::from_secs(10);

    fn sign(latency: u64, event_at: i64) -> Sign {
        Sign { session: true, latency: Some(Duration::from_millis(latency)), event_at }
    }

    fn without_session(latency: u64) -> Sign {
        Sign { session: false, ..sign(latency, 0) }
    }

    #[test]
    fn a_silence_is_noticed_within_a_minute() {
        let worst = PATIENCE.silence + PATIENCE.answer + 2 * PATIENCE.look;
        assert!(worst + REPLACED < Duration::from_mins(1));
    }

    #[test]
    fn a_session_that_is_lost_and_not_resumed_is_noticed_within_a_minute() {
        // The heartbeat that is sent after the silence shows it, and is confirmed at once.
        let worst = PATIENCE.silence + PATIENCE.session + 3 * PATIENCE.look;
        assert!(worst + REPLACED < Duration::from_mins(1));
    }

    #[test]
    fn what_serenity_replaces_by_itself_is_left_to_it() {
        // Two that replace a connection at the same moment take each other's new one away. serenity waits 15 s for a greeting, and five
        // for a goodbye, in which it still shows the connection as it was.
        assert!(PATIENCE.answer > Duration::from_secs(5));
        assert!(PATIENCE.session > Duration::from_secs(20));
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
    fn who_makes_a_connection_is_left_alone_and_counted() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        assert_eq!(watch.away(began), None);
        for minute in 0..10 {
            let at = began + Duration::from_mins(minute);
            assert_eq!(watch.look(None, at), Verdict::Well);
            assert_eq!(watch.away(at), Some(at - began));
        }
        let at = began + Duration::from_mins(10);
        watch.look(Some(sign(1, 0)), at);
        assert_eq!(watch.away(at), None);
    }

    #[test]
    fn a_connection_without_a_session_has_its_time_whatever_it_confirms() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        assert_eq!(watch.look(Some(without_session(1)), began), Verdict::Well);
        let over = began + PATIENCE.session;
        assert_eq!(watch.look(Some(without_session(2)), over - A_MILLISECOND), Verdict::Well);
        assert_eq!(watch.look(Some(without_session(3)), over), Verdict::Dead);
        assert_eq!(watch.look(Some(without_session(4)), over + A_MILLISECOND), Verdict::Well, "the next one has its time");
        assert_eq!(watch.away(over + A_MILLISECOND), Some(PATIENCE.session + A_MILLISECOND), "and the process does not");
    }

    #[test]
    fn a_session_that_is_lost_has_the_time_of_a_new_one() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        watch.look(Some(sign(1, 0)), began);
        let lost = began + PATIENCE.silence;
        assert_eq!(watch.look(Some(sign(1, 0)), lost), Verdict::Ask);
        assert_eq!(watch.look(Some(without_session(2)), lost + A_MILLISECOND), Verdict::Well);
        assert_eq!(watch.look(Some(without_session(2)), lost + PATIENCE.session), Verdict::Well);
        assert_eq!(watch.look(Some(without_session(2)), lost + PATIENCE.session + A_MILLISECOND), Verdict::Dead);
    }

    #[test]
    fn who_is_dead_is_away_from_then_on() {
        let began = Instant::now();
        let mut watch = Watch::new(PATIENCE, began);
        watch.look(Some(sign(1, 0)), began);
        watch.look(Some(sign(1, 0)), began + PATIENCE.silence);
        let dead = began + PATIENCE.silence + PATIENCE.answer;
        assert_eq!(watch.look(Some(sign(1, 0)), dead), Verdict::Dead);
        assert_eq!(watch.look(None, dead + PATIENCE.away), Verdict::Well);
        assert_eq!(watch.away(dead + PATIENCE.away), Some(PATIENCE.away));
    }
}
