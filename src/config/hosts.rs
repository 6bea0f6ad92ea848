//! Allowlist of the hosts and app schemes that an access link may point to.

use url::{Host, Url};

/// Schemes that browsers or Discord handle themselves, so that no app can own them.
const RESERVED_SCHEMES: [&str; 13] = [
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

const HINT: &str = "write comma-separated hosts that access links may point to, such as \
                    shop.example.com,www.example.com:8443; an app scheme ends with a colon, such \
                    as waizant:";

/// Allowed hosts (with or without a port) and app schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessHosts {
    hosts: Vec<(Host, Option<u16>)>,
    schemes: Vec<String>,
}

const COLON_HINT: &str = "an app scheme ends with a colon, such as waizant:; write a host with its \
                          domain, such as shop.example.com, or with its port, such as intranet:443";

const NO_HOST_HINT: &str = "add at least one host, because links to the store and the web have \
                            one, such as shop.example.com";

/// First labels of app schemes that begin with a reversed domain, such as `com.example.shop`.
const TOP_LEVELS: [&str; 10] = ["app", "co", "com", "dev", "es", "eu", "io", "mx", "net", "org"];

impl AccessHosts {
    /// Parses comma-separated entries: `host` (any port), `host:port` (that port only), or an app's
    /// own `scheme:` with its colon.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut hosts = Self::default();
        for entry in text.split(',').map(str::trim) {
            let scheme = entry.strip_suffix("://").or_else(|| entry.strip_suffix(':'));
            if let Some(scheme) = scheme {
                hosts.schemes.push(app_scheme(scheme).ok_or(HINT)?);
            } else {
                let (host, port) = host(entry).ok_or(HINT)?;
                if port.is_none() && is_one_word(&host) {
                    return Err(COLON_HINT);
                }
                hosts.hosts.push((host, port));
            }
        }
        if hosts.hosts.is_empty() {
            return Err(NO_HOST_HINT);
        }
        if hosts.schemes.iter().any(|scheme| hosts.has_domain_of(scheme)) {
            return Err(COLON_HINT);
        }
        Ok(hosts)
    }

    /// Returns true if a listed host has the domain of this text: rather a host with a needless
    /// colon than an app scheme. An app scheme such as `com.example.shop` begins with the domain.
    fn has_domain_of(&self, text: &str) -> bool {
        let domain = |name: &str| -> Option<String> {
            let (rest, last) = name.rsplit_once('.')?;
            let before = rest.rsplit_once('.').map_or(rest, |(_, before)| before);
            Some(format!("{before}.{last}"))
        };
        let is_reversed = text.split('.').next().is_some_and(|first| TOP_LEVELS.contains(&first));
        let Some(own) = domain(text).filter(|_| !is_reversed) else { return false };
        self.hosts.iter().any(
            |(host, _)| matches!(host, Host::Domain(name) if domain(name).as_ref() == Some(&own)),
        )
    }

    /// Returns true if the URL points to an allowed host and port.
    pub fn contains_host(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        url.host().is_some_and(|host| {
            self.hosts
                .iter()
                .any(|(known, at)| *known == host && at.is_none_or(|at| Some(at) == port))
        })
    }

    /// Returns true if the URL has an allowed app scheme.
    pub fn contains_scheme(&self, url: &Url) -> bool {
        self.schemes.iter().any(|scheme| scheme == url.scheme())
    }
}

/// Parses a scheme (RFC 3986 3.1) that is not reserved.
fn app_scheme(text: &str) -> Option<String> {
    let scheme = text.to_ascii_lowercase();
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (fits && !RESERVED_SCHEMES.contains(&scheme.as_str())).then_some(scheme)
}

/// Returns true for a name without a domain, except `localhost`: rather an app scheme without its
/// colon than a host.
fn is_one_word(host: &Host) -> bool {
    matches!(host, Host::Domain(name) if name != "localhost" && !name.contains('.'))
}

