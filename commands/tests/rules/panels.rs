//! Every panel in both languages, as text.

use std::sync::Arc;
use std::time::Duration;

use commands::engine::panel::{render, render_progress};
use commands::flows::support::successor::details;
use commands::flows::support::technical;
use commands::model::customer::{Period, PlanStatus, Role, Status};
use commands::model::event::Event;
use commands::model::flow_state::{Attended, SupportState};
use commands::model::outcome::{Denied, EffectError};
use commands::model::session::{Session, Work};
use commands::model::time::minutes;
use commands::model::verification::{RESEND_WAIT, SENDS_A_SESSION};
use commands::model::words::Target;

use crate::album::assert_album;
use crate::eligibility::NOT_ELIGIBLE;
use crate::events::CLOSE_REASONS;
use crate::people::{ecosystem, julia, sofia};
use crate::screen_text::screen_text;
use crate::session_driver::{NOW, SessionDriver};

fn as_status(status: Status) -> SessionDriver {
    let mut record = julia();
    record.status = status;
    SessionDriver::found_with(record)
}

pub(crate) fn after(mut driver: SessionDriver, time: Duration) -> SessionDriver {
    driver.advance(time);
    driver
}

fn third_code(mut driver: SessionDriver) -> SessionDriver {
    for _ in 1..SENDS_A_SESSION {
        driver.skip(RESEND_WAIT);
        driver.click(Event::Resend);
        driver.mail_code();
    }
    driver
}

/// Opens an access link of this target.
fn opened(driver: SessionDriver, target: Target) -> SessionDriver {
    let mut driver = driver.then(Event::Open(target));
    let nth = driver.session.links_issued;
    let url = match target {
        Target::App => "waizant://open?token=secret",
        _ => "https://shop.example/in",
    };
    let outcome = Ok((url.into(), driver.now + RESEND_WAIT));
    driver.apply(Event::Issued { target, nth, outcome });
    driver
}

#[test]
fn found() {
    let attended = {
        let mut driver = SessionDriver::found();
        if let Work::Support(_, SupportState::Found { attended, .. }) = &mut driver.session.work {
            *attended = Attended::ByAnotherAgent;
        }
        driver
    };
    let without = {
        let mut record = julia();
        record.ecosystems.clear();
        SessionDriver::found_with(record)
    };
    assert_album!(|page| {
        page.panel("active", &SessionDriver::found());
        page.panel("attended", &attended);
        page.panel("without ecosystem", &without);
        for status in [Status::Pending, Status::Suspended, Status::Closed, Status::Unknown] {
            page.panel(&format!("{status:?}").to_lowercase(), &as_status(status));
        }
    });
}

#[test]
fn missing_facts_are_named_as_unknown() {
    let mut record = julia();
    record.created_at = None;
    record.ecosystems[0].plan.price_cents = None;
    let found = SessionDriver::found_with(record.clone());
    let seen = screen_text(&found.panel(None));
    assert!(seen.contains("Active since an unknown date"), "{seen}");
    let Work::Support(_, SupportState::Acting { case }) =
        SessionDriver::acting(Role::Owner).session.work
    else {
        panic!("not acting")
    };
    let seen = screen_text(&technical::plan(&found.session, &case, Some(&record)));
    assert!(seen.contains("Price unknown"), "{seen}");
    let mut untitled = SessionDriver::succeeding();
    let mut record = sofia(1);
    record.successions[0].steps[1].title = String::new();
    untitled.record = Some(Arc::new(record));
    let seen = screen_text(&untitled.panel(None));
    assert!(seen.contains("2 Untitled"), "{seen}");
}

#[test]
fn choosing() {
    let mut many = julia();
    many.ecosystems = (1..=30)
        .map(|n| ecosystem(&format!("eco-{n}"), &format!("Nº {n}"), Role::Member))
        .collect();
    let many = SessionDriver { record: Some(Arc::new(many)), ..SessionDriver::choosing() };
    assert_album!(|page| {
        page.panel("two", &SessionDriver::choosing());
        page.panel(
            "without the record",
            &SessionDriver { record: None, ..SessionDriver::choosing() },
        );
        for (name, number) in [("first page", 0), ("second page", 1), ("beyond the last page", 9)] {
            let mut session = many.session.clone();
            session.locale = page.locale;
            page.screen(name, &render(&session, many.record.as_deref(), None, number, NOW));
        }
    });
}

#[test]
fn proving() {
    assert_album!(|page| {
        page.panel("agent, mailed", &SessionDriver::proving_agent());
        page.panel("agent, a minute later", &after(SessionDriver::proving_agent(), RESEND_WAIT));
        page.panel("agent, expired", &after(SessionDriver::proving_agent(), minutes(10)));
        page.panel("agent, nothing mailed", &SessionDriver::chosen());
        page.panel("agent, third", &third_code(SessionDriver::proving_agent()));
        page.panel(
            "agent, third expired",
            &after(third_code(SessionDriver::proving_agent()), minutes(10)),
        );
        page.panel("announcing", &SessionDriver::announcing());
        let mut busy = SessionDriver::announcing().then(Event::Send);
        busy.fail_to_mail(EffectError::Denied(Denied::RateLimited(Some(minutes(5)))));
        page.panel("announcing, with a wait", &busy);
        page.panel("customer, mailed", &SessionDriver::proving_customer());
        page.panel("customer, expired", &after(SessionDriver::proving_customer(), minutes(10)));
        page.panel("customer, third", &third_code(SessionDriver::proving_customer()));
        page.panel(
            "customer, third expired",
            &after(third_code(SessionDriver::proving_customer()), minutes(10)),
        );
    });
}

