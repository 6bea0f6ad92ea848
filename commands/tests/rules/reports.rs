//! Reports: the table of choices and states, the quick answer, the subjects, and two customers.

use std::time::Duration;

use commands::flows::report::{LOCKOUT, QUICK, REPORTERS};
use commands::flows::step::Step;
use commands::model::alert::{AlertKind, AlertLevel};
use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::limit::{Lockout, LockoutReason};
use commands::model::outcome::EffectError;
use commands::model::report::{Answer, ReportChoice, ReportedMail};
use commands::model::words::{CloseReason, Target};

use crate::names::effect_name;
use crate::people::JULIA;
use crate::session_driver::{BEN, SessionDriver};

const TICK: Duration = Duration::from_millis(1);

/// Returns every answer to every mail.
pub(crate) fn answers() -> Vec<Event> {
    let answer = |mail, choice| {
        let reference = "R-7K2M9Q".to_owned();
        Event::Reported(Answer { mail, choice, reference, is_erased: false })
    };
    let of_mail = |mail| ReportChoice::ALL.map(|choice| answer(mail, choice));
    ReportedMail::ALL.into_iter().flat_map(of_mail).collect()
}

fn report(driver: &mut SessionDriver, mail: ReportedMail, choice: ReportChoice) -> Step {
    let reference = "R-7K2M9Q".to_owned();
    driver.apply(Event::Reported(Answer { mail, choice, reference, is_erased: false }))
}

/// Describes what a report did: the stage, the lockouts and the effects that it requested.
fn describe(driver: &SessionDriver, step: &Step) -> String {
    let subjects: Vec<_> = step.lockouts.iter().map(|lockout| lockout.subject.as_str()).collect();
    let effects: Vec<_> = driver.effects().iter().map(effect_name).collect();
    let kinds: Vec<_> = step.events.iter().map(|event| event.kind).collect();
    format!("{}: {kinds:?}, locks {subjects:?}, {effects:?}", driver.stage())
}

/// Returns a session whose mails are older than ten seconds.
fn old(mut driver: SessionDriver) -> SessionDriver {
    driver.skip(QUICK);
    driver
}

fn acting_with_link() -> SessionDriver {
    let mut driver = SessionDriver::acting(Role::Owner);
    driver.click(Event::Open(Target::Web));
    let outcome = Ok(("https://shop.example/in".into(), driver.now + Duration::from_mins(1)));
    driver.apply(Event::Issued { target: Target::Web, nth: 1, outcome });
    driver
}

/// Builds the session of a row.
type State = fn() -> SessionDriver;

