//! Corrupted rows: the JSON of a session was changed.
//!
//! A row that can still be read can be moved, drawn and closed without a panic. Other rows are
//! rejected.

use std::panic::{AssertUnwindSafe, catch_unwind};

use commands::model::event::Event;
use commands::model::proof::proofs;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::events::{clicks, outcomes, system_events};
use crate::names::event_name;
use crate::random_events::draw;
use crate::session_driver::SessionDriver;
use crate::stored_sessions::every_state;
use crate::strategies::{event, text};

/// Change of one place in a row.
#[derive(Clone, Debug)]
enum Change {
    /// Another value.
    To(Value),
    /// A value from another row.
    CopiedFrom(Index, Index),
    Removed,
    /// The first item of a list again.
    Duplicated,
}

fn change() -> impl Strategy<Value = Change> {
    let edges = [
        json!(0),
        json!(-1),
        json!(u32::MAX),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(true),
        Value::Null,
        json!([]),
        json!({}),
        json!(""),
    ];
    prop_oneof![
        4 => prop::sample::select(edges.to_vec()).prop_map(Change::To),
        1 => text().prop_map(|text| Change::To(json!(text))),
        5 => (any::<Index>(), any::<Index>())
            .prop_map(|(row, place)| Change::CopiedFrom(row, place)),
        1 => Just(Change::Removed),
        1 => Just(Change::Duplicated),
    ]
}

/// Collects every place in a row as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                places(value, &format!("{at}/{name}"), into);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{n}"), into);
            }
        }
        _ => {}
    }
}

fn places_of(row: &Value) -> Vec<String> {
    let mut all = Vec::new();
    places(row, "", &mut all);
    all
}

fn apply(row: &mut Value, place: Index, change: &Change, rows: &[Value]) {
    let all = places_of(row);
    let at = place.get(&all);
    let (parent, name) = at.rsplit_once('/').unwrap_or_default();
    match change {
        Change::To(value) => *row.pointer_mut(at).unwrap() = value.clone(),
        Change::CopiedFrom(which, other) => {
            let from = which.get(rows);
            let places = places_of(from);
            // The same place of the other row is preferred, because its value is often readable.
            let place = if from.pointer(at).is_some() { at } else { other.get(&places) };
            let value = from.pointer(place).unwrap().clone();
            *row.pointer_mut(at).unwrap() = value;
        }
        Change::Removed => match row.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.remove(name)),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => {}
        },
        Change::Duplicated => {
            if let Some(Value::Array(items)) = row.pointer_mut(parent)
                && let Some(item) = items.first().cloned()
            {
                items.push(item);
            }
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(Index, Change)>> {
    prop::collection::vec((any::<Index>(), change()), 1..5)
}

/// Returns the session of a changed row, if the row is readable. It keeps the original secrets.
fn session_of(which: Index, changes: &[(Index, Change)]) -> Option<SessionDriver> {
    let drivers = every_state();
    let rows: Vec<Value> =
        drivers.iter().map(|driver| serde_json::to_value(&driver.session).unwrap()).collect();
    let driver = which.get(&drivers);
    let mut row = serde_json::to_value(&driver.session).unwrap();
    for (place, change) in changes {
        apply(&mut row, *place, change, &rows);
    }
    let mut session: Session = serde_json::from_value(row).ok()?;
    session.secrets = driver.session.secrets.clone();
    Some(SessionDriver { session, ..driver.clone() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn readable_row_can_be_moved_and_drawn(
        which: Index,
        changes in changes(),
        events in prop::collection::vec((event(), any::<bool>()), 1..6),
        now in prop_oneof![3 => Just(None), 1 => any::<i64>().prop_map(Some)],
    ) {
        let Some(mut driver) = session_of(which, &changes) else { return Ok(()) };
        driver.now = now.map_or(driver.now, Timestamp);
        draw(&driver);
        let _ = proofs(&driver.session, driver.now);
        for (event, click) in events {
            let step = if click { driver.click(event) } else { driver.apply(event) };
            let (id, locale) = (&driver.session.id, driver.session.locale);
            let _ = (step.refusal.as_ref().map(|refusal| refusal.sentence(locale)), id.short());
            for effect in driver.effects() {
                prop_assert!(effect.key(id).starts_with(id.as_str()));
            }
            draw(&driver);
        }
        driver.apply(Event::TimerFired);
    }
}

/// Sets every number of every row to every edge, and applies every event.
#[test]
fn extreme_numbers_never_overflow() {
    let mut readable = 0;
    for driver in every_state() {
        let row = serde_json::to_value(&driver.session).unwrap();
        for place in places_of(&row)
            .into_iter()
            .filter(|place| row.pointer(place).is_some_and(Value::is_number))
        {
            for edge in [
                json!(u32::MAX),
                json!(u32::MAX - 1),
                json!(i64::MAX),
                json!(i64::MIN),
                json!(u64::MAX),
                json!(0),
            ] {
                let mut row = row.clone();
                *row.pointer_mut(&place).unwrap() = edge.clone();
                let Ok(mut session) = serde_json::from_value::<Session>(row) else { continue };
                session.secrets = driver.session.secrets.clone();
                readable += 1;
                for event in clicks()
                    .into_iter()
                    .chain(system_events())
                    .chain(outcomes().into_iter().filter(|event| event.is_expected_by(&session)))
                {
                    let mut driver = SessionDriver { session: session.clone(), ..driver.clone() };
                    let name = event_name(&event);
                    let moves = AssertUnwindSafe(|| drop(driver.click(event)));
                    assert!(
                        catch_unwind(moves).is_ok(),
                        "{name} with {place} = {edge} in {}",
                        driver.stage()
                    );
                }
                draw(&SessionDriver { session, ..driver.clone() });
            }
        }
    }
    assert!(readable > 500, "only {readable} readable rows");
}

/// Shows that `readable_row_can_be_moved_and_drawn` is not vacuous.
#[test]
fn many_corrupted_rows_stay_readable() {
    let mut runner = TestRunner::deterministic();
    let strategy = (any::<Index>(), changes());
    let readable = (0..600).filter(|_| {
        let (which, changes) = strategy.new_tree(&mut runner).unwrap().current();
        session_of(which, &changes).is_some()
    });
    let readable = readable.count();
    assert!(readable > 120, "only {readable} of 600");
}

#[test]
fn malformed_session_id_is_rejected() {
    for id in
        ["", "AAAAA", "ñandúñandúñandúñandú", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA."]
    {
        assert!(serde_json::from_value::<SessionId>(json!(id)).is_err(), "{id:?}");
    }
    let id: SessionId = serde_json::from_value(json!("AAAAAAAAAAAAAAAAAAAAAA")).unwrap();
    assert_eq!(serde_json::to_value(&id).unwrap(), json!("AAAAAAAAAAAAAAAAAAAAAA"));
}
