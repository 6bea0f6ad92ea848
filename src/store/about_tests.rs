use std::sync::Arc;

use commands::model::customer::{Case, CaseSubject};
use commands::model::flow_state::SupportState;
use commands::model::session::{AccessLink, Session};
use commands::model::ticket::Ticket;
use commands::model::time::Timestamp;
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Challenge;
use commands::model::words::{SupportKind, Target};
use serde_json::json;

use super::*;
use crate::store::store_keys::{StoreKeys, test_store_key};
use crate::store::subject_keys::NOBODY;
use crate::store::testing::{NOON, closed, found, pseudonym, recovering, started};

/// Returns the JSON of a session, what was taken out of it, and what is left.
fn split(session: &Session) -> (Value, Value, Value) {
    let whole = serde_json::to_value(session).unwrap();
    let mut left = whole.clone();
    let about = take_about(&mut left);
    (whole, about, left)
}

/// Returns a session that acts, with a mailed code and two access links.
fn acting() -> Session {
    let mut session = started(found(1, 7, "usr-julia"), NOON);
    let Work::Support(_, SupportState::Choosing { customer }) = session.work.clone() else {
        panic!("the session chooses")
    };
    let case = Case {
        customer,
        ecosystem: "eco-casa-luz".to_owned(),
        ecosystem_name: "Casa Luz".to_owned(),
        subject: CaseSubject::Succession("succ-1".to_owned()),
        unknown: UnknownFields::NONE,
    };
    session.work = Work::Support(SupportKind::Successor, SupportState::Acting { case });
    let challenge = |id: &str, to: &str| {
        let (id, destination) = (id.to_owned(), to.to_owned());
        let (delivery, unknown) = (None, UnknownFields::NONE);
        Some(Box::new(Challenge { id, nth: 1, destination, expires_at: NOON, delivery, unknown }))
    };
    session.ticket = Some(Ticket::parse("ZD-1234").unwrap());
    session.agent.challenge = challenge("c1", "b•••@w•••.example");
    session.customer.challenge = challenge("c2", "j•••@e•••.com");
    for (nth, mailed_to) in [(1, None), (3, Some("j•••@e•••.com".to_owned()))] {
        let unknown = UnknownFields::NONE;
        let link =
            AccessLink { target: Target::Successor, nth, mailed_to, expires_at: NOON, unknown };
        session.access_links.push(link);
    }
    session
}

fn key(subject: Option<&str>, quarter: &str) -> SubjectKey {
    let subject = subject.map(pseudonym);
    let name = KeyName { subject, quarter: quarter.parse().unwrap() };
    let keys = StoreKeys::new(test_store_key(1), Vec::new());
    let sealed = keys.seal(&name.binding(), vec![7; 32]).unwrap();
    SubjectKey::unseal(&keys, name, &sealed).unwrap()
}

#[test]
fn session_is_split_and_put_together() {
    for session in [
        found(1, 7, "usr-julia"),
        started(found(1, 7, "usr-julia"), NOON),
        acting(),
        closed(acting(), NOON),
        recovering(2, 7),
    ] {
        let (whole, about, mut left) = split(&session);
        put_back(&mut left, about);
        assert_eq!(left, whole);
    }
}

#[test]
fn state_keeps_nothing_about_the_customer() {
    let (_, about, left) = split(&acting());
    let left = left.to_string();
    for word in
        ["usr-julia", "J*** P***", "j•••@e•••.com", "casa-luz", "Casa Luz", "succ-1", "ZD-1234"]
    {
        assert!(about.to_string().contains(word) && !left.contains(word), "{word}: {left}");
    }
    for word in ["b•••@w•••.example", "acting", "\"nth\":3"] {
        assert!(left.contains(word), "{word}: {left}");
    }
    assert_eq!(about["links_to"], json!({ "3": "j•••@e•••.com" }));
    assert_eq!(about["code_to"], "j•••@e•••.com");
}

#[test]
fn details_of_newer_version_are_kept_and_never_clear() {
    let (_, mut about, mut left) = split(&acting());
    about["newer"] = json!("T-1");
    put_back(&mut left, about.clone());
    let mut session: Session = serde_json::from_value(left).unwrap();
    assert_eq!(split(&session).1, about);
    session = closed(session, NOON);
    assert!(!split(&session).2.to_string().contains("T-1"));
}

#[test]
fn sessions_without_customer_have_nothing_to_seal() {
    assert!(has_about(&found(1, 7, "usr-julia")) && has_about(&acting()));
    assert!(!has_about(&recovering(2, 7)) && !has_about(&closed(acting(), NOON)));
}

#[test]
fn sealed_value_names_its_key() {
    let about = json!({ "ecosystem": "eco-1" });
    for (subject, named) in
        [(Some("julia"), pseudonym("julia").to_string()), (None, NOBODY.to_owned())]
    {
        let key = key(subject, "2026Q4");
        let text = seal_about(&key, "chain:1", &about).unwrap();
        assert!(text.starts_with(&format!("{named}.2026Q4.")), "{text}");
        assert_eq!(key_name_of(&text).as_ref(), Some(&key.name));
        assert_eq!(open_about(|_| Some(&key), "chain:1", &text), Some(about.clone()));
        assert_eq!(open_about(|_| None, "chain:1", &text), None, "its key was destroyed");
        assert_eq!(open_about(|_| Some(&key), "chain:2", &text), None);
        assert_eq!(open_about(|_| Some(&key), "chain", &text), None);
    }
    for no_value in ["", "nobody", "nobody.2026Q4", "julia.2026Q4.AAAA", "nobody.2026Q5.AAAA"] {
        assert_eq!(key_name_of(no_value), None, "{no_value}");
    }
}

#[test]
fn key_is_that_of_opening_or_event() {
    let mut session = found(1, 7, "usr-julia");
    session.clocks.opened_at = Timestamp(1_767_225_599_999);
    assert_eq!(session_key_name(&session).quarter.to_string(), "2025Q4");
    let event = TrailEvent {
        at: Timestamp(1_767_225_600_000),
        ..crate::store::testing::event(Some(&session.id), "looked_up")
    };
    let name = event_key_name(&event);
    assert_eq!((name.subject(), name.quarter.to_string().as_str()), (NOBODY, "2026Q1"));
}

#[test]
fn key_is_not_shown() {
    let key = Arc::new(key(Some("julia"), "2026Q4"));
    assert_eq!(format!("{key:?}"), format!("SubjectKey({}:2026Q4)", pseudonym("julia")));
}
