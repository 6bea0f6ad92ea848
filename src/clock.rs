//! The machine's clock, and adapters that give the product's clock to the AWS SDK and hyper.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

#[async_trait]
impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        // A time before 1970 counts as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Adapter for the AWS SDK, whose timeouts and retries follow the product's clock.
#[derive(Clone)]
pub struct SdkClock(pub Arc<dyn Clock>);

impl fmt::Debug for SdkClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SdkClock")
    }
}

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = Arc::clone(&self.0);
        Sleep::new(Exclusive(Mutex::new(Box::pin(async move { clock.sleep(duration).await }))))
    }
}

/// Adapter for hyper, whose request timeouts follow the product's clock.
pub struct HyperClock {
    clock: Arc<dyn Clock>,
    /// `started_at` as an instant of hyper.
    epoch: Instant,
    started_at: Timestamp,
}

impl HyperClock {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { epoch: Instant::now(), started_at: clock.now(), clock }
    }
}

impl hyper::rt::Timer for HyperClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let clock = Arc::clone(&self.clock);
        Box::pin(Exclusive(Mutex::new(Box::pin(async move { clock.sleep(duration).await }))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep(deadline.saturating_duration_since(hyper::rt::Timer::now(self)))
    }

    fn now(&self) -> Instant {
        self.epoch + self.clock.now().since(self.started_at)
    }
}

impl hyper::rt::Sleep for Exclusive {}

/// Makes a future `Sync`, because the SDK and hyper require that of a sleep. Polling has exclusive
/// access, so it never locks.
struct Exclusive(Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Future for Exclusive {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

#[cfg(test)]
pub(crate) mod hand {
    //! A clock that stands still until a test moves it.

    use tokio::sync::watch;

    use super::*;

    /// Manual clock. Sleeps end when the clock reaches their end.
    #[derive(Debug)]
    pub(crate) struct ManualClock(watch::Sender<i64>);

    impl ManualClock {
        pub(crate) fn at(ms: i64) -> Arc<Self> {
            Arc::new(Self(watch::Sender::new(ms)))
        }

        pub(crate) fn advance(&self, by: Duration) {
            self.0.send_modify(|now| *now += i64::try_from(by.as_millis()).unwrap());
        }

        /// Waits until at least `count` sleeps have begun.
        pub(crate) async fn sleeps(&self, count: usize) {
            while self.0.receiver_count() < count {
                tokio::task::yield_now().await;
            }
        }
    }

    #[async_trait]
    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            Timestamp(*self.0.borrow())
        }

        async fn sleep(&self, duration: Duration) {
            let end = (self.now() + duration).0;
            let _ = self.0.subscribe().wait_for(|now| *now >= end).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sdk_clock_follows_the_product_clock() {
        struct FixedClock;
        #[async_trait]
        impl Clock for FixedClock {
            fn now(&self) -> Timestamp {
                Timestamp(1_500)
            }
            async fn sleep(&self, duration: Duration) {
                assert_eq!(duration, Duration::from_hours(1));
            }
        }
        let clock = SdkClock(Arc::new(FixedClock));
        clock.sleep(Duration::from_hours(1)).await;
    }
}
