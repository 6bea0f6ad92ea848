//! The lead's desk: a close by a lead in every flow, and the views.

use std::collections::HashSet;
use std::time::Duration;

use commands::flows::lead::close::{EarlierClose, closed_already, done, form, try_again};
use commands::flows::lead::launcher;
use commands::flows::lead::session::{CARD_EVENTS, Card, render as render_card};
use commands::flows::lead::sessions::{
    Listing, PAGE_LINES, ambiguous, last_page, render, suggestion,
};
use commands::flows::step;
use commands::model::customer::Role;
use commands::model::delivery::{Delivery, DeliveryState};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::reason::Reason;
use commands::model::refusal::Refusal;
use commands::model::session::Session;
use commands::model::time::{Timestamp, minutes};
use commands::model::trail::TrailEvent;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{CloseReason, Locale, Target};
use commands::ports::session_search::{SessionEvent, SessionPage};
use commands::screens::desk_id::{SessionList, Span};
use commands::screens::screen::Screen;
use serde_json::json;

use crate::album::assert_album;
use crate::discord_limits::violations;
use crate::events::LEAD;
use crate::screen_text::screen_text;
use crate::session_driver::{BEN, NOW, SessionDriver};

fn lead_closes(lead: u64) -> Event {
    Event::LeadClosed(lead, Reason::parse("I wrote to ben@waizant.example, 123 456").unwrap())
}

/// Returns the events of a card, as the store reads them.
fn stored(session: &Session, events: &[TrailEvent]) -> Vec<SessionEvent> {
    let event = |event: &TrailEvent| SessionEvent {
        session: session.id.clone(),
        at: event.at,
        actor: event.actor.clone(),
        kind: event.kind.to_owned(),
        details: event.details.clone(),
    };
    events.iter().filter(|event| CARD_EVENTS.contains(&event.kind)).map(event).collect()
}

#[test]
fn lead_closes_every_flow() {
    for mut driver in [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::chosen(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Owner),
        SessionDriver::succeeding(),
        SessionDriver::linking(),
        SessionDriver::recovering_mailed(),
    ] {
        let before = driver.stage();
        let is_proven = driver.session.may_be_proven;
        let step = driver.apply(lead_closes(LEAD));
        assert_eq!(
            step.session.closed().map(|(reason, _)| reason),
            Some(CloseReason::ByLead),
            "{before}"
        );
        let closed = step.events.iter().find(|event| event.kind == "closed").unwrap();
        assert_eq!(
            (closed.actor.as_str(), &closed.details),
            ("discord:77", &json!({ "why": "by_lead" }))
        );
        assert_eq!(closed.about, json!({ "reason": "I wrote to b•••@w•••.example, ••• •••" }));
        assert_eq!(
            closed.customer, driver.session.pseudonym,
            "the reason is sealed with the customer"
        );
        let revokes =
            step.session.pending.iter().any(|it| matches!(it.effect, Effect::Revoke { .. }));
        assert_eq!(revokes, is_proven, "{before}");
        assert!(!step.session.is_busy(), "{before}");
        let again = driver.apply(lead_closes(LEAD));
        assert_eq!(again.refusal, Some(Refusal::Closed(CloseReason::ByLead, NOW)), "{before}");
        assert_eq!(again.events, []);
    }
}

#[test]
fn own_session_is_marked() {
    let driver = SessionDriver::choosing();
    let step = step(&driver.session, lead_closes(BEN), &driver.facts());
    let closed = step.events.last().unwrap();
    assert_eq!(closed.details, json!({ "why": "by_lead", "own": true }));
}

/// Returns sessions in different stages, each with marks.
fn sessions() -> Vec<Session> {
    let mut waiting = SessionDriver::proving_customer();
    waiting.session.customer.wrong = 3;
    if let Some(code) = waiting.session.customer.challenge.as_deref_mut() {
        code.delivery = Some(Delivery {
            state: DeliveryState::Bounced,
            at: NOW,
            seconds: 2,
            reason: None,
            unknown: UnknownFields::NONE,
        });
    }
    let mut acting = SessionDriver::acting(Role::Owner);
    acting.session.links_issued = 2;
    let drivers = [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        waiting,
        acting,
        SessionDriver::succeeding(),
        SessionDriver::acting(Role::Member).then(Event::Finish),
        SessionDriver::choosing().then(lead_closes(LEAD)),
    ];
    drivers
        .into_iter()
        .enumerate()
        .map(|(n, driver)| Session {
            id: format!("{n}{:021}", 0).parse().unwrap(),
            ..driver.session
        })
        .collect()
}

fn listing(list: SessionList, sessions: &[Session], total: u64, locale: Locale) -> Screen {
    let page = SessionPage { sessions: sessions.to_vec(), total };
    let colleagues: HashSet<_> = sessions.iter().skip(5).take(1).map(|it| it.id.clone()).collect();
    let alerted: HashSet<_> = sessions.iter().skip(4).take(1).map(|it| it.id.clone()).collect();
    let (colleagues, alerted, last_close) = (&colleagues, &alerted, Some(NOW));
    render(&Listing { list, page: &page, colleagues, alerted, last_close, locale })
}

