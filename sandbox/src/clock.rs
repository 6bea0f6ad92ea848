//! The time of the other side.
//!
//! Everything in the sandbox that has an age (an interaction's three seconds, a token's quarter of
//! an hour, a code's ten minutes) asks a [`Clock`]. The demo hands in the wall's, a test one that
//! it moves by hand, so that fifteen minutes cost nothing and nothing races.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

/// A clock that can also be slept by.
pub trait Clock: Send + Sync + 'static {
    /// Now, in milliseconds since the epoch, UTC.
    fn now(&self) -> i64;

    /// Resolves when [`now`](Clock::now) has reached `at` (milliseconds since the epoch, UTC); at
    /// once when it already has.
    fn sleep_until(&self, at: i64) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep_until(&self, at: i64) -> BoxFuture<'static, ()> {
        let left = u64::try_from(at - self.now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(left)).boxed()
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct HandClock {
    state: Mutex<Hands>,
    /// Raised with every new sleeper.
    slept: watch::Sender<u64>,
}

#[derive(Debug)]
struct Hands {
    now: i64,
    /// Kept apart by a number, as several may wait for the same moment.
    sleepers: BTreeMap<(i64, u64), oneshot::Sender<()>>,
    next: u64,
}

impl HandClock {
    /// A clock that stands at `ms` (milliseconds since the epoch, UTC).
    #[must_use]
    pub fn at(ms: i64) -> Arc<Self> {
        let state = Hands { now: ms, sleepers: BTreeMap::new(), next: 0 };
        Arc::new(Self { state: Mutex::new(state), slept: watch::Sender::new(0) })
    }

    /// Waits until somebody sleeps who is to wake within `at_most`, and moves the clock there.
    ///
    /// For the short waits of somebody who tries again: a test that lets them pass need not know
    /// how many there are.
    pub async fn doze(&self, at_most: Duration) {
        let mut slept = self.slept.subscribe();
        loop {
            slept.mark_unchanged();
            let now = self.now();
            let wait = self
                .next_deadline()
                .and_then(|deadline| u64::try_from(deadline - now).ok())
                .map(Duration::from_millis);
            if let Some(wait) = wait.filter(|wait| *wait <= at_most) {
                return self.advance(wait);
            }
            // The sender lives as long as `self`.
            let _ = slept.changed().await;
        }
    }

    /// Moves the clock on and wakes who has slept long enough, the earliest deadline first.
    ///
    /// Move it only at rest: what a sleeper does once awake happens after this call, at the new
    /// time.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        let until = hands.now.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        while let Some(entry) = hands.sleepers.first_entry() {
            let (deadline, _) = *entry.key();
            if deadline > until {
                break;
            }
            let sleeper = entry.remove();
            hands.now = hands.now.max(deadline);
            // A sleeper that was dropped meanwhile is not there to be woken.
            let _ = sleeper.send(());
        }
        hands.now = until;
    }

    /// The next moment anyone sleeps for, in milliseconds since the epoch.
    #[must_use]
    pub fn next_deadline(&self) -> Option<i64> {
        let mut hands = self.hands();
        hands.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        hands.sleepers.keys().next().map(|(deadline, _)| *deadline)
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        self.hands().now
    }

    fn sleep_until(&self, at: i64) -> BoxFuture<'static, ()> {
        let mut hands = self.hands();
        if at <= hands.now {
            return futures_util::future::ready(()).boxed();
        }
        let (wake, woken) = oneshot::channel();
        let number = hands.next;
        hands.next += 1;
        hands.sleepers.insert((at, number), wake);
        drop(hands);
        self.slept.send_modify(|count| *count += 1);
        woken.map(|_| ()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_their_time_has_come_and_not_before() {
        let clock = HandClock::at(1_000);
        let early = clock.sleep_until(2_000);
        let late = clock.sleep_until(5_000);
        assert_eq!(clock.next_deadline(), Some(2_000));

        clock.advance(Duration::from_secs(1));
        assert!(early.now_or_never().is_some());
        assert!(late.now_or_never().is_none(), "5 s has not come");
        assert_eq!(clock.now(), 2_000);
        assert_eq!(clock.next_deadline(), None, "the late sleeper was dropped");
    }

    #[tokio::test]
    async fn a_doze_waits_for_a_short_sleep_and_ends_it() {
        let clock = HandClock::at(1_000);
        let long = clock.sleep_until(60_000);
        let dozing = clock.doze(Duration::from_secs(1));
        tokio::pin!(dozing);
        assert!(dozing.as_mut().now_or_never().is_none(), "nobody wakes so soon");
        let short = clock.sleep_until(1_500);
        dozing.await;
        assert_eq!(
            (clock.now(), short.now_or_never().is_some(), long.now_or_never().is_some()),
            (1_500, true, false)
        );
    }

    #[tokio::test]
    async fn the_past_needs_no_sleep() {
        let clock = HandClock::at(1_000);
        assert!(clock.sleep_until(999).now_or_never().is_some());
    }
}
