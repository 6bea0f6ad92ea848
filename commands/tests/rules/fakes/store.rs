//! Fake of the store: sessions by version, claims, counted attempts, and the agent's account link.

use std::sync::Arc;

use async_trait::async_trait;
use commands::model::account::AccountLink;
use commands::model::customer::Case;
use commands::model::fault::Fault;
use commands::model::limit::{LimitUsage, LimitUse, Lockout};
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::account_links::AccountLinks;
use commands::ports::claims::Claims;
use commands::ports::limits::Limits;
use commands::ports::sessions::{Commit, Committed, SessionHandle, SessionIndex, Sessions};

use crate::fakes::{Scripted, World};
use crate::names::effect_name;
use crate::names::stage;
use crate::people::account_link;

#[async_trait]
impl Sessions for World {
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault> {
        let scripted = self.script.lock().unwrap().pop_front();
        let unknown = matches!(scripted, Some(Scripted::SavedAndFault));
        let result = match scripted {
            Some(Scripted::Fault) => {
                self.note(format!("commits {:?}: fault", commit.claim));
                return Err(Fault::new("committing", "the database failed"));
            }
            Some(Scripted::Answer(committed)) => Some(committed),
            Some(Scripted::Finished(session)) => {
                self.rewrite(&session);
                Some(Committed::Claimed)
            }
            Some(Scripted::Newer(session)) => {
                self.rewrite(&session);
                None
            }
            Some(Scripted::Held(notify)) => {
                notify.notified().await;
                None
            }
            Some(Scripted::Saved | Scripted::SavedAndFault) | None => None,
        };
        if let Some(committed) = result {
            self.note(format!("commits {:?}: {committed:?}", commit.claim));
            return Ok(committed);
        }
        let Some(session) = commit.session else {
            self.note(format!("commits {:?} without a session", commit.claim));
            return Ok(Committed::Saved { counts: Vec::new(), version: 0 });
        };
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get_mut(&session.id).expect("the session has a row");
        if row.version != session.version {
            self.note(format!("commits {:?}: Stale", commit.claim));
            return Ok(Committed::Stale);
        }
        let version = session.version + 1;
        let pending = session.pending.iter().map(|pending| effect_name(&pending.effect));
        let pending: Vec<_> = pending.collect();
        self.note(format!("commits {:?}: {} {pending:?}", commit.claim, stage(&session)));
        *row = Session { version, ..session };
        if unknown {
            self.note("loses the connection");
            return Err(Fault::new("committing", "the connection broke"));
        }
        self.cache.lock().unwrap()[&row.id].put(row.clone());
        Ok(Committed::Saved { counts: vec![1; commit.limit_uses.len()], version })
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        Ok(self.cache.lock().unwrap().get(id).cloned())
    }

    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        self.note("reloads");
        let handle = self.cache.lock().unwrap().get(id).cloned();
        if let Some(handle) = &handle {
            handle.put(self.row(id));
        }
        Ok(handle)
    }

    async fn closed_case(&self, _: &SessionId) -> Result<Option<Case>, Fault> {
        Ok(None)
    }

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        if self.is_shared() {
            self.note("refreshes");
            self.cache.lock().unwrap()[id].put(self.row(id));
        }
        Ok(())
    }
}

#[async_trait]
impl SessionIndex for World {
    async fn open_of(&self, _: u64) -> Result<Vec<SessionId>, Fault> {
        Ok(self.rows.lock().unwrap().keys().cloned().collect())
    }

    async fn all_open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        self.open_of(discord_id).await
    }

    async fn recoveries_of(&self, _: u64) -> Result<Vec<SessionId>, Fault> {
        if let Some(session) = self.finished_meanwhile.lock().unwrap().take() {
            self.rewrite(&session);
        }
        let rows = self.rows.lock().unwrap();
        Ok(rows
            .values()
            .filter(|row| row.kind() == "recover" && row.closed().is_none())
            .map(|row| row.id.clone())
            .collect())
    }

    async fn all_attending(&self) -> Result<Vec<SessionId>, Fault> {
        let rows = self.rows.lock().unwrap();
        let attending = rows.values().filter(|row| row.attending().is_some());
        Ok(attending.map(|row| row.id.clone()).collect())
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

    async fn reporters_of(&self, agent_id: &str, _: Timestamp) -> Result<u32, Fault> {
        self.note(format!("counts the reporters of {agent_id}"));
        Ok(*self.reporters.lock().unwrap())
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        Ok(self.rows.lock().unwrap().keys().cloned().collect())
    }
}

#[async_trait]
impl Claims for World {
    async fn take_over(&self, _: u64) -> Result<bool, Fault> {
        let taken_over = *self.taken_over.lock().unwrap();
        self.note(format!("takes over: {taken_over}"));
        Ok(taken_over)
    }

    fn is_shared(&self) -> bool {
        *self.shared.lock().unwrap()
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        self.note(format!("waits for {interaction}"));
        if let Some(session) = self.releases.lock().unwrap().pop_front() {
            self.rewrite(&session);
        }
        Ok(())
    }

    async fn purge_claims(&self, _: Timestamp) -> Result<(), Fault> {
        unreachable!("no test purges")
    }
}

#[async_trait]
impl Limits for World {
    async fn usage(&self, limit_uses: &[LimitUse], _: Timestamp) -> Result<Vec<LimitUsage>, Fault> {
        let usage = |limit_use: &LimitUse| {
            self.note(format!("counts {:?} of {}", limit_use.limit, limit_use.subject));
            LimitUsage { count: *self.attempts.lock().unwrap(), retry_at: None }
        };
        Ok(limit_uses.iter().map(usage).collect())
    }

    async fn lockouts(&self, _: &[String], _: Timestamp) -> Result<Vec<Lockout>, Fault> {
        unreachable!("no test looks at an agent")
    }

    async fn purge_limits(&self, _: Timestamp) -> Result<(), Fault> {
        unreachable!("no test purges")
    }
}

#[async_trait]
impl AccountLinks for World {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        Ok(Some(AccountLink { discord_id, ..account_link() }))
    }

    async fn with_lockout(
        &self,
        discord_id: u64,
    ) -> Result<Option<(AccountLink, Option<Timestamp>)>, Fault> {
        let link = self.of_discord(discord_id).await?;
        Ok(link.map(|link| (link, *self.agent_locked_until.lock().unwrap())))
    }

    async fn of_agent(&self, _: &str) -> Result<Option<AccountLink>, Fault> {
        unreachable!("no test links an account")
    }

    async fn page(&self, _: u32, _: u32) -> Result<(Vec<AccountLink>, u64), Fault> {
        unreachable!("no test lists account links")
    }

    async fn renew_mailbox(&self, _: &AccountLink, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}