fn host(entry: &str) -> Option<(Host, Option<u16>)> {
    // A colon inside the brackets of an IPv6 address does not start a port.
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => {
            (name, Some(port.parse().ok().filter(|port| *port != 0)?))
        }
        _ => (entry, None),
    };
    Some((Host::parse(name).ok()?, port))
        .filter(|(host, _)| !name.contains(['*', '@', '%']) && can_match(host))
}

/// Parses an http or https URL without user name, password, query and fragment.
pub(super) fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https")
        && can_exist(&url)
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    fits.then_some(url)
}

/// Returns true if a server can have the URL's host and port.
fn can_exist(url: &Url) -> bool {
    let host = url.host().map(|host| host.to_owned());
    host.is_some_and(|host| can_match(&host)) && url.port() != Some(0)
}

/// Returns true if a link can have this host. The parser of URLs accepts more than names of hosts
/// (RFC 1123 2.1), such as quotes.
fn can_match(host: &Host) -> bool {
    let Host::Domain(name) = host else { return true };
    name.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn host_without_port_matches_every_port() {
        let hosts =
            AccessHosts::parse("shop.example.com, 127.0.0.1:8400, [::1]:81, [::2], waizant:")
                .unwrap();
        for allowed in [
            "https://shop.example.com/enter",
            "https://SHOP.example.com:8443/",
            "http://127.0.0.1:8400/x",
            "http://[::1]:81/",
            "http://[::2]:7/",
        ] {
            assert!(hosts.contains_host(&url(allowed)), "{allowed}");
        }
        for denied in [
            "https://example.com/",
            "https://shop.example.com.evil.com/",
            "https://xshop.example.com/",
            "http://127.0.0.1/",
            "http://127.0.0.1:8401/",
            "http://[::1]/",
            "waizant:open",
        ] {
            assert!(!hosts.contains_host(&url(denied)), "{denied}");
        }
    }

    #[test]
    fn default_port_matches_only_itself() {
        let hosts = AccessHosts::parse("shop.example.com:443").unwrap();
        assert!(hosts.contains_host(&url("https://shop.example.com/")));
        assert!(!hosts.contains_host(&url("https://shop.example.com:444/")));
    }

    #[test]
    fn scheme_requires_a_colon() {
        for written in ["waizant:", "waizant://", "Waizant:"] {
            let hosts = AccessHosts::parse(&format!("shop.example.com,{written}")).unwrap();
            assert!(hosts.contains_scheme(&url("waizant://open?token=1")), "{written}");
            assert!(!hosts.contains_scheme(&url("other://open?token=1")), "{written}");
        }
        for written in ["waizant", "shop.example.com,waizant", "Waizant"] {
            assert_eq!(AccessHosts::parse(written), Err(COLON_HINT), "{written}");
        }
        for host in ["localhost", "intranet:443", "127.0.0.1", "[::1]"] {
            assert!(AccessHosts::parse(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn scheme_is_no_host_and_not_alone() {
        for (written, expected) in [
            ("waizant:", Err(NO_HOST_HINT)),
            ("shop.example.com:", Err(NO_HOST_HINT)),
            ("www.example.com,shop.example.com:", Err(COLON_HINT)),
            ("example.com,example.com:", Err(COLON_HINT)),
            ("shop.example.com,com.example.app:", Ok(())),
            ("shop.example.app,com.example.app:", Ok(())),
            ("127.0.0.1,waizant:", Ok(())),
        ] {
            assert_eq!(AccessHosts::parse(written).map(drop), expected, "{written}");
        }
    }

    #[test]
    fn invalid_entries_are_refused() {
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
            "shop.example.com,\"www.example.com\"",
            "'shop.example.com'",
            "shop.example.com.",
            ".example.com",
            "shop..example.com",
            "shop.example.com:0",
            "shop.example.com;www.example.com",
        ] {
            assert!(AccessHosts::parse(bad).is_err(), "{bad:?}");
        }
    }
}
