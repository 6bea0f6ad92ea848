//! The customers of the roads, as Core knows them.

use commands::model::customer::{
    CustomerRecord, Ecosystem, Period, Plan, PlanStatus, Role, Status,
};
use commands::model::succession::{StepStatus, Succession, SuccessionStep};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Locale;

use crate::road::NOW;

/// An ecosystem of which the customer is the owner.
pub(crate) const OWNED: &str = "eco-luz";
/// An ecosystem of which the customer is a member.
pub(crate) const JOINED: &str = "eco-sol";
/// When the successions' steps were done.
const JUNE: Timestamp = Timestamp(1_780_000_000_000);

/// Julia Pérez owns Casa Luz and is a member of Taller Sol.
pub(crate) fn julia() -> CustomerRecord {
    CustomerRecord {
        user_id: "user-julia".to_owned(),
        email: "julia@example.com".to_owned(),
        full_name: "Julia Pérez".to_owned(),
        status: Status::Active,
        locale: Locale::Es,
        created_at: Timestamp(1_700_000_000_000),
        ecosystems: vec![
            ecosystem(OWNED, "Casa Luz", Role::Owner),
            ecosystem(JOINED, "Taller Sol", Role::Member),
        ],
        successions: Vec::new(),
    }
}

/// Sofía Marín is the successor in so many ecosystems. The second step was rejected.
pub(crate) fn sofia(successions: usize) -> CustomerRecord {
    let step = |title: &str, status, summary: &str, reasons: &[&str]| SuccessionStep {
        title: title.to_owned(),
        status,
        summary: summary.to_owned(),
        detail: format!("{title}, told at length.\nAnd what to do."),
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

/// An ecosystem with a plan.
pub(crate) fn ecosystem(id: &str, name: &str, role: Role) -> Ecosystem {
    let plan = Plan {
        name: "Grow".to_owned(),
        status: PlanStatus::Active,
        price_cents: 4_990,
        currency: "USD".to_owned(),
        period: Period::Month,
        renews_at: Some(NOW + minutes(60 * 24 * 9)),
        features: vec!["5 seats".to_owned(), "Store".to_owned()],
    };
    Ecosystem { id: id.to_owned(), name: name.to_owned(), role, plan }
}
