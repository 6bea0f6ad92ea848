//! Settings that are valid alone and cannot work together.

use std::net::{IpAddr, SocketAddr};

use super::reader::Reader;
use super::values::{region_of_function, region_of_pool};

/// Checks that the listeners can have their addresses at the same time.
pub(super) fn check_listeners(read: &mut Reader<'_>, http: SocketAddr, admin: SocketAddr) {
    if http.port() == admin.port() && http.port() != 0 && overlap(http.ip(), admin.ip()) {
        read.fault(
            "ADMIN_ADDR",
            "write an address other than HTTP_ADDR; the admin listener must not be public",
        );
    }
}

/// Warns if other machines can reach the admin listener, which has no password.
pub(super) fn check_admin_is_private(read: &mut Reader<'_>, admin: SocketAddr) {
    if !admin.ip().to_canonical().is_loopback() {
        read.warn(
            "ADMIN_ADDR",
            "other machines can reach health and metrics; write a loopback address, or restrict \
             the access",
        );
    }
}

/// Returns true if two listeners cannot share a port. `[::]` includes IPv4.
fn overlap(one: IpAddr, other: IpAddr) -> bool {
    let includes = |all: IpAddr, address: IpAddr| {
        all.is_unspecified() && (all.is_ipv6() || address.is_ipv4())
    };
    one == other || includes(one, other) || includes(other, one)
}

/// Checks that a role is not `@everyone`, which has the guild's id. No interaction lists it among
/// the member's roles.
pub(super) fn check_role(
    read: &mut Reader<'_>,
    variable: &'static str,
    role: Option<u64>,
    guild: Option<u64>,
) {
    if role.is_some() && role == guild {
        read.fault(variable, "this is the guild's id; write the id of a role");
    }
}

/// Checks that pool and functions are in the region of `AWS_REGION`, because the SDK calls only
/// that region. A mock server has no regions.
pub(super) fn check_regions(
    read: &mut Reader<'_>,
    region: Option<&str>,
    pool: Option<&str>,
    functions: &[(&'static str, Option<&str>)],
) {
    let Some(region) = region else { return };
    let hint = "is in another region than AWS_REGION; the bot calls one region only";
    if pool.and_then(region_of_pool).is_some_and(|other| other != region) {
        read.fault("COGNITO_USER_POOL_ID", hint);
    }
    for (variable, function) in functions {
        if function.and_then(region_of_function).is_some_and(|other| other != region) {
            read.fault(variable, hint);
        }
    }
}
