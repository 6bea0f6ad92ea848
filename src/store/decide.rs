//! Decides which commits of a batch are saved.
//!
//! Pure: the facts are read and the limits are locked before. A saved commit changes the facts, so
//! that the next commit of the batch counts after it.

use std::collections::{BTreeMap, HashMap, HashSet};

use commands::model::limit::LockedSubject;
use commands::model::pseudonym::Pseudonym;
use commands::ports::sessions::{Commit, Committed};

use super::limit_rows::LimitRows;
use super::lockouts::LockoutRow;
use super::prepared::{PreparedCommit, PreparedSession};

/// Rows that the commits of a batch depend on.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    /// Sessions by their ids: those that the commits change. For a Start also those that attend the
    /// customer, and those of the agent that attend any.
    pub(super) sessions: HashMap<String, SessionRow>,
    /// Discord accounts that are linked.
    pub(super) linked_users: HashSet<u64>,
    /// BackOffice accounts that are linked.
    pub(super) linked_agents: HashSet<String>,
    /// Lockouts by subject.
    pub(super) lockouts: HashMap<String, LockoutRow>,
    /// Lockouts that start with this batch.
    pub(super) new_lockouts: BTreeMap<&'a str, LockoutRow>,
    pub(super) limits: LimitRows<'a>,
}

/// Columns of a session that decide about a commit.
#[derive(Debug)]
pub(super) struct SessionRow {
    pub(super) version: i64,
    pub(super) discord_id: u64,
    pub(super) attending: Option<String>,
}

impl<'a> Facts<'a> {
    /// Decides the next commit of the batch. `Saved` changes the facts.
    ///
    /// The order of the checks decides which refusal wins: a stale copy is reported before an
    /// exceeded limit.
    pub(super) fn decide(&mut self, commit: &'a PreparedCommit) -> Committed {
        let rest = &commit.rest;
        let refusal = commit
            .session
            .as_ref()
            .filter(|_| commit.is_conditional())
            .and_then(|session| self.check_session(session, commit))
            .or_else(|| self.check_link(rest))
            .or_else(|| self.check_lockouts(rest));
        if let Some(refusal) = refusal {
            return refusal;
        }
        let counts = match self.limits.count(&rest.limit_uses, rest.now) {
            Ok(counts) => counts,
            Err((limit, retry_at)) => return Committed::Limited(limit, retry_at),
        };
        self.limits.give_back(&rest.refunds, &rest.resets);
        for lockout in &rest.lockouts {
            let new = LockoutRow::from(lockout);
            let row = self.new_lockouts.entry(&lockout.subject).or_insert(new);
            *row = row.merge(new);
        }
        if let Some(link) = &rest.account_link {
            self.linked_users.insert(link.discord_id);
            self.linked_agents.insert(link.agent_id.clone());
        }
        if let Some(link) = &rest.removed_link {
            self.linked_users.remove(&link.discord_id);
            self.linked_agents.remove(&link.agent_id);
        }
        Committed::Saved { counts, version: commit.new_version() }
    }

    /// Checks the version of the session, and of a Start the customer and the agent's sessions.
    ///
    /// Another commit of the batch changes none of these rows.
    fn check_session(
        &self,
        prepared: &PreparedSession,
        commit: &PreparedCommit,
    ) -> Option<Committed> {
        let session = &prepared.session;
        let version = self.sessions.get(session.id.as_str()).map_or(0, |row| row.version);
        if version != session.version {
            return Some(Committed::Stale);
        }
        let most = usize::try_from(commit.rest.open_sessions?).unwrap_or(usize::MAX);
        let started = &commit.started()?.session;
        let attending = started.attending().map(Pseudonym::as_str);
        // The session that is taken over attends the customer no longer.
        let own = [session.id.as_str(), started.id.as_str()];
        let others = || self.sessions.iter().filter(|(id, _)| !own.contains(&id.as_str()));
        let is_taken = |row: &SessionRow| row.attending.as_deref() == attending;
        if attending.is_some() && others().any(|(_, row)| is_taken(row)) {
            return Some(Committed::CustomerTaken);
        }
        let is_open = |row: &SessionRow| {
            row.attending.is_some() && row.discord_id == started.actor.discord_id
        };
        let open = others().filter(|(_, row)| is_open(row)).count();
        (open + usize::from(attending.is_some()) > most).then_some(Committed::TooManyOpen)
    }

    fn check_link(&self, Commit { account_link, removed_link, .. }: &Commit) -> Option<Committed> {
        if let Some(link) = removed_link {
            let is_linked = self.linked_users.contains(&link.discord_id)
                && self.linked_agents.contains(&link.agent_id);
            return (!is_linked).then_some(Committed::LinkGone);
        }
        let link = account_link.as_ref()?;
        let is_taken = self.linked_users.contains(&link.discord_id)
            || self.linked_agents.contains(&link.agent_id);
        is_taken.then_some(Committed::LinkTaken)
    }