#[test]
fn acting() {
    let owner = SessionDriver::acting(Role::Owner);
    let statuses = [
        PlanStatus::Active,
        PlanStatus::Trial,
        PlanStatus::PastDue,
        PlanStatus::Cancelled,
        PlanStatus::Unknown,
    ];
    assert_album!(|page| {
        page.panel("owner", &owner);
        page.panel("member", &SessionDriver::acting(Role::Member));
        page.panel("without the record", &SessionDriver { record: None, ..owner.clone() });
        let mut session = owner.session.clone();
        session.locale = page.locale;
        let Work::Support(_, SupportState::Acting { case }) = &owner.session.work else {
            panic!("not acting")
        };
        for status in statuses {
            let mut record = julia();
            let plan = &mut record.ecosystems[0].plan;
            plan.status = status;
            if status == PlanStatus::Cancelled {
                plan.renews_at = None;
                plan.features.clear();
                plan.period = Period::Year;
            }
            page.screen(
                &format!("plan, {status:?}"),
                &technical::plan(&session, case, Some(&record)),
            );
        }
        page.screen("plan, gone", &technical::plan(&session, case, None));
        for target in [Target::Store, Target::Web, Target::App] {
            page.panel(&format!("opened, {}", target.name()), &opened(owner.clone(), target));
        }
        let mut all = opened(opened(owner.clone(), Target::Store), Target::Web);
        all.session.locale = page.locale;
        page.panel("opened, store and web", &all);
        let pending = owner.clone().then(Event::Open(Target::Web)).session;
        let pending = Session { locale: page.locale, ..pending };
        let progress = render_progress(&pending, owner.record.as_deref(), 0, NOW).unwrap();
        page.screen("opening the web", &progress);
    });
}

#[test]
fn succeeding() {
    let driver = SessionDriver::succeeding();
    let Work::Support(_, SupportState::Acting { case }) = &driver.session.work else {
        panic!("not acting")
    };
    let mut mailed = driver.clone().then(Event::MailLink);
    mailed.apply(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + RESEND_WAIT)),
    });
    let mut many = sofia(1);
    let steps = &mut many.successions[0].steps;
    *steps = (0..23).map(|n| steps[n % 4].clone()).collect();
    assert_album!(|page| {
        page.panel("found", &SessionDriver::found_with(sofia(2)));
        page.panel("found, no succession", &{
            let mut driver = SessionDriver::found_with(sofia(1));
            if let Work::Support(_, SupportState::Found { customer, .. }) = &mut driver.session.work
            {
                customer.choices = 0;
            }
            driver
        });
        page.panel("choosing", &SessionDriver::found_with(sofia(2)).then(Event::Start));
        page.panel("agent", &{
            let mut driver = SessionDriver::found_with(sofia(1)).then(Event::Start);
            driver.mail_code();
            driver
        });
        page.panel("acting", &driver);
        page.panel("mailed", &mailed);
        page.panel("shown", &opened(driver.clone(), Target::Successor));
        page.panel("without the record", &SessionDriver { record: None, ..driver.clone() });
        let session = Session { locale: page.locale, ..driver.session.clone() };
        for nth in [0, 2] {
            page.screen(&format!("page {nth}"), &render(&session, Some(&many), None, nth, NOW));
        }
        for nth in 0..5 {
            page.screen(
                &format!("details {nth}"),
                &details(&session, case, driver.record.as_deref(), nth),
            );
        }
    });
}

#[test]
fn closed() {
    assert_album!(|page| {
        for reason in CLOSE_REASONS {
            page.panel(
                reason.name(),
                &SessionDriver::acting(Role::Owner).then(Event::ForceClose(reason)),
            );
        }
        for reason in NOT_ELIGIBLE {
            let mut driver = SessionDriver::acting(Role::Owner);
            let refusal = driver.click(Event::AgentIneligible(reason)).refusal;
            page.refused(&format!("not eligible, {}", reason.name()), &driver, refusal.as_ref());
        }
    });
}

#[test]
fn ending() {
    assert_album!(|page| {
        page.panel("idle warning", &after(SessionDriver::proving_agent(), minutes(12)));
        page.panel("idle warning, acting", &after(SessionDriver::acting(Role::Owner), minutes(12)));
        page.panel(
            "idle warning, customer awaited",
            &after(SessionDriver::proving_customer(), minutes(12)),
        );
        let mut last = SessionDriver::acting(Role::Owner);
        for _ in 0..5 {
            last.advance(minutes(11));
            last.click(Event::Resume);
        }
        page.panel("absolute warning", &after(last.clone(), minutes(2)));
        page.panel(
            "stripped",
            &after(SessionDriver::acting(Role::Owner), minutes(15) - RESEND_WAIT / 10),
        );
        page.panel("stripped at the absolute end", &after(last, minutes(5) - RESEND_WAIT / 10));
        page.panel(
            "stripped, linking",
            &after(SessionDriver::linking(), minutes(15) - RESEND_WAIT / 10),
        );
    });
}

#[test]
fn linking() {
    assert_album!(|page| {
        page.panel("asked", &SessionDriver::linking());
        page.panel("mailed", &SessionDriver::linking_looked_up(true));
        page.panel("no account", &SessionDriver::linking_looked_up(false));
        page.panel("expired", &after(SessionDriver::linking_looked_up(true), minutes(10)));
        let mut done = SessionDriver::linking_looked_up(true);
        done.type_right_code();
        page.panel("done", &done);
        page.panel("dismissed", &SessionDriver::linking().then(Event::Dismiss));
    });
}
