//! Parsers of single settings. Each returns the value, or a hint that describes a valid one.
//!
//! A hint never repeats the value, because it can be a secret in the wrong variable.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use commands::model::timers::IDLE_CLOSE;
use commands::model::utc_offset::UtcOffset;
use commands::model::words::Locale;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::hosts::base_url;
use super::key_strength::is_weak;
use super::reader::is_quoted;
use super::transport::is_confidential;
use crate::retention::{MAX_DAYS, days};
use crate::store::StoreKey;
use crate::trail::{OtherKey, TrailKey};

/// Smallest id of the first millisecond of Discord's epoch (2015). A smaller number is a typing
/// error.
const FIRST_SNOWFLAKE: u64 = 1 << 22;
/// Maximum length of `PUBLIC_URL`. With a page's token appended it fits the 512 characters of
/// Discord's link buttons.
const MAX_PUBLIC_URL: usize = 400;
/// Maximum length of a Cognito group name, in characters.
const MAX_GROUP_NAME: usize = 128;
/// Maximum length of a user pool's id (Cognito API, `UserPoolId`).
const MAX_USER_POOL_ID: usize = 55;
/// Maximum length of an app client's id (Cognito API, `ClientId`).
const MAX_CLIENT_ID: usize = 128;
/// Digits of the number of an AWS account.
const ACCOUNT_DIGITS: usize = 12;
/// Maximum length of the name, ARN or `name:alias` in Lambda's Invoke.
const MAX_FUNCTION_NAME: usize = 170;
/// Allowed `IDLE_CLOSE_SECONDS`: ten seconds for trials, up to the product's fifteen minutes.
const IDLE_CLOSE_RANGE: RangeInclusive<u64> = 10..=IDLE_CLOSE.as_secs();

/// Hint of a parser: describes a valid value.
type Hint = &'static str;

/// Returns true for visible characters of ASCII. No secret or id has others, and a mark of an
/// editor or a space without width would be sent as a part of it.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())
}

/// Returns true for letters, marks, symbols, numbers and punctuation.
fn is_visible(c: char) -> bool {
    // Rust escapes all other characters, and a mark only at the beginning.
    let is_plain = || format!("a{c}").escape_debug().count() == 2;
    matches!(c, '\'' | '"' | '\\') || c != ' ' && is_plain()
}

/// Parses a secret.
pub(super) fn secret(text: &str) -> Result<SecretString, Hint> {
    let hint = "write the secret as its issuer shows it, without spaces or quotes";
    is_word(text).then(|| text.into()).ok_or(hint)
}

/// Parses an id of another service.
pub(super) fn word(text: &str) -> Result<String, Hint> {
    is_word(text).then(|| text.to_owned()).ok_or("write the id as its issuer shows it")
}

/// Parses an id of Discord.
pub(super) fn snowflake(text: &str) -> Result<u64, Hint> {
    let id = text.parse().ok().filter(|id| *id >= FIRST_SNOWFLAKE && i64::try_from(*id).is_ok());
    id.ok_or("write the id as Discord's developer mode copies it, such as 1200000000000000001")
}

/// Parses the difference of the company's days to UTC.
pub(super) fn utc_offset(text: &str) -> Result<UtcOffset, Hint> {
    text.parse().map_err(|_| "write an offset from -12:00 to +14:00, such as -05:00 or +00:00")
}

/// Parses the language of the leads' channel.
pub(super) fn locale(text: &str) -> Result<Locale, Hint> {
    match text {
        "en" => Ok(Locale::En),
        "es" => Ok(Locale::Es),
        _ => Err("write en or es"),
    }
}

/// Parses the base URL of Discord's API, of a proxy or of a mock server.
pub(super) fn api_url(text: &str) -> Result<Url, Hint> {
    // serenity appends the path, which begins with /api.
    let has_path = |url: &Url| {
        url.path_segments().is_some_and(|mut segments| segments.any(|segment| segment == "api"))
    };
    let url = base_url(text).filter(|url| !has_path(url)).ok_or(
        "write the URL of a proxy or mock server without /api and a version, such as \
         http://127.0.0.1:8400, or leave it unset to use Discord itself",
    )?;
    // Every request carries the token.
    is_confidential(&url).then_some(url).ok_or(
        "write an https URL, because each request carries the token (http is for loopback \
         addresses only)",
    )
}

/// Parses a Cognito user pool: region, underscore, id (Cognito API, `UserPoolId`).
pub(super) fn user_pool_id(text: &str) -> Result<String, Hint> {
    let fits = text.len() <= MAX_USER_POOL_ID
        && text.split_once('_').is_some_and(|(region, id)| {
            is_region(region) && !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric())
        });
    let hint = "write the pool's id with its region, such as eu-west-1_AbCdEfGhI";
    fits.then(|| text.to_owned()).ok_or(hint)
}

/// Parses the id of an app client (Cognito API, `ClientId`).
pub(super) fn client_id(text: &str) -> Result<String, Hint> {
    let fits = (1..=MAX_CLIENT_ID).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+".contains(c));
    fits.then(|| text.to_owned()).ok_or("write the id of the pool's app client")
}

/// Parses a region of AWS.
pub(super) fn region(text: &str) -> Result<String, Hint> {
    is_region(text).then(|| text.to_owned()).ok_or("write the region's code, such as eu-west-1")
}

fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Parses the name or ARN of a Lambda function, with or without an alias (Lambda API, `Invoke`).
pub(super) fn function_name(text: &str) -> Result<String, Hint> {
    let parts: Vec<&str> = text.split(':').collect();
    let name_and_alias = match parts.as_slice() {
        ["arn", partition, "lambda", region, account, "function", rest @ ..] => {
            (partition.starts_with("aws") && is_region(region) && is_account(account))
                .then_some(rest)
        }
        [account, "function", rest @ ..] => is_account(account).then_some(rest),
        rest => Some(rest),
    };
    let fits = match name_and_alias {
        Some([name]) => is_identifier(name),
        Some([name, alias]) => is_identifier(name) && (*alias == "$LATEST" || is_identifier(alias)),
        _ => false,
    };
    (fits && text.len() <= MAX_FUNCTION_NAME)
        .then(|| text.to_owned())
        .ok_or("write a function's name, name:alias or ARN")
}

fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.chars().all(|c| c.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// Returns the region in the ARN of a function.
pub(super) fn region_of_function(function: &str) -> Option<&str> {
    function.strip_prefix("arn:")?.split(':').nth(2)
}

/// Returns the region in the id of a user pool.
pub(super) fn region_of_pool(pool: &str) -> Option<&str> {
    pool.split_once('_').map(|(region, _)| region)
}

/// Hint for a key that no random generator has made.
const WEAK_KEY: &str = "this key is not random but zeros, a pattern or a passphrase; \
     `support-desk key` prints new ones";

/// Parses a key of the store.
pub(super) fn store_key(text: &str) -> Result<StoreKey, Hint> {
    let hint = "write 32 random bytes in base64; `support-desk key` prints new keys";
    let key = StoreKey::parse(text).map_err(|_| hint)?;
    let bytes = STANDARD.decode(text).map_err(|_| hint)?;
    if is_weak(text, &bytes) { Err(WEAK_KEY) } else { Ok(key) }
}

/// Parses a key of the trail.
pub(super) fn trail_key(text: &str) -> Result<TrailKey, Hint> {
    let hint = "write trail-secret: and 32 random bytes in base64; `support-desk key` prints new \
                keys";
    let key = TrailKey::parse(text).map_err(|_| hint)?;
    let seed = TrailKey::seed(text).map_err(|_| hint)?;
    if is_weak(&STANDARD.encode(seed), &seed) { Err(WEAK_KEY) } else { Ok(key) }
}

/// Parses keys that only open or verify, separated by commas.
pub(super) fn store_keys(text: &str) -> Result<Vec<StoreKey>, Hint> {
    text.split(',').map(|key| store_key(key.trim())).collect()
}

/// Parses keys that only verify, separated by commas: pairs or public halves.
pub(super) fn trail_keys(text: &str) -> Result<Vec<OtherKey>, Hint> {
    let parse = |key: &str| match key.parse() {
        Ok(public) => Ok(OtherKey::Public(public)),
        Err(_) => trail_key(key).map(OtherKey::Pair),
    };
    text.split(',').map(|key| parse(key.trim())).collect()
}

/// Parses an address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, Hint> {
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080")
}

/// Parses the URL of the public listener as browsers reach it.
pub(super) fn public_url(text: &str) -> Result<Url, Hint> {
    let fits = |url: &Url| is_confidential(url) && url.as_str().len() <= MAX_PUBLIC_URL;
    base_url(text).filter(fits).ok_or(
        "write the https URL of the recovery page, such as https://desk.example.com (http is for \
         loopback addresses only)",
    )
}

/// Parses a retention, in days.
pub(super) fn retention(text: &str) -> Result<Option<Duration>, String> {
    let parsed = text.parse().ok().filter(|parsed| *parsed <= MAX_DAYS);
    parsed
        .map(days)
        .ok_or_else(|| format!("write whole days up to {MAX_DAYS}; 0 keeps everything for ever"))
}

/// Parses the idle timeout, in seconds.
pub(super) fn idle_close(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| IDLE_CLOSE_RANGE.contains(seconds));
    let (least, most) = IDLE_CLOSE_RANGE.into_inner();
    seconds.map(Duration::from_secs).ok_or_else(|| {
        format!("write whole seconds from {least} to {most}, and leave it unset in production")
    })
}

/// Checks log directives in the syntax of `tracing`, without its filters by span and field.
///
/// `tracing` takes a misspelt level for a target, and then logs nothing else.
pub(super) fn log_directives(text: &str) -> Result<String, Hint> {
    let hint = "write a level (error, warn, info, debug, trace, off), or comma-separated \
                target=level, such as info,support_desk=debug";
    let is_level = |level: &str| !level.is_empty() && LevelFilter::from_str(level).is_ok();
    let is_target = |target: &str| {
        !target.is_empty()
            && target.chars().all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c))
            && !target.starts_with("support-desk")
    };
    let directives: Vec<&str> =
        text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
    let fits = directives.iter().all(|directive| match directive.split_once('=') {
        Some((target, level)) => is_target(target) && is_level(level),
        None => is_level(directive),
    });
    let directives = directives.join(",");
    let is_parsed = fits && !directives.is_empty() && EnvFilter::try_new(&directives).is_ok();
    is_parsed.then_some(directives).ok_or(hint)
}

/// Exact names of one or more Cognito groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNames(Vec<String>);

impl GroupNames {
    /// Parses comma-separated names. Cognito allows letters, marks, symbols, numbers and
    /// punctuation, but no space.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        // Quotes inside a list, around one name, match no group either.
        let fits = |name: &String| {
            (1..=MAX_GROUP_NAME).contains(&name.chars().count())
                && name.chars().all(is_visible)
                && !is_quoted(name)
        };
        names.iter().all(fits).then_some(Self(names)).ok_or(
            "write exact, comma-separated group names, such as CustomerService (a Cognito group \
             name cannot contain a space, and quotes would be a part of it)",
        )
    }

    pub fn contains(&self, group: &str) -> bool {
        self.0.iter().any(|name| name == group)
    }

    pub fn names(&self) -> &[String] {
        &self.0
    }
}
