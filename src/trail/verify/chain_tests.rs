//! Every kind of tampering by a person with the database but without the key.

use super::*;
use crate::store::seal::test_key;

const CHAIN: &str = "session-------------01";

fn event(seq: i64) -> Event {
    Event {
        chain: CHAIN.to_owned(),
        seq,
        at: seq * 1_000,
        actor: "discord:7".to_owned(),
        session: Some(CHAIN.to_owned()),
        kind: format!("kind_{seq}"),
        details: "{}".to_owned(),
    }
}

/// Returns an intact chain.
fn chain_of(count: i64) -> Vec<StoredEvent> {
    let mut previous = Mac::START;
    let signed = |seq| {
        previous = event(seq).sign(&test_key(1), previous);
        StoredEvent { event: event(seq), is_readable: true, mac: Some(previous) }
    };
    (1..=count).map(signed).collect()
}

fn five() -> Vec<StoredEvent> {
    chain_of(5)
}

/// The heads in the chain's row and in checkpoints.
#[derive(Clone, Default)]
struct Known {
    head: Option<Head>,
    named: Vec<(Head, i64)>,
}

fn head(chain: &[StoredEvent]) -> Head {
    chain.last().map(|last| Head { seq: last.event.seq, mac: last.mac.unwrap() }).unwrap()
}

fn known() -> Known {
    Known { head: Some(head(&five())), named: vec![(head(&five()[..3]), 8)] }
}

fn findings(chain: &[StoredEvent], known: Known) -> Vec<String> {
    findings_under(1, chain, known)
}

fn findings_under(byte: u8, events: &[StoredEvent], known: Known) -> Vec<String> {
    let mut findings = Vec::new();
    let key = test_key(byte);
    let mut each = |finding: Finding| {
        findings.push(finding.to_string());
        Ok(())
    };
    let mut reporter = Reporter::new(&key, &mut each);
    let mut chain = ChainCheck::new(CHAIN.to_owned(), known.named);
    for event in events {
        chain.push(event.clone(), &mut reporter).unwrap();
    }
    chain.finish(known.head, &mut reporter).unwrap();
    findings
}

#[test]
fn intact_chain_has_no_findings() {
    assert_eq!(findings(&five(), known()), [""; 0]);
    assert_eq!(findings(&five(), Known { named: Vec::new(), ..known() }), [""; 0]);
}

#[test]
fn changed_event_is_found() {
    let mut chain = five();
    chain[2].event.details = "{\"why\":\"nothing\"}".to_owned();
    assert_eq!(
        findings(&chain, known()),
        ["session session-------------01: event 3 (kind_3, 1970-01-01T00:00:03Z) was changed \
             or forged"]
    );
}

#[test]
fn event_without_valid_mac_is_found() {
    let mut chain = five();
    chain[4].mac = None;
    assert_eq!(findings(&chain, known()).len(), 1, "the head has the original MAC");
    assert_eq!(findings_under(2, &five(), known()).len(), 5, "nothing is valid under another key");
}

#[test]
fn removed_event_is_found() {
    let mut chain = five();
    chain.remove(2);
    assert_eq!(
        findings(&chain, Known { named: Vec::new(), ..known() }),
        ["session session-------------01: event 3 was removed"]
    );
    chain.remove(0);
    chain.remove(0);
    assert_eq!(
        findings(&chain, Known { named: Vec::new(), ..known() }),
        ["session session-------------01: events 1 to 3 were removed"]
    );
}

#[test]
fn event_moved_into_gap_shows_its_number() {
    let mut chain = five();
    chain.remove(2);
    chain[2].event.seq = 3;
    chain[3].event.seq = 4;
    let known = Known { head: Some(Head { seq: 4, ..head(&five()) }), named: Vec::new() };
    assert_eq!(
        findings(&chain, known),
        [
            "session session-------------01: event 3 was changed or forged"
                .replace("3 was", "3 (kind_4, 1970-01-01T00:00:04Z) was"),
            "session session-------------01: event 4 was moved there from 5".to_owned(),
        ]
    );
}

#[test]
fn swapped_events_are_found() {
    let mut chain = five();
    chain.swap(1, 2);
    chain[1].event.seq = 2;
    chain[2].event.seq = 3;
    assert_eq!(
        findings(&chain, Known { named: Vec::new(), ..known() }),
        [
            "session session-------------01: event 2 was moved there from 3",
            "session session-------------01: event 3 was moved there from 2",
        ]
    );
}

#[test]
fn cut_off_end_is_found_by_head() {
    assert_eq!(
        findings(&five()[..4], known()),
        ["session session-------------01: the events after 4 were removed; the last was event 5"]
    );
}

#[test]
fn cut_off_head_is_found_by_checkpoint() {
    let cut = &five()[..2];
    assert_eq!(
        findings(cut, Known { head: Some(head(cut)), ..known() }),
        ["session session-------------01: the events after 2 were removed; checkpoint 8 names \
             event 3"]
    );
    let cut = &five()[..3];
    assert_eq!(
        findings(cut, Known { head: Some(head(cut)), ..known() }),
        [""; 0],
        "no checkpoint names the lost events"
    );
}

#[test]
fn removed_row_or_wrong_head_is_found() {
    assert_eq!(
        findings(&five(), Known { head: None, ..known() }),
        ["session session-------------01: its row was removed"]
    );
    let known = Known { head: Some(head(&five()[..4])), ..known() };
    assert_eq!(
        findings(&five(), known),
        ["session session-------------01: its head does not match its last event"]
    );
}

#[test]
fn forged_last_event_is_found() {
    let mut chain = five();
    let mac = event(6).sign(&test_key(2), head(&chain).mac);
    chain.push(StoredEvent { event: event(6), is_readable: true, mac: Some(mac) });
    let known = Known { head: Some(Head { seq: 6, mac }), ..known() };
    assert_eq!(
        findings(&chain, known),
        ["session session-------------01: event 6 (kind_6, 1970-01-01T00:00:06Z) was changed \
             or forged"]
    );
}

#[test]
fn long_chain_is_checked_without_search() {
    let longest = i64::try_from(MAX_SEARCHED_EVENTS).unwrap();
    for (count, is_searched) in [(longest, true), (longest + 1, false)] {
        let mut chain = chain_of(count);
        let known = Known { head: Some(head(&chain)), named: vec![(head(&chain[..400]), 3)] };
        assert_eq!(findings(&chain, known.clone()), [""; 0]);
        chain.swap(1, 2);
        (chain[1].event.seq, chain[2].event.seq) = (2, 3);
        let found = findings(&chain, known);
        let is_moved = found[0].ends_with("event 2 was moved there from 3");
        assert_eq!(is_moved, is_searched, "{found:?}");
        assert_eq!(found.len(), if is_searched { 2 } else { 3 }, "{found:?}");
    }
}

#[test]
fn search_for_moved_events_is_bounded() {
    let chain = chain_of(i64::try_from(MAX_SEARCHED_EVENTS).unwrap());
    let known = Known { head: Some(head(&chain)), named: Vec::new() };
    let mut found = 0;
    let other = test_key(2);
    let mut each = |_| {
        found += 1;
        Ok(())
    };
    let mut reporter = Reporter::new(&other, &mut each);
    reporter.macs_left = 1_000;
    let mut check = ChainCheck::new(CHAIN.to_owned(), Vec::new());
    for event in &chain {
        check.push(event.clone(), &mut reporter).unwrap();
    }
    check.finish(known.head, &mut reporter).unwrap();
    assert_eq!(
        (reporter.macs_left, found),
        (0, MAX_SEARCHED_EVENTS),
        "all pairs would be 129 million"
    );
}
