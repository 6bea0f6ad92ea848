//! Who asks: the address that the limit counts by.
//!
//! Behind a proxy all requests come from its address, and who asks stands in `X-Forwarded-For`.
//! Whatever comes from loopback or from a private network is taken for a proxy of ours, so nothing
//! has to be set up. The price: somebody inside of that network can write any address there, and so
//! be counted as many. That costs this limit and no other.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// Who asks, as far as one can be told from another: in IPv6 a customer has a /64.
pub(super) fn of(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    match behind(peer.to_canonical(), headers) {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Each proxy adds the address that it saw at the end of the list, so the list is read from there,
/// past all that may be proxies of ours. What stands before the first address that is none may say
/// anything.
fn behind(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lists: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok()).collect();
    let mut asker = peer;
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        match parse(hop.trim()) {
            Some(address) if is_inside(asker) => asker = address,
            _ => break,
        }
    }
    asker
}

/// Loopback, and the addresses that networks give themselves (RFC 1918, and RFC 4193).
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// An address as proxies write it: bare, in brackets, with a port or without.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_forwarded_address_counts_from_our_own_proxies_only() {
        for (peer, forwarded, expected) in [
            ("192.0.2.7", &["203.0.113.9"][..], "192.0.2.7"),
            ("127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("172.31.255.255", &["203.0.113.9"], "203.0.113.9"),
            ("172.32.0.0", &["203.0.113.9"], "172.32.0.0"),
            ("192.168.0.9", &["203.0.113.9"], "203.0.113.9"),
            ("fd12::9", &["203.0.113.9"], "203.0.113.9"),
            ("fe80::9", &["203.0.113.9"], "fe80::"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            // What the client claims stands before.
            ("::1", &["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6, 203.0.113.9", "10.0.0.5,192.168.1.1"], "203.0.113.9"),
            // Somebody in the company, behind two proxies.
            ("127.0.0.1", &["10.7.7.7, 10.0.0.5"], "10.7.7.7"),
            // Ports and brackets.
            ("127.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("127.0.0.1", &["[2001:db8:1:2:3::4]:4711"], "2001:db8:1:2::"),
            ("127.0.0.1", &["[2001:db8:1:2:3::4]"], "2001:db8:1:2::"),
            ("127.0.0.1", &["2001:db8:1:2:3::4"], "2001:db8:1:2::"),
            ("127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            // What is no address ends the way.
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, unknown, 10.0.0.5"], "10.0.0.5"),
            ("127.0.0.1", &["203.0.113.9, "], "127.0.0.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", &[], "2001:db8:1:2::"),
            ("::ffff:192.0.2.7", &[], "192.0.2.7"),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            assert_eq!(of(ip(peer), &headers), ip(expected), "{peer} {forwarded:?}");
        }
    }
}
