//! Settings that work and that an operator should change.

use std::net::SocketAddr;

use secrecy::SecretString;

use super::reader::Reader;
use super::transport;

/// Variables with which other programs find a proxy.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Warns about connections to databases that are not fully protected.
pub(super) fn warn_about_databases(
    read: &mut Reader<'_>,
    store: Option<&SecretString>,
    core: Option<&SecretString>,
) {
    for (variable, url) in [("DATABASE_URL", store), ("CORE_DATABASE_URL", core)] {
        if let Some(weakness) = url.and_then(transport::weakness) {
            read.warn(variable, weakness);
        }
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

/// Warns if other machines can reach the admin listener, which has no password.
pub(super) fn warn_about_admin(read: &mut Reader<'_>, admin: Option<SocketAddr>) {
    if admin.is_some_and(|admin| !admin.ip().to_canonical().is_loopback()) {
        read.warn(
            "ADMIN_ADDR",
            "other machines can reach health and metrics; write a loopback address, or restrict \
             the access",
        );
    }
}
