//! Agents and customers of a run, as many as the product's limits require.
//!
//! The bot mails at most ten codes a day to an agent, and ten to a customer. So an agent walks a
//! few sessions, and then the next agent takes over. Each customer owns one ecosystem and is a
//! member of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use commands::model::account::AccountLink;
use commands::model::email::{mailbox, mask_email};
use commands::model::time::Timestamp;
use commands::ports::keys::Keys as _;
use commands::ports::sessions::{Commit, Sessions as _};
use sandbox::mail_outcome::MailOutcome;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, Customer, Ecosystem, Hint, Membership, Person, Plan, Seed,
    StaffAccount, UserStatus,
};
use support_desk::keyring::Keyring;
use support_desk::keys::DeskKeys;
use support_desk::store::Database;

/// Sessions of one agent, and of one customer: fewer than the ten codes a day that each may get.
pub const SESSIONS_EACH: usize = 8;
/// Smallest number of customers.
const MIN_CUSTOMERS: usize = 640;
/// Customers per concurrent agent, so that no agent gets a customer who is being attended.
const CUSTOMERS_PER_AGENT: usize = 2;
/// Discord id of the first agent.
const FIRST_ID: u64 = 1_300_000_000_000_000_000;
/// Renewal of all plans: 2027-03-01 00:00 UTC.
const RENEWS: i64 = 1_803_859_200_000;
/// Registration of all customers: 2024-01-15 09:00 UTC.
const JOINED: i64 = 1_705_309_200_000;

/// Agents and customers, handed out one by one.
#[derive(Debug)]
pub struct Crowd {
    agents: usize,
    customers: usize,
    next_agent: AtomicUsize,
    next_customer: AtomicUsize,
}

impl Crowd {
    /// Plans a crowd for `sessions` whole sessions by `concurrent` agents, the agents of all loads
    /// together.
    pub fn new(sessions: usize, concurrent: usize) -> Self {
        let each = sessions.div_ceil(SESSIONS_EACH);
        Self {
            agents: each + concurrent,
            customers: each.max(MIN_CUSTOMERS).max(concurrent * CUSTOMERS_PER_AGENT),
            next_agent: AtomicUsize::new(0),
            next_customer: AtomicUsize::new(0),
        }
    }

    /// Returns the user name of an agent who has no session yet.
    pub fn next_agent(&self) -> anyhow::Result<String> {
        let n = self.next_agent.fetch_add(1, Ordering::Relaxed);
        anyhow::ensure!(n < self.agents, "all {} agents are used up", self.agents);
        Ok(agent_name(n))
    }

    /// Returns a customer's address and the name of the ecosystem that the customer owns.
    pub fn next_customer(&self) -> (String, String) {
        let n = self.next_customer.fetch_add(1, Ordering::Relaxed) % self.customers;
        (customer_email(n), ecosystem_name(n))
    }

    /// Returns the initial data of the sandbox.
    pub fn seed(&self) -> Seed {
        let names = (0..self.agents).map(agent_name);
        Seed {
            people: names.zip(FIRST_ID..).map(|(name, id)| person(name, id)).collect(),
            staff: (0..self.agents).map(account).collect(),
            customers: (0..self.customers).map(customer).collect(),
            ecosystems: (0..self.customers).map(ecosystem).collect(),
            memberships: (0..self.customers).flat_map(|n| memberships(n, self.customers)).collect(),
            successions: Vec::new(),
        }
    }

    /// Links the Discord account of each agent to the BackOffice account, as `/account link` does.
    pub async fn link(
        &self,
        store: &Database,
        keys: Arc<Keyring>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let keys = DeskKeys::new(keys);
        for (account, discord_id) in (0..self.agents).map(account).zip(FIRST_ID..) {
            let link = AccountLink {
                discord_id,
                agent_id: account.sub,
                name: account.name,
                email: mask_email(&account.email),
                email_mac: keys.mac(&mailbox(&account.email)),
                linked_at: now,
            };
            store
                .commit(Commit { now, account_link: Some(Box::new(link)), ..Commit::default() })
                .await?;
        }
        Ok(())
    }
}

/// Returns the address of a staff member's BackOffice account.
pub fn staff_email(name: &str) -> String {
    format!("{name}@waizant.example")
}

fn agent_name(n: usize) -> String {
    format!("agent{n:04}")
}

fn customer_email(n: usize) -> String {
    format!("customer{n:04}@example.com")
}

fn ecosystem_name(n: usize) -> String {
    format!("Casa {n:04}")
}

fn person(name: String, id: u64) -> Person {
    // English, because the drivers find buttons by their English labels.
    let locale = "en-US".to_owned();
    Person { id, display: name.clone(), name, roles: vec![AGENT_ROLE_ID], locale }
}

fn account(n: usize) -> StaffAccount {
    let name = agent_name(n);
    StaffAccount {
        sub: format!("0a1c7a52-5d0e-4c1b-9a61-{n:012}"),
        username: format!("backoffice-{name}"),
        email: staff_email(&name),
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
        email: customer_email(n),
        name: format!("Customer Number {n:04}"),
        status: "active".to_owned(),
        locale: if n.is_multiple_of(2) { "es" } else { "en" }.to_owned(),
        created_at: JOINED,
        mail_outcome: MailOutcome::Delivered,
        hint: Hint { en: String::new(), es: String::new() },
    }
}

fn ecosystem(n: usize) -> Ecosystem {
    let plan = Plan {
        name: "Family".to_owned(),
        status: "active".to_owned(),
        price_cents: 1990,
        currency: "EUR".to_owned(),
        period: "month".to_owned(),
        renews_at: RENEWS,
        features: vec!["Up to 6 people".to_owned(), "Waizant Store".to_owned()],
    };
    Ecosystem { id: format!("eco-{n:04}"), name: ecosystem_name(n), plan }
}

fn memberships(n: usize, customers: usize) -> [Membership; 2] {
    [(n, "owner"), ((n + 1) % customers, "member")].map(|(ecosystem, role)| Membership {
        ecosystem_id: format!("eco-{ecosystem:04}"),
        user_id: format!("usr-{n:04}"),
        role: role.to_owned(),
    })
}
