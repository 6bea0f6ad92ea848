//! The mail of a code: what each answer of the function changes, and when the bot asks.

use std::time::Duration;

use commands::flows::verify::delivery::{asked_code, news};
use commands::model::delivery::{
    BounceReason, DeliveryReport, DeliveryState, LATE_AFTER, MailState, MailStatus, STATUS_AT,
    status_key,
};
use commands::model::event::Event;
use commands::model::time::{Timestamp, minutes};
use commands::model::timers::TOKEN_LIFE;
use commands::model::verification::{Challenge, RESEND_WAIT};
use commands::model::words::{CloseReason, Purpose};

use crate::session_driver::{A_MILLISECOND, NOW, SessionDriver};

const STATES: [MailState; 5] = [
    MailState::Accepted,
    MailState::Delayed,
    MailState::Delivered,
    MailState::Complained,
    MailState::Bounced,
];

/// Returns a report of each state about the first code of a purpose.
pub(crate) fn reports(purpose: Purpose) -> impl Iterator<Item = DeliveryReport> {
    STATES.into_iter().map(move |state| {
        let reason = (state == MailState::Bounced).then_some(BounceReason::NoSuchMailbox);
        let status = MailStatus { state, at: NOW, reason };
        DeliveryReport { purpose, nth: 1, mailed_at: NOW, known: None, status }
    })
}

/// Returns an answer about the first code of a purpose, with the time of the answer.
pub(crate) fn report(driver: &SessionDriver, purpose: Purpose, state: MailState) -> DeliveryReport {
    let status = MailStatus { state, at: driver.now, reason: None };
    DeliveryReport { purpose, nth: 1, mailed_at: NOW, known: None, status }
}

/// Applies an answer about the customer's first code.
pub(crate) fn told(driver: &mut SessionDriver, state: MailState) {
    driver.apply(Event::Delivery(report(driver, Purpose::CustomerConsent, state)));
}

fn known(driver: &SessionDriver) -> Option<DeliveryState> {
    driver.session.customer.challenge.as_deref().and_then(Challenge::delivery_state)
}

#[test]
fn stronger_state_replaces_weaker_one_only() {
    let order =
        [MailState::Accepted, MailState::Delivered, MailState::Complained, MailState::Bounced];
    let kept = [
        DeliveryState::Late,
        DeliveryState::Delivered,
        DeliveryState::Complained,
        DeliveryState::Bounced,
    ];
    for first in 0..order.len() {
        for second in 0..order.len() {
            let mut driver = SessionDriver::proving_customer();
            driver.skip(LATE_AFTER);
            told(&mut driver, order[first]);
            told(&mut driver, order[second]);
            assert_eq!(known(&driver), Some(kept[first.max(second)]), "{first} then {second}");
        }
    }
}

#[test]
fn mail_is_late_after_a_minute() {
    for state in [MailState::Accepted, MailState::Delayed] {
        let mut driver = SessionDriver::proving_customer();
        driver.skip(LATE_AFTER - A_MILLISECOND);
        told(&mut driver, state);
        assert_eq!(known(&driver), None);
        driver.skip(A_MILLISECOND);
        told(&mut driver, state);
        assert_eq!(known(&driver), Some(DeliveryState::Late));
    }
}

#[test]
fn report_moves_no_clock_and_no_generation() {
    for state in STATES {
        let mut driver = SessionDriver::proving_customer();
        driver.skip(LATE_AFTER);
        let before = driver.session.clone();
        let report = report(&driver, Purpose::CustomerConsent, state);
        let step = driver.apply(Event::Delivery(report));
        assert_eq!(step.session.generation, before.generation);
        assert_eq!(step.session.clocks, before.clocks);
        assert_eq!((step.refusal, step.limit_uses, step.refunds), (None, vec![], vec![]));
        assert_eq!(step.session.customer.sends, before.customer.sends, "the code stays counted");
    }
}

