//! The check of one chain, event by event.
//!
//! Events are dropped after their check, so a chain can be of any length. Numbers can be tampered
//! with, so no loop counts up to one of them.

use std::collections::HashMap;

use commands::model::trail::kind;

use super::finding::Finding;
use super::named_heads::NamedHead;
use crate::trail::event::{Event, Head, Signature};
use crate::trail::keys::{PublicKeys, Verdict};

/// An event as its row holds it.
#[derive(Clone, Debug)]
pub(super) struct StoredEvent {
    /// The event. An unreadable cell is empty here.
    pub(super) event: Event,
    pub(super) is_readable: bool,
    /// `None` if the column holds no signature.
    pub(super) signature: Option<Signature>,
}

/// The keys that a verification trusts, and the end of those that were replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    pub(super) keys: PublicKeys,
    /// Replaced keys, each with the first checkpoint that names its replacement.
    pub(super) retired: HashMap<String, i64>,
    /// Times between which a checkpoint must name each event, in milliseconds; `None` if there are
    /// no checkpoints.
    pub(super) named_between: Option<(i64, i64)>,
}

/// What the row of a chain says: of a session, or of an actor's chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChainRow {
    pub(super) head: Head,
    /// Discord id of a session's agent.
    pub(super) owner: Option<i64>,
    /// Word for the close of a session. `None` if it is open.
    pub(super) closed_why: Option<String>,
}

/// The row of a chain, as far as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowState<'a> {
    /// An export holds no rows.
    NotRead,
    Missing,
    Read(&'a ChainRow),
}

/// Receives the findings.
pub(super) type Report<'a> = &'a mut dyn FnMut(Finding) -> anyhow::Result<()>;

/// The check of a chain whose events arrive in the order of their numbers.
pub(super) struct ChainCheck {
    pub(super) name: String,
    /// What the checkpoints name, ordered by number.
    named: Vec<NamedHead>,
    /// The newest event until now. Without one, the end of what was pruned.
    last: Head,
    /// The signature in the newest event's row is unreadable.
    is_broken: bool,
    is_last_invalid: bool,
    next_seq: i64,
    first_actor: Option<String>,
    closed_why: Option<String>,
    /// Kind and time of the newest event, if a checkpoint must name it.
    to_be_named: Option<(String, i64)>,
}

impl ChainCheck {
    /// Starts a chain after what was pruned of it.
    pub(super) fn new(name: String, named: Vec<NamedHead>, pruned: Head) -> Self {
        Self {
            name,
            named,
            last: pruned,
            is_broken: false,
            is_last_invalid: false,
            next_seq: pruned.seq.saturating_add(1),
            first_actor: None,
            closed_why: None,
            to_be_named: None,
        }
    }

    /// Checks the next event.
    pub(super) fn push(
        &mut self,
        stored: &StoredEvent,
        trust: &Trust,
        report: Report<'_>,
    ) -> anyhow::Result<()> {
        let StoredEvent { event, is_readable, signature } = stored;
        let is_after_a_gap = event.seq > self.next_seq;
        if is_after_a_gap {
            // The first event after a gap cannot be verified, because its predecessor is missing.
            // The events after it are chained to its signature.
            let (first, last) = (self.next_seq, event.seq - 1);
            report(Finding::Removed { chain: self.name.clone(), first, last })?;
        }
        let verdict = match signature {
            Some(signature) if *is_readable && !is_after_a_gap && !self.is_broken => {
                let message = event.message(self.last.signature);
                trust.keys.verify(&event.key, message.as_bytes(), *signature)
            }
            Some(_) if *is_readable && is_after_a_gap => Verdict::Valid,
            _ => Verdict::Invalid,
        };
        let is_valid = verdict == Verdict::Valid;
        let place = || (self.name.clone(), event.seq, event.kind.clone(), event.at);
        if verdict == Verdict::UnknownKey {
            let (chain, seq, kind, at) = place();
            report(Finding::UnknownKey { chain, seq, kind, at, key: event.key.clone() })?;
        } else if is_valid && self.is_under_retired_key(event, trust) {
            let (chain, seq, kind, at) = place();
            report(Finding::RetiredKey { chain, seq, kind, at, key: event.key.clone() })?;
        } else if !is_valid {
            let (chain, seq, kind, at) = place();
            let is_readable = *is_readable && signature.is_some();
            report(if self.is_last_invalid && is_readable && event.seq == self.next_seq {
                Finding::Unverifiable { chain, seq, kind, at }
            } else {
                Finding::Changed { chain, seq, kind, at }
            })?;
        }
        self.remember(event);
        self.last = Head { seq: event.seq, signature: signature.unwrap_or(Signature::START) };
        self.is_broken = signature.is_none();
        self.is_last_invalid = !is_valid;
        self.next_seq = self.next_seq.max(event.seq.saturating_add(1));
        let must_be_named =
            trust.named_between.is_some_and(|(from, to)| (from..=to).contains(&event.at));
        self.to_be_named = (is_valid && must_be_named).then(|| (event.kind.clone(), event.at));
        self.compare_with_checkpoints(event, report)
    }

