//! Every kind of tampering by a person with the database but without the key.

use super::*;
use crate::trail::keys::test_trail_key;

const CHAIN: &str = "session-------------01";

fn event(seq: i64) -> Event {
    event_under(1, seq)
}

fn event_under(key: u8, seq: i64) -> Event {
    Event {
        chain: CHAIN.to_owned(),
        seq,
        at: seq * 1_000,
        actor: "discord:7".to_owned(),
        session: Some(CHAIN.to_owned()),
        kind: format!("kind_{seq}"),
        details: "{}".to_owned(),
        about: None,
        key: test_trail_key(key).id().to_string(),
    }
}

fn signed(key: u8, event: Event, previous: Signature) -> StoredEvent {
    let signature = test_trail_key(key).sign(event.message(previous).as_bytes());
    StoredEvent { event, is_readable: true, signature: Some(signature) }
}

/// Returns an intact chain of five events.
fn five() -> Vec<StoredEvent> {
    let mut previous = Signature::START;
    let next = |seq| {
        let stored = signed(1, event(seq), previous);
        previous = stored.signature.unwrap();
        stored
    };
    (1..=5).map(next).collect()
}

/// What the chain's row and the checkpoints say.
#[derive(Clone, Default)]
struct Known {
    row: Option<ChainRow>,
    named: Vec<NamedHead>,
    retired: HashMap<String, i64>,
    named_between: Option<(i64, i64)>,
}

fn head(chain: &[StoredEvent]) -> Head {
    let last = chain.last().unwrap();
    Head { seq: last.event.seq, signature: last.signature.unwrap() }
}

fn row(head: Head) -> ChainRow {
    ChainRow { head, owner: Some(7), closed_why: None }
}

fn known() -> Known {
    let named = vec![NamedHead::new(head(&five()[..3]), 8)];
    Known { row: Some(row(head(&five()))), named, ..Known::default() }
}

fn findings(chain: &[StoredEvent], known: Known) -> Vec<String> {
    findings_under(&[1], chain, known)
}

fn findings_under(keys: &[u8], events: &[StoredEvent], known: Known) -> Vec<String> {
    findings_after(Head::default(), keys, events, known)
}

fn findings_after(start: Head, keys: &[u8], events: &[StoredEvent], known: Known) -> Vec<String> {
    let mut findings = Vec::new();
    let keys = keys.iter().map(|key| test_trail_key(*key).public().clone()).collect();
    let trust = Trust {
        keys: PublicKeys(keys),
        retired: known.retired,
        named_between: known.named_between,
    };
    let mut report = |finding: Finding| {
        findings.push(finding.to_string());
        Ok(())
    };
    let mut chain = ChainCheck::new(CHAIN.to_owned(), known.named, start);
    for event in events {
        chain.push(event, &trust, &mut report).unwrap();
    }
    let row = known.row.as_ref().map_or(RowState::Missing, RowState::Read);
    chain.finish(row, &mut report).unwrap();
    findings
}

fn about(seq: i64, verdict: &str) -> String {
    format!("session {CHAIN}: event {seq} (kind_{seq}, 1970-01-01T00:00:0{seq}Z) {verdict}")
}

const CHANGED: &str = "was changed, moved or forged";
const UNVERIFIABLE: &str = "cannot be verified, because the event before it was changed";

#[test]
fn intact_chain_has_no_findings() {
    assert_eq!(findings(&five(), known()), [""; 0]);
    assert_eq!(findings(&five(), Known { named: Vec::new(), ..known() }), [""; 0]);
}

#[test]
fn changed_event_is_found() {
    for change in [
        |event: &mut Event| event.details = "{\"why\":\"nothing\"}".to_owned(),
        |event: &mut Event| event.about = Some("sealed".to_owned()),
        |event: &mut Event| event.actor = "discord:8".to_owned(),
    ] {
        let mut chain = five();
        change(&mut chain[2].event);
        assert_eq!(findings(&chain, known()), [about(3, CHANGED)]);
    }
}

#[test]
fn event_without_valid_signature_is_found() {
    let mut chain = five();
    chain[4].signature = None;
    assert_eq!(
        findings(&chain, known()),
        [about(5, CHANGED), format!("session {CHAIN}: its head does not match its last event")]
    );
    for lost in [None, Some(Signature([7; 64]))] {
        let mut chain = five();
        chain[1].signature = lost;
        assert_eq!(findings(&chain, known()), [about(2, CHANGED), about(3, UNVERIFIABLE)]);
    }
}

#[test]
fn untrusted_key_is_named() {
    let key = test_trail_key(1).id().to_string();
    let found = findings_under(&[2], &five(), known());
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!(found[0], about(1, &format!("was signed with the unknown key {key}")));
}

#[test]
fn removed_event_is_found() {
    let mut chain = five();
    chain.remove(2);
    let known = Known { named: Vec::new(), ..known() };
    let removed = |what: &str| format!("session {CHAIN}: {what} removed");
    assert_eq!(findings(&chain, known.clone()), [removed("event 3 was")]);
    chain.drain(..2);
    assert_eq!(findings(&chain, known), [removed("events 1 to 3 were")]);
}