#[test]
fn trail_has_each_change_once() {
    let mut driver = SessionDriver::proving_customer();
    let mut lines = Vec::new();
    driver.skip(LATE_AFTER);
    for state in [MailState::Delayed, MailState::Delivered, MailState::Complained] {
        for _ in 0..2 {
            let report = report(&driver, Purpose::CustomerConsent, state);
            let step = driver.apply(Event::Delivery(report));
            lines.extend(step.events.iter().map(|event| {
                assert!(event.about.is_null());
                format!("{} {} {}", event.actor, event.kind, event.details)
            }));
        }
    }
    let full = MailStatus {
        state: MailState::Bounced,
        at: NOW + Duration::from_millis(4_999),
        reason: Some(BounceReason::MailboxFull),
    };
    let report = DeliveryReport {
        status: full,
        ..report(&driver, Purpose::CustomerConsent, MailState::Bounced)
    };
    let step = driver.apply(Event::Delivery(report));
    lines.extend(step.events.iter().map(|event| format!("{} {}", event.kind, event.details)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    clock code_late {"kind":"delayed","nth":1,"purpose":"customer_consent","seconds":60}
    clock code_delivered {"nth":1,"purpose":"customer_consent","seconds":60}
    clock code_complained {"nth":1,"purpose":"customer_consent","seconds":60}
    code_bounced {"kind":"mailbox_full","nth":1,"purpose":"customer_consent","seconds":4}
    "#);
}

#[test]
fn report_after_the_code_is_in_the_trail_only() {
    let mut closed = SessionDriver::proving_customer();
    closed.click(Event::ForceClose(CloseReason::RoleChanged));
    let mut typed = SessionDriver::proving_customer();
    typed.type_right_code();
    let mut resent = SessionDriver::proving_customer();
    resent.skip(RESEND_WAIT);
    resent.click(Event::Resend);
    resent.mail_code();
    for driver in [closed, typed, resent] {
        let report = report(&driver, Purpose::CustomerConsent, MailState::Delivered);
        let step = driver.decide(Event::Delivery(report));
        assert_eq!(step.events.len(), 1);
        assert_eq!(
            serde_json::to_value(&step.session).unwrap(),
            serde_json::to_value(&driver.session).unwrap()
        );
        let known = DeliveryReport { known: Some(DeliveryState::Delivered), ..report };
        assert!(driver.decide(Event::Delivery(known)).events.is_empty(), "it is no news");
    }
}

#[test]
fn times_of_other_services_are_bounded() {
    let mut driver = SessionDriver::proving_customer();
    driver.skip(Duration::from_secs(30));
    for (at, seconds) in [(Timestamp(i64::MIN), 0), (Timestamp(i64::MAX), 30)] {
        let mut report = report(&driver, Purpose::CustomerConsent, MailState::Delivered);
        report.status.at = at;
        let news = news(None, &report, driver.now).unwrap();
        assert_eq!(news.seconds, seconds);
        report.mailed_at = driver.now + minutes(60);
        assert_eq!(news_seconds(&report, driver.now), 0, "the clock was set back");
    }
}

fn news_seconds(report: &DeliveryReport, now: Timestamp) -> u64 {
    news(None, report, now).unwrap().seconds
}

#[test]
fn only_a_live_panel_with_the_newest_code_is_asked_about() {
    let is_asked = |driver: &SessionDriver, purpose, nth| {
        asked_code(&driver.session, purpose, nth, driver.now).is_some()
    };
    let consent = Purpose::CustomerConsent;
    let driver = SessionDriver::proving_customer();
    assert!(is_asked(&driver, consent, 1));
    assert!(is_asked(&SessionDriver::proving_agent(), Purpose::AgentMfa, 1));
    assert!(!is_asked(&driver, Purpose::AgentMfa, 1), "that code was used");
    assert!(!is_asked(&driver, consent, 2), "another code is the newest");
    for account in [true, false] {
        let linking = SessionDriver::linking_looked_up(account);
        let is_asked = |purpose| is_asked(&linking, purpose, 1);
        let asked = [Purpose::AgentLink, Purpose::AgentMfa].into_iter().any(is_asked);
        assert!(!asked, "the state of a link code would reveal the account");
    }
    let changed = |change: &dyn Fn(&mut SessionDriver)| {
        let mut driver = SessionDriver::proving_customer();
        change(&mut driver);
        is_asked(&driver, consent, 1)
    };
    assert!(!changed(&|driver| driver.session.clocks.stripped = true));
    assert!(!changed(&|driver| driver.session.secrets.panel = None));
    assert!(
        !changed(&|driver| driver.session.secrets.panel.as_mut().unwrap().1 = NOW - TOKEN_LIFE)
    );
    assert!(!changed(&|driver| driver.skip(minutes(10))), "the code has expired");
    assert!(!changed(&|driver| driver.session = closed(driver)));
    assert!(changed(&|driver| told(driver, MailState::Delivered)), "it can still bounce");
    assert!(!changed(&|driver| told(driver, MailState::Bounced)), "that is final");
}

fn closed(driver: &mut SessionDriver) -> commands::model::session::Session {
    driver.click(Event::ForceClose(CloseReason::RoleChanged)).session
}

#[test]
fn five_questions_have_their_times_and_keys() {
    assert_eq!(STATUS_AT.map(|at| at.as_secs()), [5, 15, 30, 60, 180]);
    assert!(STATUS_AT.contains(&LATE_AFTER), "a late mail is noticed when it becomes late");
    let session = SessionDriver::found().session.id;
    assert_eq!(
        status_key(&session, Purpose::CustomerConsent, 2, 5),
        format!("{session}:status:customer_consent:2:5")
    );
}
