//! Rows that are not what they were: somebody or something changed the JSON of a session. Whatever
//! can still be read can be moved, shown and closed without a panic, and what cannot be read is
//! refused.

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

use crate::anything::{event, text};
use crate::events::{clicks, named, others, outcomes};
use crate::road::SessionDriver;
use crate::stored::every_road;
use crate::wild::shown;

/// What is done to a place in a row.
#[derive(Clone, Debug)]
enum Change {
    /// Something else altogether.
    To(Value),
    /// What another row has in some place.
    As(Index, Index),
    /// It is gone.
    Gone,
    /// It is there twice, where it is one of a list.
    Twice,
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
        5 => (any::<Index>(), any::<Index>()).prop_map(|(row, place)| Change::As(row, place)),
        1 => Just(Change::Gone),
        1 => Just(Change::Twice),
    ]
}

/// Every place in a row, as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), into))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, value)| places(value, &format!("{at}/{n}"), into)),
        _ => {}
    }
}

fn places_of(row: &Value) -> Vec<String> {
    let mut all = Vec::new();
    places(row, "", &mut all);
    all
}

fn changed(row: &mut Value, place: Index, change: &Change, rows: &[Value]) {
    let all = places_of(row);
    let at = place.get(&all);
    let (parent, name) = at.rsplit_once('/').unwrap_or_default();
    match change {
        Change::To(value) => *row.pointer_mut(at).unwrap() = value.clone(),
        Change::As(which, other) => {
            let from = which.get(rows);
            let theirs = places_of(from);
            // The same place of another row, where it has that, makes more sense than any.
            let theirs = if from.pointer(at).is_some() { at } else { other.get(&theirs) };
            let value = from.pointer(theirs).unwrap().clone();
            *row.pointer_mut(at).unwrap() = value;
        }
        Change::Gone => match row.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.remove(name)),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => {}
        },
        Change::Twice => {
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

/// The session of a row that was changed, with the secrets of the one that it was, if it can still
/// be read.
fn session_of(which: Index, changes: &[(Index, Change)]) -> Option<SessionDriver> {
    let roads = every_road();
    let rows: Vec<Value> =
        roads.iter().map(|road| serde_json::to_value(&road.session).unwrap()).collect();
    let road = which.get(&roads);
    let mut row = serde_json::to_value(&road.session).unwrap();
    for (place, change) in changes {
        changed(&mut row, *place, change, &rows);
    }
    let mut session: Session = serde_json::from_value(row).ok()?;
    session.secrets = road.session.secrets.clone();
    Some(SessionDriver { session, ..road.clone() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_can_be_read_can_be_moved_and_shown(
        which: Index,
        changes in changes(),
        events in prop::collection::vec((event(), any::<bool>()), 1..6),
        now in prop_oneof![3 => Just(None), 1 => any::<i64>().prop_map(Some)],
    ) {
        let Some(mut road) = session_of(which, &changes) else { return Ok(()) };
        road.now = now.map_or(road.now, Timestamp);
        shown(&road);
        let _ = proofs(&road.session, road.now);
        for (event, click) in events {
            let step = if click { road.does(event) } else { road.hears(event) };
            let _ = (step.refusal.as_ref().map(|refusal| refusal.sentence(road.session.locale)), road.session.id.short().len());
            let keys: Vec<String> = road.session.pending.iter().map(|pending| pending.effect.key(&road.session.id)).collect();
            prop_assert!(keys.iter().all(|key| key.starts_with(road.session.id.as_str())));
            shown(&road);
        }
        road.hears(Event::TimerFired);
    }
}

/// Every number of every row at every edge, with every click and clock: no sum runs over.
#[test]
fn no_number_of_a_row_is_too_large_for_any_step() {
    let mut met = 0;
    for road in every_road() {
        let row = serde_json::to_value(&road.session).unwrap();
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
                session.secrets = road.session.secrets.clone();
                met += 1;
                for event in clicks()
                    .into_iter()
                    .chain(others())
                    .chain(outcomes().into_iter().filter(|event| event.is_expected_by(&session)))
                {
                    let mut road = SessionDriver { session: session.clone(), ..road.clone() };
                    let name = named(&event);
                    let moves = AssertUnwindSafe(|| drop(road.does(event)));
                    assert!(
                        catch_unwind(moves).is_ok(),
                        "{name} with {place} = {edge} in {}",
                        road.stage()
                    );
                }
                shown(&SessionDriver { session, ..road.clone() });
            }
        }
    }
    assert!(met > 500, "only {met} rows");
}

/// Otherwise the property above would be about nothing.
#[test]
fn a_good_part_of_the_changed_rows_can_be_read() {
    let mut runner = TestRunner::deterministic();
    let strategy = (any::<Index>(), changes());
    let read = (0..600).filter(|_| {
        let (which, changes) = strategy.new_tree(&mut runner).unwrap().current();
        session_of(which, &changes).is_some()
    });
    let read = read.count();
    assert!(read > 120, "only {read} of 600");
}

#[test]
fn an_id_that_is_none_of_ours_is_not_read() {
    for id in
        ["", "AAAAA", "ñandúñandúñandúñandú", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA."]
    {
        assert!(serde_json::from_value::<SessionId>(json!(id)).is_err(), "{id:?}");
    }
    let id: SessionId = serde_json::from_value(json!("AAAAAAAAAAAAAAAAAAAAAA")).unwrap();
    assert_eq!(serde_json::to_value(&id).unwrap(), json!("AAAAAAAAAAAAAAAAAAAAAA"));
}
