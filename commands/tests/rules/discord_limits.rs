//! Discord's limits. Every screen keeps them, even with long names, many ecosystems, long lists,
//! markup and empty texts from Core.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use commands::engine::panel::{cancel_form, render, session_menu};
use commands::flows::support::{successor, technical};
use commands::flows::verify::screens::code_form;
use commands::model::customer::{
    Case, CustomerRecord, Ecosystem, Period, Plan, PlanStatus, Role, Status,
};
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::refusal::Refusal;
use commands::model::session::{Session, Work};
use commands::model::succession::{StepStatus, Succession, SuccessionStep};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Locale;
use commands::screens::custom_id::MAX_LENGTH;
use commands::screens::screen::{Form, Press, Row, Screen};
use proptest::prelude::*;
use proptest::sample::select;

use crate::events::PURPOSES;
use crate::screen_text::screen_text;
use crate::session_driver::{NOW, SessionDriver};

/// Returns the limits of Discord that a message violates.
fn violations(screen: &Screen) -> Vec<String> {
    let mut violations = Vec::new();
    let mut check = |fits: bool, what: &str| {
        if !fits {
            violations.push(what.to_owned());
        }
    };
    let body = screen.body.join("\n\n");
    check(chars(&screen.title) <= 256, "title");
    check(chars(&body) <= 4096, "description");
    check(screen.fields.len() <= 25, "fields");
    for field in &screen.fields {
        check((1..=256).contains(&chars(field.name.trim())), "field name");
        // An empty value is drawn as a dash.
        check(chars(&field.value) <= 1024, &format!("value of {}", field.name));
    }
    let fields: usize =
        screen.fields.iter().map(|field| chars(&field.name) + chars(&field.value)).sum();
    let footer = screen.footer.as_deref().map_or(0, chars);
    check(chars(&screen.title) + chars(&body) + fields + footer <= 6000, "embed");
    check(screen.rows.len() <= 5, "rows");
    let mut ids = BTreeSet::new();
    for row in &screen.rows {
        match row {
            Row::Buttons(buttons) => {
                check((1..=5).contains(&buttons.len()), "buttons in a row");
                for button in buttons {
                    check((1..=80).contains(&chars(&button.label)), "button label");
                    if let Press::Custom(id) = &button.press {
                        check((1..=MAX_LENGTH).contains(&chars(id)), "custom id");
                        check(ids.insert(id.clone()), "duplicate custom id");
                    }
                }
            }
            Row::Menu(menu) => {
                check(
                    (1..=MAX_LENGTH).contains(&chars(&menu.custom_id))
                        && ids.insert(menu.custom_id.clone()),
                    "menu id",
                );
                check((1..=25).contains(&menu.options.len()), "options");
                check(chars(&menu.placeholder) <= 150, "placeholder");
                let values: BTreeSet<_> = menu.options.iter().map(|option| &option.value).collect();
                check(values.len() == menu.options.len(), "duplicate option value");
                for option in &menu.options {
                    check(chars(&option.label) <= 100, "option label");
                    check((1..=100).contains(&chars(&option.value)), "option value");
                    check((1..=100).contains(&chars(&option.description)), "option description");
                }
            }
        }
    }
    violations
}

fn form_is_too_long(form: &Form) -> bool {
    let fits = chars(&form.title) <= 45
        && chars(&form.label) <= 45
        && chars(&form.placeholder) <= 100
        && chars(&form.custom_id) <= MAX_LENGTH
        && form.max_length <= 4000;
    !fits
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Returns any name that an owner can choose.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "\\PC{1,60}",
        1 => "[*_`~|<>\\[\\]()#@:\\\\ñ]{1,400}",
        1 => "(🦀|ñ|\\*){100,400}",
        1 => select(vec![String::new(), " ".to_owned(), "\n".to_owned(), "\u{200b}".to_owned(), "Casa Luz".to_owned()]),
    ]
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
    (
        name(),
        statuses,
        any::<Option<i64>>(),
        name(),
        periods,
        any::<Option<u32>>(),
        proptest::collection::vec(name(), 0..20),
    )
        .prop_map(|(name, status, price_cents, currency, period, renews, features)| Plan {
            name,
            status,
            price_cents,
            currency,
            period,
            renews_at: renews.map(|seconds| Timestamp(i64::from(seconds) * 1000)),
            features,
        })
}

/// Returns a customer with at least one ecosystem and any names.
fn record() -> impl Strategy<Value = CustomerRecord> {
    let ecosystem = (name(), plan(), any::<bool>());
    (name(), proptest::collection::vec(ecosystem, 1..40)).prop_map(|(full_name, ecosystems)| {
        CustomerRecord {
            user_id: "user-julia".to_owned(),
            email: format!("{}@{}.com", "j".repeat(64), "e".repeat(251)),
            full_name,
            status: Status::Active,
            locale: Locale::Es,
            created_at: Some(NOW),
            ecosystems: ecosystems
                .into_iter()
                .enumerate()
                .map(|(n, (name, plan, owner))| Ecosystem {
                    id: format!("eco-{n}"),
                    name,
                    role: if owner { Role::Owner } else { Role::Member },
                    plan,
                })
                .collect(),
            successions: Vec::new(),
        }
    })
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
    (name(), statuses, name(), long, proptest::collection::vec(name(), 0..20), any::<Option<u32>>())
        .prop_map(|(title, status, summary, detail, reasons, updated)| SuccessionStep {
            title,
            status,
            summary,
            detail,
            reasons,
            updated_at: updated.map(|seconds| Timestamp(i64::from(seconds) * 1000)),
        })
}

