//! How often one address may ask for the page: a bucket of tokens each, so that links cannot be
//! guessed by the thousand.
//!
//! The real limits are an agent's and belong to the desk. This one only keeps strangers from
//! costing anything.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;

use super::page::{self, Plain};
use super::{RecoveryPage, asker, html, language};
use crate::metrics;

/// Requests at once: an agent who has trouble, and colleagues behind the same address.
pub(super) const BURST: u32 = 30;
/// One more every so often.
pub(super) const REGAIN: Duration = Duration::from_secs(2);
/// How many addresses are kept in mind. Beyond that the full buckets go, which say nothing.
const MOST_ADDRESSES: usize = 10_000;
/// Whose bucket newcomers share when there is no room for one each.
const NEWCOMERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The buckets.
pub(super) struct Buckets {
    clock: Arc<dyn Clock>,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    /// A bucket is kept as the moment at which it will be full again.
    full_at: HashMap<IpAddr, Timestamp>,
    /// When the full ones were last thrown away.
    cleared_at: Option<Timestamp>,
}

impl Buckets {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, all: Mutex::default() }
    }

    /// Takes a token, or says how long to wait for one.
    fn take(&self, address: IpAddr) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let address = if all.has_room_for(address, now) { address } else { NEWCOMERS };
        let full_at = all.full_at.entry(address).or_insert(now);
        if !plausible(*full_at, now) {
            *full_at = now;
        }
        let filled = (*full_at).max(now) + REGAIN;
        let most = REGAIN * BURST;
        let owed = filled.since(now);
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        *full_at = filled;
        Ok(())
    }
}

impl All {
    /// Whether this address has a bucket of its own, or may have one. Thousands that are busy at a
    /// time are an attack: whoever was there before goes on as ever, and the others share one. Nor
    /// is the whole list gone through for every one of them.
    fn has_room_for(&mut self, address: IpAddr, now: Timestamp) -> bool {
        if self.full_at.len() < MOST_ADDRESSES || self.full_at.contains_key(&address) {
            return true;
        }
        if self.cleared_at.is_none_or(|at| now < at || now.since(at) >= REGAIN) {
            self.cleared_at = Some(now);
            self.full_at.retain(|_, full_at| *full_at > now && plausible(*full_at, now));
        }
        self.full_at.len() < MOST_ADDRESSES
    }
}

/// No bucket takes longer to fill than an empty one; that it seems so means that the clock was set
/// back.
fn plausible(full_at: Timestamp, now: Timestamp) -> bool {
    full_at <= now + REGAIN * BURST
}

/// Lets a request pass, or answers 429.
pub(super) async fn limit(
    State(page): State<Arc<RecoveryPage>>,
    request: Request,
    next: Next,
) -> Response {
    let peer =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let asker = peer.map_or(NEWCOMERS, |peer| asker::of(peer, request.headers()));
    match page.buckets.take(asker) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            // Counted, not logged: whoever floods the page shall not flood the log.
            metrics::count_page_refused("rate");
            let seconds = wait.as_secs() + 1;
            let body = page::plain(language(request.headers()), Plain::Busy);
            ([(RETRY_AFTER, seconds.to_string())], html(StatusCode::TOO_MANY_REQUESTS, body))
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::hand::HandClock;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let clock = HandClock::at(1_000_000);
        let buckets = Buckets::new(clock.clone());
        let (one, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for n in 0..BURST {
            assert_eq!(buckets.take(one), Ok(()), "{n}");
        }
        assert_eq!(buckets.take(one), Err(REGAIN));
        assert_eq!(buckets.take(other), Ok(()), "others are not concerned");
        clock.advance(REGAIN.checked_sub(Duration::from_millis(1)).unwrap());
        assert_eq!(buckets.take(one), Err(Duration::from_millis(1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(buckets.take(one), Ok(()));
        assert_eq!(buckets.take(one), Err(REGAIN), "a refusal costs nothing, a token does");
        clock.advance(REGAIN * BURST * 100);
        for _ in 0..BURST {
            assert_eq!(buckets.take(one), Ok(()), "no more than a bucketful is saved up");
        }
        assert!(buckets.take(one).is_err());
    }

    #[test]
    fn when_thousands_are_busy_newcomers_share_a_bucket() {
        let clock = HandClock::at(1_000_000);
        let buckets = Buckets::new(clock.clone());
        let known =
            |n: usize| IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(n).unwrap()));
        for n in 0..MOST_ADDRESSES {
            buckets.take(known(n)).unwrap();
        }
        for n in 0..BURST {
            assert_eq!(
                buckets.take(IpAddr::V4(Ipv4Addr::from_bits(0xcb00_7100 + n))),
                Ok(()),
                "{n}"
            );
        }
        assert_eq!(buckets.take(ip("203.0.113.77")), Err(REGAIN), "one for all of them");
        assert_eq!(buckets.take(known(0)), Ok(()), "who was there before has the own one");
        let len = || buckets.all.lock().unwrap().full_at.len();
        assert_eq!(len(), MOST_ADDRESSES + 1);
        clock.advance(REGAIN.checked_sub(Duration::from_millis(1)).unwrap());
        assert!(buckets.take(ip("203.0.113.77")).is_err());
        assert_eq!(len(), MOST_ADDRESSES + 1);
        clock.advance(Duration::from_millis(1));
        assert_eq!(buckets.take(ip("203.0.113.77")), Ok(()));
        assert_eq!(len(), 3, "the busy one, the shared one and the new one");
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let clock = HandClock::at(1_000_000_000);
        let buckets = Buckets::new(clock.clone());
        for n in 0..MOST_ADDRESSES {
            buckets
                .take(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(n).unwrap())))
                .unwrap();
        }
        for _ in 0..BURST {
            let _ = buckets.take(ip("10.0.0.0"));
        }
        assert!(buckets.take(ip("10.0.0.0")).is_err());
        clock.set_back(Duration::from_hours(1));
        assert_eq!(buckets.take(ip("10.0.0.0")), Ok(()));
        assert_eq!(buckets.take(ip("203.0.113.1")), Ok(()));
        assert_eq!(buckets.all.lock().unwrap().full_at.len(), 2, "what the old time left is gone");
    }
}
