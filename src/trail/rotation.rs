//! The replacement of a key: an event that the new key signs, with a signature of the old one.

use std::collections::{HashMap, HashSet};

use commands::model::trail::kind;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::columns::ColumnType::{Number, Text};
use super::columns::{self, number, text};
use super::event::Signature;
use super::keys::{PublicKeys, TrailKey, Verdict};
use crate::fields::Fields;
use crate::store::engine::Engine;

/// Chain of the events that a command of the operator writes.
pub(crate) const OPERATOR: &str = "operator";

/// Details of an event `key_rotated`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Rotation {
    /// Id of the key that no longer signs.
    pub(crate) old: String,
    /// Id of the key that signs from now on.
    new: String,
    /// Signature by the old key. `None` if that key is lost.
    old_signature: Option<String>,
    /// Signature by the new key, so that nobody else can say that a key was replaced.
    new_signature: String,
}

impl Rotation {
    /// Returns the bytes that both keys sign.
    fn message(old: &str, new: &str) -> Fields {
        let mut fields = Fields::of("support-desk rotation 1");
        fields.text(Some(old)).text(Some(new));
        fields
    }

    /// Signs the replacement of `old` by `new`.
    pub(crate) fn signed(old: &TrailKey, new: &TrailKey) -> Self {
        let rotation = Self::of_lost(old.id().as_str(), new);
        let message = Self::message(&rotation.old, &rotation.new);
        let signature = old.sign(message.as_bytes()).encode();
        Self { old_signature: Some(signature), ..rotation }
    }

    /// Signs the replacement of a lost key by `new`.
    pub(crate) fn of_lost(old: &str, new: &TrailKey) -> Self {
        let (old, id) = (old.to_owned(), new.id().to_string());
        let new_signature = new.sign(Self::message(&old, &id).as_bytes()).encode();
        Self { old, new: id, old_signature: None, new_signature }
    }

    /// Returns true if the old key has signed. True also for a lost or unknown key.
    pub(super) fn is_proven(&self, keys: &PublicKeys) -> bool {
        let Some(signature) = &self.old_signature else { return true };
        self.verify(keys, &self.old, signature) != Verdict::Invalid
    }

    fn is_signed_by_new(&self, keys: &PublicKeys) -> bool {
        self.verify(keys, &self.new, &self.new_signature) == Verdict::Valid
    }

    /// Returns true if the old key has certainly agreed to its replacement.
    fn is_signed_by_old(&self, keys: &PublicKeys) -> bool {
        let signature = self.old_signature.as_ref();
        signature.is_some_and(|it| self.verify(keys, &self.old, it) == Verdict::Valid)
    }

    fn verify(&self, keys: &PublicKeys, id: &str, signature: &str) -> Verdict {
        let message = Self::message(&self.old, &self.new);
        let signature = Signature::parse(signature);
        signature.map_or(Verdict::Invalid, |it| keys.verify(id, message.as_bytes(), it))
    }
}

/// Returns the replacements that hold, each with its event's number.
///
/// The new key must have signed, because a writer of the database could otherwise say that a key
/// was replaced. The new key must not have been replaced before or lead back to the old one, and
/// only the first replacement of a key counts: a person with a replaced key could otherwise reverse
/// the replacement or move its time.
///
/// Replacements that the old key has signed come first, because a person with the old key alone
/// cannot sign the reverse for the new one. Those of lost keys follow, each kind in the order of
/// its events. A number below 1 is left out: the bot numbers events from 1, so such a row would
/// precede every real one.
pub(crate) fn believed(
    mut rotations: Vec<(i64, Rotation)>,
    keys: &PublicKeys,
) -> Vec<(i64, Rotation)> {
    rotations.retain(|(seq, _)| *seq >= 1);
    rotations.sort_by_key(|(seq, _)| *seq);
    // A writer of the database can add any number of copies.
    let mut distinct = HashSet::new();
    rotations.retain(|(_, rotation)| distinct.insert(rotation.clone()));
    rotations.retain(|(_, rotation)| rotation.is_signed_by_new(keys));
    rotations.sort_by_cached_key(|(seq, rotation)| (!rotation.is_signed_by_old(keys), *seq));
    // For each replaced key the number of its event, and the new key.
    let mut successors: HashMap<String, (i64, String)> = HashMap::new();
    rotations.retain(|(seq, Rotation { old, new, .. })| {
        let was_replaced = successors.get(new).is_some_and(|(replaced, _)| replaced < seq);
        if was_replaced || successors.contains_key(old) || leads_to(new, old, &successors) {
            return false;
        }
        successors.insert(old.clone(), (*seq, new.clone()));
        true
    });
    rotations
}

/// Returns true if `from` is the key `to`, or was replaced by it, directly or through others.
fn leads_to(from: &str, to: &str, successors: &HashMap<String, (i64, String)>) -> bool {
    let next = |key: &&str| successors.get(*key).map(|(_, new)| new.as_str());
    std::iter::successors(Some(from), next).any(|key| key == to)
}

/// Returns the ids of the keys that were replaced.
pub(crate) fn replaced(rotations: &[(i64, Rotation)]) -> HashSet<String> {
    rotations.iter().map(|(_, rotation)| rotation.old.clone()).collect()
}

/// Reads the replacements that hold under these keys, see [`believed`].
pub(crate) async fn held(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
) -> Result<Vec<(i64, Rotation)>, sqlx::Error> {
    Ok(believed(read(on, engine).await?, keys))
}

