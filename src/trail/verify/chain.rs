//! One chain, looked over: what fits, and what is wrong with what does not.
//!
//! Events come one by one and are let go again, so that a chain may be as long as it likes. Only of
//! a short one they are kept until its end, to look where an event that does not fit may have
//! stood. Numbers are whatever somebody has written there: nothing is counted up to one.

use super::finding::Finding;
use crate::store::seal::StoreKey;
use crate::trail::event::{Event, Head, Mac};

/// In a chain of more events nobody looks where one that does not fit may have stood: they are not
/// kept.
const SEARCHED: usize = 500;
/// By so many places an event may have been moved up into a gap.
const SLIPPED: usize = 16;
/// Macs that are tried in that search in a whole trail. Above that an event that was moved counts
/// as changed: a key that is not the trail's, or somebody who has changed a great deal, must not
/// make the search endless.
const TRIES: usize = 1_000_000;

/// An event as its row has it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// The event. A cell that cannot be read is empty here.
    pub(crate) event: Event,
    /// Whether all of its cells can be read.
    pub(crate) is_whole: bool,
    /// The mac; `None` when what stands there is none.
    pub(crate) mac: Option<Mac>,
}

/// Whom findings are told to, one by one, as they are found.
pub(crate) struct Search<'a> {
    key: &'a StoreKey,
    tries: usize,
    tell: &'a mut dyn FnMut(Finding) -> anyhow::Result<()>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        key: &'a StoreKey,
        tell: &'a mut dyn FnMut(Finding) -> anyhow::Result<()>,
    ) -> Self {
        Self { key, tries: TRIES, tell }
    }

    pub(crate) const fn key(&self) -> &'a StoreKey {
        self.key
    }

    pub(crate) fn found(&mut self, finding: Finding) -> anyhow::Result<()> {
        (self.tell)(finding)
    }

    /// Where an event that does not fit may have stood: after which other it fits, with which
    /// number.
    fn stood(&mut self, all: &[Stored], Stored { event, is_whole, mac }: &Stored) -> Option<i64> {
        let mac = mac.filter(|_| *is_whole)?;
        let befores: Vec<Mac> =
            all.iter().filter_map(|stored| stored.mac).chain([Mac::START]).collect();
        for seq in 1..=i64::try_from(all.len() + SLIPPED).ok()? {
            let there = Event { seq, ..event.clone() };
            for before in &befores {
                self.tries = self.tries.checked_sub(1)?;
                if there.mac(self.key, *before) == mac {
                    return Some(seq);
                }
            }
        }
        None
    }
}

/// The event before: what the next one may be chained to.
#[derive(Clone, Copy, Debug)]
struct Before {
    seq: i64,
    /// The mac in its row.
    stored: Option<Mac>,
    /// The mac that it should have, as far as that can be told.
    should: Option<Mac>,
    /// Whether it does not fit.
    bad: bool,
}

impl Before {
    fn has(&self, mac: Mac) -> bool {
        self.stored == Some(mac) || self.should == Some(mac)
    }
}

/// A chain while its events come, in the order of their numbers.
pub(crate) struct Chain {
    name: String,
    /// What checkpoints say of it: its head, and which checkpoint. By number.
    named: Vec<(Head, i64)>,
    kept: Vec<Stored>,
    is_long: bool,
    before: Before,
    /// The number that comes next.
    next: i64,
}

