//! Discord's limits. Every screen keeps them, even with long names, many ecosystems, long lists,
//! markup and empty texts from Core.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use commands::engine::panel::{cancel_form, render, session_menu};
use commands::flows::support::{successor, technical};
use commands::flows::verify::screens::code_form;
use commands::model::customer::{Case, CustomerRecord, Status};
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::refusal::Refusal;
use commands::model::session::{Session, Work};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Locale;
use commands::screens::address_form::AddressForm;
use commands::screens::custom_id::MAX_LENGTH;
use commands::screens::screen::{Form, Press, Row, Screen};
use proptest::prelude::*;

use crate::events::PURPOSES;
use crate::records::{record, successor};
use crate::screen_text::screen_text;
use crate::session_driver::{NOW, SessionDriver};

/// Returns the limits of Discord that a message violates.
pub(crate) fn violations(screen: &Screen) -> Vec<String> {
    let mut violations = Vec::new();
    let mut check = |fits: bool, what: &str| {
        if !fits {
            violations.push(what.to_owned());
        }
    };
    let body = screen.body.join("\n\n");
    let fields = screen.fields.iter().map(|field| field.value.as_str());
    check(fields.chain([body.as_str()]).all(times_can_be_shown), "timestamp");
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
                let looks: BTreeSet<_> = menu
                    .options
                    .iter()
                    .map(|option| (&option.label, &option.description))
                    .collect();
                check(looks.len() == menu.options.len(), "options that look the same");
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

/// Returns true if a client can show every `<t:…>`: at most 8.64e12 s from the epoch (ECMA-262).
fn times_can_be_shown(text: &str) -> bool {
    text.split("<t:").skip(1).all(|rest| {
        let seconds = rest.split(':').next().and_then(|seconds| seconds.parse::<i64>().ok());
        // Names can contain the mark, but not unescaped.
        seconds.is_some_and(|seconds| (-8_640_000_000_000..=8_640_000_000_000).contains(&seconds))
    })
}

fn form_is_too_long(form: &Form) -> bool {
    let fits = chars(&form.title) <= 45
        && chars(&form.custom_id) <= MAX_LENGTH
        && (1..=5).contains(&form.inputs.len())
        && form.inputs.iter().all(|input| {
            chars(&input.label) <= 45
                && chars(&input.placeholder) <= 100
                && input.max_length <= 4000
        });
    !fits
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Returns a session at each stage, each fresh, warned and closed.
fn sessions_of(record: CustomerRecord) -> Vec<(Session, Timestamp)> {
    let ecosystem = record.ecosystems.first().map(|own| own.id.clone());
    let succession = record.successions.first().map(|own| own.id.clone());
    let choice = ecosystem.or(succession).unwrap();
    let mut driver = SessionDriver::found_with(record);
    let mut stages = vec![driver.clone()];
    driver.click(Event::Start);
    stages.push(driver.clone());
    if driver.stage() == "choosing" {
        driver.click(Event::Choose(choice));
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
        for status in [Status::Pending, Status::Suspended, Status::Closed, Status::Unknown] {
            let record = CustomerRecord { status, ..record.as_ref().clone() };
            let session = SessionDriver::found_with(record.clone()).session;
            let screen = render(&session, Some(&record), None, 0, NOW);
            prop_assert_eq!(violations(&screen), Vec::<String>::new(), "{}", screen_text(&screen));
        }
        let session = SessionDriver::found_with(record.as_ref().clone()).session;
        let many: Vec<_> = (0..40).map(|n| {
            let id = format!("{n:02}{:020}", 0).parse().unwrap();
            Arc::new(Session { id, ..session.clone() })
        }).collect();
        let menu = session_menu(&many, session.locale);
        prop_assert_eq!(violations(&menu), Vec::<String>::new());
        let Row::Menu(menu) = &menu.rows[0] else { panic!("no menu") };
        prop_assert!(menu.options.iter().all(|option| option.label.ends_with(&option.value[..6])));
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
        assert!(AddressForm::ALL.into_iter().all(|form| !form_is_too_long(&form.form(1, locale))));
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
