//! Rate limit by client address: one token bucket each, so that links cannot be guessed in bulk.
//!
//! The limits that protect an account count by agent and belong to the desk. This limit only keeps
//! strangers from causing load.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use commands::model::time::Timestamp;

/// Size of a bucket: enough for an agent with trouble and for colleagues behind the same address.
const BURST: u32 = 30;
/// Time in which a bucket regains one token.
const REFILL: Duration = Duration::from_secs(2);
/// Maximum number of addresses with a bucket of their own. Bounds the memory.
const MAX_ADDRESSES: usize = 10_000;
/// Key of the bucket that new clients share while all others are in use.
const SHARED: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Token buckets by client address.
#[derive(Default)]
pub(super) struct RateLimit {
    /// Time at which each bucket is full again.
    full_at: HashMap<IpAddr, Timestamp>,
    /// Time at which full buckets were last removed.
    purged_at: Option<Timestamp>,
}

impl RateLimit {
    /// Takes a token from the client's bucket, or returns the time until the next token.
    ///
    /// `None`, an unknown address, uses the shared bucket.
    pub(super) fn take(&mut self, client: Option<IpAddr>, now: Timestamp) -> Result<(), Duration> {
        let key = client.filter(|client| self.has_room_for(*client, now)).unwrap_or(SHARED);
        let full_at = self.full_at.entry(key).or_insert(now);
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
        let mut now = Timestamp(1_000_000);
        let mut limit = RateLimit::default();
        let (client, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for n in 0..BURST {
            assert_eq!(limit.take(Some(client), now), Ok(()), "{n}");
        }
        assert_eq!(limit.take(Some(client), now), Err(REFILL));
        assert_eq!(limit.take(Some(other), now), Ok(()), "each client has its own bucket");
        now = now + REFILL.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(limit.take(Some(client), now), Err(Duration::from_millis(1)));
        now = now + Duration::from_millis(1);
        assert_eq!(limit.take(Some(client), now), Ok(()));
        assert_eq!(limit.take(Some(client), now), Err(REFILL), "a refusal takes no token");
        now = now + REFILL * BURST * 100;
        for _ in 0..BURST {
            assert_eq!(limit.take(Some(client), now), Ok(()), "a bucket never exceeds its size");
        }
        assert!(limit.take(Some(client), now).is_err());
    }

    /// Returns a limit with a bucket for each of the most addresses, taken from at `now`.
    fn full(now: Timestamp) -> RateLimit {
        let mut limit = RateLimit::default();
        for n in 0..MAX_ADDRESSES {
            limit.take(Some(nth(KNOWN, n)), now).unwrap();
        }
        limit
    }

    #[test]
    fn new_clients_share_a_bucket_under_attack() {
        let start = Timestamp(1_000_000);
        let mut limit = full(start);
        for n in 0..BURST as usize {
            assert_eq!(limit.take(Some(nth(NEW, n)), start), Ok(()), "{n}");
        }
        let new = Some(ip("203.0.113.77"));
        assert_eq!(limit.take(new, start), Err(REFILL), "the shared bucket is empty");
        assert_eq!(limit.take(None, start), Err(REFILL), "an unknown address shares it");
        assert_eq!(limit.take(Some(nth(KNOWN, 0)), start), Ok(()), "a known client keeps its own");
        assert_eq!(limit.full_at.len(), MAX_ADDRESSES + 1);
        assert!(limit.take(new, start + REFILL - Duration::from_millis(1)).is_err());
        assert_eq!(limit.full_at.len(), MAX_ADDRESSES + 1);
        assert_eq!(limit.take(new, start + REFILL), Ok(()));
        let left = limit.full_at.len();
        assert_eq!(left, 3, "a known client's, the shared and the new client's bucket");
    }

    #[test]
    fn clock_set_back_locks_out_no_client() {
        let start = Timestamp(1_000_000_000);
        let mut limit = full(start);
        for _ in 0..BURST {
            let _ = limit.take(Some(nth(KNOWN, 0)), start);
        }
        assert!(limit.take(Some(nth(KNOWN, 0)), start).is_err());
        let earlier = start - Duration::from_hours(1);
        assert_eq!(limit.take(Some(nth(KNOWN, 0)), earlier), Ok(()));
        assert_eq!(limit.take(Some(ip("203.0.113.1")), earlier), Ok(()));
        assert_eq!(limit.full_at.len(), 2, "implausible buckets are gone");
    }
}
