//! How often one address may ask for the page: a bucket of tokens each, so that links cannot be guessed by the thousand.
//!
//! The real limits are an agent's and belong to the desk. This one only keeps strangers from costing anything.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use commands::ports::Clock;
use commands::time::Timestamp;

use super::page::{self, Plain};
use super::{RecoveryPage, html, language};

/// Requests at once: an agent who has trouble, and colleagues behind the same address.
pub(super) const BURST: u32 = 30;
/// One more every so often.
pub(super) const REGAIN: Duration = Duration::from_secs(2);
/// How many addresses are kept in mind. Beyond that the full buckets go, which say nothing.
const MOST_ADDRESSES: usize = 10_000;

/// The buckets. A bucket is kept as the moment at which it will be full again.
pub(super) struct Buckets {
    clock: Arc<dyn Clock>,
    full_at: Mutex<HashMap<IpAddr, Timestamp>>,
}

impl Buckets {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, full_at: Mutex::default() }
    }

    /// Takes a token, or says how long to wait for one.
    fn take(&self, address: IpAddr) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_ADDRESSES {
            all.retain(|_, full_at| *full_at > now);
            // Everybody is busy: this is an attack with many addresses, and the answer to it is not ours.
            if all.len() >= MOST_ADDRESSES && !all.contains_key(&address) {
                return Err(REGAIN);
            }
        }
        let full_at = all.entry(address).or_insert(now);
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

/// Lets a request pass, or answers 429.
pub(super) async fn limit(State(page): State<Arc<RecoveryPage>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    match page.buckets.take(address(peer, request.headers())) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            let body = page::plain(language(request.headers()), Plain::Busy);
            ([(RETRY_AFTER, seconds.to_string())], html(StatusCode::TOO_MANY_REQUESTS, body)).into_response()
        }
    }
}

/// Whose bucket: the peer's. A peer on loopback is our own proxy, which has added the address that it saw as the last of the list;
/// from anybody else that list may say anything. In IPv6 a customer has a /64.
fn address(peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let address = if peer.is_loopback() { forwarded().unwrap_or(peer).to_canonical() } else { peer };
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
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
    fn it_does_not_remember_the_whole_internet() {
        let clock = HandClock::at(1_000_000);
        let buckets = Buckets::new(clock.clone());
        for n in 0..u32::try_from(MOST_ADDRESSES).unwrap() {
            buckets.take(IpAddr::V4(Ipv4Addr::from_bits(n))).unwrap();
        }
        assert!(buckets.take(ip("203.0.113.1")).is_err(), "no room, and nobody may be forgotten");
        clock.advance(REGAIN);
        assert_eq!(buckets.take(ip("203.0.113.1")), Ok(()));
        assert_eq!(buckets.full_at.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_forwarded_address_counts_from_our_own_proxy_only() {
        let with = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            address(Some(ip(peer)), &headers)
        };
        assert_eq!(with("192.0.2.7", &["203.0.113.9"]), ip("192.0.2.7"));
        assert_eq!(with("127.0.0.1", &["203.0.113.9"]), ip("203.0.113.9"));
        assert_eq!(with("::1", &["6.6.6.6, 203.0.113.9"]), ip("203.0.113.9"), "what the client claims stands before");
        assert_eq!(with("127.0.0.1", &["6.6.6.6", "203.0.113.9"]), ip("203.0.113.9"));
        assert_eq!(with("127.0.0.1", &["unknown"]), ip("127.0.0.1"));
        assert_eq!(with("127.0.0.1", &[]), ip("127.0.0.1"));
        assert_eq!(with("2001:db8:1:2:3:4:5:6", &[]), ip("2001:db8:1:2::"));
        assert_eq!(with("::ffff:192.0.2.7", &[]), ip("192.0.2.7"), "an IPv4 address in disguise");
        assert_eq!(address(None, &HeaderMap::new()), ip("0.0.0.0"));
    }
}
