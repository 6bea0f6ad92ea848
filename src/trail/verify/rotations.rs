//! The audit of replaced keys.

use std::collections::HashMap;

use super::chain::Report;
use super::finding::Finding;
use super::named_heads::NamedHeads;
use crate::trail::keys::PublicKeys;
use crate::trail::rotation::{OPERATOR, Rotation};

/// Returns the keys that were replaced, each with the first checkpoint that names its replacement.
/// Until there is such a checkpoint, the replaced key may sign.
///
/// `rotations` are those that hold, see [`rotation::believed`](crate::trail::rotation::believed).
pub(super) fn retired(
    rotations: &[(i64, Rotation)],
    keys: &PublicKeys,
    named: &NamedHeads,
    report: Report<'_>,
) -> anyhow::Result<HashMap<String, i64>> {
    let mut retired = HashMap::new();
    for (seq, rotation) in rotations {
        let old = &rotation.old;
        if !rotation.is_proven(keys) {
            report(Finding::RotationUnproven { seq: *seq, key: old.clone() })?;
        }
        if let Some(checkpoint) = named.first_naming(OPERATOR, *seq) {
            retired.insert(old.clone(), checkpoint);
        }
    }
    Ok(retired)
}
