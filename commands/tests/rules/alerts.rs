//! Cards of alerts in both languages, and when they need work.

use std::time::Duration;

use commands::flows::alerts::card::{self, CardView};
use commands::flows::alerts::lead_acts::{LeadAct, lead_acted};
use commands::flows::alerts::list::{self, AlertListing};
use commands::flows::alerts::raise::{Broken, look_ups, trail_broken};
use commands::flows::alerts::timing::{
    CARDS_WINDOW, NOTICE_LIFE, PING_LIFE, REMINDERS, REOPEN, can_reopen, expires, is_late,
    may_ping, next_look, reminds, skip_reminders,
};
use commands::model::alert::{
    Alert, AlertCard, AlertKind, AlertLevel, AlertState, AlertSubject, NO_MORE_REMINDERS, NewAlert,
    Verdict,
};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::pseudonym::Pseudonym;
use commands::model::report::{Answer, ReportChoice, ReportedMail};
use commands::model::request::{CustomerRequest, REQUEST_LIFE, RequestKind, RequestOutcome};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::{AccountProblem, Locale, NotEligible, Purpose};
use commands::ports::alerts::AlertPage;
use commands::screens::alert_press::{AlertList, AlertSpan, AlertView};
use commands::screens::screen::{Row, Screen, Style};

use crate::album::assert_album;
use crate::alert_row::row;
use crate::events::PURPOSES;
use crate::screen_text::screen_text;
use crate::session_driver::{BEN, NOW, SessionDriver};

const TICK: Duration = Duration::from_millis(1);
const EVA: u64 = 9;

fn of_kind(kind: AlertKind) -> Alert {
    row(NewAlert::new(kind, AlertSubject::Agent(BEN)))
}

fn posted(alert: Alert) -> Alert {
    let card =
        AlertCard { message: Some(5), posted_at: Some(NOW), posts: 1, ..AlertCard::default() };
    Alert { card, ..alert }
}

fn render(alert: &Alert, locale: Locale) -> Screen {
    let (agent_name, session_is_open) = (Some("Ben Carter"), alert.session.is_some());
    card::render(&CardView {
        alert,
        agent_name,
        session_is_open,
        view: AlertView::Card,
        now: NOW,
        locale,
    })
}

fn reported(mut driver: SessionDriver, mail: ReportedMail, choice: ReportChoice) -> Alert {
    driver.skip(minutes(1));
    let answer = Answer { mail, choice, reference: "R-7K2M9Q".to_owned(), is_erased: false };
    row(driver.apply(Event::Reported(answer)).alerts.remove(0))
}

/// Returns every alert that is raised at once.
fn alerts() -> Vec<(String, Alert)> {
    let mut alerts = Vec::new();
    let choices = [ReportChoice::NotMe, ReportChoice::NotSure];
    for (mail, driver) in [
        (ReportedMail::Customer, SessionDriver::proving_customer()),
        (ReportedMail::Agent, SessionDriver::proving_agent()),
        (ReportedMail::Linking, SessionDriver::linking_looked_up(true)),
        (ReportedMail::Notice, SessionDriver::recovering_mailed()),
    ] {
        for choice in choices {
            let name = format!("{}, {}", mail.name(), choice.name());
            alerts.push((name, reported(driver.clone(), mail, choice)));
        }
    }
    let closed =
        SessionDriver::proving_customer().then(Event::Cancel("the caller hung up".to_owned()));
    alerts.push(("late".to_owned(), reported(closed, ReportedMail::Customer, choices[0])));
    for purpose in PURPOSES {
        for until_unlocked in [false, true] {
            let mut driver = SessionDriver::proving_customer();
            let effect = Effect::AlertLocked { purpose, until_unlocked };
            driver.session.pending.push(commands::model::effect::Pending::new(effect.clone(), NOW));
            let step = driver.apply(Event::NoticeSent(effect, Ok(())));
            let name = format!("{}, in a row: {until_unlocked}", purpose.name());
            alerts.push((name, row(step.alerts[0].clone())));
        }
    }
    let counted = |kind| NewAlert::new(kind, AlertSubject::Agent(BEN)).with_fact("count", 5);
    alerts.extend([
        ("several customers".to_owned(), {
            row(counted(AlertKind::ReportedTwice).with_fact("until", NOW.0))
        }),
        ("look-ups, hour".to_owned(), row(look_ups(BEN, false))),
        ("look-ups, day".to_owned(), row(look_ups(BEN, true))),
        ("reset codes".to_owned(), row(counted(AlertKind::ResetCodes))),
        ("reset link".to_owned(), row(counted(AlertKind::ResetCodes).with_fact("closed", true))),
        ("stuck".to_owned(), of_kind(AlertKind::RevokeStuck)),
    ]);
    alerts.extend(Broken::ALL.map(|what| (what.name().to_owned(), row(trail_broken(what, 2)))));
    for why in [NotEligible::Role, NotEligible::Link, NotEligible::Account(AccountProblem::Gone)] {
        let step = SessionDriver::proving_agent().apply(Event::AgentIneligible(why));
        alerts.push((why.name().to_owned(), row(step.alerts[0].clone())));
    }
    alerts.extend(
        LeadAct::ALL.map(|act| (act.name().to_owned(), row(lead_acted(1, EVA, act, Some(BEN))))),
    );
    alerts
}

