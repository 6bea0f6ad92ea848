//! Validation of access links before an agent gets them.

use commands::model::time::Timestamp;
use commands::model::words::Target;
use commands::ports::access::IssuedLink;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::{AccessHosts, is_confidential};

/// Maximum length of a URL in a link button of Discord, in characters.
const MAX_URL: usize = 512;

/// Reason why a link is refused. Never contains the link, which is a secret until it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidLink {
    #[error("the link is longer than 512 characters")]
    TooLong,
    /// Not a URL, or one that parsers interpret differently.
    #[error("the link is not a plain URL")]
    NotAUrl,
    /// Neither https, nor http on loopback, nor (in a QR code) a listed app scheme.
    #[error("the link's scheme is not allowed")]
    Scheme,
    #[error("the link's host is not in ACCESS_HOSTS")]
    Host,
    #[error("the link has expired")]
    Expired,
}

/// Checks form, length, scheme, host and expiry of a link that the function `access` issued.
///
/// Returns the address that was checked, in the spelling of the URL standard. The parser repairs
/// `HTTPS:shop.example.com`, which Discord refuses and phones read in different ways.
pub(super) fn validate(
    link: &IssuedLink,
    target: Target,
    hosts: &AccessHosts,
    now: Timestamp,
) -> Result<SecretString, InvalidLink> {
    let text = link.url.expose_secret();
    // Parsers repair white space, control characters and backslashes in different ways.
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(InvalidLink::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| InvalidLink::NotAUrl)?;
    // A serialized URL is ASCII.
    if url.as_str().len() > MAX_URL {
        return Err(InvalidLink::TooLong);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidLink::NotAUrl);
    }
    let is_web = matches!(url.scheme(), "http" | "https") && is_confidential(&url);
    // App schemes only in QR codes, because Discord refuses them in a button and a browser cannot
    // open them.
    let is_app = matches!(target, Target::App | Target::Successor) && hosts.contains_scheme(&url);
    if !is_web && !is_app {
        return Err(InvalidLink::Scheme);
    }
    if is_web && !hosts.contains_host(&url) {
        return Err(InvalidLink::Host);
    }
    if link.expires_at <= now {
        return Err(InvalidLink::Expired);
    }
    Ok(SecretString::from(String::from(url)))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn validated(url: &str, target: Target, expires_at: i64) -> Result<(), InvalidLink> {
        address(url, target, expires_at).map(drop)
    }

    /// Returns the address that the agent gets.
    fn address(url: &str, target: Target, expires_at: i64) -> Result<String, InvalidLink> {
        let hosts = AccessHosts::parse(
            "shop.example.com, www.example.com:8443, 127.0.0.1, localhost:8400, waizant:",
        )
        .unwrap();
        validate(
            &IssuedLink {
                id: "l-1".to_owned(),
                url: SecretString::from(url),
                expires_at: Timestamp(expires_at),
            },
            target,
            &hosts,
            NOW,
        )
        .map(|url| url.expose_secret().to_owned())
    }

    #[test]
    fn scheme_and_host_must_be_allowed() {
        let for_any_target: [(&str, Result<(), InvalidLink>); 24] = [
            ("https://shop.example.com/enter?token=abc", Ok(())),
            ("https://SHOP.EXAMPLE.COM/enter", Ok(())),
            ("https://shop.example.com:444/enter", Ok(())),
            ("https://www.example.com:8443/", Ok(())),
            ("https://www.example.com/", Err(InvalidLink::Host)),
            ("https://example.com/", Err(InvalidLink::Host)),
            ("https://shop.example.com.evil.test/", Err(InvalidLink::Host)),
            ("https://evil.test/?shop.example.com", Err(InvalidLink::Host)),
            ("https://shop.example.com@evil.test/", Err(InvalidLink::NotAUrl)),
            ("https://evil.test\\@shop.example.com/", Err(InvalidLink::NotAUrl)),
            ("https://shop.example.com/\n", Err(InvalidLink::NotAUrl)),
            (" https://shop.example.com/", Err(InvalidLink::NotAUrl)),
            ("https://", Err(InvalidLink::NotAUrl)),
            ("shop.example.com", Err(InvalidLink::NotAUrl)),
            ("", Err(InvalidLink::NotAUrl)),
            ("http://shop.example.com/enter", Err(InvalidLink::Scheme)),
            ("http://127.0.0.1:8400/shop", Ok(())),
            ("http://localhost:8400/shop", Ok(())),
            ("http://localhost:8401/shop", Err(InvalidLink::Host)),
            ("http://localhost.example.com/", Err(InvalidLink::Scheme)),
            ("http://127.0.0.2:8400/shop", Err(InvalidLink::Host)),
            ("javascript:alert(1)", Err(InvalidLink::Scheme)),
            ("discord://shop.example.com/", Err(InvalidLink::Scheme)),
            ("other://open?token=abc", Err(InvalidLink::Scheme)),
        ];
        for (url, expected) in for_any_target {
            for target in [Target::Store, Target::Web, Target::App, Target::Successor] {
                assert_eq!(validated(url, target, 2_000), expected, "{url}");
            }
        }
    }

    #[test]
    fn app_scheme_is_allowed_only_in_qr_code() {
        assert_eq!(validated("waizant://open?token=abc", Target::App, 2_000), Ok(()));
        assert_eq!(validated("waizant://open?token=abc", Target::Successor, 2_000), Ok(()));
        assert_eq!(
            validated("waizant://open?token=abc", Target::App, 1_000),
            Err(InvalidLink::Expired)
        );
        assert_eq!(
            validated("waizant://open?token=abc", Target::Web, 2_000),
            Err(InvalidLink::Scheme)
        );
        assert_eq!(
            validated("waizant://open?token=abc", Target::Store, 2_000),
            Err(InvalidLink::Scheme)
        );
    }

    #[test]
    fn link_must_expire_in_the_future() {
        assert_eq!(validated("https://shop.example.com/", Target::Web, 1_001), Ok(()));
        assert_eq!(
            validated("https://shop.example.com/", Target::Web, 1_000),
            Err(InvalidLink::Expired)
        );
    }

    #[test]
    fn serialized_link_of_513_characters_is_too_long() {
        let long = |n: usize| format!("https://shop.example.com/{}", "x".repeat(n - 25));
        assert_eq!(validated(&long(512), Target::Web, 2_000), Ok(()));
        assert_eq!(validated(&long(513), Target::Web, 2_000), Err(InvalidLink::TooLong));
        // In the address each of them is six characters: `%C3%B1`.
        let accents = |n: usize| format!("https://shop.example.com/{}", "ñ".repeat(n));
        assert_eq!(validated(&accents(81), Target::App, 2_000), Ok(()));
        assert_eq!(validated(&accents(82), Target::App, 2_000), Err(InvalidLink::TooLong));
    }

    #[test]
    fn repaired_link_is_passed_on_as_checked() {
        for repaired in [
            "HTTPS://shop.example.com/x?a=1",
            "https:shop.example.com/x?a=1",
            "https:/shop.example.com/x?a=1",
            "https:///shop.example.com/x?a=1",
            "https://SHOP.example.com:443/y/../x?a=1",
        ] {
            let checked = address(repaired, Target::Web, 2_000);
            assert_eq!(checked.as_deref(), Ok("https://shop.example.com/x?a=1"), "{repaired}");
        }
        assert_eq!(
            address("https://shop.example.com/ñ?a=\"", Target::App, 2_000).as_deref(),
            Ok("https://shop.example.com/%C3%B1?a=%22")
        );
    }
}
