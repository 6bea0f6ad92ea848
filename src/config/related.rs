//! Settings that are valid alone and cannot work together.

use std::net::{IpAddr, SocketAddr};

use super::reader::Reader;
use super::values::{GroupNames, region_of_function, region_of_pool};

/// Variables that name the functions.
const FUNCTIONS: [&str; 4] =
    ["LAMBDA_OTP_SEND", "LAMBDA_OTP_VERIFY", "LAMBDA_ACCESS", "LAMBDA_MESSAGE"];

/// Checks that the listeners can have their addresses at the same time.
pub(super) fn check_listeners(
    read: &mut Reader<'_>,
    http: Option<SocketAddr>,
    admin: Option<SocketAddr>,
) {
    let (Some(http), Some(admin)) = (http, admin) else { return };
    if http.port() == admin.port() && http.port() != 0 && overlap(http.ip(), admin.ip()) {
        read.fault(
            "ADMIN_ADDR",
            "write an address other than HTTP_ADDR; the admin listener must not be public",
        );
    }
}

/// Returns true if two listeners cannot share a port. `[::]` includes IPv4.
fn overlap(one: IpAddr, other: IpAddr) -> bool {
    let includes =
        |all: IpAddr, address: IpAddr| all.is_unspecified() && (all.is_ipv6() || address.is_ipv4());
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

/// Checks that each function is another one. `functions` are in the order of [`FUNCTIONS`].
pub(super) fn check_functions(read: &mut Reader<'_>, functions: [&Option<String>; 4]) {
    for (at, function) in functions.into_iter().enumerate().filter(|(_, name)| name.is_some()) {
        if let Some(first) = functions[..at].iter().position(|other| *other == function) {
            let hint = format!("names the same function as {}", FUNCTIONS[first]);
            read.fault(FUNCTIONS[at], hint);
        }
    }
}

/// Checks that no group is in both lists, because its members would be agents.
pub(super) fn check_groups(
    read: &mut Reader<'_>,
    agents: Option<&GroupNames>,
    verifiers: Option<&GroupNames>,
) {
    let (Some(agents), Some(verifiers)) = (agents, verifiers) else { return };
    if let Some(both) = verifiers.names().iter().find(|group| agents.contains(group)) {
        let hint = format!(
            "{both} is in COGNITO_AGENT_GROUPS too, so its members open access links; write it \
             in one of the two"
        );
        read.fault("COGNITO_VERIFIER_GROUPS", hint);
    }
}

/// Checks that pool and functions are in the region of `AWS_REGION`, because the SDK calls only
/// that region. `functions` are in the order of [`FUNCTIONS`].
pub(super) fn check_regions(
    read: &mut Reader<'_>,
    region: Option<&str>,
    pool: Option<&str>,
    functions: [&Option<String>; 4],
) {
    let Some(region) = region else { return };
    let hint = "is in another region than AWS_REGION; the bot calls one region only";
    if pool.and_then(region_of_pool).is_some_and(|other| other != region) {
        read.fault("COGNITO_USER_POOL_ID", hint);
    }
    for (variable, function) in FUNCTIONS.into_iter().zip(functions) {
        if function.as_deref().and_then(region_of_function).is_some_and(|other| other != region) {
            read.fault(variable, hint);
        }
    }
}
