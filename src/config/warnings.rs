//! Settings that work and that an operator should change, and variables that decide for a library.

use std::net::SocketAddr;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::reader::Reader;
use super::transport;

/// Variables with which other programs find a proxy.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Returns true if a URL has a part.
type HasPart = fn(&Url) -> bool;

/// Variables with which sqlx fills in a part that the URL of a PostgreSQL database leaves out, in
/// both URLs alike.
const URL_PARTS: [(&str, HasPart); 5] = [
    ("PGHOST", Url::has_host),
    ("PGPORT", |url| url.port().is_some()),
    ("PGUSER", |url| !url.username().is_empty()),
    ("PGPASSWORD", |url| url.password().is_some()),
    ("PGDATABASE", |url| url.path().len() > 1),
];

/// Variables with which sqlx changes each connection to PostgreSQL.
const CONNECTION_VARIABLES: [&str; 6] =
    ["PGHOSTADDR", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGOPTIONS"];

/// Warns about connections to databases that are not fully protected. Refuses variables that would
/// change a connection to PostgreSQL.
pub(super) fn check_databases(
    read: &mut Reader<'_>,
    store: Option<&SecretString>,
    core: Option<&SecretString>,
) {
    for (variable, url) in [("DATABASE_URL", store), ("CORE_DATABASE_URL", core)] {
        if let Some(weakness) = url.and_then(transport::weakness) {
            read.warn(variable, weakness);
        }
    }
    let parsed = [store, core].into_iter().flatten();
    let servers: Vec<Url> = parsed
        .filter_map(|url| Url::parse(url.expose_secret()).ok())
        .filter(|url| url.scheme().starts_with("postgres"))
        .collect();
    let missing = URL_PARTS.iter().filter(|(_, has)| servers.iter().any(|url| !has(url)));
    let mut deciding: Vec<&str> = missing.map(|(variable, _)| *variable).collect();
    if !servers.is_empty() {
        deciding.extend(CONNECTION_VARIABLES);
    }
    read.refuse_if_set(
        &deciding,
        "would change the connections to both databases; write it into the URL that needs it, and \
         unset the variable",
    );
}

/// Warns about proxies, which no client of the bot uses.
pub(super) fn warn_about_proxies(read: &mut Reader<'_>) {
    read.warn_if_set(
        &PROXIES,
        "is not used: the bot connects to Discord, AWS and the databases directly; allow that, or \
         remove the variable",
    );
}

/// Warns if other machines can reach the admin listener, which has no password, or the recovery
/// page without the proxy that adds TLS.
pub(super) fn warn_about_listeners(
    read: &mut Reader<'_>,
    admin: Option<SocketAddr>,
    page: Option<SocketAddr>,
) {
    let is_open = |address: SocketAddr| !address.ip().to_canonical().is_loopback();
    if page.is_some_and(is_open) {
        read.warn(
            "HTTP_ADDR",
            "other machines can reach the recovery page without TLS; write a loopback address, or \
             let only the proxy reach it",
        );
    }
    if admin.is_some_and(is_open) {
        read.warn(
            "ADMIN_ADDR",
            "other machines can reach health and metrics; write a loopback address, or restrict \
             the access",
        );
    }
}