#[test]
fn moved_events_are_found() {
    let mut chain = five();
    chain.swap(1, 2);
    (chain[1].event.seq, chain[2].event.seq) = (2, 3);
    let found = findings(&chain, Known { named: Vec::new(), ..known() });
    assert!(found[0].ends_with(CHANGED) && found[1].ends_with(UNVERIFIABLE), "{found:?}");
    assert!(found[2].ends_with(UNVERIFIABLE) && found.len() == 3, "{found:?}");
}

#[test]
fn cut_off_end_is_found_by_head() {
    assert_eq!(
        findings(&five()[..4], known()),
        [format!("session {CHAIN}: the events after 4 were removed; the last was event 5")]
    );
}

#[test]
fn cut_off_head_is_found_by_checkpoint() {
    let cut = &five()[..2];
    assert_eq!(
        findings(cut, Known { row: Some(row(head(cut))), ..known() }),
        [format!("session {CHAIN}: the events after 2 were removed; checkpoint 8 names event 3")]
    );
    let cut = &five()[..3];
    assert_eq!(
        findings(cut, Known { row: Some(row(head(cut))), ..known() }),
        [""; 0],
        "no checkpoint names the lost events"
    );
}

#[test]
fn replaced_end_is_found_by_checkpoint() {
    // The bot itself continues a chain that was cut off.
    let mut chain = five();
    chain.truncate(2);
    let other = Event { at: 9_000, ..event(3) };
    chain.push(signed(1, other, head(&chain).signature));
    assert_eq!(
        findings(&chain, Known { row: Some(row(head(&chain))), ..known() }),
        [format!(
            "session {CHAIN}: event 3 (kind_3, 1970-01-01T00:00:09Z) is not the one that \
             checkpoint 8 names: the chain was cut off and continued"
        )]
    );
}

#[test]
fn row_that_differs_is_found() {
    let of = |row: Option<ChainRow>| findings(&five(), Known { row, ..known() });
    let finding = |what: &str| [format!("session {CHAIN}: {what}")];
    assert_eq!(of(None), finding("its row was removed"));
    assert_eq!(
        of(Some(row(head(&five()[..4])))),
        finding("its head does not match its last event")
    );
    let own = known().row.unwrap();
    assert_eq!(
        of(Some(ChainRow { owner: Some(8), ..own.clone() })),
        finding("its row belongs to another agent than its events")
    );
    let close = finding("its row and its events differ about its close");
    let closed = ChainRow { closed_why: Some("idle".to_owned()), ..own.clone() };
    assert_eq!(of(Some(closed.clone())), close);

    let mut chain = five();
    let event = Event {
        kind: kind::CLOSED.to_owned(),
        details: "{\"why\":\"idle\"}".to_owned(),
        ..event(6)
    };
    chain.push(signed(1, event, head(&chain).signature));
    let of = |closed_why: Option<&str>| {
        let closed_why = closed_why.map(str::to_owned);
        let row = Some(ChainRow { head: head(&chain), closed_why, ..own.clone() });
        findings(&chain, Known { row, ..known() })
    };
    assert_eq!(of(Some("idle")), [""; 0]);
    assert_eq!(of(Some("finished")), close);
    assert_eq!(of(None), close, "a row that was put back");
}

#[test]
fn forged_last_event_is_found() {
    let mut chain = five();
    chain.push(signed(2, event(6), head(&five()).signature));
    let known = Known { row: Some(row(head(&chain))), ..known() };
    assert_eq!(findings(&chain, known), [about(6, CHANGED)]);
}

#[test]
fn replaced_key_signs_until_the_next_checkpoint() {
    let mut chain = five();
    chain.truncate(3);
    chain.push(signed(2, event_under(2, 4), head(&chain).signature));
    chain.push(signed(1, event(5), head(&chain).signature));
    let old = test_trail_key(1).id().to_string();
    // The checkpoint that names the replacement names this chain up to its third event, as one
    // before may, or up to its fifth.
    let at = |seq: usize, checkpoint| NamedHead::new(head(&chain[..seq]), checkpoint);
    for (named, expected) in [
        (
            vec![at(3, 8)],
            vec![about(5, &format!("was signed with the key {old} after that key was replaced"))],
        ),
        (
            vec![at(3, 7)],
            vec![about(5, &format!("was signed with the key {old} after that key was replaced"))],
        ),
        (vec![at(3, 7), at(5, 8)], vec![]),
        (
            vec![at(3, 7), at(5, 9)],
            vec![about(5, &format!("was signed with the key {old} after that key was replaced"))],
        ),
    ] {
        let retired = HashMap::from([(old.clone(), 8)]);
        let known = Known { row: Some(row(head(&chain))), named, retired, ..Known::default() };
        assert_eq!(findings_under(&[1, 2], &chain, known), expected);
    }
}

#[test]
fn pruned_beginning_is_accepted_and_no_other() {
    let chain = five();
    let known = Known { named: Vec::new(), ..known() };
    let rest = &chain[2..];
    assert_eq!(findings_after(head(&chain[..2]), &[1], rest, known.clone()), [""; 0]);
    assert_eq!(
        findings_after(head(&chain[..1]), &[1], rest, known.clone()),
        [format!("session {CHAIN}: event 2 was removed")]
    );
    let forged = Head { signature: Signature([7; 64]), ..head(&chain[..2]) };
    assert_eq!(findings_after(forged, &[1], rest, known), [about(3, CHANGED)]);
}