#[test]
fn table_of_choices_and_states() {
    let states: [(&str, State); 5] = [
        ("open, code mailed", SessionDriver::proving_customer),
        ("open, both verified", || SessionDriver::acting(Role::Owner)),
        ("open, something opened", acting_with_link),
        ("closed, nothing opened", || SessionDriver::acting(Role::Owner).then(Event::Finish)),
        ("closed, something opened", || acting_with_link().then(Event::Finish)),
    ];
    let mut table = Vec::new();
    for (name, state) in states {
        for choice in ReportChoice::ALL {
            let mut driver = old(state());
            let step = report(&mut driver, ReportedMail::Customer, choice);
            table.push(format!("{name}, {} → {}", choice.name(), describe(&driver, &step)));
        }
    }
    insta::assert_snapshot!(table.join("\n"), @r#"
    open, code mailed, me → proving_customer: ["report_cleared"], locks [], []
    open, code mailed, not_me → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "count"]
    open, code mailed, not_sure → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "count"]
    open, both verified, me → acting: ["report_cleared"], locks [], []
    open, both verified, not_me → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "count"]
    open, both verified, not_sure → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "count"]
    open, something opened, me → acting: ["report_cleared"], locks [], []
    open, something opened, not_me → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "visit", "count"]
    open, something opened, not_sure → closed(reported): ["reported", "closed", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["revoke", "visit", "count"]
    closed, nothing opened, me → closed(finished): ["report_cleared"], locks [], ["revoke"]
    closed, nothing opened, not_me → closed(finished): ["reported"], locks [], ["revoke", "count"]
    closed, nothing opened, not_sure → closed(finished): ["reported"], locks [], ["revoke", "count"]
    closed, something opened, me → closed(finished): ["report_cleared"], locks [], ["revoke", "visit"]
    closed, something opened, not_me → closed(finished): ["reported", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["visit", "revoke", "count"]
    closed, something opened, not_sure → closed(finished): ["reported", "revoke_asked", "locked_out"], locks ["customer:ENSPAWHDD9TPRTB10000000000"], ["visit", "revoke", "count"]
    "#);
}

#[test]
fn each_mail_locks_out_its_own_subject() {
    let (agent, discord) = ("agent:agent-ben".to_owned(), format!("discord:{BEN}"));
    for (mail, mut driver, subjects) in [
        (ReportedMail::Customer, SessionDriver::proving_customer(), vec![JULIA.to_owned()]),
        (ReportedMail::Visit, acting_with_link().then(Event::Finish), vec![JULIA.to_owned()]),
        (ReportedMail::Agent, SessionDriver::proving_agent(), vec![agent.clone()]),
        (ReportedMail::Linking, SessionDriver::linking_looked_up(true), vec![discord.clone()]),
        (ReportedMail::Notice, SessionDriver::recovering_mailed(), vec![agent, discord]),
    ] {
        driver.skip(QUICK);
        let step = report(&mut driver, mail, ReportChoice::NotMe);
        let until = driver.now + LOCKOUT;
        let lockout = |subject| Lockout { subject, until, reason: LockoutReason::Report };
        assert_eq!(step.lockouts, subjects.into_iter().map(lockout).collect::<Vec<_>>());
        assert!(driver.session.closed().is_some(), "{mail:?}");
        let actor = if mail.is_for_customer() { "customer" } else { "agent" };
        assert!(step.events.iter().any(|event| event.actor == actor), "{mail:?}");
        let kind =
            if mail.is_for_customer() { AlertKind::Reported } else { AlertKind::ReportedAgent };
        assert_eq!(step.alerts.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [kind]);
    }
}

#[test]
fn answer_within_ten_seconds_locks_nobody_out() {
    for (after, locks) in [(QUICK - TICK, false), (QUICK, true)] {
        let mut driver = SessionDriver::proving_customer();
        driver.skip(after);
        let step = report(&mut driver, ReportedMail::Customer, ReportChoice::NotMe);
        assert_eq!(driver.session.closed().map(|(why, _)| why), Some(CloseReason::Reported));
        assert_eq!(step.lockouts.len(), usize::from(locks));
        assert_eq!(driver.session.reported_at().is_some(), locks);
        let counts = Effect::CountReporters { mail: ReportedMail::Customer };
        assert_eq!(driver.effects().contains(&counts), locks);
    }
}

#[test]
fn one_report_counts_per_mail() {
    let mut driver = old(SessionDriver::acting(Role::Owner));
    for (choice, counts) in [
        (ReportChoice::Me, true),
        (ReportChoice::Me, false),
        (ReportChoice::NotMe, true),
        (ReportChoice::NotSure, false),
        (ReportChoice::Me, false),
    ] {
        let step = report(&mut driver, ReportedMail::Customer, choice);
        assert_eq!(!step.events.is_empty(), counts, "{choice:?}");
    }
    // The agent's mail of the same session counts by itself.
    assert!(!report(&mut driver, ReportedMail::Agent, ReportChoice::NotMe).events.is_empty());
}

#[test]
fn erased_customer_is_neither_locked_out_nor_counted() {
    let mut driver = old(acting_with_link().then(Event::Finish));
    let (mail, choice) = (ReportedMail::Visit, ReportChoice::NotMe);
    let answer = Answer { mail, choice, reference: "R-7K2M9Q".to_owned(), is_erased: true };
    let step = driver.apply(Event::Reported(answer));
    assert!(step.lockouts.is_empty() && driver.session.reported_at().is_none());
}

#[test]
fn late_report_without_an_opened_link_is_a_warning() {
    for (mut driver, level) in [
        (old(SessionDriver::proving_customer()), AlertLevel::Urgent),
        (
            old(SessionDriver::proving_customer()
                .then(Event::Cancel("the caller hung up".to_owned()))),
            AlertLevel::Warning,
        ),
        (old(acting_with_link().then(Event::Finish)), AlertLevel::Urgent),
    ] {
        let step = report(&mut driver, ReportedMail::Customer, ReportChoice::NotMe);
        let [alert] = &step.alerts[..] else { panic!("{:?}", step.alerts) };
        assert_eq!((alert.kind, alert.level), (AlertKind::Reported, level));
        assert_eq!(alert.facts.word("reference"), "R-7K2M9Q");
    }
}

#[test]
fn report_of_a_person_replaces_a_quick_one() {
    let mail = ReportedMail::Customer;
    let mut driver = SessionDriver::proving_customer();
    driver.skip(QUICK - TICK);
    assert!(report(&mut driver, mail, ReportChoice::NotMe).lockouts.is_empty());
    let again = report(&mut driver, mail, ReportChoice::NotMe);
    assert!(again.events.is_empty(), "a second quick one changes nothing");
    driver.skip(TICK);
    let step = report(&mut driver, mail, ReportChoice::NotMe);
    assert_eq!(step.lockouts.len(), 1, "as if the session were still open");
    assert_eq!(driver.session.reported_at(), Some(driver.now));
    assert_eq!(step.alerts.len(), 1, "the card shows the newer report");
    assert!(report(&mut driver, mail, ReportChoice::NotSure).events.is_empty());
}

#[test]
fn second_customer_locks_out_the_agent() {
    let mail = ReportedMail::Customer;
    for (count, locks) in [(REPORTERS - 1, false), (REPORTERS, true)] {
        let mut driver = old(SessionDriver::proving_customer());
        report(&mut driver, mail, ReportChoice::NotMe);
        let failed = Err(EffectError::Fault("F-7K2M9Q".to_owned()));
        driver.apply(Event::ReportersCounted(mail, failed));
        assert!(driver.effects().contains(&Effect::CountReporters { mail }), "counted again");
        let step = driver.apply(Event::ReportersCounted(mail, Ok(count)));
        assert!(!driver.effects().contains(&Effect::CountReporters { mail }));
        let kinds: Vec<_> = step.alerts.iter().map(|alert| alert.kind).collect();
        assert_eq!(kinds == [AlertKind::ReportedTwice], locks);
        let subjects: Vec<_> = step.lockouts.into_iter().map(|lockout| lockout.subject).collect();
        assert_eq!(subjects == ["agent:agent-ben"], locks, "{count}");
    }
}