/// Returns a successor whose succession has any number of steps and any texts.
fn successor() -> impl Strategy<Value = CustomerRecord> {
    (record(), name(), proptest::collection::vec(succession_step(), 0..30)).prop_map(
        |(record, ecosystem_name, steps)| {
            let succession = Succession {
                id: "succession-1".to_owned(),
                ecosystem: "eco-1".to_owned(),
                ecosystem_name,
                started_at: NOW,
                steps,
            };
            CustomerRecord { ecosystems: Vec::new(), successions: vec![succession], ..record }
        },
    )
}

/// Returns a session at each stage, each fresh, warned and closed.
fn sessions_of(record: CustomerRecord) -> Vec<(Session, Timestamp)> {
    let mut driver = SessionDriver::found_with(record);
    let mut stages = vec![driver.clone()];
    driver.click(Event::Start);
    stages.push(driver.clone());
    if driver.stage() == "choosing" {
        driver.click(Event::Choose("eco-0".to_owned()));
    }
    driver.mail_code();
    stages.push(driver.clone());
    driver.type_right_code();
    stages.push(driver.clone());
    driver.click(Event::Send);
    driver.mail_code();
    stages.push(driver.clone());
    driver.type_right_code();
    stages.push(driver.clone());
    let mut sessions = Vec::new();
    for stage in stages {
        for time in [Duration::ZERO, minutes(12), minutes(15)] {
            let mut driver = stage.clone();
            driver.advance(time);
            sessions.push((driver.session, driver.now));
        }
    }
    sessions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]

    #[test]
    fn support_screens_fit_discord(record in record(), spanish: bool) {
        let record = Arc::new(record);
        let pages = u16::try_from(record.ecosystems.len().div_ceil(25)).unwrap();
        let refusals = [None, Some(Refusal::Failed("F-7K2M9Q".to_owned()))];
        for (mut session, now) in sessions_of(record.as_ref().clone()) {
            session.locale = if spanish { Locale::Es } else { Locale::En };
            let choosing = matches!(session.work, Work::Support(_, SupportState::Choosing { .. }));
            for refusal in &refusals {
                for page in 0..=if choosing { pages } else { 0 } {
                    let screen = render(&session, Some(&record), refusal.as_ref(), page, now);
                    prop_assert_eq!(violations(&screen), Vec::<String>::new(), "{}", screen_text(&screen));
                }
            }
            if let Work::Support(_, SupportState::Acting { case }) = &session.work
                && now == NOW
            {
                for ecosystem in &record.ecosystems {
                    let case = Case { ecosystem: ecosystem.id.clone(), ..case.clone() };
                    let screen = technical::plan(&session, &case, Some(&record));
                    prop_assert_eq!(violations(&screen), Vec::<String>::new(), "{}", screen_text(&screen));
                }
            }
            prop_assert!(!form_is_too_long(&cancel_form(&session)));
            for purpose in PURPOSES {
                prop_assert!(!form_is_too_long(&code_form(&session, purpose, u32::MAX)));
            }
        }
        let session = SessionDriver::found_with(record.as_ref().clone()).session;
        let many: Vec<_> = (0..40).map(|n| {
            let id = format!("{n:022}").parse().unwrap();
            Arc::new(Session { id, ..session.clone() })
        }).collect();
        prop_assert_eq!(violations(&session_menu(&many, session.locale)), Vec::<String>::new());
    }

    #[test]
    fn succession_screens_fit_discord(record in successor(), spanish: bool) {
        for (mut session, now) in sessions_of(record.clone()) {
            session.locale = if spanish { Locale::Es } else { Locale::En };
            for page in 0..4 {
                let screen = render(&session, Some(&record), Some(&Refusal::Failed("F-7K2M9Q".to_owned())), page, now);
                prop_assert_eq!(violations(&screen), Vec::<String>::new(), "{}", screen_text(&screen));
            }
            if let Work::Support(_, SupportState::Acting { case }) = &session.work {
                for nth in 0..32 {
                    let screen = successor::details(&session, case, Some(&record), nth);
                    prop_assert_eq!(violations(&screen), Vec::<String>::new(), "{}", screen_text(&screen));
                }
            }
        }
    }
}

#[test]
fn forms_fit_discord_in_both_languages() {
    for locale in [Locale::En, Locale::Es] {
        let mut session = SessionDriver::linking_looked_up(true).session;
        session.locale = locale;
        assert!(!form_is_too_long(&cancel_form(&session)));
        assert!(
            PURPOSES.into_iter().all(|purpose| !form_is_too_long(&code_form(&session, purpose, 1)))
        );
    }
}

#[test]
fn validator_reports_every_violation() {
    let button = SessionDriver::found().session.button(
        commands::screens::custom_id::Action::Start,
        commands::screens::screen::Style::Secondary,
        "x".repeat(81),
    );
    let screen = Screen::titled(commands::screens::screen::Tone::Info, "t".repeat(257))
        .field("name".to_owned(), "v".repeat(1025))
        .buttons(vec![button; 6]);
    let found = violations(&screen);
    for what in
        ["title", "value of name", "buttons in a row", "button label", "duplicate custom id"]
    {
        assert!(found.iter().any(|violation| violation == what), "{what} in {found:?}");
    }
}
