//! Ecosystem Admin: what is apart on its road.

use std::sync::Arc;

use commands::model::customer::{CaseSubject, Role, Status};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::SupportState;
use commands::model::outcome::{Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::words::{Purpose, Target};

use crate::people::sofia;
use crate::road::{NOW, SessionDriver};

fn subject(road: &SessionDriver) -> &CaseSubject {
    match &road.session.work {
        Work::Support(_, SupportState::ProvingAgent { case } | SupportState::Acting { case }) => {
            &case.subject
        }
        _ => panic!("nothing is chosen in {}", road.stage()),
    }
}

fn effects(road: &SessionDriver) -> Vec<&Effect> {
    road.session.pending.iter().map(|pending| &pending.effect).collect()
}

#[test]
fn the_only_succession_needs_no_choice() {
    let road = SessionDriver::found_as(sofia(1)).then(Event::Start);
    assert_eq!(subject(&road), &CaseSubject::Succession("succession-1".to_owned()));
    assert_eq!(effects(&road), [&Effect::Send { purpose: Purpose::AgentMfa, nth: 1 }]);
    assert!(road.session.attending().is_some());
}

#[test]
fn of_several_one_is_chosen_and_another_after_it() {
    let mut road = SessionDriver::found_as(sofia(2)).then(Event::Start);
    assert_eq!((road.stage().as_str(), effects(&road).len()), ("choosing", 0));
    let refused = road.does(Event::Choose("succession-3".to_owned())).refusal;
    assert_eq!(
        refused,
        Some(Refusal::UnknownCaseSubject(commands::model::words::SupportKind::Successor))
    );
    road.does(Event::Choose("succession-2".to_owned()));
    assert_eq!(subject(&road), &CaseSubject::Succession("succession-2".to_owned()));
    road.mails();
    assert!(road.face(None).to_string().contains("[Change succession]"));
    road.does(Event::Change);
    assert_eq!(road.stage(), "choosing");
}

#[test]
fn the_only_one_cannot_be_changed() {
    let mut road = SessionDriver::found_as(sofia(1)).then(Event::Start);
    road.mails();
    assert!(!road.face(None).to_string().contains("Change"));
}

#[test]
fn a_succession_that_ended_before_the_start_leaves_nothing_to_choose() {
    let road =
        SessionDriver { record: Some(Arc::new(sofia(0))), ..SessionDriver::found_as(sofia(1)) }
            .then(Event::Start);
    assert_eq!(road.stage(), "choosing");
    assert!(!road.face(None).to_string().contains("<Choose"));
}

#[test]
fn only_the_succession_is_opened_here_and_only_here() {
    for target in [Target::Store, Target::Web, Target::App] {
        let step = SessionDriver::succeeding().decides(Event::Open(target));
        assert_eq!(step.refusal, Some(Refusal::UnknownButton), "{}", target.name());
    }
    for event in [Event::MailLink, Event::Open(Target::Successor)] {
        let step = SessionDriver::acting(Role::Owner).decides(event.clone());
        assert_eq!(step.refusal, Some(Refusal::UnknownButton));
        assert_eq!(SessionDriver::succeeding().decides(event).refusal, None);
    }
}

#[test]
fn a_succession_that_is_over_ends_the_session() {
    let mut suspended = sofia(1);
    suspended.status = Status::Suspended;
    for (record, why) in [(sofia(0), "succession_over"), (suspended, "customer_inactive")] {
        for event in [Event::MailLink, Event::Open(Target::Successor)] {
            let road = SessionDriver {
                record: Some(Arc::new(record.clone())),
                ..SessionDriver::succeeding()
            };
            assert_eq!(road.then(event).stage(), format!("closed({why})"));
        }
    }
}

#[test]
fn what_is_mailed_shows_until_it_ends_and_is_revoked_with_the_session() {
    let mut road = SessionDriver::succeeding().then(Event::MailLink);
    assert_eq!(effects(&road), [&Effect::MailLink { nth: 1 }]);
    road.hears(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + minutes(1))),
    });
    assert!(road.face(None).to_string().contains("s•••\\@e•••.com"));
    road.passes(minutes(1));
    assert!(!road.face(None).to_string().contains("s•••\\@e•••.com"));
    let road = road.then(Event::Finish);
    assert_eq!(effects(&road), [&Effect::Revoke]);
}

#[test]
fn what_was_perhaps_opened_is_revoked_even_if_its_mail_failed() {
    let mut road = SessionDriver::succeeding().then(Event::MailLink);
    let step = road
        .hears(Event::Mailed { nth: 1, outcome: Err(EffectError::Denied(Denied::DeliveryFailed)) });
    assert_eq!(step.refusal, Some(Refusal::Undelivered));
    assert_eq!(road.stage(), "acting");
    assert_eq!(effects(&road.then(Event::Finish)), [&Effect::Revoke]);
}

#[test]
fn nothing_is_mailed_in_the_last_two_minutes() {
    let mut road = SessionDriver::succeeding();
    road.skips(minutes(58) - std::time::Duration::from_millis(1));
    assert_eq!(road.decides(Event::MailLink).refusal, None);
    road.skips(std::time::Duration::from_millis(1));
    assert_eq!(road.decides(Event::MailLink).refusal, Some(Refusal::TooLate));
}
