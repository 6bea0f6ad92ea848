//! What `rekey` is told, and what it did.

use commands::model::fault::Fault;

use super::store_keys::CannotOpen;

/// Keys that are lost, as the operator says.
#[derive(Clone, Copy, Debug, Default)]
pub struct LostKeys {
    /// What was written under a `STORE_KEY` that this process does not have is given up.
    pub store: bool,
    /// A `TRAIL_KEY` that this process does not have is replaced without its signature.
    pub trail: bool,
}

/// What was written again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// Rows that are under the current `STORE_KEY` now.
    pub rows: usize,
    /// Rows whose key this process does not have. With [`LostKeys::store`] they were given up.
    pub foreign: usize,
    /// Rows that were edited in the database.
    pub tampered: usize,
    /// Rows that can still be under an earlier key. Another process has written them meanwhile, or
    /// other rows have both forms of a customer's hash.
    pub left: usize,
    /// Ids of the trail's keys that were replaced.
    pub replaced: Vec<String>,
}

impl Rekeyed {
    /// Counts a value that cannot be opened. Returns true if it is given up.
    pub(super) fn give_up(&mut self, error: CannotOpen, lost: LostKeys) -> bool {
        match error {
            CannotOpen::UnknownKey => {
                self.foreign += 1;
                lost.store
            }
            CannotOpen::Tampered => {
                self.tampered += 1;
                false
            }
        }
    }

    /// Counts a row that was to be written again. `affected`: 0 if another process has changed it.
    pub(super) fn count_row(&mut self, affected: u64) {
        if affected > 0 {
            self.rows += 1;
        } else {
            self.left += 1;
        }
    }

    /// Counts a row that was to be given up and that another process has changed, if `affected` is
    /// 0.
    pub(super) fn count_given_up(&mut self, affected: u64) {
        self.left += usize::from(affected == 0);
    }

    /// Adds the next pass to the earlier ones. Each pass meets the rows again that the one before
    /// has left as they are.
    pub(super) fn add(&mut self, pass: &Self, lost: LostKeys) {
        self.rows += pass.rows;
        self.foreign = pass.foreign + if lost.store { self.foreign } else { 0 };
        (self.tampered, self.left) = (pass.tampered, pass.left);
    }
}

/// Reason why the command ended. After `MissingTrailKey` nothing was changed. After `Failed` a part
/// can be written, and the command can be repeated.
#[derive(Debug, thiserror::Error)]
pub enum CannotRekey {
    #[error(
        "trail_keys names the key {0}, which is neither TRAIL_KEY nor a secret in \
         TRAIL_KEY_OLD; add it there, or use --lost-trail-key if nobody has it any more"
    )]
    MissingTrailKey(String),
    #[error(transparent)]
    Failed(#[from] Fault),
}
