//! Refusals without a session: of the access check (guild, channel, role), and of commands and
//! forged clicks behind it.
//!
//! A person can cause them without limit. So the first one of a minute for a reason is claimed and
//! written to the trail. The others are answered and counted, and the number is written once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::NotEligible;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};

/// Time after an event in which further refusals of the person are only counted. Ours: an event a
/// minute shows an attack as well as a thousand.
const WINDOW: Duration = minutes(1);

/// Number of persons and reasons that a process counts. Ours: far more than try it in a minute, and
/// less than a megabyte.
const MAX_COUNTED: usize = 10_000;

/// Discord id that stands for all persons beyond [`MAX_COUNTED`].
const FURTHER_PERSONS: u64 = 0;

/// Person and reason of a refusal.
type Key = (u64, &'static str);

/// The refusals of each person for each reason, in this process.
#[derive(Debug, Default)]
pub(crate) struct AccessRefusals(Mutex<HashMap<Key, Counted>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    /// Until then refusals are only counted.
    until: Timestamp,
    /// Refusals that are in no event.
    repeated: u32,
    /// Interaction of the newest one. Every replica counts it, and the one that claims it writes
    /// the number.
    newest: u64,
}

impl AccessRefusals {
    /// Counts a refusal. Returns true if this one must be an event.
    pub(crate) fn count(
        &self,
        user: u64,
        why: &'static str,
        interaction: u64,
        now: Timestamp,
    ) -> bool {
        let mut counted = self.lock();
        let has_room = counted.len() < MAX_COUNTED || counted.contains_key(&(user, why));
        let key = (if has_room { user } else { FURTHER_PERSONS }, why);
        let new = Counted { until: now, repeated: 0, newest: interaction };
        let counted = counted.entry(key).or_insert(new);
        if counted.is_open(now) {
            counted.add(interaction);
            return false;
        }
        counted.until = now + WINDOW;
        true
    }

    /// Counts a refusal whose event could not be written. The next one must be an event.
    pub(crate) fn undo(&self, user: u64, why: &'static str, interaction: u64, now: Timestamp) {
        if let Some(counted) = self.lock().get_mut(&(user, why)) {
            counted.until = now;
            counted.add(interaction);
        }
    }

    /// Notes that the person has access. The next loss of the role must close the sessions that the
    /// person opens from now on.
    pub(crate) fn admit(&self, user: u64, now: Timestamp) {
        if let Some(counted) = self.lock().get_mut(&(user, Refusal::NotAnAgent.name())) {
            counted.until = counted.until.min(now);
        }
    }

    /// Removes the entries whose minute is over, or all of them. Returns those with refusals that
    /// are in no event.
    fn take(&self, is_over: impl Fn(&Counted) -> bool) -> Vec<(Key, Counted)> {
        let taken = self.lock().extract_if(|_, counted| is_over(counted)).collect::<Vec<_>>();
        taken.into_iter().filter(|(_, counted)| counted.repeated > 0).collect()
    }

    /// Puts an entry back whose number could not be written.
    fn put_back(&self, key: Key, taken: Counted) {
        let mut counted = self.lock();
        let counted = counted.entry(key).or_insert(Counted { repeated: 0, ..taken });
        counted.repeated = counted.repeated.saturating_add(taken.repeated);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// Returns true if a refusal is only counted. A minute that ends later than the next one means
    /// that the clock was set back. Requests can be handled up to a minute after they arrived.
    fn is_open(&self, now: Timestamp) -> bool {
        now < self.until && self.until <= now + 2 * WINDOW
    }

    fn add(&mut self, interaction: u64) {
        self.repeated = self.repeated.saturating_add(1);
        self.newest = interaction;
    }
}

impl Desk {
    /// Refuses without a session: one note, and one trail event a person, reason and minute.
    pub(crate) async fn refuse(&self, reply: &Reply<'_>, refusal: Refusal) -> Result<(), Fault> {
        self.refuse_counted(reply, &refusal).await.map(drop)
    }

    /// Refuses a person whom the access check did not admit, and closes the open sessions of one
    /// without the role.
    pub(crate) async fn refuse_access(
        &self,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let refused = self.refuse_counted(reply, &refusal).await;
        if matches!(refusal, Refusal::NotAnAgent) && !matches!(refused, Ok(false)) {
            let user = reply.interaction.user;
            // A lead without the agent role keeps the recovery of a password.
            let closed = if self.rules.is_lead(&reply.interaction.roles) {
                self.close_support_of(user, NotEligible::Role).await
            } else {
                self.close_all_of(user, NotEligible::Role).await
            };
            if let Err(fault) = closed {
                // The next refusal tries again.
                self.access_refusals.admit(user, reply.interaction.at);
                return Err(fault);
            }
        }
        refused.map(drop)
    }

    /// Refuses. Returns true if the refusal is an event, and false if it is only counted.
    async fn refuse_counted(&self, reply: &Reply<'_>, refusal: &Refusal) -> Result<bool, Fault> {
        let interaction = reply.interaction;
        let (user, id, why, now) =
            (interaction.user, interaction.id(), refusal.name(), interaction.at);
        if !self.access_refusals.count(user, why, id, now) {
            // No process claims this interaction, and every process gives the same answer.
            reply.allow_duplicate();
            reply.refuse(refusal).await;
            return Ok(false);
        }
        let commit = interaction.commit(kind::REFUSED, json!({ "why": why }));
        match self.ports.sessions.commit(commit).await {
            Ok(Committed::Claimed) => {}
            Ok(_) => reply.refuse(refusal).await,
            Err(fault) => {
                self.access_refusals.undo(user, why, id, now);
                return Err(fault);
            }
        }
        Ok(true)
    }

    /// Writes the numbers of counted refusals whose minute is over.
    pub(crate) async fn write_ended_refusals(&self) {
        let now = self.ports.clock.now();
        self.write_refusals(self.access_refusals.take(|counted| !counted.is_open(now)), now).await;
    }

    /// Writes the numbers of all counted refusals, before the process ends.
    pub async fn write_counted_refusals(&self) {
        self.write_refusals(self.access_refusals.take(|_| true), self.ports.clock.now()).await;
    }

    async fn write_refusals(&self, taken: Vec<(Key, Counted)>, now: Timestamp) {
        let mut is_writable = true;
        for (key, counted) in taken {
            if is_writable && let Err(fault) = self.write_refusal(key, &counted, now).await {
                self.log_repeated(&fault);
                is_writable = false;
            }
            if !is_writable {
                self.access_refusals.put_back(key, counted);
            }
        }
    }

    async fn write_refusal(
        &self,
        (user, why): Key,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let event = TrailEvent {
            at: now,
            actor: format!("discord:{user}"),
            session: None,
            kind: kind::REFUSED,
            details: json!({ "why": why, "repeated": counted.repeated }),
            customer: None,
            about: Value::Null,
        };
        let claim = Claim::Whole(counted.newest);
        let commit = Commit { now, claim, events: vec![event], ..Commit::default() };
        self.ports.sessions.commit(commit).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHY: &str = "not_an_agent";
    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    const A_MILLISECOND: Duration = Duration::from_millis(1);

    /// Returns the numbers whose minute is over.
    fn ended(refusals: &AccessRefusals, now: Timestamp) -> Vec<(u64, u32)> {
        let taken = refusals.take(|counted| !counted.is_open(now));
        taken.into_iter().map(|((user, _), counted)| (user, counted.repeated)).collect()
    }

    #[test]
    fn first_refusal_of_minute_is_an_event() {
        let refusals = AccessRefusals::default();
        assert!(refusals.count(7, WHY, 1, NOON));
        for n in 0..199 {
            assert!(!refusals.count(7, WHY, n, NOON + WINDOW - A_MILLISECOND));
        }
        assert!(refusals.count(8, WHY, 2, NOON), "another person");
        assert!(refusals.count(7, "other", 3, NOON), "another reason");
        assert_eq!(ended(&refusals, NOON + WINDOW - A_MILLISECOND), []);
        assert!(refusals.count(7, WHY, 4, NOON + WINDOW));
        assert!(!refusals.count(7, WHY, 5, NOON + WINDOW));
        assert_eq!(ended(&refusals, NOON + 2 * WINDOW), [(7, 200)]);
        assert_eq!(refusals.lock().len(), 0, "ended entries are dropped");
    }

    #[test]
    fn admitted_person_is_refused_with_an_event() {
        let refusals = AccessRefusals::default();
        assert!(refusals.count(7, WHY, 1, NOON));
        assert!(!refusals.count(7, WHY, 2, NOON));
        refusals.admit(7, NOON + A_MILLISECOND);
        assert!(refusals.count(7, WHY, 3, NOON + A_MILLISECOND));
        assert_eq!(ended(&refusals, NOON + 2 * WINDOW), [(7, 1)]);
    }

    #[test]
    fn unwritten_refusal_is_counted_again() {
        let refusals = AccessRefusals::default();
        assert!(refusals.count(7, WHY, 1, NOON));
        refusals.undo(7, WHY, 1, NOON);
        assert!(refusals.count(7, WHY, 2, NOON), "the next one is an event");
        let taken = refusals.take(|_| true);
        assert_eq!(taken.iter().map(|(_, counted)| counted.repeated).collect::<Vec<_>>(), [1]);
        let [(key, counted)] = taken[..] else { panic!("one entry: {taken:?}") };
        refusals.put_back(key, counted);
        assert_eq!(refusals.take(|_| true), taken);
    }

    #[test]
    fn clock_set_back_ends_minute() {
        let refusals = AccessRefusals::default();
        assert!(refusals.count(7, WHY, 1, NOON + 2 * WINDOW));
        assert!(refusals.count(7, WHY, 2, NOON));
    }

    #[test]
    fn counted_persons_are_bounded() {
        let refusals = AccessRefusals::default();
        let persons = u64::try_from(MAX_COUNTED).unwrap();
        for user in 1..=persons {
            refusals.count(user, WHY, 1, NOON);
        }
        assert!(refusals.count(persons + 1, WHY, 1, NOON));
        assert!(!refusals.count(persons + 2, WHY, 1, NOON), "further persons are counted together");
        assert_eq!(refusals.lock().len(), MAX_COUNTED + 1);
        assert!(!refusals.count(1, WHY, 2, NOON), "a known person keeps the own entry");
    }
}
