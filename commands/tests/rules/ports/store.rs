//! The fake store: sessions by version, as rows are.

use commands::model::account::AccountLink;
use commands::model::limit::LimitUse;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::account_links::AccountLinks;
use commands::ports::claims::Claims;
use commands::ports::limits::Limits;
use commands::ports::sessions::{SessionHandle, SessionIndex, Sessions};

use super::*;

#[async_trait]
impl Sessions for World {
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault> {
        let mut torn = false;
        let scripted = self.script.lock().unwrap().pop_front();
        match scripted {
            Some(Scripted::Answer(committed)) => {
                self.note(format!("commits {:?}: {committed:?}", commit.claim));
                return Ok(committed);
            }
            Some(Scripted::Newer(session)) => self.rewrites(&session),
            Some(Scripted::Finished(session)) => {
                self.rewrites(&session);
                self.note(format!("commits {:?}: Claimed", commit.claim));
                return Ok(Committed::Claimed);
            }
            Some(Scripted::Fault) => {
                self.note(format!("commits {:?}: fault", commit.claim));
                return Err(Fault::new("committing", "the database is gone"));
            }
            Some(Scripted::SavedAndFault) => {
                torn = true;
            }
            Some(Scripted::Held(by)) => by.notified().await,
            Some(Scripted::Saved) | None => {}
        }
        let Some(session) = commit.session else {
            self.note(format!("commits {:?} without a session", commit.claim));
            return Ok(Committed::Saved { counts: Vec::new(), version: 0 });
        };
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get_mut(&session.id).expect("a row");
        if row.version != session.version {
            self.note(format!("commits {:?}: stale", commit.claim));
            return Ok(Committed::Stale);
        }
        let version = session.version + 1;
        let pending: Vec<_> =
            session.pending.iter().map(|pending| crate::events::wanted(&pending.effect)).collect();
        self.note(format!(
            "commits {:?}: {} {pending:?}",
            commit.claim,
            crate::road::stage(&session)
        ));
        *row = Session { version, ..session };
        if torn {
            self.note("loses the answer");
            return Err(Fault::new("committing", "the connection is gone"));
        }
        self.memory.lock().unwrap()[&row.id].put(row.clone());
        Ok(Committed::Saved { counts: vec![1; commit.limit_uses.len()], version })
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        Ok(self.memory.lock().unwrap().get(id).cloned())
    }

    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        self.note("reloads");
        let row = self.row(id);
        let live = Arc::clone(&self.memory.lock().unwrap()[id]);
        live.put(row);
        Ok(Some(live))
    }

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        if self.is_shared() {
            self.note("refreshes");
            self.memory.lock().unwrap()[id].put(self.row(id));
        }
        Ok(())
    }
}

#[async_trait]
impl SessionIndex for World {
    async fn open_of(&self, _: u64) -> Result<Vec<SessionId>, Fault> {
        Ok(self.rows.lock().unwrap().keys().cloned().collect())
    }

    async fn recoveries_of(&self, _: u64) -> Result<Vec<SessionId>, Fault> {
        let rows = self.rows.lock().unwrap();
        Ok(rows
            .values()
            .filter(|row| row.kind() == "recover" && row.closed().is_none())
            .map(|row| row.id.clone())
            .collect())
    }

    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
        let rows = self.rows.lock().unwrap();
        let attending = rows.values().find(|row| row.attending() == Some(customer));
        Ok(attending.map(|row| (row.id.clone(), row.actor.discord_id)))
    }

    async fn due(
        &self,
        _: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        _: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        let rows = self.rows.lock().unwrap();
        Ok(rows
            .keys()
            .filter(|_| after.is_none())
            .map(|id| (Timestamp::default(), id.clone()))
            .collect())
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        Ok(self.rows.lock().unwrap().keys().cloned().collect())
    }
}

#[async_trait]
impl Claims for World {
    async fn take_over(&self, _: u64) -> Result<bool, Fault> {
        let ours = *self.ours.lock().unwrap();
        self.note(format!("takes over: {ours}"));
        Ok(ours)
    }

    fn is_shared(&self) -> bool {
        *self.shared.lock().unwrap()
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        self.note(format!("waits for {interaction}"));
        if let Some(session) = self.releases.lock().unwrap().pop_front() {
            self.rewrites(&session);
        }
        Ok(())
    }

    async fn purge_claims(&self, _: Timestamp) -> Result<(), Fault> {
        unreachable!("nothing is purged here")
    }
}

#[async_trait]
impl Limits for World {
    async fn count(&self, limit_use: &LimitUse, _: Timestamp) -> Result<u32, Fault> {
        self.note(format!("counts {:?} of {}", limit_use.limit, limit_use.subject));
        Ok(*self.tries.lock().unwrap())
    }

    async fn purge_limits(&self, _: Timestamp) -> Result<(), Fault> {
        unreachable!("nothing is purged here")
    }
}

#[async_trait]
impl AccountLinks for World {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        Ok(Some(AccountLink {
            discord_id,
            agent_id: "agent-ben".to_owned(),
            name: "Ben Ríos".to_owned(),
            email: "b•••@w•••.example".to_owned(),
            email_mac: "mac-of-ben".to_owned(),
            linked_at: NOW,
        }))
    }

    async fn of_agent(&self, _: &str) -> Result<Option<AccountLink>, Fault> {
        unreachable!("nothing is linked here")
    }

    async fn has_address(&self, _: &str) -> Result<bool, Fault> {
        unreachable!("nobody is looked up here")
    }
}
