//! Strategies for customer records: any ids, names, dates and texts that Core can hold.

use commands::model::customer::{
    CustomerRecord, Ecosystem, Period, Plan, PlanStatus, Role, Status,
};
use commands::model::succession::{StepStatus, Succession, SuccessionStep};
use commands::model::words::Locale;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::strategies::time;

/// Returns any name that an owner can choose.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "\\PC{1,60}",
        1 => "[*_`~|<>\\[\\]()#@:\\\\ñ]{1,400}",
        1 => "(🦀|ñ|\\*){100,400}",
        1 => select(vec![String::new(), " ".to_owned(), "\n".to_owned(), "\u{200b}".to_owned(), "Casa Luz".to_owned()]),
    ]
}

/// Returns an id of Core. The number makes it unique.
fn id(text: &str, number: usize) -> String {
    format!("{text}{number}")
}

/// Returns the beginning of any id that Core can have.
fn id_text() -> impl Strategy<Value = String> {
    prop_oneof!["[!-~]{0,97}", "[a-zñ🦀]{90,97}"]
}

fn plan() -> impl Strategy<Value = Plan> {
    let statuses = select(vec![
        PlanStatus::Active,
        PlanStatus::Trial,
        PlanStatus::PastDue,
        PlanStatus::Cancelled,
        PlanStatus::Unknown,
    ]);
    let periods = select(vec![Period::Month, Period::Year, Period::Unknown]);
    (name(), statuses, any::<Option<i64>>(), name(), periods, of(time()), vec(name(), 0..20))
        .prop_map(|(name, status, price_cents, currency, period, renews_at, features)| Plan {
            name,
            status,
            price_cents,
            currency,
            period,
            renews_at,
            features,
        })
}

/// Returns an active customer with at least one ecosystem and any names.
pub(crate) fn record() -> impl Strategy<Value = CustomerRecord> {
    let ecosystem = (id_text(), name(), plan(), any::<bool>());
    let ecosystems = vec(ecosystem, 1..40);
    let email = ("[a-z*_~`|]{1,64}", "[a-zñ]{1,251}").prop_map(|(l, d)| format!("{l}@{d}.com"));
    (id_text(), email, name(), of(time()), ecosystems).prop_map(
        |(user_id, email, full_name, created_at, ecosystems)| CustomerRecord {
            user_id: id(&user_id, 0),
            email,
            full_name,
            status: Status::Active,
            locale: Locale::Es,
            created_at,
            ecosystems: ecosystems
                .into_iter()
                .enumerate()
                .map(|(n, (text, name, plan, owner))| Ecosystem {
                    id: id(&text, n),
                    name,
                    role: if owner { Role::Owner } else { Role::Member },
                    plan,
                })
                .collect(),
            successions: Vec::new(),
        },
    )
}

fn succession_step() -> impl Strategy<Value = SuccessionStep> {
    let statuses = select(vec![
        StepStatus::Done,
        StepStatus::Current,
        StepStatus::Waiting,
        StepStatus::Rejected,
        StepStatus::Unknown,
    ]);
    let long = prop_oneof![name(), "(\\*|ñ|\n){1500,3000}"];
    (name(), statuses, name(), long, vec(name(), 0..20), of(time())).prop_map(
        |(title, status, summary, detail, reasons, updated_at)| SuccessionStep {
            title,
            status,
            summary,
            detail,
            reasons,
            updated_at,
        },
    )
}

/// Returns a successor with successions of any number of steps and any texts.
pub(crate) fn successor() -> impl Strategy<Value = CustomerRecord> {
    let steps = vec(succession_step(), 0..30);
    let succession = (id_text(), name(), time(), steps);
    let successions = vec(succession, 1..4);
    (record(), successions).prop_map(|(record, successions)| {
        let successions = successions.into_iter().enumerate();
        let successions = successions.map(|(n, (text, ecosystem_name, started_at, steps))| {
            let (id, ecosystem) = (id(&text, n), id(&text, n));
            Succession { id, ecosystem, ecosystem_name, started_at, steps }
        });
        let successions = successions.collect();
        CustomerRecord { ecosystems: Vec::new(), successions, ..record }
    })
}
