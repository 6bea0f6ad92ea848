//! The staff: members of the guild, and their BackOffice accounts.
//!
//! Ana, Ben and Eva are the ordinary cases. Eva and Leo are leads too. Lara is a lead who is no
//! agent. Vera is a verify-only agent. Olga's account is not linked yet. Fred, Dora and Otto have
//! the agent role in Discord, but each has an account that must not be linked, for a different
//! reason.

use super::ids::{AGENT_GROUP, AGENT_ROLE_ID, LEAD_GROUP, LEAD_ROLE_ID, VERIFIER_GROUP};
use super::records::{Person, StaffAccount, UserStatus};

/// The first Discord id. The others follow it.
const FIRST_PERSON_ID: u64 = 1_200_000_000_000_000_100;

pub(super) fn people() -> Vec<Person> {
    let rows: [(&str, &str, &[u64], &str); 11] = [
        ("ana", "Ana Ruiz", &[AGENT_ROLE_ID], "es-ES"),
        ("ben", "Ben Carter", &[AGENT_ROLE_ID], "en-US"),
        ("eva", "Eva Lindqvist", &[AGENT_ROLE_ID, LEAD_ROLE_ID], "en-US"),
        ("olga", "Olga Novak", &[AGENT_ROLE_ID], "en-US"),
        ("sam", "Sam Visitor", &[], "en-US"),
        ("fred", "Fred Newman", &[AGENT_ROLE_ID], "en-US"),
        ("dora", "Dora Past", &[AGENT_ROLE_ID], "en-US"),
        ("otto", "Otto Sales", &[AGENT_ROLE_ID], "en-US"),
        ("vera", "Vera Costa", &[AGENT_ROLE_ID], "en-US"),
        ("leo", "Leo Fischer", &[AGENT_ROLE_ID, LEAD_ROLE_ID], "en-US"),
        ("lara", "Lara Moreau", &[LEAD_ROLE_ID], "en-US"),
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
    let agent = &[AGENT_GROUP][..];
    let rows: [(&str, &str, bool, UserStatus, &[&str]); 10] = [
        ("ana", "Ana Ruiz", true, Confirmed, agent),
        ("ben", "Ben Carter", true, Confirmed, agent),
        ("eva", "Eva Lindqvist", true, Confirmed, &[AGENT_GROUP, LEAD_GROUP]),
        ("olga", "Olga Novak", true, Confirmed, agent),
        ("fred", "Fred Newman", true, ForceChangePassword, agent),
        ("dora", "Dora Past", false, Confirmed, agent),
        // The group resembles the agents' group, because only an exact match counts.
        ("otto", "Otto Sales", true, Confirmed, &["CustomerServiceSales"]),
        ("vera", "Vera Costa", true, Confirmed, &[VERIFIER_GROUP]),
        ("leo", "Leo Fischer", true, Confirmed, &[AGENT_GROUP, LEAD_GROUP]),
        ("lara", "Lara Moreau", true, Confirmed, &[LEAD_GROUP]),
    ];
    rows.into_iter()
        .zip(1..)
        .map(|((name, full_name, enabled, status, groups), nth)| StaffAccount {
            sub: format!("0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f{nth:04}"),
            username: format!("backoffice-{name}"),
            email: format!("{name}@waizant.example"),
            name: full_name.to_owned(),
            enabled,
            status,
            email_verified: true,
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
        })
        .collect()
}