impl Chain {
    pub(crate) fn new(name: String, mut named: Vec<(Head, i64)>) -> Self {
        named.sort_by_key(|(head, checkpoint)| (head.seq, *checkpoint));
        let before = Before { seq: 0, stored: Some(Mac::START), should: None, bad: false };
        Self { name, named, kept: Vec::new(), is_long: false, before, next: 1 }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Takes the next event.
    pub(crate) fn take(&mut self, stored: Stored, search: &mut Search<'_>) -> anyhow::Result<()> {
        if self.is_long {
            return self.look(&stored, &[], search);
        }
        self.kept.push(stored);
        if self.kept.len() > SEARCHED {
            self.is_long = true;
            for stored in std::mem::take(&mut self.kept) {
                self.look(&stored, &[], search)?;
            }
        }
        Ok(())
    }

    /// There are no more; `head` is what the chain's row says of it.
    pub(crate) fn end(mut self, head: Option<Head>, search: &mut Search<'_>) -> anyhow::Result<()> {
        let kept = std::mem::take(&mut self.kept);
        for stored in &kept {
            self.look(stored, &kept, search)?;
        }
        let last = self.before;
        let is_cut_off = head.is_some_and(|head| head.seq > last.seq);
        let cut_off = |expected, checkpoint| Finding::CutOff {
            chain: self.name.clone(),
            last: last.seq,
            expected,
            checkpoint,
        };
        match head {
            Some(head) if is_cut_off => search.found(cut_off(head.seq, None))?,
            Some(head) if head.seq != last.seq || !last.has(head.mac) => {
                search.found(Finding::Head { chain: self.name.clone() })?;
            }
            Some(_) => {}
            None => search.found(Finding::NoSession { chain: self.name.clone() })?,
        }
        if let Some((head, checkpoint)) =
            self.named.last().filter(|(head, _)| !is_cut_off && head.seq > last.seq)
        {
            search.found(cut_off(head.seq, Some(*checkpoint)))?;
        }
        Ok(())
    }

    /// Looks at an event; `all`: the whole chain, if it was kept.
    fn look(
        &mut self,
        stored: &Stored,
        all: &[Stored],
        search: &mut Search<'_>,
    ) -> anyhow::Result<()> {
        let Stored { event, is_whole, mac } = stored;
        let before = self.before;
        let chain = || self.name.clone();
        let is_after_a_gap = event.seq > self.next;
        let after = |before: Option<Mac>| {
            before.filter(|_| *is_whole).map(|before| event.mac(search.key, before))
        };
        // A mac that was changed must not accuse the event after it, which is chained to the one
        // that stood there.
        let (by_stored, by_should) = if is_after_a_gap {
            (None, None)
        } else {
            (after(before.stored), after(before.should))
        };
        let fits = *is_whole
            && mac.is_some_and(|mac| {
                is_after_a_gap || by_stored == Some(mac) || by_should == Some(mac)
            });
        let mut bad = false;
        if is_after_a_gap {
            // What comes after a gap cannot be told from what is ours; its own mac links the rest.
            search.found(Finding::Removed {
                chain: chain(),
                first: self.next,
                last: event.seq - 1,
            })?;
        }
        if !fits {
            let (seq, kind, at) = (event.seq, event.kind.clone(), event.at);
            match search.stood(all, stored) {
                // In its place; the one before it is not.
                Some(from) if from == seq => {}
                Some(from) => search.found(Finding::Moved { chain: chain(), seq, from })?,
                None if before.bad && *is_whole && mac.is_some() => {
                    search.found(Finding::Unsure { chain: chain(), seq, kind, at })?;
                }
                None => search.found(Finding::Changed { chain: chain(), seq, kind, at })?,
            }
            bad = true;
        }
        let should = if fits { *mac } else { by_should.or(by_stored) };
        self.before = Before { seq: event.seq, stored: *mac, should, bad };
        self.next = self.next.max(event.seq.saturating_add(1));
        self.is_named(event, search)
    }

    /// Holds the event that was just looked at against the checkpoints.
    fn is_named(&self, event: &Event, search: &mut Search<'_>) -> anyhow::Result<()> {
        let from = self.named.partition_point(|(head, _)| head.seq < event.seq);
        let mut its = self.named[from..].iter().take_while(|(head, _)| head.seq == event.seq);
        match its.find(|(head, _)| !self.before.has(head.mac)) {
            // Of one that does not fit it was said.
            Some((_, checkpoint)) if !self.before.bad => search.found(Finding::Other {
                chain: self.name.clone(),
                seq: event.seq,
                kind: event.kind.clone(),
                at: event.at,
                checkpoint: *checkpoint,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
