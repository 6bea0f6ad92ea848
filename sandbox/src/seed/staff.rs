//! The staff: members of the guild, and their BackOffice accounts.
//!
//! Ana, Ben and Eva are the ordinary cases. Vera is a verify-only agent. Olga's account is not
//! linked yet. Fred, Dora and Otto have the agent role in Discord, but each has an account that
//! must not be linked, for a different reason.

use super::ids::{AGENT_GROUP, AGENT_ROLE_ID, LEAD_ROLE_ID, VERIFIER_GROUP};
use super::records::{Person, StaffAccount, UserStatus};

/// The first Discord id. The others follow it.
const FIRST_PERSON_ID: u64 = 1_200_000_000_000_000_100;

pub(super) fn people() -> Vec<Person> {
    let rows: [(&str, &str, &[u64], &str); 9] = [
        ("ana", "Ana Ruiz", &[AGENT_ROLE_ID], "es-ES"),
        ("ben", "Ben Carter", &[AGENT_ROLE_ID], "en-US"),
        ("eva", "Eva Lindqvist", &[AGENT_ROLE_ID, LEAD_ROLE_ID], "en-US"),
        ("olga", "Olga Novak", &[AGENT_ROLE_ID], "en-US"),
        ("sam", "Sam Visitor", &[], "en-US"),
        ("fred", "Fred Newman", &[AGENT_ROLE_ID], "en-US"),
        ("dora", "Dora Past", &[AGENT_ROLE_ID], "en-US"),
        ("otto", "Otto Sales", &[AGENT_ROLE_ID], "en-US"),
        ("vera", "Vera Costa", &[AGENT_ROLE_ID], "en-US"),
    ];
    rows.into_iter()
        .zip(FIRST_PERSON_ID..)
        .map(|((name, display, roles, locale), id)| Person {
            id,
            name: name.to_owned(),
            display: display.to_owned(),
            roles: roles.to_vec(),
            locale: locale.to_owned(),
        })
        .collect()
}

pub(super) fn accounts() -> Vec<StaffAccount> {
    use UserStatus::{Confirmed, ForceChangePassword};
    let rows: [(&str, &str, &str, bool, UserStatus, &str); 8] = [
        ("ana", "Ana Ruiz", "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001", true, Confirmed, AGENT_GROUP),
        ("ben", "Ben Carter", "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002", true, Confirmed, AGENT_GROUP),
        (
            "eva",
            "Eva Lindqvist",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0003",
            true,
            Confirmed,
            AGENT_GROUP,
        ),
        (
            "olga",
            "Olga Novak",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0004",
            true,
            Confirmed,
            AGENT_GROUP,
        ),
        (
            "fred",
            "Fred Newman",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0005",
            true,
            ForceChangePassword,
            AGENT_GROUP,
        ),
        (
            "dora",
            "Dora Past",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0006",
            false,
            Confirmed,
            AGENT_GROUP,
        ),
        // The group resembles the agents' group, because only an exact match counts.
        (
            "otto",
            "Otto Sales",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0007",
            true,
            Confirmed,
            "CustomerServiceSales",
        ),
        (
            "vera",
            "Vera Costa",
            "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0008",
            true,
            Confirmed,
            VERIFIER_GROUP,
        ),
    ];
    rows.into_iter()
        .map(|(name, full_name, sub, enabled, status, group)| StaffAccount {
            sub: sub.to_owned(),
            username: format!("backoffice-{name}"),
            email: format!("{name}@waizant.example"),
            name: full_name.to_owned(),
            enabled,
            status,
            email_verified: true,
            groups: vec![group.to_owned()],
        })
        .collect()
}
