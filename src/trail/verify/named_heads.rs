//! The heads that checkpoints name, in a form that takes little memory.

use std::collections::HashMap;

use ring::digest::{SHA256, digest};

use super::finding::Finding;
use crate::trail::checkpoint::parse_heads;
use crate::trail::event::{Head, Signature};

/// Bytes of a signature's hash that are kept: as unlikely to be equal as two UUIDs. They are bytes
/// of the hash, because a person with the key can sign another event with half of a signature
/// equal.
pub(super) const FINGERPRINT_BYTES: usize = 16;

/// A head that a checkpoint names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedHead {
    pub(super) seq: i64,
    fingerprint: [u8; FINGERPRINT_BYTES],
    /// Number of the checkpoint.
    pub(super) checkpoint: i64,
    /// The checkpoint counts, see [`CheckpointChain`](super::checkpoint_chain::CheckpointChain).
    /// Another one still shows that something was removed, and excuses nothing.
    pub(super) is_chained: bool,
}

impl NamedHead {
    pub(super) fn new(head: Head, checkpoint: i64) -> Self {
        let fingerprint = fingerprint(head.signature);
        Self { seq: head.seq, fingerprint, checkpoint, is_chained: true }
    }

    /// Returns true if this is the head that the checkpoint names.
    pub(super) fn names(&self, head: Head) -> bool {
        self.seq == head.seq && self.fingerprint == fingerprint(head.signature)
    }
}

pub(super) fn fingerprint(Signature(bytes): Signature) -> [u8; FINGERPRINT_BYTES] {
    let mut start = [0; FINGERPRINT_BYTES];
    start.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..FINGERPRINT_BYTES]);
    start
}

/// The heads that all checkpoints name, by chain.
///
/// Older ones are kept too. After the end of a chain is cut off the bot writes new events, and then
/// only an older checkpoint shows the loss.
#[derive(Debug, Default)]
pub(super) struct NamedHeads(HashMap<Box<str>, Vec<NamedHead>>);

impl NamedHeads {
    /// Adds the heads in the column of a checkpoint that counts.
    pub(super) fn add_all(&mut self, heads: &str, checkpoint: i64) {
        for (chain, head) in parse_heads(heads) {
            self.add(chain, NamedHead::new(head, checkpoint));
        }
    }

    pub(super) fn add(&mut self, chain: &str, head: NamedHead) {
        match self.0.get_mut(chain) {
            Some(heads) => heads.push(head),
            None => drop(self.0.insert(chain.into(), vec![head])),
        }
    }

    /// Removes the heads of a chain and returns them in the order of their numbers.
    pub(super) fn take(&mut self, chain: &str) -> Vec<NamedHead> {
        let mut heads = self.0.remove(chain).unwrap_or_default();
        heads.sort_by_key(|head| (head.seq, head.checkpoint));
        heads
    }

    /// Returns the first checkpoint that counts and names this event of a chain, or a later one.
    pub(super) fn first_naming(&self, chain: &str, seq: i64) -> Option<i64> {
        let heads = self.0.get(chain)?.iter();
        heads.filter(|head| head.is_chained && head.seq >= seq).map(|head| head.checkpoint).min()
    }

    /// Returns the chains that were not taken, each with its heads.
    pub(super) fn into_rest(mut self) -> Vec<(String, Vec<NamedHead>)> {
        let mut chains: Vec<String> = self.0.keys().map(ToString::to_string).collect();
        chains.sort();
        let heads = |chain: String| {
            let heads = self.take(&chain);
            (chain, heads)
        };
        chains.into_iter().map(heads).collect()
    }
}

/// Returns the finding about a chain without events whose heads checkpoints name. `pruned` is the
/// last event that the retention has removed; there is no finding if it removed all of them.
pub(super) fn missing(chain: String, named: &[NamedHead], pruned: Option<Head>) -> Option<Finding> {
    let last = named.last()?;
    let Some(pruned) = pruned else {
        return Some(Finding::ChainRemoved { chain, checkpoint: last.checkpoint });
    };
    let is_pruned = last.seq < pruned.seq || last.names(pruned);
    (!is_pruned).then_some(Finding::CutOff {
        chain,
        last: pruned.seq,
        expected: last.seq,
        checkpoint: Some(last.checkpoint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_named_by_its_whole_signature() {
        let head = Head { seq: 3, signature: Signature([7; 64]) };
        let named = NamedHead::new(head, 1);
        assert!(named.names(head));
        assert!(!named.names(Head { seq: 4, ..head }));
        for byte in [0, 31, 32, 63] {
            let mut other = [7; 64];
            other[byte] = 8;
            assert!(!named.names(Head { signature: Signature(other), ..head }), "byte {byte}");
        }
    }

    #[test]
    fn chain_is_missing_unless_all_that_is_named_was_pruned() {
        let head = |seq, byte| Head { seq, signature: Signature([byte; 64]) };
        let named = [NamedHead::new(head(3, 7), 1), NamedHead::new(head(5, 7), 2)];
        let missing = |pruned| missing("discord:7".to_owned(), &named, pruned);
        assert_eq!(missing(Some(head(5, 7))), None);
        assert_eq!(missing(Some(head(6, 8))), None);
        for pruned in [head(4, 7), head(5, 8)] {
            let cut_off = missing(Some(pruned)).unwrap();
            assert!(matches!(cut_off, Finding::CutOff { expected: 5, .. }), "{cut_off}");
        }
        let removed = missing(None).unwrap();
        assert!(matches!(removed, Finding::ChainRemoved { checkpoint: 2, .. }), "{removed}");
    }
}
