//! The clock of a test: it stands still until the test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use sandbox::clock::{Clock as _, ManualClock};

use super::World;

/// Start of every test: Monday, 2026-01-05 10:00 UTC.
pub const MORNING: i64 = 1_767_607_200_000;
/// Time between two sweeps while [`World::passes`] moves the clock.
const STEP: Duration = Duration::from_secs(5);
/// Time between two reads of a claim that another process owns, on PostgreSQL.
pub const LOOK: Duration = Duration::from_millis(250);

/// Real time between two looks at the clock by a call that waits for its answer.
const CALL_LOOK: Duration = Duration::from_secs(1);

/// Adapter from the sandbox's manual clock to the port of the product, whose machine can be wrong.
pub struct Hand {
    pub clock: Arc<ManualClock>,
    /// Milliseconds by which the product's clock is ahead of the sandbox's.
    pub ahead: Arc<AtomicI64>,
}

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now() + self.ahead.load(Ordering::Relaxed))
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.clock.now() + i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.clock.sleep_until(until).await;
    }

    /// Ends only a call that is silent in real time too. Otherwise moving the clock would end calls
    /// that the sandbox is just answering.
    async fn time_out(&self, duration: Duration) {
        let until = self.now() + duration;
        while self.now() < until {
            tokio::time::sleep(CALL_LOOK).await;
        }
    }
}

impl World {
    /// Moves the clock forward in steps, with a sweep after each.
    pub async fn passes(&self, time: Duration) {
        self.sandbox.discord.wait_until_idle().await;
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.clock.advance(step);
            left -= step;
            self.sweeps().await;
        }
        self.sandbox.discord.wait_until_idle().await;
    }

    /// Awaits `act`, and moves the clock over retry waits of up to `at_most` while it waits.
    pub async fn with_moving_clock<T>(&self, at_most: Duration, act: impl Future<Output = T>) -> T {
        self.clock.advance_during(at_most, act).await
    }

    /// Moves the clock to a time after the start of the test, in steps.
    pub async fn passes_until(&self, since_start: Duration) {
        let now = Duration::from_millis(u64::try_from(self.clock.now() - MORNING).unwrap());
        self.passes(since_start.checked_sub(now).expect("that time has passed")).await;
    }

    /// Moves the clock to a time after the start of the test in one step. No session may be open.
    pub async fn leaps_until(&self, since_start: Duration) {
        self.sandbox.discord.wait_until_idle().await;
        let now = Duration::from_millis(u64::try_from(self.clock.now() - MORNING).unwrap());
        self.clock.advance(since_start.checked_sub(now).expect("that time has passed"));
        self.sweeps().await;
    }

    /// Runs one sweep.
    pub async fn sweeps(&self) {
        let product = self.product.as_ref().expect("the product is running");
        let desk = Arc::clone(&product.desk);
        product.runtime.spawn(async move { desk.sweep().await }).await.unwrap().unwrap();
    }

    /// Runs the watch once. A minute has to pass before the next one.
    pub async fn watches(&self) {
        let product = self.product.as_ref().expect("the product is running");
        let desk = Arc::clone(&product.desk);
        product.runtime.spawn(async move { desk.watch().await }).await.unwrap().unwrap();
        self.sandbox.discord.wait_until_idle().await;
    }
}
