//! Every way in which somebody with the database, and without the key, could bend a chain.

use super::*;
use crate::store::testing::key;

const CHAIN: &str = "session-------------01";

fn event(seq: i64) -> Event {
    Event {
        chain: CHAIN.to_owned(),
        seq,
        at: seq * 1_000,
        who: "discord:7".to_owned(),
        session: Some(CHAIN.to_owned()),
        what: format!("act_{seq}"),
        detail: "{}".to_owned(),
    }
}

/// A chain of five, as it was written.
fn five() -> Vec<Stored> {
    let mut before = Mac::START;
    (1..=5)
        .map(|seq| {
            before = event(seq).mac(&key(1), before);
            (event(seq), Some(before))
        })
        .collect()
}

fn head(chain: &[Stored]) -> Head {
    chain.last().map(|(event, mac)| Head { seq: event.seq, mac: mac.unwrap() }).unwrap()
}

fn whole() -> Known {
    Known { head: Some(head(&five())), named: vec![(head(&five()[..3]), 8)] }
}

fn said(chain: &[Stored], known: Known) -> Vec<String> {
    check(&key(1), CHAIN, chain, known).iter().map(ToString::to_string).collect()
}

#[test]
fn a_chain_as_it_was_written_has_no_findings() {
    assert_eq!(said(&five(), whole()), [""; 0]);
    assert_eq!(said(&five(), Known { named: Vec::new(), ..whole() }), [""; 0]);
}

#[test]
fn a_changed_event_is_named() {
    let mut chain = five();
    chain[2].0.detail = "{\"why\":\"nothing\"}".to_owned();
    assert_eq!(
        said(&chain, whole()),
        ["session session-------------01: event 3 (act_3, 1970-01-01T00:00:03Z) was changed, or is not ours"]
    );
}

#[test]
fn an_event_without_a_mac_or_after_another_key_is_not_ours() {
    let mut chain = five();
    chain[4].1 = None;
    assert_eq!(said(&chain, whole()).len(), 2, "the event, and the head that does not fit it");
    let other = check(&key(2), CHAIN, &five(), whole());
    assert_eq!(other.len(), 5, "with another key nothing fits");
}

#[test]
fn a_removed_event_is_named() {
    let mut chain = five();
    chain.remove(2);
    assert_eq!(said(&chain, Known { named: Vec::new(), ..whole() }), ["session session-------------01: event 3 was removed"]);
    chain.remove(0);
    chain.remove(0);
    assert_eq!(
        said(&chain, Known { named: Vec::new(), ..whole() }),
        ["session session-------------01: events 1 to 3 were removed"]
    );
}

#[test]
fn a_removed_event_whose_followers_were_moved_up_shows_where_they_stood() {
    let mut chain = five();
    chain.remove(2);
    chain[2].0.seq = 3;
    chain[3].0.seq = 4;
    let known = Known { head: Some(Head { seq: 4, ..head(&five()) }), named: Vec::new() };
    assert_eq!(
        said(&chain, known),
        [
            "session session-------------01: event 3 was changed, or is not ours"
                .replace("3 was", "3 (act_4, 1970-01-01T00:00:04Z) was"),
            "session session-------------01: event 4 was moved there from 5".to_owned(),
        ]
    );
}

#[test]
fn two_events_in_each_others_place_are_named() {
    let mut chain = five();
    chain.swap(1, 2);
    chain[1].0.seq = 2;
    chain[2].0.seq = 3;
    assert_eq!(
        said(&chain, Known { named: Vec::new(), ..whole() }),
        [
            "session session-------------01: event 2 was moved there from 3",
            "session session-------------01: event 3 was moved there from 2",
        ]
    );
}

#[test]
fn an_end_that_was_cut_off_is_named_by_the_head() {
    assert_eq!(said(&five()[..4], whole()), ["session session-------------01: cut off after event 4; there were 5"]);
}

#[test]
fn an_end_that_was_cut_off_with_its_head_is_named_by_the_checkpoint() {
    let cut = &five()[..2];
    let known = Known { head: Some(head(cut)), ..whole() };
    assert_eq!(said(cut, known), ["session session-------------01: cut off after event 2; there were 3 at checkpoint 8"]);
    let cut = &five()[..3];
    assert_eq!(said(cut, Known { head: Some(head(cut)), ..whole() }), [""; 0], "what no checkpoint has named yet cannot be told");
}

#[test]
fn a_row_that_was_removed_or_points_elsewhere_is_named() {
    assert_eq!(said(&five(), Known { head: None, ..whole() }), ["session session-------------01: its row was removed"]);
    let known = Known { head: Some(head(&five()[..4])), ..whole() };
    assert_eq!(said(&five(), known), ["session session-------------01: its head is not its last event"]);
}

#[test]
fn a_forged_event_at_the_end_is_named() {
    let mut chain = five();
    let mac = event(6).mac(&key(2), head(&chain).mac);
    chain.push((event(6), Some(mac)));
    let known = Known { head: Some(Head { seq: 6, mac }), ..whole() };
    assert_eq!(
        said(&chain, known),
        ["session session-------------01: event 6 (act_6, 1970-01-01T00:00:06Z) was changed, or is not ours"]
    );
}
