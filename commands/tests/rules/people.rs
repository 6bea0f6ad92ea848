//! The agent and the customers of the tests, and what Cognito and the function say of the agent.

use std::time::Duration;

use commands::model::account::{Account, AccountLink, AccountStatus};
use commands::model::customer::{
    CustomerRecord, Ecosystem, Period, Plan, PlanStatus, Role, Status,
};
use commands::model::flow_state::FoundAccount;
use commands::model::outcome::Sent;
use commands::model::pseudonym::Pseudonym;
use commands::model::scope::Scope;
use commands::model::succession::{StepStatus, Succession, SuccessionStep};
use commands::model::time::{Timestamp, minutes};
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::Locale;

use crate::session_driver::{BEN, NOW};

/// Group whose members are agents.
pub(crate) const GROUP: &str = "CustomerService";
/// Group whose members are verify-only agents.
pub(crate) const VERIFIERS: &str = "CustomerVerification";
/// Ecosystem that the customer owns.
pub(crate) const OWNED: &str = "eco-luz";
/// Ecosystem that the customer is a member of.
pub(crate) const JOINED: &str = "eco-sol";
/// Subject under which the codes of [`julia`] are counted.
pub(crate) const JULIA: &str = "customer:ENSPAWHDD9TPRTB10000000000";
/// Time at which the steps of a succession changed.
const JUNE: Timestamp = Timestamp(1_780_000_000_000);

/// Returns Ben's BackOffice account.
pub(crate) fn account() -> Account {
    Account {
        agent_id: "agent-ben".to_owned(),
        name: Some("Ben Ríos".to_owned()),
        email: "ben@waizant.example".to_owned(),
        email_verified: true,
        enabled: true,
        scope: Some(Scope::Act),
        is_lead: false,
        groups: vec!["Archive".to_owned(), GROUP.to_owned()],
        status: AccountStatus::Confirmed,
    }
}

/// Returns the link of Ben's account, 90 minutes old.
pub(crate) fn account_link() -> AccountLink {
    AccountLink {
        discord_id: BEN,
        agent_id: "agent-ben".to_owned(),
        name: "Ben Ríos".to_owned(),
        email: "b•••@w•••.example".to_owned(),
        email_mac: "mac-of-ben".to_owned(),
        linked_at: NOW - minutes(90),
    }
}

/// Returns the pseudonym of a customer, which depends on Core's id here.
pub(crate) fn pseudonym_of(core_id: &str) -> Pseudonym {
    let mut bytes = [0; Pseudonym::BYTES];
    core_id.bytes().enumerate().for_each(|(n, byte)| bytes[n % Pseudonym::BYTES] ^= byte);
    Pseudonym::from_bytes(bytes)
}

/// Returns Julia Pérez, who owns Casa Luz and is a member of Taller Sol.
pub(crate) fn julia() -> CustomerRecord {
    CustomerRecord {
        user_id: "user-julia".to_owned(),
        email: "julia@example.com".to_owned(),
        full_name: "Julia Pérez".to_owned(),
        status: Status::Active,
        locale: Locale::Es,
        created_at: Some(Timestamp(1_700_000_000_000)),
        ecosystems: vec![
            ecosystem(OWNED, "Casa Luz", Role::Owner),
            ecosystem(JOINED, "Taller Sol", Role::Member),
        ],
        successions: Vec::new(),
    }
}

/// Returns Sofía Marín, the successor in this number of ecosystems. The second step was rejected.
pub(crate) fn sofia(successions: usize) -> CustomerRecord {
    let step = |title: &str, status, summary: &str, reasons: &[&str]| SuccessionStep {
        title: title.to_owned(),
        status,
        summary: summary.to_owned(),
        detail: format!("{title}, explained in detail.\nAnd what to do."),
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        updated_at: Some(JUNE),
    };
    let steps = vec![
        step("Succession opened", StepStatus::Done, "The owner named a successor.", &[]),
        step(
            "Validation",
            StepStatus::Rejected,
            "It was rejected by Waizant",
            &["The document has expired", "It is cut off"],
        ),
        step("Signature", StepStatus::Current, "Both sides can sign.", &[]),
        SuccessionStep {
            updated_at: None,
            ..step("Transfer", StepStatus::Waiting, "The last step.", &[])
        },
    ];
    let succession = |n: usize| Succession {
        id: format!("succession-{n}"),
        ecosystem: format!("eco-{n}"),
        ecosystem_name: format!("Herencia {n}"),
        started_at: JUNE,
        steps: steps.clone(),
    };
    CustomerRecord {
        user_id: "user-sofia".to_owned(),
        email: "sofia@example.com".to_owned(),
        full_name: "Sofía Marín".to_owned(),
        ecosystems: Vec::new(),
        successions: (1..=successions).map(succession).collect(),
        ..julia()
    }
}

pub(crate) fn ecosystem(id: &str, name: &str, role: Role) -> Ecosystem {
    let plan = Plan {
        name: "Grow".to_owned(),
        status: PlanStatus::Active,
        price_cents: Some(4_990),
        currency: "USD".to_owned(),
        period: Period::Month,
        renews_at: Some(NOW + minutes(60 * 24 * 9)),
        features: vec!["5 seats".to_owned(), "Store".to_owned()],
    };
    Ecosystem { id: id.to_owned(), name: name.to_owned(), role, plan }
}

/// Returns the function's answer for a code that was mailed now.
pub(crate) fn mailed(now: Timestamp) -> Sent {
    Sent {
        challenge_id: format!("challenge-{}", now.0),
        destination: "b•••@w•••.example".to_owned(),
        expires_at: now + minutes(10),
        resend_after: Duration::from_mins(1),
    }
}

/// Returns the account that the agent links.
pub(crate) fn found_account() -> FoundAccount {
    FoundAccount {
        agent_id: "agent-ben".to_owned(),
        name: Some("Ben Ríos".to_owned()),
        email: "b•••@w•••.example".to_owned(),
        email_mac: "mac-of-ben".to_owned(),
        unknown: UnknownFields::NONE,
    }
}
