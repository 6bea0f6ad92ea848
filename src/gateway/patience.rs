//! When a gateway has been silent, or without a session, for too long: the rule, without the
//! gateway.

use std::time::Duration;

use tokio::time::Instant;

use super::budget;
use crate::web::GATEWAY_GRACE;

/// How long what is not well is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Without a sign of life for so long, Discord is asked for one.
    pub silence: Duration,
    /// Without an answer for so long, the connection is dead.
    pub answer: Duration,
    /// A connection on which no session has come about for so long is dead.
    pub session: Duration,
    /// Without a session for so long, however many connections were made, the process has to be
    /// started anew.
    pub away: Duration,
    /// How often Discord is asked what is left of the day's sessions while there is none.
    pub ask: Duration,
    /// How often somebody looks.
    pub look: Duration,
}

impl Patience {
    /// A silent connection is dead after half a minute, and one without a session before serenity,
    /// which waits 15 s for a greeting and five more for a goodbye, could still be replacing it by
    /// itself. Then serenity takes up to ten seconds: within a minute there is another one.
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
pub(super) struct Sign {
    /// Whether there is a session on it. serenity tells of its loss late: with the next confirmed
    /// heartbeat.
    pub(super) session: bool,
    /// serenity measures it anew with each confirmed heartbeat.
    pub(super) latency: Option<Duration>,
    /// When the last event came.
    pub(super) event_at: i64,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Well,
    /// A sign of life is to be asked for.
    Ask,
    /// The connection is dead.
    Dead,
}

#[derive(Debug)]
pub(super) struct Watch {
    patience: Patience,
    pub(super) last: Option<Sign>,
    /// The last sign of life, or since when this connection has had no session.
    heard_at: Instant,
    requested_at: Option<Instant>,
    /// Since when there has been no session.
    away_since: Option<Instant>,
}

impl Watch {
    pub(super) fn new(patience: Patience, now: Instant) -> Self {
        Self { patience, last: None, heard_at: now, requested_at: None, away_since: None }
    }

    /// `None`: serenity is just making a connection, or waits before it makes one.
    pub(super) fn look(&mut self, sign: Option<Sign>, now: Instant) -> Verdict {
        let has_session = sign.is_some_and(|sign| sign.session);
        self.away_since = if has_session { None } else { self.away_since.or(Some(now)) };
        let is_sign_of_life = match (self.last, sign) {
            (Some(last), Some(sign)) if !last.session && !sign.session => false,
            (last, sign) => sign.is_none() || sign != last,
        };
        self.last = sign;
        if is_sign_of_life {
            (self.heard_at, self.requested_at) = (now, None);
            return Verdict::Well;
        }
        let silent_for = now - self.heard_at;
        match self.requested_at {
            _ if !has_session && silent_for >= self.patience.session => self.gives_up(now),
            _ if !has_session => Verdict::Well,
            Some(at) if now - at >= self.patience.answer => self.gives_up(now),
            None if silent_for >= self.patience.silence => {
                self.requested_at = Some(now);
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
    pub(super) fn away(&self, now: Instant) -> Option<Duration> {
        self.away_since.map(|since| now - since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience::DEFAULT;
    const A_MILLISECOND: Duration = Duration::from_millis(1);

    /// What serenity takes to replace a connection: five seconds for a dead one to say goodbye, up
    /// to five more between two sessions.
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
        // Two that replace a connection at the same moment take each other's new one away. serenity
        // waits 15 s for a greeting, and five for a goodbye, in which it still shows the connection
        // as it was.
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
        assert_eq!(
            watch.look(Some(sign(1, 0)), asks + PATIENCE.answer - A_MILLISECOND),
            Verdict::Well,
            "asked once"
        );
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
            assert_eq!(
                watch.look(other, asks + PATIENCE.answer + PATIENCE.silence - A_MILLISECOND),
                Verdict::Well
            );
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
        assert_eq!(
            watch.look(Some(without_session(4)), over + A_MILLISECOND),
            Verdict::Well,
            "the next one has its time"
        );
        assert_eq!(
            watch.away(over + A_MILLISECOND),
            Some(PATIENCE.session + A_MILLISECOND),
            "and the process does not"
        );
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
        assert_eq!(
            watch.look(Some(without_session(2)), lost + PATIENCE.session + A_MILLISECOND),
            Verdict::Dead
        );
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