#[test]
fn lists_of_sessions() {
    let sessions = sessions();
    let day = SessionList { span: Span::day_before(NOW), ..SessionList::default() };
    let of_ben = SessionList { agent: Some(BEN), ..SessionList::default() };
    assert_album!(|page| {
        page.screen("open", &listing(SessionList::default(), &sessions[..7], 7, page.locale));
        page.screen(
            "day, second page",
            &listing(SessionList { page: 1, ..day }, &sessions[7..], 12, page.locale),
        );
        page.screen("none", &listing(SessionList::default(), &[], 0, page.locale));
        page.screen("none of the day", &listing(day, &[], 0, page.locale));
        page.screen("none of an agent", &listing(of_ben, &[], 0, page.locale));
        page.screen(
            "none of an agent in the day",
            &listing(SessionList { agent: Some(BEN), ..day }, &[], 0, page.locale),
        );
        page.screen("several", &ambiguous(&sessions[..2], page.locale));
    });
}

#[test]
fn cards_and_answers() {
    let mut driver = SessionDriver::proving_customer();
    let mut events = vec![SessionEvent {
        session: driver.session.id.clone(),
        at: NOW,
        actor: "discord:501".to_owned(),
        kind: "looked_up".to_owned(),
        details: json!({ "colleague": true }),
    }];
    driver.advance(Duration::from_secs(4));
    events.push(SessionEvent {
        kind: "code_delivered".to_owned(),
        details: json!({ "purpose": "customer_consent", "nth": 1, "seconds": 4 }),
        ..events[0].clone()
    });
    driver.type_right_code();
    for (nth, target) in [(1, Target::Web), (2, Target::Store)] {
        driver.advance(minutes(1));
        driver.click(Event::Open(target));
        let step = driver.apply(Event::Issued {
            target,
            nth,
            outcome: Ok((
                "https://shop.example/in".into(),
                driver.now + Duration::from_secs(47 * u64::from(nth)),
            )),
        });
        events.extend(stored(&driver.session, &step.events));
    }
    driver.advance(Duration::from_secs(47));
    let (now, id) = (driver.now, driver.session.id.clone());
    let closing = driver.clone().apply(lead_closes(LEAD));
    let closed = [events.clone(), stored(&closing.session, &closing.events)].concat();
    let list = SessionList::default();
    assert_album!(|page| {
        let locale = page.locale;
        let card = |session: &Session, events: &[SessionEvent]| {
            render_card(&Card { session, events, list, reader: LEAD, now, locale })
        };
        page.screen("looked up", &card(&SessionDriver::found().session, &[]));
        page.screen("acting", &card(&driver.session, &events));
        page.screen("closed by a lead", &card(&closing.session, &closed));
        page.screen(
            "finished",
            &card(&SessionDriver::acting(Role::Owner).then(Event::Finish).session, &[]),
        );
        let earlier = EarlierClose { reason: CloseReason::ByLead, at: NOW, lead: Some(LEAD) };
        let a_moment = minutes(1) - Duration::from_millis(1);
        page.screen("a moment ago", &closed_already(earlier, list, NOW + a_moment, locale));
        page.screen("a minute ago", &closed_already(earlier, list, NOW + minutes(1), locale));
        page.screen("closed", &done(&id, list, false, locale));
        page.screen("revokes", &done(&id, list, true, locale));
        page.screen("too short", &try_again(&id, list, &Refusal::ReasonTooShort, locale));
        let form = form(&id, list, 7, Some("typed".to_owned()), locale);
        page.screen(
            "form",
            &Screen {
                title: form.title,
                body: vec![form.inputs[0].label.clone()],
                ..Screen::default()
            },
        );
    });
}

#[test]
fn launcher_and_its_answers() {
    assert_album!(|page| {
        page.screen("launcher", &launcher::render(page.locale));
        page.screen("posted", &launcher::posted(2, page.locale));
        page.screen("not permitted", &launcher::not_permitted(2, page.locale));
    });
}

#[test]
fn every_close_reason_has_a_word() {
    for locale in [Locale::En, Locale::Es] {
        let other = if locale == Locale::En { "another reason" } else { "otro motivo" };
        for reason in crate::events::CLOSE_REASONS {
            let earlier = EarlierClose { reason, at: NOW, lead: None };
            let text = screen_text(&closed_already(earlier, SessionList::default(), NOW, locale));
            // These close no session with a customer.
            let is_other = matches!(
                reason,
                CloseReason::Replaced | CloseReason::Nameless | CloseReason::ResetLockedOut
            );
            assert_eq!(text.contains(other), is_other, "{text}");
        }
    }
}

#[test]
fn lists_fit_discord() {
    let long = |n: usize, session: &Session| {
        let mut session = session.clone();
        session.id = format!("{n:02}{:020}", 0).parse().unwrap();
        session.actor.name = "*".repeat(128);
        session.actor.discord_id = u64::MAX;
        session.customer.wrong = 4;
        session
    };
    for session in sessions() {
        let full: Vec<_> = (0..PAGE_LINES as usize).map(|n| long(n, &session)).collect();
        let list =
            SessionList { span: Span::DayBefore(u32::MAX), agent: Some(u64::MAX), page: u16::MAX };
        for locale in [Locale::En, Locale::Es] {
            let screen = listing(list, &full, u64::MAX, locale);
            assert_eq!(violations(&screen), [""; 0], "{}", screen_text(&screen));
            assert_eq!(violations(&ambiguous(&full, locale)), [""; 0]);
            let name = suggestion(&full[0], Timestamp(i64::MAX), locale);
            assert!((1..=100).contains(&name.chars().count()), "{name}");
        }
    }
}

#[test]
fn page_has_ten_lines() {
    for (total, last) in [(0, 0), (1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (1_000, 99)] {
        assert_eq!(last_page(total), last, "{total}");
    }
}
