//! Refusals of the access check: guild, channel and role.
//!
//! Any member of the server can cause them, without limit. So of one person's refusals the first of
//! a minute is claimed and written to the trail, and the next event says how many more there were.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::NotEligible;
use crate::screens::widgets::note;

/// Time after an event in which further refusals of the person are only counted. Ours: an event a
/// minute shows an attack as well as a thousand.
const WINDOW: Duration = minutes(1);

/// Number of persons whose refusals a process counts. Ours: far more than try it in a minute, and
/// less than a megabyte.
const MAX_PERSONS: usize = 10_000;

/// The refusals of each person for each reason, in this process.
#[derive(Debug, Default)]
pub(crate) struct AccessRefusals(Mutex<HashMap<(u64, &'static str), Counted>>);

#[derive(Debug)]
struct Counted {
    /// Until then refusals are only counted.
    until: Timestamp,
    /// Refusals since the last event.
    repeated: u32,
}

impl AccessRefusals {
    /// Counts a refusal. Returns the number of refusals since the last event if this one must be
    /// an event.
    fn count(&self, user: u64, why: &'static str, now: Timestamp) -> Option<u32> {
        let mut persons = self.lock();
        if persons.len() >= MAX_PERSONS {
            persons.retain(|_, counted| counted.until > now);
        }
        let first = Counted { until: now, repeated: 0 };
        let counted = persons.entry((user, why)).or_insert(first);
        if now < counted.until {
            counted.repeated = counted.repeated.saturating_add(1);
            return None;
        }
        let repeated = counted.repeated;
        *counted = Counted { until: now + WINDOW, repeated: 0 };
        Some(repeated)
    }

    /// Notes that the person has access. The next loss of the role must close the sessions that the
    /// person opens from now on.
    pub(crate) fn admit(&self, user: u64, now: Timestamp) {
        if let Some(counted) = self.lock().get_mut(&(user, Refusal::NotAnAgent.name())) {
            counted.until = counted.until.min(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(u64, &'static str), Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Refuses a person whom the access check did not admit, and closes the open sessions of one
    /// without the role.
    pub(crate) async fn refuse_access(
        &self,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let (user, now) = (reply.interaction.user, reply.interaction.at);
        let Some(repeated) = self.access_refusals.count(user, refusal.name(), now) else {
            // No process claims this interaction, and every process gives the same answer.
            reply.allow_duplicate();
            reply.note(note(&refusal, reply.interaction.locale)).await;
            return Ok(());
        };
        let mut details = json!({ "why": refusal.name() });
        if repeated > 0 {
            details["repeated"] = json!(repeated);
        }
        let is_role = matches!(refusal, Refusal::NotAnAgent);
        self.refuse_with(reply, &refusal, details).await?;
        if is_role {
            self.close_all_of(user, NotEligible::Role).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHY: &str = "not_an_agent";
    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    const A_MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn first_refusal_of_minute_is_an_event() {
        let refusals = AccessRefusals::default();
        assert_eq!(refusals.count(7, WHY, NOON), Some(0));
        for _ in 0..199 {
            assert_eq!(refusals.count(7, WHY, NOON + WINDOW - A_MILLISECOND), None);
        }
        assert_eq!(refusals.count(8, WHY, NOON), Some(0), "another person");
        assert_eq!(refusals.count(7, WHY, NOON + WINDOW), Some(199));
        assert_eq!(refusals.count(7, WHY, NOON + WINDOW), None);
        assert_eq!(refusals.count(7, WHY, NOON + 3 * WINDOW), Some(1));
    }

    #[test]
    fn admitted_person_is_refused_with_an_event() {
        let refusals = AccessRefusals::default();
        assert_eq!(refusals.count(7, WHY, NOON), Some(0));
        assert_eq!(refusals.count(7, WHY, NOON), None);
        refusals.admit(7, NOON + A_MILLISECOND);
        assert_eq!(refusals.count(7, WHY, NOON + A_MILLISECOND), Some(1));
    }

    #[test]
    fn counted_persons_are_bounded() {
        let refusals = AccessRefusals::default();
        let persons = u64::try_from(MAX_PERSONS).unwrap();
        for user in 0..persons {
            refusals.count(user, WHY, NOON);
        }
        assert_eq!(refusals.lock().len(), MAX_PERSONS);
        refusals.count(persons, WHY, NOON + WINDOW);
        assert_eq!(refusals.lock().len(), 1, "those of the minute before are dropped");
    }
}
