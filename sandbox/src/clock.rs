//! The clock of the sandbox.
//!
//! Every lifetime in the sandbox uses a [`Clock`]: the three seconds of an interaction, the fifteen
//! minutes of a token, the ten minutes of a code. The demo passes in the wall clock. A test passes
//! in a manual clock, so that fifteen minutes take no time and no timer races.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

/// A clock with timers.
pub trait Clock: Send + Sync + 'static {
    /// Returns the time, in milliseconds since the epoch (UTC).
    fn now(&self) -> i64;

    /// Resolves when [`now`](Clock::now) reaches `at`, in milliseconds since the epoch (UTC).
    ///
    /// A time in the past resolves at once.
    fn sleep_until(&self, at: i64) -> BoxFuture<'static, ()>;
}

/// The system clock.
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

/// A clock that only a test moves.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<ManualState>,
    /// Counts sleepers.
    slept: watch::Sender<u64>,
}

#[derive(Debug)]
struct ManualState {
    now: i64,
    /// The key is the deadline and a unique number, because several sleepers may share a deadline.
    sleepers: BTreeMap<(i64, u64), oneshot::Sender<()>>,
    next: u64,
}

impl ManualClock {
    /// Returns a clock at `ms`, in milliseconds since the epoch (UTC).
    pub fn at(ms: i64) -> Arc<Self> {
        let state = ManualState { now: ms, sleepers: BTreeMap::new(), next: 0 };
        Arc::new(Self { state: Mutex::new(state), slept: watch::Sender::new(0) })
    }

    /// Waits for a sleeper whose deadline is at most `at_most` ahead, and advances to that
    /// deadline.
    ///
    /// A test passes through retries this way without knowing their number.
    pub async fn advance_to_next_wake(&self, at_most: Duration) {
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

    /// Awaits `act`, and advances to each deadline that is at most `at_most` ahead while it waits.
    pub async fn advance_during<T>(&self, at_most: Duration, act: impl Future<Output = T>) -> T {
        let mut act = std::pin::pin!(act);
        loop {
            tokio::select! {
                biased;
                done = &mut act => return done,
                () = self.advance_to_next_wake(at_most) => {}
            }
        }
    }

    /// Advances the clock and wakes due sleepers, earliest deadline first.
    ///
    /// Call it only while the bot is idle: a woken sleeper runs after this call, at the new time.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        let until = state.now.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        while let Some(entry) = state.sleepers.first_entry() {
            let (deadline, _) = *entry.key();
            if deadline > until {
                break;
            }
            let sleeper = entry.remove();
            state.now = state.now.max(deadline);
            // Ignore a sleeper that was dropped.
            let _ = sleeper.send(());
        }
        state.now = until;
    }

    /// Returns the earliest deadline, in milliseconds since the epoch.
    pub fn next_deadline(&self) -> Option<i64> {
        let mut state = self.state();
        state.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        state.sleepers.keys().next().map(|(deadline, _)| *deadline)
    }

    fn state(&self) -> MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.state().now
    }

    fn sleep_until(&self, at: i64) -> BoxFuture<'static, ()> {
        let mut state = self.state();
        if at <= state.now {
            return futures_util::future::ready(()).boxed();
        }
        let (wake, woken) = oneshot::channel();
        let number = state.next;
        state.next += 1;
        state.sleepers.insert((at, number), wake);
        drop(state);
        self.slept.send_modify(|count| *count += 1);
        woken.map(|_| ()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_at_their_deadline() {
        let clock = ManualClock::at(1_000);
        let early = clock.sleep_until(2_000);
        let late = clock.sleep_until(5_000);
        assert_eq!(clock.next_deadline(), Some(2_000));

        clock.advance(Duration::from_secs(1));
        assert!(early.now_or_never().is_some());
        assert!(late.now_or_never().is_none(), "5 s is not reached");
        assert_eq!(clock.now(), 2_000);
        assert_eq!(clock.next_deadline(), None, "the late sleeper was dropped");
    }

    #[tokio::test]
    async fn advance_to_next_wake_ends_a_short_sleep() {
        let clock = ManualClock::at(1_000);
        let long = clock.sleep_until(60_000);
        let advancing = clock.advance_to_next_wake(Duration::from_secs(1));
        tokio::pin!(advancing);
        assert!(advancing.as_mut().now_or_never().is_none(), "no sleeper is due so soon");
        let short = clock.sleep_until(1_500);
        advancing.await;
        assert_eq!(
            (clock.now(), short.now_or_never().is_some(), long.now_or_never().is_some()),
            (1_500, true, false)
        );
    }

    #[tokio::test]
    async fn past_deadline_resolves_at_once() {
        let clock = ManualClock::at(1_000);
        assert!(clock.sleep_until(999).now_or_never().is_some());
    }
}