/// Reads all rotations of trail keys, also forged ones: the number of the event in its chain, and
/// its details.
pub(crate) async fn read(
    on: &mut AnyConnection,
    engine: Engine,
) -> Result<Vec<(i64, Rotation)>, sqlx::Error> {
    let statement = columns::select(
        engine,
        &[("seq", Number), ("details", Text)],
        "from events where chain = $1 and kind = $2 order by events.seq",
    );
    let rows = sqlx::query(statement).bind(OPERATOR).bind(kind::KEY_ROTATED).fetch_all(on).await?;
    let parse = |row| Some((number(row, 0)?, serde_json::from_str(&text(row, 1)?).ok()?));
    Ok(rows.iter().filter_map(parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::keys::test_trail_key;

    fn keys(bytes: &[u8]) -> PublicKeys {
        PublicKeys(bytes.iter().map(|byte| test_trail_key(*byte).public().clone()).collect())
    }

    fn rotation(old: u8, new: u8) -> Rotation {
        Rotation::signed(&test_trail_key(old), &test_trail_key(new))
    }

    fn lost(old: u8, new: u8) -> Rotation {
        Rotation::of_lost(test_trail_key(old).id().as_str(), &test_trail_key(new))
    }

    fn believed_of(rotations: Vec<Rotation>, trusted: &[u8]) -> Vec<i64> {
        numbered(rotations.into_iter().zip(1..).map(|(rotation, seq)| (seq, rotation)), trusted)
    }

    fn numbered(rotations: impl IntoIterator<Item = (i64, Rotation)>, trusted: &[u8]) -> Vec<i64> {
        let rotations = rotations.into_iter().collect();
        believed(rotations, &keys(trusted)).iter().map(|(seq, _)| *seq).collect()
    }

    #[test]
    fn replacement_needs_the_signature_of_the_new_key() {
        assert_eq!(believed_of(vec![rotation(1, 2), rotation(2, 3)], &[1, 2, 3]), [1, 2]);
        assert_eq!(believed_of(vec![rotation(1, 2)], &[2]), [1], "the old key is not needed");
        assert_eq!(believed_of(vec![rotation(1, 2)], &[1, 3]), [0; 0], "the new key is unknown");
        let copied = Rotation { old: test_trail_key(3).id().to_string(), ..rotation(1, 2) };
        assert_eq!(believed_of(vec![copied], &[1, 2, 3]), [0; 0]);
    }

    #[test]
    fn replaced_key_cannot_undo_or_repeat_its_replacement() {
        let later = [rotation(1, 2), rotation(2, 1), rotation(1, 1), rotation(1, 2)];
        assert_eq!(believed_of(later.to_vec(), &[1, 2]), [1]);
        assert_eq!(believed_of(vec![rotation(1, 2), lost(2, 1)], &[1, 2]), [1]);
    }

    #[test]
    fn lost_key_stays_replaced_when_its_successor_is_replaced() {
        let chain = [(1, lost(1, 2)), (2, rotation(2, 3))];
        let believed_in = |rotations: Vec<_>| {
            let mut numbers = numbered(rotations, &[1, 2, 3]);
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(believed_in(chain.to_vec()), [1, 2]);
        // The first key cannot come back in the place of a later one, at any number.
        for old in [2, 3] {
            for seq in 1..=3 {
                let mut chain = vec![(2, lost(1, 2)), (3, rotation(2, 3))];
                chain.push((seq, lost(old, 1)));
                let believed = believed_in(chain);
                // At the number of an event that was removed, it precedes the replacement that no
                // lost key could sign. The chain of events shows it.
                let is_hidden = old == 3 && seq == 1;
                assert_eq!(believed == [2, 3], !is_hidden, "{old} at {seq}: {believed:?}");
            }
        }
        let signed = [(1, rotation(1, 2)), (2, lost(2, 3)), (3, rotation(3, 4))];
        assert_eq!(numbered(signed, &[1, 2, 3, 4]).len(), 3);
    }

    #[test]
    fn row_before_the_replacement_does_not_reverse_it() {
        for seq in [i64::MIN, -1, 0] {
            let forged = |real| numbered([(seq, lost(2, 1)), (1, real)], &[1, 2]);
            assert_eq!(forged(rotation(1, 2)), [1], "number {seq}");
            assert_eq!(forged(lost(1, 2)), [1], "number {seq}, and the old key was lost");
        }
        // The number of an event that the retention has removed.
        assert_eq!(numbered([(1, lost(2, 1)), (2, rotation(1, 2))], &[1, 2]), [2]);
        // A copy cannot move the end of the old key.
        assert_eq!(numbered([(0, rotation(1, 2)), (3, rotation(1, 2))], &[1, 2]), [3]);
        // An exported file can have its lines in another order.
        assert_eq!(numbered([(2, lost(2, 1)), (1, lost(1, 2))], &[1, 2]), [1]);
    }

    #[test]
    fn old_key_proves_its_replacement_unless_it_is_lost() {
        let signed = rotation(1, 2);
        assert!(signed.is_proven(&keys(&[1, 2])) && signed.is_proven(&keys(&[2])));
        let forged = Rotation { old_signature: rotation(3, 2).old_signature, ..signed.clone() };
        assert!(!forged.is_proven(&keys(&[1, 2])));
        let garbage = Rotation { old_signature: Some("no signature".to_owned()), ..signed };
        assert!(!garbage.is_proven(&keys(&[1, 2])));
        assert!(lost(1, 2).is_proven(&keys(&[1, 2])));
    }
}
