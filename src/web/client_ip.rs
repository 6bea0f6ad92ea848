//! Address of the client, for the rate limit.
//!
//! Behind a proxy every request comes from the proxy's address, and the client's address is in
//! `X-Forwarded-For`. A peer on loopback or in a private network counts as the operator's proxy, so
//! this needs no setting. A client inside that network can therefore claim any address and get more
//! requests than its share. No other limit depends on the address.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// Returns the client's address; of an IPv6 address the /64, because a customer gets a whole /64.
pub(super) fn client_ip(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    network_of(skip_proxies(peer.to_canonical(), headers))
}

/// Returns the address, or the /64 of an IPv6 address.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Returns the last address of the `X-Forwarded-For` chain that is not a trusted proxy.
///
/// Each proxy appends the address of its peer, so the chain is read from its end. Entries before
/// the first untrusted address can be forged.
fn skip_proxies(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lists: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok()).collect();
    let mut client = peer;
    for entry in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        match parse_entry(entry.trim()) {
            Some(address) if is_trusted_proxy(client) => client = address,
            _ => break,
        }
    }
    client
}

/// Returns true for loopback and for private networks (RFC 1918, RFC 4193).
fn is_trusted_proxy(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Parses an address as proxies write it: with or without brackets, with or without a port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn forwarded_address_counts_only_behind_trusted_proxy() {
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
            // Addresses that the client claims come first.
            ("::1", &["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6, 203.0.113.9", "10.0.0.5,192.168.1.1"], "203.0.113.9"),
            // A client in the company's network, behind two proxies.
            ("127.0.0.1", &["10.7.7.7, 10.0.0.5"], "10.7.7.7"),
            // Ports and brackets.
            ("127.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("127.0.0.1", &["[2001:db8:1:2:3::4]:4711"], "2001:db8:1:2::"),
            ("127.0.0.1", &["[2001:db8:1:2:3::4]"], "2001:db8:1:2::"),
            ("127.0.0.1", &["2001:db8:1:2:3::4"], "2001:db8:1:2::"),
            ("127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            // An entry that is not an address ends the chain.
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
            assert_eq!(client_ip(ip(peer), &headers), ip(expected), "{peer} {forwarded:?}");
        }
    }
}
