//! The people of the sandbox: who talks in the local Discord, who has an account in the local
//! Cognito, and whom the company's Core knows.
//!
//! One fixed seed for the demo, the tests and the page. Each name stands for one case (somebody
//! suspended, somebody in thirty ecosystems…), so a test says which case it is about by naming the
//! person.

mod customers;
mod ecosystems;
mod staff;
mod successions;

use serde::Serialize;

/// The guild that everybody is in.
pub const GUILD_ID: u64 = 1_200_000_000_000_000_001;
/// The channel where support commands work.
pub const SUPPORT_CHANNEL_ID: u64 = 1_200_000_000_000_000_011;
/// The channel of the leads, where alerts arrive.
pub const LEADS_CHANNEL_ID: u64 = 1_200_000_000_000_000_012;
/// A channel where the bot must refuse to work.
pub const OTHER_CHANNEL_ID: u64 = 1_200_000_000_000_000_013;
/// The role that makes a member a support agent.
pub const AGENT_ROLE_ID: u64 = 1_200_000_000_000_000_021;
/// The role that makes a member a lead.
pub const LEAD_ROLE_ID: u64 = 1_200_000_000_000_000_022;
/// The bot's application, and its user id.
pub const APPLICATION_ID: u64 = 1_200_000_000_000_000_031;
/// The token that the local Discord accepts. It is public, so a bot must refuse to run with it
/// outside the demo.
pub const BOT_TOKEN: &str =
    "MTIwMDAwMDAwMDAwMDAwMDAzMQ.DemoOk.this-is-the-public-token-of-the-sandbox";
/// The one user pool of the local Cognito.
pub const USER_POOL_ID: &str = "eu-west-1_SandboxDesk";
/// The one app client of that pool.
pub const CLIENT_ID: &str = "5a4b3c2d1e0f9a8b7c6d5e4f3a";
/// The group whose members are support agents.
pub const AGENT_GROUP: &str = "CustomerService";
/// The password that every staff account begins with.
pub const FIRST_PASSWORD: &str = "Waizant-demo-1";

/// Everybody, and what they have.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Members of the Discord guild.
    pub people: Vec<Person>,
    /// Accounts in the BackOffice's user pool.
    pub staff: Vec<StaffAccount>,
    /// Users in the company's Core.
    pub customers: Vec<Customer>,
    /// The customers' tenants, each with its plan.
    pub ecosystems: Vec<Ecosystem>,
    /// Who belongs to which ecosystem, and as what.
    pub memberships: Vec<Membership>,
    /// Who is taking which ecosystem over.
    pub successions: Vec<Succession>,
}

/// A member of the Discord guild.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Discord user id.
    pub id: u64,
    /// User name, by which tests call the person.
    pub name: String,
    /// Name shown in the guild.
    pub display: String,
    /// Ids of the roles held.
    pub roles: Vec<u64>,
    /// Discord's client language, `en-US` or `es-ES`.
    pub locale: String,
}

impl Person {
    /// Whether the person holds the agent role.
    #[must_use]
    pub fn is_agent(&self) -> bool {
        self.roles.contains(&AGENT_ROLE_ID)
    }

    /// Whether the person holds the lead role.
    #[must_use]
    pub fn is_lead(&self) -> bool {
        self.roles.contains(&LEAD_ROLE_ID)
    }
}

/// The state of a staff account, as Cognito's `UserStatus` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// The account is ready.
    Confirmed,
    /// An administrator asked for a new password; recovery is the way.
    ResetRequired,
    /// The first password was never set; recovery is refused.
    ForceChangePassword,
    /// The person never confirmed the sign-up.
    Unconfirmed,
}

impl UserStatus {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::Unconfirmed => "UNCONFIRMED",
        }
    }
}

/// An account in the BackOffice's user pool.
#[derive(Clone, Debug)]
pub struct StaffAccount {
    /// The immutable subject, a UUID.
    pub sub: String,
    /// The user name; it differs from the address, as in a pool where e-mail is an alias.
    pub username: String,
    /// The address, in lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// False when an administrator disabled the account.
    pub enabled: bool,
    /// The account's state.
    pub status: UserStatus,
    /// Whether the address was confirmed; only then does it work as an alias and for recovery.
    pub email_verified: bool,
    /// Exact names of the groups the account is in.
    pub groups: Vec<String>,
}

/// A user in the company's Core.
#[derive(Clone, Debug, Serialize)]
pub struct Customer {
    /// Core's id.
    pub id: String,
    /// The address, in lower case.
    pub email: String,
    /// The full name.
    pub name: String,
    /// `active`, `pending`, `suspended` or `closed`.
    pub status: String,
    /// `es` or `en`.
    pub locale: String,
    /// When the customer joined, in milliseconds since the epoch.
    pub created_at: i64,
    /// What the customer is good for in a trial, for the page's cheat sheet.
    pub hint: Hint,
}

