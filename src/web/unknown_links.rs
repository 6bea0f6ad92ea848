//! Requests for links that do not exist, of recoveries and of reports. Many of them are an attack,
//! so they are counted and logged.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use commands::model::time::Timestamp;

use crate::metrics;

/// Time between two log lines about one client. Ours: a line a minute shows an attack as well as a
/// thousand.
const WINDOW: Duration = Duration::from_mins(1);
/// Maximum number of clients with a time. Bounds the memory; further clients are only counted.
const MAX_CLIENTS: usize = 10_000;

/// Time of the newest log line about each client.
#[derive(Default)]
pub(super) struct UnknownLinks(HashMap<Option<IpAddr>, Timestamp>);

impl UnknownLinks {
    /// Counts a request. Returns true for the first of a minute of the client, which is logged.
    #[must_use]
    pub(super) fn record(&mut self, client: Option<IpAddr>, now: Timestamp) -> bool {
        metrics::count_unknown_link();
        self.is_first(client, now)
    }

    fn is_first(&mut self, client: Option<IpAddr>, now: Timestamp) -> bool {
        // A time of the future is dropped, because the clock was set back.
        let is_recent = |at: Timestamp| at <= now && now.since(at) < WINDOW;
        if self.0.get(&client).is_some_and(|at| is_recent(*at)) {
            return false;
        }
        if self.0.len() >= MAX_CLIENTS {
            self.0.retain(|_, at| is_recent(*at));
        }
        let has_room = self.0.len() < MAX_CLIENTS;
        if has_room {
            self.0.insert(client, now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn first_request_of_minute_is_logged() {
        let mut links = UnknownLinks::default();
        let client = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!(links.is_first(client, NOON));
        assert!(links.is_first(None, NOON), "another client");
        assert!(!links.is_first(client, NOON + WINDOW - Duration::from_millis(1)));
        assert!(links.is_first(client, NOON + WINDOW));
        assert!(links.is_first(client, NOON), "the clock was set back");
    }

    #[test]
    fn logged_clients_are_bounded() {
        let mut links = UnknownLinks::default();
        let nth = |n: usize| Some(IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(n).unwrap())));
        for n in 0..MAX_CLIENTS {
            assert!(links.is_first(nth(n), NOON));
        }
        assert!(!links.is_first(nth(MAX_CLIENTS), NOON));
        assert!(links.is_first(nth(MAX_CLIENTS), NOON + WINDOW), "the others are dropped");
        assert_eq!(links.0.len(), 1);
    }
}
