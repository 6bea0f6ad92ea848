//! Rate limit by client address: one token bucket each, so that links cannot be guessed in bulk.
//!
//! The limits that protect an account count by agent and belong to the desk. This limit only keeps
//! strangers from causing load.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::ports::clock::Clock;

/// Size of a bucket: enough for an agent with trouble and for colleagues behind the same address.
const BURST: u32 = 30;
/// Time in which a bucket regains one token.
const REFILL: Duration = Duration::from_secs(2);
/// Maximum number of addresses with a bucket of their own. Bounds the memory.
const MAX_ADDRESSES: usize = 10_000;
/// Key of the bucket that new clients share while all others are in use.
const SHARED: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Token buckets by client address.
pub(super) struct RateLimit {
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Time at which each bucket is full again.
    full_at: HashMap<IpAddr, Timestamp>,
    /// Time at which full buckets were last removed.
    purged_at: Option<Timestamp>,
}

impl RateLimit {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, buckets: Mutex::default() }
    }

    /// Takes a token from the client's bucket, or returns the time until the next token.
    ///
    /// `None`, an unknown address, uses the shared bucket.
    pub(super) fn take(&self, client: Option<IpAddr>) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = client.filter(|client| buckets.has_room_for(*client, now)).unwrap_or(SHARED);
        let full_at = buckets.full_at.entry(key).or_insert(now);
        if !is_plausible(*full_at, now) {
            *full_at = now;
        }
        let next_full_at = (*full_at).max(now) + REFILL;
        let refill_time = next_full_at.since(now);
        let capacity = REFILL * BURST;
        if refill_time > capacity {
            return Err(refill_time.saturating_sub(capacity));
        }
        *full_at = next_full_at;
        Ok(())
    }
}

impl Buckets {
    /// Returns true if the client has a bucket or may get one.
    ///
    /// Thousands of clients in a minute are an attack. Known clients then keep their buckets and
    /// new ones share one. Full buckets are removed at most once per `REFILL`, because each removal
    /// reads the whole map.
    fn has_room_for(&mut self, client: IpAddr, now: Timestamp) -> bool {
        if self.full_at.len() < MAX_ADDRESSES || self.full_at.contains_key(&client) {
            return true;
        }
        if self.purged_at.is_none_or(|at| now < at || now.since(at) >= REFILL) {
            self.purged_at = Some(now);
            self.full_at.retain(|_, full_at| *full_at > now && is_plausible(*full_at, now));
        }
        self.full_at.len() < MAX_ADDRESSES
    }
}

/// Returns false if a bucket takes longer to fill than an empty one: the clock was set back.
fn is_plausible(full_at: Timestamp, now: Timestamp) -> bool {
    full_at <= now + REFILL * BURST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::hand::ManualClock;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Returns the `n`th address from `first` on.
    fn nth(first: u32, n: usize) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(first + u32::try_from(n).unwrap()))
    }

    const KNOWN: u32 = 0x0a00_0000;
    const NEW: u32 = 0xcb00_7100;

    #[test]
    fn empty_bucket_refills_one_token_at_a_time() {
        let clock = ManualClock::at(1_000_000);
        let limit = RateLimit::new(clock.clone());
        let (client, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for n in 0..BURST {
            assert_eq!(limit.take(Some(client)), Ok(()), "{n}");
        }
        assert_eq!(limit.take(Some(client)), Err(REFILL));
        assert_eq!(limit.take(Some(other)), Ok(()), "each client has its own bucket");
        clock.advance(REFILL.checked_sub(Duration::from_millis(1)).unwrap());
        assert_eq!(limit.take(Some(client)), Err(Duration::from_millis(1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(limit.take(Some(client)), Ok(()));
        assert_eq!(limit.take(Some(client)), Err(REFILL), "a refusal takes no token");
        clock.advance(REFILL * BURST * 100);
        for _ in 0..BURST {
            assert_eq!(limit.take(Some(client)), Ok(()), "a bucket never exceeds its size");
        }
        assert!(limit.take(Some(client)).is_err());
    }

    #[test]
    fn new_clients_share_a_bucket_under_attack() {
        let clock = ManualClock::at(1_000_000);
        let limit = RateLimit::new(clock.clone());
        for n in 0..MAX_ADDRESSES {
            limit.take(Some(nth(KNOWN, n))).unwrap();
        }
        for n in 0..BURST as usize {
            assert_eq!(limit.take(Some(nth(NEW, n))), Ok(()), "{n}");
        }
        assert_eq!(limit.take(Some(ip("203.0.113.77"))), Err(REFILL), "the shared bucket is empty");
        assert_eq!(limit.take(None), Err(REFILL), "an unknown address uses the shared bucket");
        assert_eq!(limit.take(Some(nth(KNOWN, 0))), Ok(()), "known clients keep their buckets");
        let len = || limit.buckets.lock().unwrap().full_at.len();
        assert_eq!(len(), MAX_ADDRESSES + 1);
        clock.advance(REFILL.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(limit.take(Some(ip("203.0.113.77"))).is_err());
        assert_eq!(len(), MAX_ADDRESSES + 1);
        clock.advance(Duration::from_millis(1));
        assert_eq!(limit.take(Some(ip("203.0.113.77"))), Ok(()));
        assert_eq!(len(), 3, "a known client's, the shared and the new client's bucket");
    }

    #[test]
    fn clock_set_back_locks_out_no_client() {
        let clock = ManualClock::at(1_000_000_000);
        let limit = RateLimit::new(clock.clone());
        for n in 0..MAX_ADDRESSES {
            limit.take(Some(nth(KNOWN, n))).unwrap();
        }
        for _ in 0..BURST {
            let _ = limit.take(Some(nth(KNOWN, 0)));
        }
        assert!(limit.take(Some(nth(KNOWN, 0))).is_err());
        clock.set_back(Duration::from_hours(1));
        assert_eq!(limit.take(Some(nth(KNOWN, 0))), Ok(()));
        assert_eq!(limit.take(Some(ip("203.0.113.1"))), Ok(()));
        assert_eq!(limit.buckets.lock().unwrap().full_at.len(), 2, "implausible buckets are gone");
    }
}