/// One sentence in the page's two languages.
#[derive(Clone, Debug, Serialize)]
pub struct Hint {
    /// English.
    pub en: String,
    /// Spanish.
    pub es: String,
}

/// A tenant and its plan.
#[derive(Clone, Debug, Serialize)]
pub struct Ecosystem {
    /// Core's id.
    pub id: String,
    /// The name its people gave it.
    pub name: String,
    /// The plan.
    pub plan: Plan,
}

/// What an ecosystem pays for.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The plan's name.
    pub name: String,
    /// `active`, `trial`, `past_due`, `cancelled`, or something the bot has never heard of.
    pub status: String,
    /// The price of a period, in cents.
    pub price_cents: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// `month` or `year`.
    pub period: String,
    /// The next renewal (or the end, when cancelled), in milliseconds since the epoch.
    pub renews_at: i64,
    /// What the plan includes.
    pub features: Vec<String>,
}

/// One person's place in one ecosystem.
#[derive(Clone, Debug, Serialize)]
pub struct Membership {
    /// The ecosystem's id.
    pub ecosystem_id: String,
    /// The customer's id.
    pub user_id: String,
    /// `owner` or `member`.
    pub role: String,
}

/// A customer taking an ecosystem over.
#[derive(Clone, Debug, Serialize)]
pub struct Succession {
    /// Core's id.
    pub id: String,
    /// The ecosystem being taken over.
    pub ecosystem_id: String,
    /// The customer who takes it over.
    pub successor_id: String,
    /// When it began, in milliseconds since the epoch.
    pub started_at: i64,
    /// The steps, in order.
    pub steps: Vec<SuccessionStep>,
}

/// One step of a succession.
#[derive(Clone, Debug, Serialize)]
pub struct SuccessionStep {
    /// What is to be done.
    pub title: String,
    /// `done`, `current`, `waiting` or `rejected`.
    pub status: String,
    /// One line.
    pub summary: String,
    /// The fuller text.
    pub detail: String,
    /// Why it was rejected; empty otherwise.
    pub reasons: Vec<String>,
    /// When the state changed last, in milliseconds since the epoch.
    pub updated_at: i64,
}

impl Cast {
    /// The cast that the demo and the tests share.
    #[must_use]
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

    /// The member of the guild with this user name.
    #[must_use]
    pub fn find_person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    /// The customer with this address.
    #[must_use]
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
        let cast = Cast::demo();
        let people: HashSet<_> = cast.people.iter().map(|p| p.id).collect();
        let staff: HashSet<_> = cast.staff.iter().map(|s| &s.email).collect();
        let subs: HashSet<_> = cast.staff.iter().map(|s| &s.sub).collect();
        let customers: HashSet<_> = cast.customers.iter().map(|c| &c.email).collect();
        let ecosystems: HashSet<_> = cast.ecosystems.iter().map(|e| &e.id).collect();
        assert_eq!(people.len(), cast.people.len());
        assert_eq!(staff.len(), cast.staff.len());
        assert_eq!(subs.len(), cast.staff.len());
        assert_eq!(customers.len(), cast.customers.len());
        assert_eq!(ecosystems.len(), cast.ecosystems.len());
    }

    #[test]
    fn every_ecosystem_has_one_owner_and_every_reference_exists() {
        let cast = Cast::demo();
        for ecosystem in &cast.ecosystems {
            let owners = cast
                .memberships
                .iter()
                .filter(|m| m.ecosystem_id == ecosystem.id && m.role == "owner");
            assert_eq!(owners.count(), 1, "{}", ecosystem.id);
        }
        for membership in &cast.memberships {
            assert!(
                cast.customers.iter().any(|c| c.id == membership.user_id),
                "{}",
                membership.user_id
            );
            assert!(
                cast.ecosystems.iter().any(|e| e.id == membership.ecosystem_id),
                "{}",
                membership.ecosystem_id
            );
        }
        for succession in &cast.successions {
            assert!(cast.customers.iter().any(|c| c.id == succession.successor_id));
            assert!(cast.ecosystems.iter().any(|e| e.id == succession.ecosystem_id));
        }
    }

    #[test]
    fn the_cases_that_tests_name_are_there() {
        let cast = Cast::demo();
        let of = |email: &str| {
            let id = &cast.find_customer(email).unwrap().id;
            let mine: Vec<_> = cast.memberships.iter().filter(|m| &m.user_id == id).collect();
            (mine.iter().filter(|m| m.role == "owner").count(), mine.len())
        };
        assert_eq!(of("julia@example.com"), (2, 3));
        assert_eq!(of("tom@example.com").0, 0);
        assert_eq!(of("many@example.com").1, 30);
        assert_eq!(of("nora@example.com").1, 0);
        assert!(cast.ecosystems.iter().any(|e| e.plan.status == "frozen"));
        assert!(
            cast.successions
                .iter()
                .flat_map(|s| &s.steps)
                .any(|s| s.status == "rejected" && !s.reasons.is_empty())
        );
    }
}