#[test]
fn cards() {
    assert_album!(|page| {
        for (name, alert) in alerts() {
            page.screen(&name, &render(&alert, page.locale));
        }
        let verdict = Verdict { by: EVA, at: NOW + minutes(9) };
        let repeated = Alert { count: 3, ..of_kind(AlertKind::Enumeration) };
        for (name, state) in [
            ("signal", AlertState::Open),
            ("handled", AlertState::Handled(verdict)),
            ("false alarm", AlertState::FalseAlarm(verdict)),
            ("expired", AlertState::Expired),
        ] {
            page.screen(name, &render(&Alert { state, ..repeated.clone() }, page.locale));
        }
        let collected =
            Alert { count: 12, ..row(NewAlert::new(AlertKind::Collected, AlertSubject::Bot)) };
        page.screen("collected", &render(&collected, page.locale));
        let later = NOW + REMINDERS[0];
        page.screen("reminder", &card::reminder(&repeated, later, page.locale));
    });
}

#[test]
fn lists() {
    assert_album!(|page| {
        let shown: Vec<_> = alerts().into_iter().map(|(_, alert)| alert).take(10).collect();
        let locale = page.locale;
        let mut list = |name: &str, span, alerts: &[Alert], total, last_answer| {
            let list = AlertList { span, page: 0 };
            let shown = AlertPage { alerts: alerts.to_vec(), total };
            page.screen(
                name,
                &list::render(&AlertListing { list, page: &shown, last_answer, locale }),
            );
        };
        list("open", AlertSpan::Open, &shown, 11, None);
        list("week", AlertSpan::week_before(NOW), &shown[..1], 1, None);
        list("none", AlertSpan::Open, &[], 0, None);
        list("none since", AlertSpan::Open, &[], 0, Some(NOW));
        list("none in a week", AlertSpan::week_before(NOW), &[], 0, None);
    });
}

#[test]
fn card_has_five_buttons_at_most_and_one_primary() {
    for (name, alert) in alerts() {
        let screen = render(&alert, Locale::En);
        let [Row::Buttons(buttons)] = &screen.rows[..] else { panic!("{name}") };
        assert!(buttons.len() <= 5, "{name}");
        assert_eq!(buttons.iter().filter(|button| button.style == Style::Primary).count(), 1);
        assert_eq!(buttons[0].label == "Close session", alert.session.is_some(), "{name}");
    }
}

#[test]
fn card_names_no_customer_and_no_code() {
    for locale in [Locale::En, Locale::Es] {
        for (name, alert) in alerts() {
            let text = format!("{:?}", render(&alert, locale));
            for secret in ["Julia", "julia", "Pérez", "Casa Luz", "@example", "123456"] {
                assert!(!text.contains(secret), "{name}: {secret} is in {text}");
            }
        }
    }
}

#[test]
fn customer_and_purpose_decide_the_unlock() {
    for (purpose, label) in [
        (Purpose::AgentMfa, "Unlock"),
        (Purpose::CustomerConsent, "Lock out 1 hour"),
        (Purpose::AgentLink, "Unlock"),
    ] {
        let new = NewAlert::new(AlertKind::LockedConsecutive, AlertSubject::Agent(BEN));
        let screen = render(&row(new.with_fact("purpose", purpose.name())), Locale::En);
        let [Row::Buttons(buttons)] = &screen.rows[..] else { panic!("{purpose:?}") };
        assert_eq!(buttons.last().unwrap().label, label);
    }
}

#[test]
fn urgent_card_reminds_at_15_and_60_minutes() {
    let mut alert = posted(of_kind(AlertKind::Reported));
    for (nth, at) in REMINDERS.into_iter().enumerate() {
        alert.card.reminders = u32::try_from(nth).unwrap();
        assert_eq!(next_look(&alert, &alert.card, NOW), Some(NOW + at));
        assert!(!reminds(&alert, &alert.card, NOW + at - TICK));
        assert!(reminds(&alert, &alert.card, NOW + at));
    }
    alert.card.reminders = 0;
    assert_eq!(skip_reminders(&alert, &alert.card, NOW + REMINDERS[1] - TICK), 0);
    assert_eq!(skip_reminders(&alert, &alert.card, NOW + REMINDERS[1]), 1);
    alert.card.reminders = NO_MORE_REMINDERS;
    assert_eq!(skip_reminders(&alert, &alert.card, NOW + REMINDERS[1]), NO_MORE_REMINDERS);
    alert.card.reminders = 2;
    assert_eq!(next_look(&alert, &alert.card, NOW), None);
    alert.card.reminders = 0;
    let warning = Alert { level: AlertLevel::Warning, ..alert.clone() };
    assert!(!reminds(&warning, &warning.card, NOW + REMINDERS[1]));
    let verdict = Verdict { by: EVA, at: NOW };
    let answered = Alert { state: AlertState::Handled(verdict), ..alert };
    assert!(!reminds(&answered, &answered.card, NOW + REMINDERS[1]));
}

