//! Who walks: as many agents and customers as the product's own limits ask for.
//!
//! An agent is mailed ten codes a day at the most, and so is a customer, so an agent walks a few
//! sessions and then the next one takes the place. Each customer owns one ecosystem and is a member
//! of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use commands::email::mask_email;
use commands::ports::{AccountLink, Commit, Keys as _, Store as _};
use commands::time::Timestamp;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, Customer, Ecosystem, Hint, Membership, Person, Plan as Paid, Seed,
    StaffAccount, UserStatus,
};
use support_desk::keys::DeskKeys;
use support_desk::store::{Database, StoreKey};

use crate::neutral::has_account;

/// Sessions of one agent, and of one customer: below the ten codes a day that either is sent.
pub const SESSIONS_EACH: usize = 8;
/// Customers, at least, and for each place of an agent: nobody waits for one who is attended.
const CUSTOMERS: (usize, usize) = (640, 2);
/// The first agent's Discord id.
const FIRST_ID: u64 = 1_300_000_000_000_000_000;
/// 2027-03-01 00:00 UTC, when all plans renew.
const RENEWS: i64 = 1_803_859_200_000;
/// 2024-01-15 09:00 UTC, when everybody joined.
const JOINED: i64 = 1_705_309_200_000;

/// Hands out agents and customers, each for no more sessions than the product allows.
#[derive(Debug)]
pub struct Crowd {
    agents: usize,
    newcomers: usize,
    customers: usize,
    next_agent: AtomicUsize,
    next_customer: AtomicUsize,
}

impl Crowd {
    /// Enough for `sessions` in all, walked in `places` at once (the places of all loads together),
    /// and so many who are not linked.
    pub fn new(sessions: usize, places: usize, newcomers: usize) -> Self {
        Self {
            agents: sessions.div_ceil(SESSIONS_EACH) + places,
            newcomers,
            customers: sessions.div_ceil(SESSIONS_EACH).max(CUSTOMERS.0).max(places * CUSTOMERS.1),
            next_agent: AtomicUsize::new(0),
            next_customer: AtomicUsize::new(0),
        }
    }

    /// The user name of an agent who has walked no session yet.
    pub fn next_agent(&self) -> anyhow::Result<String> {
        let n = self.next_agent.fetch_add(1, Ordering::Relaxed);
        anyhow::ensure!(n < self.agents, "there are only {} agents", self.agents);
        Ok(agent(n))
    }

    /// The address of a customer, and the ecosystem that is theirs.
    pub fn next_customer(&self) -> (String, String) {
        let n = self.next_customer.fetch_add(1, Ordering::Relaxed) % self.customers;
        (format!("customer{n:04}@example.com"), house(n))
    }

    /// All of them.
    pub fn cast(&self) -> Seed {
        Seed {
            people: self.names().zip(FIRST_ID..).map(|(name, id)| person(name, id)).collect(),
            staff: (0..self.agents)
                .map(|n| account(n, &agent(n)))
                .chain(
                    (0..self.newcomers)
                        .filter(|n| has_account(*n))
                        .map(|n| account(self.agents + n, &newcomer(n))),
                )
                .collect(),
            customers: (0..self.customers).map(customer).collect(),
            ecosystems: (0..self.customers).map(ecosystem).collect(),
            memberships: (0..self.customers).flat_map(|n| memberships(n, self.customers)).collect(),
            successions: Vec::new(),
        }
    }

    fn names(&self) -> impl Iterator<Item = String> {
        (0..self.agents).map(agent).chain((0..self.newcomers).map(newcomer))
    }

    /// Links every agent's Discord account to the BackOffice account, as `/account link` would
    /// have.
    pub async fn link(
        &self,
        store: &Database,
        key: Arc<StoreKey>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let keys = DeskKeys::new(key);
        for (n, id) in (0..self.agents).zip(FIRST_ID..) {
            let StaffAccount { sub, name, email, .. } = account(n, &agent(n));
            let (masked, email_mac) = (mask_email(&email), keys.mac(&email));
            let link = AccountLink {
                discord_id: id,
                agent_id: sub,
                name,
                email: masked,
                email_mac,
                linked_at: now,
            };
            store.commit(Commit { now, link: Some(link), ..Commit::default() }).await?;
        }
        Ok(())
    }
}

/// The address of an agent's account.
pub fn mailbox(agent: &str) -> String {
    format!("{agent}@waizant.example")
}

fn agent(n: usize) -> String {
    format!("agent{n:04}")
}

/// The user name of somebody with the agent role who is not linked yet.
pub fn newcomer(n: usize) -> String {
    format!("newcomer{n:04}")
}

fn house(n: usize) -> String {
    format!("Casa {n:04}")
}

fn person(name: String, id: u64) -> Person {
    // English, so that whoever walks need not know two names for each button.
    Person {
        id,
        display: name.clone(),
        name,
        roles: vec![AGENT_ROLE_ID],
        locale: "en-US".to_owned(),
    }
}

fn account(n: usize, name: &str) -> StaffAccount {
    StaffAccount {
        sub: format!("0a1c7a52-5d0e-4c1b-9a61-{n:012}"),
        username: format!("backoffice-{name}"),
        email: mailbox(name),
        name: format!("Agent {name}"),
        enabled: true,
        status: UserStatus::Confirmed,
        email_verified: true,
        groups: vec![AGENT_GROUP.to_owned()],
    }
}

fn customer(n: usize) -> Customer {
    Customer {
        id: format!("usr-{n:04}"),
        email: format!("customer{n:04}@example.com"),
        name: format!("Customer Number {n:04}"),
        status: "active".to_owned(),
        locale: if n.is_multiple_of(2) { "es" } else { "en" }.to_owned(),
        created_at: JOINED,
        hint: Hint { en: String::new(), es: String::new() },
    }
}

fn ecosystem(n: usize) -> Ecosystem {
    let plan = Paid {
        name: "Family".to_owned(),
        status: "active".to_owned(),
        price_cents: 1990,
        currency: "EUR".to_owned(),
        period: "month".to_owned(),
        renews_at: RENEWS,
        features: vec!["Up to 6 people".to_owned(), "Waizant Store".to_owned()],
    };
    Ecosystem { id: format!("eco-{n:04}"), name: house(n), plan }
}

fn memberships(n: usize, all: usize) -> [Membership; 2] {
    let membership = |house: usize, role: &str| Membership {
        ecosystem_id: format!("eco-{house:04}"),
        user_id: format!("usr-{n:04}"),
        role: role.to_owned(),
    };
    [membership(n, "owner"), membership((n + 1) % all, "member")]
}