    fn remember(&mut self, event: &Event) {
        if self.first_actor.is_none() {
            self.first_actor = Some(event.actor.clone());
        }
        if event.kind == kind::CLOSED {
            let details: Option<serde_json::Value> = serde_json::from_str(&event.details).ok();
            let why = details.and_then(|details| Some(details.get("why")?.as_str()?.to_owned()));
            self.closed_why = Some(why.unwrap_or_default());
        }
    }

    /// Returns true if a replaced key signed the event after its replacement was in a checkpoint.
    fn is_under_retired_key(&self, event: &Event, trust: &Trust) -> bool {
        let Some(replaced) = trust.retired.get(&event.key) else { return false };
        let covers = |head: &NamedHead| head.seq >= event.seq && head.checkpoint <= *replaced;
        !self.named.iter().any(|head| head.is_chained && covers(head))
    }

    /// Ends the check.
    pub(super) fn finish(self, row: RowState<'_>, report: Report<'_>) -> anyhow::Result<()> {
        let last = self.last;
        let is_cut_off = matches!(row, RowState::Read(row) if row.head.seq > last.seq);
        let chain = || self.name.clone();
        let cut_off = |expected, checkpoint| Finding::CutOff {
            chain: chain(),
            last: last.seq,
            expected,
            checkpoint,
        };
        match row {
            RowState::Read(row) if is_cut_off => report(cut_off(row.head.seq, None))?,
            RowState::Read(row) if row.head != last => {
                report(Finding::HeadChanged { chain: chain() })?;
            }
            RowState::Read(row) => self.compare_with_row(row, report)?,
            RowState::Missing => report(Finding::RowRemoved { chain: chain() })?,
            RowState::NotRead => {}
        }
        let is_named = self.named.iter().any(|head| head.is_chained && head.seq >= last.seq);
        match (self.named.last(), self.to_be_named.clone()) {
            (Some(head), _) if !is_cut_off && head.seq > last.seq => {
                report(cut_off(head.seq, Some(head.checkpoint)))
            }
            (_, Some((kind, at))) if !is_named => {
                report(Finding::Unnamed { chain: chain(), seq: last.seq, kind, at })
            }
            _ => Ok(()),
        }
    }

    /// Compares owner and close of a session's row with its events.
    fn compare_with_row(&self, row: &ChainRow, report: Report<'_>) -> anyhow::Result<()> {
        let Some(owner) = row.owner else { return Ok(()) };
        let owner = format!("discord:{}", owner.cast_unsigned());
        if self.first_actor.as_ref().is_some_and(|actor| *actor != owner) {
            report(Finding::OwnerChanged { chain: self.name.clone() })?;
        }
        if row.closed_why != self.closed_why {
            report(Finding::CloseChanged { chain: self.name.clone() })?;
        }
        Ok(())
    }

    /// Compares the event that was just checked with the checkpoints that name it.
    fn compare_with_checkpoints(&self, event: &Event, report: Report<'_>) -> anyhow::Result<()> {
        let from = self.named.partition_point(|head| head.seq < event.seq);
        let mut its = self.named[from..].iter().take_while(|head| head.seq == event.seq);
        match its.find(|head| !head.names(self.last)) {
            // An invalid event was reported already.
            Some(head) if !self.is_last_invalid => report(Finding::Replaced {
                chain: self.name.clone(),
                seq: event.seq,
                kind: event.kind.clone(),
                at: event.at,
                checkpoint: head.checkpoint,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
