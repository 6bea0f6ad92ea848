//! Every way in which somebody with the database, and without the key, could bend a chain.

use super::*;
use crate::store::testing::key;

const CHAIN: &str = "session-------------01";

fn event(seq: i64) -> Event {
    Event {
        chain: CHAIN.to_owned(),
        seq,
        at: seq * 1_000,
        actor: "discord:7".to_owned(),
        session: Some(CHAIN.to_owned()),
        kind: format!("act_{seq}"),
        details: "{}".to_owned(),
    }
}

/// A chain of five, as it was written.
fn five() -> Vec<Stored> {
    let mut before = Mac::START;
    (1..=5)
        .map(|seq| {
            before = event(seq).mac(&key(1), before);
            Stored { event: event(seq), is_whole: true, mac: Some(before) }
        })
        .collect()
}

/// What is said of the chain elsewhere.
#[derive(Clone, Default)]
struct Known {
    head: Option<Head>,
    named: Vec<(Head, i64)>,
}

fn head(chain: &[Stored]) -> Head {
    chain.last().map(|last| Head { seq: last.event.seq, mac: last.mac.unwrap() }).unwrap()
}

fn whole() -> Known {
    Known { head: Some(head(&five())), named: vec![(head(&five()[..3]), 8)] }
}

fn said(chain: &[Stored], known: Known) -> Vec<String> {
    under(1, chain, known)
}

fn under(byte: u8, events: &[Stored], known: Known) -> Vec<String> {
    let mut said = Vec::new();
    let key = key(byte);
    let mut tell = |finding: Finding| {
        said.push(finding.to_string());
        Ok(())
    };
    let mut search = Search::new(&key, &mut tell);
    let mut chain = Chain::new(CHAIN.to_owned(), known.named);
    for event in events {
        chain.take(event.clone(), &mut search).unwrap();
    }
    chain.end(known.head, &mut search).unwrap();
    said
}

#[test]
fn a_chain_as_it_was_written_has_no_findings() {
    assert_eq!(said(&five(), whole()), [""; 0]);
    assert_eq!(said(&five(), Known { named: Vec::new(), ..whole() }), [""; 0]);
}

#[test]
fn a_changed_event_is_named() {
    let mut chain = five();
    chain[2].event.details = "{\"why\":\"nothing\"}".to_owned();
    assert_eq!(
        said(&chain, whole()),
        [
            "session session-------------01: event 3 (act_3, 1970-01-01T00:00:03Z) was changed, or is not ours"
        ]
    );
}

#[test]
fn an_event_without_a_mac_or_after_another_key_is_not_ours() {
    let mut chain = five();
    chain[4].mac = None;
    assert_eq!(said(&chain, whole()).len(), 1, "the head is the one that the event had");
    assert_eq!(under(2, &five(), whole()).len(), 5, "with another key nothing fits");
}

#[test]
fn a_removed_event_is_named() {
    let mut chain = five();
    chain.remove(2);
    assert_eq!(
        said(&chain, Known { named: Vec::new(), ..whole() }),
        ["session session-------------01: event 3 was removed"]
    );
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
    chain[2].event.seq = 3;
    chain[3].event.seq = 4;
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
    chain[1].event.seq = 2;
    chain[2].event.seq = 3;
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
    assert_eq!(
        said(&five()[..4], whole()),
        ["session session-------------01: cut off after event 4; there were 5"]
    );
}

#[test]
fn an_end_that_was_cut_off_with_its_head_is_named_by_the_checkpoint() {
    let cut = &five()[..2];
    let known = Known { head: Some(head(cut)), ..whole() };
    assert_eq!(
        said(cut, known),
        ["session session-------------01: cut off after event 2; there were 3 at checkpoint 8"]
    );
    let cut = &five()[..3];
    assert_eq!(
        said(cut, Known { head: Some(head(cut)), ..whole() }),
        [""; 0],
        "what no checkpoint has named yet cannot be told"
    );
}

#[test]
fn a_row_that_was_removed_or_points_elsewhere_is_named() {
    assert_eq!(
        said(&five(), Known { head: None, ..whole() }),
        ["session session-------------01: its row was removed"]
    );
    let known = Known { head: Some(head(&five()[..4])), ..whole() };
    assert_eq!(
        said(&five(), known),
        ["session session-------------01: its head is not its last event"]
    );
}

#[test]
fn a_forged_event_at_the_end_is_named() {
    let mut chain = five();
    let mac = event(6).mac(&key(2), head(&chain).mac);
    chain.push(Stored { event: event(6), is_whole: true, mac: Some(mac) });
    let known = Known { head: Some(Head { seq: 6, mac }), ..whole() };
    assert_eq!(
        said(&chain, known),
        [
            "session session-------------01: event 6 (act_6, 1970-01-01T00:00:06Z) was changed, or is not ours"
        ]
    );
}

/// A chain of so many, as it was written.
fn long(count: i64) -> Vec<Stored> {
    let mut before = Mac::START;
    let link = |seq| {
        before = event(seq).mac(&key(1), before);
        Stored { event: event(seq), is_whole: true, mac: Some(before) }
    };
    (1..=count).map(link).collect()
}

#[test]
fn a_chain_of_any_length_is_looked_over_and_a_short_one_is_searched() {
    let most = i64::try_from(SEARCHED).unwrap();
    for (count, searched) in [(most, true), (most + 1, false)] {
        let mut chain = long(count);
        let known = Known { head: Some(head(&chain)), named: vec![(head(&chain[..400]), 3)] };
        assert_eq!(said(&chain, known.clone()), [""; 0]);
        chain.swap(1, 2);
        (chain[1].event.seq, chain[2].event.seq) = (2, 3);
        let said = said(&chain, known);
        assert_eq!(said[0].ends_with("event 2 was moved there from 3"), searched, "{said:?}");
        assert_eq!(said.len(), if searched { 2 } else { 3 }, "{said:?}");
    }
}

#[test]
fn a_search_ends() {
    let chain = long(i64::try_from(SEARCHED).unwrap());
    let known = Known { head: Some(head(&chain)), named: Vec::new() };
    let mut found = 0;
    let other = key(2);
    let mut tell = |_| {
        found += 1;
        Ok(())
    };
    let mut search = Search::new(&other, &mut tell);
    search.tries = 1_000;
    let mut all = Chain::new(CHAIN.to_owned(), Vec::new());
    for event in &chain {
        all.take(event.clone(), &mut search).unwrap();
    }
    all.end(known.head, &mut search).unwrap();
    assert_eq!((search.tries, found), (0, SEARCHED), "all pairs would be 129 million");
}
