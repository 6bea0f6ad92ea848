//! Seed data: members of the local Discord, accounts in the local Cognito, customers in Core.
//!
//! The demo, the tests and the page share one seed. Each name stands for one case, such as a
//! suspended customer or a customer in thirty ecosystems. A test states its case by that name.

mod customers;
mod ecosystems;
mod ids;
mod records;
mod staff;
mod successions;

pub use self::ids::{
    AGENT_GROUP, AGENT_ROLE_ID, APPLICATION_ID, BOT_TOKEN, CATEGORY_ID, CLIENT_ID,
    DIRECT_MESSAGE_ID, FIRST_PASSWORD, FOREIGN_CHANNEL_ID, FORUM_ID, GUILD_ID, LEAD_GROUP,
    LEAD_ROLE_ID, LEADS_CHANNEL_ID, OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID, THREAD_ID, USER_POOL_ID,
    VERIFIER_GROUP, VOICE_ID,
};
pub use self::records::{
    Customer, Ecosystem, Hint, Membership, Person, Plan, StaffAccount, Succession, SuccessionStep,
    UserStatus,
};

/// The initial data of all services.
#[derive(Clone, Debug)]
pub struct Seed {
    pub people: Vec<Person>,
    /// Accounts in the BackOffice's user pool.
    pub staff: Vec<StaffAccount>,
    /// Users in the company's Core.
    pub customers: Vec<Customer>,
    /// Ecosystems with their plans.
    pub ecosystems: Vec<Ecosystem>,
    /// Memberships of customers in ecosystems.
    pub memberships: Vec<Membership>,
    /// Successions of ecosystems.
    pub successions: Vec<Succession>,
}

impl Seed {
    /// Returns the seed of the demo and the tests.
    pub fn demo() -> Self {
        Self {
            people: staff::people(),
            staff: staff::accounts(),
            customers: customers::customers(),
            ecosystems: ecosystems::ecosystems(),
            memberships: ecosystems::memberships(),
            successions: successions::successions(),
        }
    }

    /// Finds the guild member with this user name.
    pub fn find_person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    pub fn find_customer(&self, email: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.email == email)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_and_addresses_are_unique() {
        let seed = Seed::demo();
        let people: HashSet<_> = seed.people.iter().map(|p| p.id).collect();
        let staff: HashSet<_> = seed.staff.iter().map(|s| &s.email).collect();
        let subs: HashSet<_> = seed.staff.iter().map(|s| &s.sub).collect();
        let customers: HashSet<_> = seed.customers.iter().map(|c| &c.email).collect();
        let ecosystems: HashSet<_> = seed.ecosystems.iter().map(|e| &e.id).collect();
        assert_eq!(people.len(), seed.people.len());
        assert_eq!(staff.len(), seed.staff.len());
        assert_eq!(subs.len(), seed.staff.len());
        assert_eq!(customers.len(), seed.customers.len());
        assert_eq!(ecosystems.len(), seed.ecosystems.len());
    }

    #[test]
    fn every_ecosystem_has_one_owner() {
        let seed = Seed::demo();
        for ecosystem in &seed.ecosystems {
            let owners = seed
                .memberships
                .iter()
                .filter(|m| m.ecosystem_id == ecosystem.id && m.role == "owner");
            assert_eq!(owners.count(), 1, "{}", ecosystem.id);
        }
        for membership in &seed.memberships {
            assert!(
                seed.customers.iter().any(|c| c.id == membership.user_id),
                "{}",
                membership.user_id
            );
            assert!(
                seed.ecosystems.iter().any(|e| e.id == membership.ecosystem_id),
                "{}",
                membership.ecosystem_id
            );
        }
        for succession in &seed.successions {
            assert!(seed.customers.iter().any(|c| c.id == succession.successor_id));
            assert!(seed.ecosystems.iter().any(|e| e.id == succession.ecosystem_id));
        }
    }

    #[test]
    fn sentences_of_steps_end_with_a_full_stop() {
        for step in Seed::demo().successions.iter().flat_map(|s| &s.steps) {
            assert!(step.summary.ends_with('.'), "{}", step.summary);
            assert!(step.detail.ends_with('.'), "{}", step.detail);
        }
    }

    #[test]
    fn named_cases_exist() {
        let seed = Seed::demo();
        let of = |email: &str| {
            let id = &seed.find_customer(email).unwrap().id;
            let mine: Vec<_> = seed.memberships.iter().filter(|m| &m.user_id == id).collect();
            (mine.iter().filter(|m| m.role == "owner").count(), mine.len())
        };
        assert_eq!(of("julia@example.com"), (2, 3));
        assert_eq!(of("tom@example.com").0, 0);
        assert_eq!(of("many@example.com").1, 30);
        assert_eq!(of("nora@example.com").1, 0);
        assert!(seed.ecosystems.iter().any(|e| e.plan.status == "frozen"));
        assert!(
            seed.successions
                .iter()
                .flat_map(|s| &s.steps)
                .any(|s| s.status == "rejected" && !s.reasons.is_empty())
        );
    }
}
