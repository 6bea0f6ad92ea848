//! Parsers of single settings. Each takes the text and answers with the value, or with what to
//! write instead.
//!
//! A hint never repeats what was written: it could be a secret in the wrong variable.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::IDLE_CLOSE_RANGE;
use crate::store::StoreKey;

/// Discord's ids began in 2015; a smaller number is an index or a typing error. 2^22 is the first
/// millisecond of its epoch.
const FIRST_SNOWFLAKE: u64 = 1 << 22;
/// The longest `PUBLIC_URL`: with a page's token behind it, it fits the 512 characters of Discord's
/// link buttons.
const LONGEST_PUBLIC_URL: usize = 400;
/// The longest name of a Cognito group.
const LONGEST_GROUP_NAME: usize = 128;
/// The longest name, ARN or `name:alias` that Lambda's Invoke takes.
const LONGEST_FUNCTION_NAME: usize = 170;

/// Text without white space inside.
fn word(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("write one word without spaces".to_owned());
    }
    Ok(text.to_owned())
}

/// A [`word`] that is a secret.
pub(super) fn secret(text: &str) -> Result<SecretString, String> {
    word(text)
        .map(SecretString::from)
        .map_err(|_| "write the secret as its issuer shows it, without spaces or quotes".to_owned())
}

/// An id of Discord's.
pub(super) fn snowflake(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|id| *id >= FIRST_SNOWFLAKE && i64::try_from(*id).is_ok()).ok_or_else(
        || {
            "write the id as Discord's developer mode copies it, such as 1200000000000000001"
                .to_owned()
        },
    )
}

/// The base of Discord's API, or of a stand-in.
pub(super) fn api_url(text: &str) -> Result<Url, String> {
    let hint = || {
        "write the address of a stand-in or proxy, such as http://127.0.0.1:8400, or leave it out for Discord itself".to_owned()
    };
    let url = Url::parse(text).map_err(|_| hint())?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    // The token goes there with every request.
    let sound = url.scheme() == "https" || is_loopback(&url);
    match (fits, sound) {
        (true, true) => Ok(url),
        (true, false) => {
            Err("write an https address: the bot's token would travel in clear (http is for loopback addresses only)".to_owned())
        }
        (false, _) => Err(hint()),
    }
}

/// The address of a database that the store and Core can stand on.
pub(super) fn database_url(text: &str) -> Result<SecretString, String> {
    if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(SecretString::from(text));
    }
    Err("write sqlite://path/to/file.db or postgres://user:password@host/name".to_owned())
}

/// A Cognito user pool: region, underscore, id.
pub(super) fn user_pool_id(text: &str) -> Result<String, String> {
    word(text)
        .ok()
        .filter(|id| {
            id.split_once('_').is_some_and(|(region, rest)| !region.is_empty() && !rest.is_empty())
        })
        .ok_or_else(|| {
            "write the pool's id with its region, such as eu-west-1_AbCdEfGhI".to_owned()
        })
}

/// An app client of the pool.
pub(super) fn client_id(text: &str) -> Result<String, String> {
    word(text).map_err(|_| "write the id of the pool's app client".to_owned())
}

/// A Lambda function: its name, its ARN, or either with an alias.
pub(super) fn function_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty()
        && text.len() <= LONGEST_FUNCTION_NAME
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_:$".contains(c));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("write a function's name, name:alias or ARN".to_owned())
    }
}

/// The key of the store.
pub(super) fn store_key(text: &str) -> Result<Arc<StoreKey>, String> {
    StoreKey::parse(text).map(Arc::new).map_err(|_| {
        "write 32 random bytes in base64; `support-desk key` prints a new one".to_owned()
    })
}

/// An address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080".to_owned())
}

/// The address people reach the public side at.
pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let hint = || {
        "write the https address of the recovery page, such as https://desk.example.com (http is for loopback addresses only)"
            .to_owned()
    };
    let url = Url::parse(text).map_err(|_| hint())?;
    let plain = url.has_host()
        && url.as_str().len() <= LONGEST_PUBLIC_URL
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let sound = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if plain && sound { Ok(url) } else { Err(hint()) }
}

/// Whether an address leads to this very machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The idle timeout, in seconds.
pub(super) fn idle_close(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| IDLE_CLOSE_RANGE.contains(seconds));
    let (least, most) = IDLE_CLOSE_RANGE.into_inner();
    seconds.map(Duration::from_secs).ok_or_else(|| {
        format!("write whole seconds from {least} to {most}, and leave it out in production")
    })
}

/// Directives for the log, as tracing reads them.
pub(super) fn log_directives(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "write a level, or target=level with commas between, such as info,support_desk=debug"
                .to_owned(),
        ),
    }
}

/// Exact names of Cognito groups, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNames(Vec<String>);

impl GroupNames {
    /// Reads names with commas between. Cognito allows letters, marks, symbols, numbers and
    /// punctuation: no space.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let fits = |name: &String| {
            !name.is_empty()
                && name.chars().count() <= LONGEST_GROUP_NAME
                && !name.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        if names.iter().all(fits) {
            return Ok(Self(names));
        }
        Err("write exact group names with commas between (a Cognito group name cannot contain a space), such as CustomerService"
            .to_owned())
    }

    /// Whether the group is one of them.
    #[must_use]
    pub fn contains(&self, group: &str) -> bool {
        self.0.iter().any(|name| name == group)
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}