    /// Refuses a commit with the longest lockout among its subjects.
    fn check_lockouts(&self, Commit { now, requires_unlocked, .. }: &Commit) -> Option<Committed> {
        let end = |subject: &String| {
            let known = self.lockouts.get(subject).copied();
            let new = self.new_lockouts.get(subject.as_str()).copied();
            known.into_iter().chain(new).reduce(LockoutRow::merge).map(LockoutRow::end)
        };
        let lockouts =
            requires_unlocked.iter().filter_map(|subject| Some((end(subject)?, subject)));
        let ((until, reason), subject) = lockouts.max()?;
        let refusal = Committed::LockedOut(LockedSubject::of(subject), until, reason);
        (until > *now).then_some(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use commands::model::account::AccountLink;
    use commands::model::limit::{LimitUse, Lockout, LockoutReason};
    use commands::model::time::Timestamp;
    use commands::model::words::Limit;

    use super::*;
    use crate::store::testing::{
        NOON, commit_of, empty_commit, found, id, prepare_new, pseudonym, started,
    };

    fn attending(discord_id: u64, customer: &str) -> SessionRow {
        SessionRow { version: 2, discord_id, attending: Some(pseudonym(customer).to_string()) }
    }

    /// Returns a Start that every check refuses, and the facts that refuse it.
    fn refused_start() -> (Commit, Facts<'static>) {
        let mut session = found(1, 7, "julia");
        session.version = 1;
        let link = AccountLink {
            discord_id: 7,
            agent_id: "sub-7".to_owned(),
            name: "Ana".to_owned(),
            email: "a•••@w•••.example".to_owned(),
            email_mac: "mac".to_owned(),
            linked_at: NOON,
        };
        let limit_use = LimitUse {
            limit: Limit::Sends,
            subject: "agent:1".to_owned(),
            allowed: 0,
            window: Duration::from_secs(1),
            replaces: None,
        };
        let commit = Commit {
            account_link: Some(Box::new(link)),
            limit_uses: vec![limit_use],
            open_sessions: Some(1),
            requires_unlocked: vec!["agent:1".to_owned(), "customer:julia".to_owned()],
            ..commit_of(started(session, NOON))
        };
        let changed = SessionRow { version: 9, discord_id: 7, attending: None };
        let sessions = [(1, changed), (2, attending(8, "julia")), (3, attending(7, "tom"))];
        let until = |ms| LockoutRow::of(NOON.0 + ms, None, None);
        let facts = Facts {
            sessions: sessions.map(|(n, row)| (id(n).to_string(), row)).into(),
            linked_users: [7].into(),
            lockouts: [("agent:1".to_owned(), until(1)), ("customer:julia".to_owned(), until(2))]
                .into(),
            ..Facts::default()
        };
        (commit, facts)
    }

    #[test]
    fn refusals_have_a_fixed_order() {
        let (commit, mut facts) = refused_start();
        let start = prepare_new(commit.clone());
        assert_eq!(facts.decide(&start), Committed::Stale);
        facts.sessions.remove(id(1).as_str());
        facts
            .sessions
            .insert(id(1).to_string(), SessionRow { version: 1, ..attending(7, "julia") });
        assert_eq!(facts.decide(&start), Committed::CustomerTaken);
        facts.sessions.remove(id(2).as_str());
        assert_eq!(facts.decide(&start), Committed::TooManyOpen);
        facts.sessions.remove(id(3).as_str());
        assert_eq!(facts.decide(&start), Committed::LinkTaken);
        facts.linked_users.clear();
        let until = Timestamp(NOON.0 + 2);
        assert_eq!(
            facts.decide(&start),
            Committed::LockedOut(LockedSubject::Customer, until, LockoutReason::WrongCodes)
        );
        facts.lockouts.clear();
        let retry_at = NOON + Duration::from_secs(1);
        assert_eq!(facts.decide(&start), Committed::Limited(Limit::Sends, retry_at));
        let allowed = prepare_new(Commit { limit_uses: Vec::new(), ..commit });
        let saved = Committed::Saved { counts: Vec::new(), version: 2 };
        assert_eq!(facts.decide(&allowed), saved);
        assert_eq!(facts.decide(&allowed), Committed::LinkTaken, "the first commit has linked it");
    }

    #[test]
    fn refused_commit_changes_no_fact() {
        let limit_use = |subject: &str, allowed| LimitUse {
            limit: Limit::Sends,
            subject: subject.to_owned(),
            allowed,
            window: Duration::from_secs(1),
            replaces: None,
        };
        let commit = |allowed| {
            let lockouts = vec![Lockout {
                subject: "agent:1".to_owned(),
                until: NOON,
                reason: LockoutReason::WrongCodes,
            }];
            let limit_uses = vec![limit_use("b", allowed), limit_use("a", 2)];
            prepare_new(Commit { limit_uses, lockouts, ..empty_commit(NOON) })
        };
        let (refused, allowed) = (commit(0), commit(1));
        let mut facts = Facts::default();
        for _ in 0..3 {
            let result = facts.decide(&refused);
            assert!(matches!(result, Committed::Limited(Limit::Sends, _)), "{result:?}");
            assert!(facts.new_lockouts.is_empty());
        }
        let saved = Committed::Saved { counts: vec![1, 1], version: 0 };
        assert_eq!(facts.decide(&allowed), saved);
        assert_eq!(facts.new_lockouts.len(), 1);
    }
}