#[test]
fn notice_closes_after_seven_days_and_the_collecting_card_after_an_hour() {
    for (kind, life) in [(AlertKind::LeadActed, NOTICE_LIFE), (AlertKind::Collected, CARDS_WINDOW)]
    {
        let alert = posted(of_kind(kind));
        assert_eq!(next_look(&alert, &alert.card, NOW), Some(NOW + life));
        assert!(!expires(&alert, NOW + life - TICK), "{kind:?}");
        assert!(expires(&alert, NOW + life), "{kind:?}");
    }
    let waiting = of_kind(AlertKind::Collected);
    for alert in [of_kind(AlertKind::Locked), waiting] {
        assert!(!expires(&alert, Timestamp(i64::MAX)), "{:?}", alert.kind);
    }
}

#[test]
fn ping_is_left_out_after_an_hour() {
    let end = NOW + PING_LIFE;
    let alert = of_kind(AlertKind::Reported);
    assert!(may_ping(&alert, end) && !may_ping(&alert, end + TICK));
    let repeated = Alert { last_at: NOW + TICK, ..alert.clone() };
    assert!(may_ping(&repeated, end + TICK));
    // An alert can rest on events from long before it.
    let old = Alert { last_at: NOW - PING_LIFE, ..alert.clone() };
    assert!(may_ping(&old, end));
    assert!(!may_ping(&of_kind(AlertKind::Locked), NOW), "a warning pings no lead");
    let mut alert = posted(alert);
    for (nth, at) in REMINDERS.into_iter().enumerate() {
        alert.card.reminders = u32::try_from(nth).unwrap();
        assert!(!is_late(&alert, &alert.card, end + at), "{nth}");
        assert!(is_late(&alert, &alert.card, end + at + TICK), "{nth}");
    }
    let repeated = Alert { last_at: NOW + REMINDERS[1] + TICK, ..alert };
    assert!(!is_late(&repeated, &repeated.card, end + REMINDERS[1] + TICK));
}

#[test]
fn request_waits_for_thirty_days_whatever_a_lead_answers() {
    let request = CustomerRequest {
        id: "E-7K2M9Q".parse().unwrap(),
        kind: RequestKind::Copy,
        customer: Pseudonym::from_bytes([7; Pseudonym::BYTES]),
        asked_by: Some(EVA),
        asked_at: NOW,
        is_done: false,
    };
    let end = NOW + REQUEST_LIFE;
    let text = |alert: &Alert, now| {
        let (agent_name, session_is_open, view) = (None, false, AlertView::Card);
        let locale = Locale::En;
        screen_text(&card::render(&CardView {
            alert,
            agent_name,
            session_is_open,
            view,
            now,
            locale,
        }))
    };
    let (waits, ended) = ("An operator performs it.", "No operator performed it within 30 days");
    let open = posted(row(request.notice(None)));
    assert!(!expires(&open, end - TICK) && expires(&open, end));
    let handled = AlertState::Handled(Verdict { by: BEN, at: NOW });
    for state in [AlertState::Open, handled] {
        let alert = Alert { state, ..open.clone() };
        assert_eq!(next_look(&alert, &alert.card, NOW + REOPEN), Some(end), "{state:?}");
        assert_eq!(next_look(&alert, &alert.card, end).is_some(), state == AlertState::Open);
        let (before, after) = (text(&alert, end - TICK), text(&alert, end));
        assert!(before.contains(waits) && !before.contains(ended), "{before}");
        assert!(after.contains(ended) && !after.contains(waits), "{after}");
    }
    let expired = text(&Alert { state: AlertState::Expired, ..open.clone() }, end);
    assert!(expired.contains(ended) && !expired.contains("after 7 days"), "{expired}");
    // An outcome ends the wait. The notice then closes as any other.
    let done = request.notice(Some((RequestOutcome::Done, NOW)));
    let done = posted(row(done));
    assert_eq!(next_look(&done, &done.card, NOW), Some(NOW + NOTICE_LIFE));
    let late = text(&Alert { state: AlertState::Expired, ..done }, end);
    assert!(late.contains("Done, ") && !late.contains(ended), "{late}");
}

#[test]
fn answered_alert_opens_again_for_24_hours() {
    let verdict = Verdict { by: EVA, at: NOW };
    let alert =
        posted(Alert { state: AlertState::FalseAlarm(verdict), ..of_kind(AlertKind::Locked) });
    assert!(can_reopen(&alert, NOW + REOPEN - TICK));
    assert!(!can_reopen(&alert, NOW + REOPEN));
    assert_eq!(next_look(&alert, &alert.card, NOW), Some(NOW + REOPEN));
    assert_eq!(next_look(&alert, &alert.card, NOW + REOPEN), None);
}
