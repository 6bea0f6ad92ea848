//! The check of one chain, event by event.
//!
//! Events are dropped after their check, so a chain can be of any length. A short chain is kept
//! until its end, so that the original number of a moved event can be searched. Numbers can be
//! tampered with, so no loop counts up to one of them.

use super::finding::Finding;
use crate::store::seal::StoreKey;
use crate::trail::event::{Event, Head, Mac};

/// Length up to which a chain is kept and searched for moved events.
const MAX_SEARCHED_EVENTS: usize = 500;
/// Greatest number of removed events by which a later event can have moved up.
const MAX_SHIFT: usize = 16;
/// MACs that the search for moved events may compute in a whole trail. Beyond it a moved event
/// counts as changed. Without a bound, a wrong key or massive tampering would make the search
/// endless.
const MAX_SEARCHED_MACS: usize = 1_000_000;

/// An event as its row holds it.
#[derive(Clone, Debug)]
pub(super) struct StoredEvent {
    /// The event. An unreadable cell is empty here.
    pub(super) event: Event,
    pub(super) is_readable: bool,
    /// `None` if the column holds no MAC.
    pub(super) mac: Option<Mac>,
}

/// Passes findings on, and searches for the original numbers of moved events.
pub(super) struct Reporter<'a> {
    pub(super) key: &'a StoreKey,
    macs_left: usize,
    each: &'a mut dyn FnMut(Finding) -> anyhow::Result<()>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(
        key: &'a StoreKey,
        each: &'a mut dyn FnMut(Finding) -> anyhow::Result<()>,
    ) -> Self {
        Self { key, macs_left: MAX_SEARCHED_MACS, each }
    }

    pub(super) fn report(&mut self, finding: Finding) -> anyhow::Result<()> {
        (self.each)(finding)
    }

    /// Returns the number under which the MAC of an event is valid after some other event.
    fn find_original_seq(&mut self, all: &[StoredEvent], stored: &StoredEvent) -> Option<i64> {
        let mac = stored.mac.filter(|_| stored.is_readable)?;
        let predecessors: Vec<Mac> =
            all.iter().filter_map(|stored| stored.mac).chain([Mac::START]).collect();
        for seq in 1..=i64::try_from(all.len() + MAX_SHIFT).ok()? {
            let candidate = Event { seq, ..stored.event.clone() };
            for previous in &predecessors {
                self.macs_left = self.macs_left.checked_sub(1)?;
                if candidate.sign(self.key, *previous) == mac {
                    return Some(seq);
                }
            }
        }
        None
    }
}

/// The event before the current one.
#[derive(Clone, Copy, Debug)]
struct Previous {
    seq: i64,
    /// The MAC in its row.
    stored: Option<Mac>,
    /// The MAC that it must have, if that is known.
    expected: Option<Mac>,
    is_invalid: bool,
}

impl Previous {
    fn has(&self, mac: Mac) -> bool {
        self.stored == Some(mac) || self.expected == Some(mac)
    }
}

/// The check of a chain whose events arrive in the order of their numbers.
pub(super) struct ChainCheck {
    pub(super) name: String,
    /// The heads that checkpoints name, with the checkpoint, ordered by number.
    named: Vec<(Head, i64)>,
    /// The events until now; `None` if the chain is too long to be kept.
    kept: Option<Vec<StoredEvent>>,
    previous: Previous,
    next_seq: i64,
}

impl ChainCheck {
    pub(super) fn new(name: String, mut named: Vec<(Head, i64)>) -> Self {
        named.sort_by_key(|(head, checkpoint)| (head.seq, *checkpoint));
        let previous =
            Previous { seq: 0, stored: Some(Mac::START), expected: None, is_invalid: false };
        Self { name, named, kept: Some(Vec::new()), previous, next_seq: 1 }
    }

    /// Takes the next event.
    pub(super) fn push(
        &mut self,
        stored: StoredEvent,
        reporter: &mut Reporter<'_>,
    ) -> anyhow::Result<()> {
        let Some(kept) = &mut self.kept else { return self.check(&stored, &[], reporter) };
        kept.push(stored);
        if kept.len() > MAX_SEARCHED_EVENTS {
            for stored in self.kept.take().into_iter().flatten() {
                self.check(&stored, &[], reporter)?;
            }
        }
        Ok(())
    }

