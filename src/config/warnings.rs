//! Settings that work and that an operator should change, and variables that decide for a library.

use std::net::SocketAddr;

use secrecy::{ExposeSecret as _, SecretString};

use super::reader::Reader;
use super::transport;

/// Variables with which other programs find a proxy.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Variables with which sqlx fills in what the URL of a PostgreSQL database leaves out, in both
/// URLs alike.
const POSTGRES_VARIABLES: [&str; 12] = [
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGDATABASE",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGOPTIONS",
];

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
    let is_server = |url: &SecretString| url.expose_secret().starts_with("postgres");
    if [store, core].into_iter().flatten().any(is_server) {
        read.refuse_if_set(
            &POSTGRES_VARIABLES,
            "would change the connections to both databases; write it into the URL that needs it, \
             and unset the variable",
        );
    }
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
