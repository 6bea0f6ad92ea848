//! Where a sign-in link may point to: the operator's list of hosts and app schemes.

use url::{Host, Url};

/// Schemes that a browser or Discord acts upon itself: never an app's own.
const NEVER_AN_APP: [&str; 13] = [
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "file",
    "data",
    "blob",
    "javascript",
    "about",
    "mailto",
    "tel",
    "discord",
];

/// What to write.
const HINT: &str = "write the hosts that sign-in links may point to, with commas between, such as shop.example.com,www.example.com:8443; \
                    an app scheme ends with a colon, such as waizant:";

/// Hosts (with or without a port) and app schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessHosts {
    hosts: Vec<(Host, Option<u16>)>,
    schemes: Vec<String>,
}

impl AccessHosts {
    /// Reads entries with commas between: `host` (any port), `host:port` (that port only),
    /// `scheme:` (an app's own scheme, with its colon, so that it cannot be taken for a host).
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut hosts = Self::default();
        for entry in text.split(',').map(str::trim) {
            let scheme = entry.strip_suffix("://").or_else(|| entry.strip_suffix(':'));
            if let Some(scheme) = scheme {
                hosts.schemes.push(app_scheme(scheme).ok_or(HINT)?);
            } else {
                hosts.hosts.push(host(entry).ok_or(HINT)?);
            }
        }
        Ok(hosts)
    }

    /// Whether the address points to one of the hosts.
    #[must_use]
    pub fn contains_host(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        url.host().is_some_and(|host| {
            self.hosts
                .iter()
                .any(|(known, at)| *known == host && at.is_none_or(|at| Some(at) == port))
        })
    }

    /// Whether the address has one of the app schemes.
    #[must_use]
    pub fn contains_scheme(&self, url: &Url) -> bool {
        self.schemes.iter().any(|scheme| scheme == url.scheme())
    }
}

/// A scheme by RFC 3986 3.1 that is not one of those with a meaning everywhere.
fn app_scheme(text: &str) -> Option<String> {
    let scheme = text.to_ascii_lowercase();
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (fits && !NEVER_AN_APP.contains(&scheme.as_str())).then_some(scheme)
}

fn host(entry: &str) -> Option<(Host, Option<u16>)> {
    // The colons inside the brackets of an IPv6 address are no port's.
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port.parse().ok()?)),
        _ => (entry, None),
    };
    Some((Host::parse(name).ok()?, port))
        .filter(|_| !name.contains(['*', '@', '%']) && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_host_without_a_port_stands_for_all_its_ports() {
        let hosts =
            AccessHosts::parse("shop.example.com, 127.0.0.1:8400, [::1]:81, [::2], waizant:")
                .unwrap();
        for good in [
            "https://shop.example.com/enter",
            "https://SHOP.example.com:8443/",
            "http://127.0.0.1:8400/x",
            "http://[::1]:81/",
            "http://[::2]:7/",
        ] {
            assert!(hosts.contains_host(&url(good)), "{good}");
        }
        for bad in [
            "https://example.com/",
            "https://shop.example.com.evil.com/",
            "https://xshop.example.com/",
            "http://127.0.0.1/",
            "http://127.0.0.1:8401/",
            "http://[::1]/",
            "waizant:open",
        ] {
            assert!(!hosts.contains_host(&url(bad)), "{bad}");
        }
    }

    #[test]
    fn the_usual_port_is_a_port_like_any_other() {
        let hosts = AccessHosts::parse("shop.example.com:443").unwrap();
        assert!(hosts.contains_host(&url("https://shop.example.com/")));
        assert!(!hosts.contains_host(&url("https://shop.example.com:444/")));
    }

    #[test]
    fn a_scheme_is_written_with_its_colon() {
        for written in ["waizant:", "waizant://", "Waizant:"] {
            let hosts = AccessHosts::parse(written).unwrap();
            assert!(hosts.contains_scheme(&url("waizant://open?token=1")), "{written}");
            assert!(!hosts.contains_scheme(&url("other://open?token=1")), "{written}");
        }
        assert!(
            !AccessHosts::parse("waizant").unwrap().contains_scheme(&url("waizant://open")),
            "that is a host"
        );
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        for bad in [
            "",
            ",",
            "a,,b",
            "javascript:",
            "https:",
            "discord:",
            "https://shop.example.com",
            "shop.example.com/x",
            "*.example.com",
            "a b",
            "host:port",
            "user@host",
            "host:99999",
            "1x:",
        ] {
            assert!(AccessHosts::parse(bad).is_err(), "{bad:?}");
        }
    }
}