    /// Ends the check. `head` is the head that the chain's own row holds.
    pub(super) fn finish(
        mut self,
        head: Option<Head>,
        reporter: &mut Reporter<'_>,
    ) -> anyhow::Result<()> {
        let kept = self.kept.take().unwrap_or_default();
        for stored in &kept {
            self.check(stored, &kept, reporter)?;
        }
        let last = self.previous;
        let is_cut_off = head.is_some_and(|head| head.seq > last.seq);
        let cut_off = |expected, checkpoint| Finding::CutOff {
            chain: self.name.clone(),
            last: last.seq,
            expected,
            checkpoint,
        };
        match head {
            Some(head) if is_cut_off => reporter.report(cut_off(head.seq, None))?,
            Some(head) if head.seq != last.seq || !last.has(head.mac) => {
                reporter.report(Finding::HeadChanged { chain: self.name.clone() })?;
            }
            Some(_) => {}
            None => reporter.report(Finding::RowRemoved { chain: self.name.clone() })?,
        }
        if let Some((head, checkpoint)) =
            self.named.last().filter(|(head, _)| !is_cut_off && head.seq > last.seq)
        {
            reporter.report(cut_off(head.seq, Some(*checkpoint)))?;
        }
        Ok(())
    }

    /// Checks an event. `all` is the whole chain, or empty if the chain was not kept.
    fn check(
        &mut self,
        stored: &StoredEvent,
        all: &[StoredEvent],
        reporter: &mut Reporter<'_>,
    ) -> anyhow::Result<()> {
        let StoredEvent { event, is_readable, mac } = stored;
        let previous = self.previous;
        let chain = || self.name.clone();
        let is_after_a_gap = event.seq > self.next_seq;
        let sign_after = |previous: Option<Mac>| {
            previous.filter(|_| *is_readable).map(|previous| event.sign(reporter.key, previous))
        };
        // If only the predecessor's MAC was changed, this event follows the original MAC and is
        // still valid.
        let (after_stored, after_expected) = if is_after_a_gap {
            (None, None)
        } else {
            (sign_after(previous.stored), sign_after(previous.expected))
        };
        let is_valid = *is_readable
            && mac.is_some_and(|mac| {
                is_after_a_gap || after_stored == Some(mac) || after_expected == Some(mac)
            });
        if is_after_a_gap {
            // The first event after a gap cannot be verified, because its predecessor is missing.
            // The events after it are chained to its MAC.
            let (first, last) = (self.next_seq, event.seq - 1);
            reporter.report(Finding::Removed { chain: chain(), first, last })?;
        }
        if !is_valid {
            let (seq, kind, at) = (event.seq, event.kind.clone(), event.at);
            match reporter.find_original_seq(all, stored) {
                // This event has its own number; its predecessor does not.
                Some(from) if from == seq => {}
                Some(from) => reporter.report(Finding::Moved { chain: chain(), seq, from })?,
                None if previous.is_invalid && *is_readable && mac.is_some() => {
                    reporter.report(Finding::Unverifiable { chain: chain(), seq, kind, at })?;
                }
                None => reporter.report(Finding::Changed { chain: chain(), seq, kind, at })?,
            }
        }
        let expected = if is_valid { *mac } else { after_expected.or(after_stored) };
        self.previous = Previous { seq: event.seq, stored: *mac, expected, is_invalid: !is_valid };
        self.next_seq = self.next_seq.max(event.seq.saturating_add(1));
        self.compare_with_checkpoints(event, reporter)
    }

    /// Compares the event that was just checked with the checkpoints that name it.
    fn compare_with_checkpoints(
        &self,
        event: &Event,
        reporter: &mut Reporter<'_>,
    ) -> anyhow::Result<()> {
        let from = self.named.partition_point(|(head, _)| head.seq < event.seq);
        let mut its = self.named[from..].iter().take_while(|(head, _)| head.seq == event.seq);
        match its.find(|(head, _)| !self.previous.has(head.mac)) {
            // An invalid event was reported already.
            Some((_, checkpoint)) if !self.previous.is_invalid => {
                reporter.report(Finding::Replaced {
                    chain: self.name.clone(),
                    seq: event.seq,
                    kind: event.kind.clone(),
                    at: event.at,
                    checkpoint: *checkpoint,
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
