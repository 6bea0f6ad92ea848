//! The checkpoints that count, among those that verify.
//!
//! A person with a replaced key can sign a checkpoint with any number. So a checkpoint under a
//! replaced key counts only if it precedes one that counts, as for the retention
//! ([`Evidence`](super::evidence::Evidence)).

use commands::model::time::Timestamp;

use super::named_heads::{FINGERPRINT_BYTES, NamedHead, NamedHeads, fingerprint};
use crate::trail::checkpoint::parse_heads;
use crate::trail::event::Head;
use crate::trail::newest_checkpoint::{MAX_REPLACED_SEQ, StoredCheckpoint};

/// Number and fingerprint of a checkpoint.
type Link = (i64, [u8; FINGERPRINT_BYTES]);

fn link(head: Head) -> Link {
    (head.seq, fingerprint(head.signature))
}

/// A checkpoint in a form that takes little memory.
struct Waiting {
    link: Link,
    before: Link,
    at: Timestamp,
    /// `None` if the checkpoint names something outside of the part that is audited.
    heads: Option<Vec<(Box<str>, NamedHead)>>,
}

/// Checkpoints in the order of their numbers. They wait for the next one under a key that was not
/// replaced, which tells the chain apart from what was inserted.
#[derive(Default)]
pub(super) struct CheckpointChain {
    waiting: Vec<Waiting>,
    has_current: bool,
    /// Times of the first checkpoint that counts and of the last one.
    pub(super) counted: Option<(Timestamp, Timestamp)>,
}

impl CheckpointChain {
    /// Adds a checkpoint, the one before it, and the heads that it names.
    pub(super) fn push(&mut self, checkpoint: StoredCheckpoint, before: Head, heads: Option<&str>) {
        let StoredCheckpoint { head, at } = checkpoint;
        let named = |(chain, its): (&str, Head)| (chain.into(), NamedHead::new(its, head.seq));
        let heads = heads.map(|heads| parse_heads(heads).map(named).collect());
        self.waiting.push(Waiting { link: link(head), before: link(before), at, heads });
    }

    /// Passes on what the checkpoints until now name, because the last one is under a key that was
    /// not replaced.
    pub(super) fn confirm(&mut self, named: &mut NamedHeads) {
        self.has_current = true;
        let last = self.waiting.last().map(|waiting| waiting.link);
        self.settle(last, named);
    }

    /// Passes on what the remaining checkpoints name. If all are under replaced keys, the newest
    /// one counts.
    pub(super) fn finish(&mut self, named: &mut NamedHeads) {
        let links = self.waiting.iter().rev().map(|waiting| waiting.link);
        let newest = links.filter(|_| !self.has_current).find(|(seq, _)| *seq <= MAX_REPLACED_SEQ);
        self.settle(newest, named);
    }

    /// Passes on what the waiting checkpoints name. `last` is the last one that counts.
    fn settle(&mut self, mut last: Option<Link>, named: &mut NamedHeads) {
        let mut times: Option<(Timestamp, Timestamp)> = None;
        for Waiting { link, before, at, heads } in self.waiting.drain(..).rev() {
            let is_chained = last == Some(link);
            if is_chained {
                last = Some(before);
            }
            let Some(heads) = heads else { continue };
            if is_chained {
                times = Some((at, times.map_or(at, |(_, newest)| newest)));
            }
            for (chain, mut head) in heads {
                head.is_chained = is_chained;
                named.add(&chain, head);
            }
        }
        if let Some((oldest, newest)) = times {
            self.counted = Some((self.counted.map_or(oldest, |(first, _)| first), newest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::event::Signature;

    fn head(seq: i64, byte: u8) -> Head {
        Head { seq, signature: Signature([byte; 64]) }
    }

    /// Pushes checkpoints: number, byte of the signature, that of the one before, and true for a
    /// key that was not replaced. Returns those that count, by number and byte.
    fn counting(checkpoints: &[(i64, u8, u8, bool)]) -> Vec<(i64, u8)> {
        let (mut chain, mut named) = (CheckpointChain::default(), NamedHeads::default());
        for (seq, byte, before, is_current) in checkpoints {
            let heads = format!("chain {byte} {}\n", Signature([0; 64]).encode());
            let checkpoint = StoredCheckpoint { head: head(*seq, *byte), at: Timestamp(*seq) };
            chain.push(checkpoint, head(seq - 1, *before), Some(&heads));
            if *is_current {
                chain.confirm(&mut named);
            }
        }
        chain.finish(&mut named);
        let mut all = named.take("chain");
        assert_eq!(all.len(), checkpoints.len(), "each one still shows a removal");
        all.retain(|head| head.is_chained);
        let time = |head: Option<&NamedHead>| Timestamp(head.unwrap().checkpoint);
        assert_eq!(chain.counted, Some((time(all.first()), time(all.last()))));
        all.iter().map(|head| (head.checkpoint, u8::try_from(head.seq).unwrap())).collect()
    }

    #[test]
    fn checkpoint_under_a_replaced_key_needs_a_successor() {
        let chain = [(1, 1, 0, false), (2, 2, 1, false), (3, 3, 2, true), (4, 4, 3, true)];
        assert_eq!(counting(&chain), [(1, 1), (2, 2), (3, 3), (4, 4)]);
        for (inserted, at) in [
            ((0, 9, 0, false), 0),
            ((1, 9, 0, false), 0),
            ((1, 9, 0, false), 1),
            ((2, 9, 1, false), 2),
            ((3, 9, 2, false), 2),
            ((3, 9, 2, false), 3),
            ((5, 9, 4, false), 4),
        ] {
            let mut chain = chain.to_vec();
            chain.insert(at, inserted);
            assert_eq!(counting(&chain), [(1, 1), (2, 2), (3, 3), (4, 4)], "{inserted:?}");
        }
        let gap = [chain[0], chain[2], chain[3]];
        assert_eq!(counting(&gap), [(3, 3), (4, 4)]);
    }

    #[test]
    fn newest_checkpoint_counts_until_another_key_signs() {
        let far = MAX_REPLACED_SEQ + 1;
        let chain = [(1, 1, 0, false), (2, 9, 7, false), (2, 2, 1, false), (far, 8, 2, false)];
        assert_eq!(counting(&chain), [(1, 1), (2, 2)]);
    }
}
