//! Ecosystem Admin: the differences from Technical Assistance.

use std::sync::Arc;

use commands::flows::support::successor::details;
use commands::model::customer::{CaseSubject, Role, Status};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::outcome::{Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::words::{Purpose, SupportKind, Target};

use crate::people::sofia;
use crate::screen_text::screen_text;
use crate::session_driver::{A_MILLISECOND, NOW, SessionDriver};

fn subject(driver: &SessionDriver) -> &CaseSubject {
    match &driver.session.work {
        Work::Support(_, SupportState::ProvingAgent { case } | SupportState::Acting { case }) => {
            &case.subject
        }
        _ => panic!("no case in {}", driver.stage()),
    }
}

#[test]
fn only_succession_is_chosen_automatically() {
    let driver = SessionDriver::found_with(sofia(1)).then(Event::Start);
    assert_eq!(subject(&driver), &CaseSubject::Succession("succession-1".to_owned()));
    assert_eq!(driver.effects(), [Effect::Send { purpose: Purpose::AgentMfa, nth: 1 }]);
    assert!(driver.session.attending().is_some());
}

#[test]
fn one_of_several_successions_is_chosen() {
    let mut driver = SessionDriver::found_with(sofia(2)).then(Event::Start);
    assert_eq!((driver.stage().as_str(), driver.effects().len()), ("choosing", 0));
    let refused = driver.click(Event::Choose("succession-3".to_owned())).refusal;
    assert_eq!(refused, Some(Refusal::UnknownCaseSubject(SupportKind::Successor)));
    driver.click(Event::Choose("succession-2".to_owned()));
    assert_eq!(subject(&driver), &CaseSubject::Succession("succession-2".to_owned()));
    driver.mail_code();
    assert!(screen_text(&driver.panel(None)).contains("[Change succession]"));
    driver.click(Event::Change);
    assert_eq!(driver.stage(), "choosing");
}

#[test]
fn only_succession_cannot_be_changed() {
    let mut driver = SessionDriver::found_with(sofia(1)).then(Event::Start);
    driver.mail_code();
    assert!(!screen_text(&driver.panel(None)).contains("Change"));
}

#[test]
fn succession_over_before_start_leaves_no_choice() {
    let driver =
        SessionDriver { record: Some(Arc::new(sofia(0))), ..SessionDriver::found_with(sofia(1)) }
            .then(Event::Start);
    assert_eq!(driver.stage(), "choosing");
    assert!(!screen_text(&driver.panel(None)).contains("<Choose"));
}

#[test]
fn access_targets_match_support_kind() {
    for target in [Target::Store, Target::Web, Target::App] {
        let step = SessionDriver::succeeding().decide(Event::Open(target));
        assert_eq!(step.refusal, Some(Refusal::UnknownButton), "{}", target.name());
    }
    for event in [Event::MailLink, Event::Open(Target::Successor)] {
        let step = SessionDriver::acting(Role::Owner).decide(event.clone());
        assert_eq!(step.refusal, Some(Refusal::UnknownButton));
        assert_eq!(SessionDriver::succeeding().decide(event).refusal, None);
    }
}

#[test]
fn ended_succession_closes_session() {
    let mut suspended = sofia(1);
    suspended.status = Status::Suspended;
    for (record, why) in [(sofia(0), "succession_over"), (suspended, "customer_inactive")] {
        for event in [Event::MailLink, Event::Open(Target::Successor)] {
            let driver = SessionDriver {
                record: Some(Arc::new(record.clone())),
                ..SessionDriver::succeeding()
            };
            assert_eq!(driver.then(event).stage(), format!("closed({why})"));
        }
    }
}

#[test]
fn mailed_link_shows_until_it_ends() {
    let mut driver = SessionDriver::succeeding().then(Event::MailLink);
    assert_eq!(driver.effects(), [Effect::MailLink { nth: 1 }]);
    driver.apply(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + minutes(1))),
    });
    assert!(screen_text(&driver.panel(None)).contains("s•••\\@e•••.com"));
    driver.advance(minutes(1));
    assert!(!screen_text(&driver.panel(None)).contains("s•••\\@e•••.com"));
    let driver = driver.then(Event::Finish);
    assert_eq!(driver.effects(), [Effect::Revoke { nth: 1 }, Effect::NotifyVisit]);
}

#[test]
fn undelivered_link_is_still_revoked() {
    let mut driver = SessionDriver::succeeding().then(Event::MailLink);
    let step = driver
        .apply(Event::Mailed { nth: 1, outcome: Err(EffectError::Denied(Denied::DeliveryFailed)) });
    assert_eq!(step.refusal, Some(Refusal::Undelivered));
    assert_eq!(driver.stage(), "acting");
    assert_eq!(driver.then(Event::Finish).effects(), [Effect::Revoke { nth: 1 }]);
}

#[test]
fn mail_is_refused_in_last_two_minutes() {
    let mut driver = SessionDriver::succeeding();
    driver.skip(minutes(58) - A_MILLISECOND);
    assert_eq!(driver.decide(Event::MailLink).refusal, None);
    driver.skip(A_MILLISECOND);
    assert_eq!(driver.decide(Event::MailLink).refusal, Some(Refusal::TooLate));
}

#[test]
fn step_title_is_not_escaped() {
    let mut record = sofia(1);
    record.successions[0].steps[1].title = "Validation (KYC) #2".to_owned();
    let driver = SessionDriver::found_with(record.clone()).then(Event::Start);
    let Work::Support(_, SupportState::ProvingAgent { case }) = &driver.session.work else {
        panic!("no case in {}", driver.stage());
    };
    let screen = details(&driver.session, case, Some(&record), 1);
    assert_eq!(screen.title, "Step 2 of 4: Validation (KYC) #2");
}

#[test]
fn equal_successions_are_told_apart_by_id() {
    let mut record = sofia(2);
    record.successions[1].ecosystem_name = record.successions[0].ecosystem_name.clone();
    let mut driver = SessionDriver::found_with(record).then(Event::Start);
    let menu = screen_text(&driver.panel(None));
    assert!(menu.contains("successor · succession-1") && menu.contains("· succession-2"), "{menu}");
    driver.click(Event::Choose("succession-2".to_owned()));
    driver.mail_code();
    let panel = screen_text(&driver.panel(None));
    assert!(panel.contains("Herencia 1 · succession-2"), "{panel}");
}
