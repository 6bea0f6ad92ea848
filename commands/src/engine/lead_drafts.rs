//! Reasons that a lead has typed and that were refused. The form shows them again.
//!
//! The views of a lead keep no state in the store, so these are in memory only. Every replica gets
//! every form, so each one has them. After a restart the form opens empty.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::model::time::{Timestamp, minutes};

/// Time for which a reason is kept: as long as its message can be answered.
const LIFE: Duration = minutes(15);

/// Number of reasons that a process keeps. Ours: far more than leads type in [`LIFE`], and less
/// than a few megabytes.
const MAX_DRAFTS: usize = 1_000;

/// Refused reasons by lead and by what they are about: the id of a session, or `discord:…`.
#[derive(Debug, Default)]
pub(crate) struct LeadDrafts(Mutex<HashMap<(u64, String), (SecretString, Timestamp)>>);

impl LeadDrafts {
    /// Keeps what a lead has typed about a session or an agent.
    pub(crate) fn keep(&self, lead: u64, about: &str, text: &str, now: Timestamp) {
        let mut drafts = self.lock();
        drafts.retain(|_, (_, at)| is_kept(*at, now));
        if drafts.len() < MAX_DRAFTS {
            drafts.insert((lead, about.to_owned()), (text.to_owned().into(), now));
        }
    }

    /// Returns what the lead has typed about it.
    pub(crate) fn of(&self, lead: u64, about: &str, now: Timestamp) -> Option<String> {
        let drafts = self.lock();
        let (text, at) = drafts.get(&(lead, about.to_owned()))?;
        is_kept(*at, now).then(|| text.expose_secret().to_owned())
    }

    /// Forgets what leads have typed about it, because it is done.
    pub(crate) fn forget(&self, about: &str) {
        self.lock().retain(|(_, of), _| of != about);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(u64, String), (SecretString, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reason of the future means that the clock was set back.
fn is_kept(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now < at + LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);

    fn id(n: usize) -> String {
        format!("{n:022}")
    }

    #[test]
    fn draft_is_of_its_lead_and_ends() {
        let drafts = LeadDrafts::default();
        drafts.keep(1, &id(1), "short", NOON);
        let last = NOON + LIFE - Duration::from_millis(1);
        assert_eq!(drafts.of(1, &id(1), last).as_deref(), Some("short"));
        assert_eq!(drafts.of(2, &id(1), last), None, "another lead");
        assert_eq!(drafts.of(1, &id(2), last), None, "another session");
        assert_eq!(drafts.of(1, &id(1), NOON + LIFE), None);
        drafts.forget(&id(1));
        assert_eq!(drafts.of(1, &id(1), NOON), None);
    }

    #[test]
    fn drafts_are_bounded() {
        let drafts = LeadDrafts::default();
        for n in 0..=MAX_DRAFTS {
            drafts.keep(1, &id(n), "text", NOON);
        }
        assert_eq!(drafts.lock().len(), MAX_DRAFTS);
        drafts.keep(1, &id(0), "text", NOON + LIFE);
        assert_eq!(drafts.lock().len(), 1, "ended drafts make room");
    }
}
