//! Whether a sign-in link may be handed to an agent.

use commands::model::time::Timestamp;
use commands::model::words::Target;
use commands::ports::access::IssuedLink;
use secrecy::ExposeSecret;
use url::Url;

use crate::config::{AccessHosts, is_loopback};

/// The longest address that Discord takes in a link button, in characters.
const LONGEST_URL: usize = 512;

/// What is wrong with a link. Never names it: it is a secret until it is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WrongLink {
    /// Longer than a link button takes.
    #[error("the link is longer than 512 characters")]
    TooLong,
    /// Not an address, or one that is read differently by different readers.
    #[error("the link is not a plain address")]
    NotAnAddress,
    /// Neither https, nor http on loopback, nor (in a QR code) a listed app scheme.
    #[error("the link's scheme is not allowed")]
    Scheme,
    /// Somewhere else than the operator allows.
    #[error("the link's host is not in ACCESS_HOSTS")]
    Host,
    /// Over already.
    #[error("the link has ended already")]
    Expired,
}

/// Checks a link that the function `access` issued.
pub(super) fn check(
    link: &IssuedLink,
    target: Target,
    hosts: &AccessHosts,
    now: Timestamp,
) -> Result<(), WrongLink> {
    let text = link.url.expose_secret();
    if text.chars().count() > LONGEST_URL {
        return Err(WrongLink::TooLong);
    }
    // Readers repair white space, control characters and backslashes each in their own way.
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(WrongLink::NotAnAddress);
    }
    let url = Url::parse(text).map_err(|_| WrongLink::NotAnAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WrongLink::NotAnAddress);
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        // An app's scheme may stand in a QR code only: Discord takes none in a button, and no
        // browser should be sent there.
        _ if matches!(target, Target::App | Target::Successor) && hosts.contains_scheme(&url) => {
            return unexpired(link, now);
        }
        _ => return Err(WrongLink::Scheme),
    }
    if !hosts.contains_host(&url) {
        return Err(WrongLink::Host);
    }
    unexpired(link, now)
}

fn unexpired(link: &IssuedLink, now: Timestamp) -> Result<(), WrongLink> {
    if link.expires_at > now { Ok(()) } else { Err(WrongLink::Expired) }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn verdict(url: &str, target: Target, expires_at: i64) -> Result<(), WrongLink> {
        let hosts = AccessHosts::parse(
            "shop.example.com, www.example.com:8443, 127.0.0.1, localhost:8400, waizant:",
        )
        .unwrap();
        check(
            &IssuedLink {
                id: "l-1".to_owned(),
                url: SecretString::from(url),
                expires_at: Timestamp(expires_at),
            },
            target,
            &hosts,
            NOW,
        )
    }

    #[test]
    fn by_scheme_and_host() {
        let in_any: [(&str, Result<(), WrongLink>); 24] = [
            ("https://shop.example.com/enter?token=abc", Ok(())),
            ("https://SHOP.EXAMPLE.COM/enter", Ok(())),
            ("https://shop.example.com:444/enter", Ok(())),
            ("https://www.example.com:8443/", Ok(())),
            ("https://www.example.com/", Err(WrongLink::Host)),
            ("https://example.com/", Err(WrongLink::Host)),
            ("https://shop.example.com.evil.test/", Err(WrongLink::Host)),
            ("https://evil.test/?shop.example.com", Err(WrongLink::Host)),
            ("https://shop.example.com@evil.test/", Err(WrongLink::NotAnAddress)),
            ("https://evil.test\\@shop.example.com/", Err(WrongLink::NotAnAddress)),
            ("https://shop.example.com/\n", Err(WrongLink::NotAnAddress)),
            (" https://shop.example.com/", Err(WrongLink::NotAnAddress)),
            ("https://", Err(WrongLink::NotAnAddress)),
            ("shop.example.com", Err(WrongLink::NotAnAddress)),
            ("", Err(WrongLink::NotAnAddress)),
            ("http://shop.example.com/enter", Err(WrongLink::Scheme)),
            ("http://127.0.0.1:8400/shop", Ok(())),
            ("http://localhost:8400/shop", Ok(())),
            ("http://localhost:8401/shop", Err(WrongLink::Host)),
            ("http://localhost.example.com/", Err(WrongLink::Scheme)),
            ("http://127.0.0.2:8400/shop", Err(WrongLink::Host)),
            ("javascript:alert(1)", Err(WrongLink::Scheme)),
            ("discord://shop.example.com/", Err(WrongLink::Scheme)),
            ("other://open?token=abc", Err(WrongLink::Scheme)),
        ];
        for (url, expected) in in_any {
            for target in [Target::Store, Target::Web, Target::App, Target::Successor] {
                assert_eq!(verdict(url, target, 2_000), expected, "{url}");
            }
        }
    }

    #[test]
    fn an_app_scheme_stands_in_a_qr_code_only() {
        assert_eq!(verdict("waizant://open?token=abc", Target::App, 2_000), Ok(()));
        assert_eq!(verdict("waizant://open?token=abc", Target::Successor, 2_000), Ok(()));
        assert_eq!(
            verdict("waizant://open?token=abc", Target::App, 1_000),
            Err(WrongLink::Expired)
        );
        assert_eq!(verdict("waizant://open?token=abc", Target::Web, 2_000), Err(WrongLink::Scheme));
        assert_eq!(
            verdict("waizant://open?token=abc", Target::Store, 2_000),
            Err(WrongLink::Scheme)
        );
    }

    #[test]
    fn a_link_ends_after_now() {
        assert_eq!(verdict("https://shop.example.com/", Target::Web, 1_001), Ok(()));
        assert_eq!(
            verdict("https://shop.example.com/", Target::Web, 1_000),
            Err(WrongLink::Expired)
        );
    }

    #[test]
    fn the_longest_has_512_characters() {
        let long = |n: usize| format!("https://shop.example.com/{}", "ñ".repeat(n - 25));
        assert_eq!(verdict(&long(512), Target::Web, 2_000), Ok(()));
        assert_eq!(verdict(&long(513), Target::Web, 2_000), Err(WrongLink::TooLong));
    }
}
