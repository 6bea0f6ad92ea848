//! Eligibility without a click. Once a minute it is read for each agent whose session shows a
//! customer in clear, because such an agent may not click again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;

use crate::engine::desk::Desk;
use crate::model::fault::Fault;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::words::{NotEligible, SessionId};

/// Time between two reads of the eligibility of agents whose session shows a customer in clear
/// (ASVS 7.4.2). As long as an account is cached.
const INTERVAL: Duration = minutes(1);
/// Agents whose eligibility is read at the same time. Ours: Discord answers a few reads of a member
/// a second.
const CONCURRENCY: usize = 4;

impl Desk {
    /// Once a minute, closes all sessions of each agent who shows a customer in clear and is no
    /// longer eligible. A failed read closes nothing.
    pub(crate) async fn close_sessions_of_ineligible_agents(&self) -> Result<(), Fault> {
        let now = self.ports.clock.now();
        let swept_at = Timestamp(self.eligibility_swept_at.load(Ordering::Relaxed));
        // A sweep of the future means that the clock was set back.
        let is_due = swept_at + INTERVAL <= now || now < swept_at;
        let ours = || {
            let order = Ordering::Relaxed;
            self.eligibility_swept_at.compare_exchange(swept_at.0, now.0, order, order).is_ok()
        };
        if !is_due || !ours() {
            return Ok(());
        }
        let attending = self.ports.sessions.all_attending().await?;
        futures_util::stream::iter(attending)
            .for_each_concurrent(CONCURRENCY, |id| async move {
                if let Err(fault) = self.close_if_agent_ineligible(&id).await {
                    self.log_repeated(&fault);
                }
            })
            .await;
        Ok(())
    }

    /// Closes all sessions of the session's agent if the agent is no longer eligible. Fails if the
    /// eligibility cannot be read.
    async fn close_if_agent_ineligible(&self, id: &SessionId) -> Result<(), Fault> {
        // Another process can have moved the session to a state that shows the customer.
        self.ports.sessions.refresh(id).await?;
        let Some(handle) = self.find_open(id).await? else {
            return Ok(());
        };
        let session = handle.session();
        if !session.shows_customer_in_clear() {
            return Ok(());
        }
        match self.why_not_eligible_without_click(&session).await? {
            Some(reason) => self.close_all_of(session.actor.discord_id, reason).await,
            None => Ok(()),
        }
    }

    /// Returns why the session's agent is no longer eligible, where no click brings the agent's
    /// roles. Each loss counts, even if the other read fails.
    pub(crate) async fn why_not_eligible_without_click(
        &self,
        session: &Session,
    ) -> Result<Option<NotEligible>, Fault> {
        let roles = self.ports.member_roles.roles_of(session.actor.discord_id).await;
        // Leads recover a password too.
        let is_recovery = matches!(session.work, Work::Recover(_));
        let may_act = |roles: Option<Vec<u64>>| {
            roles.is_some_and(|roles| {
                self.rules.is_agent(&roles) || (is_recovery && self.rules.is_lead(&roles))
            })
        };
        let role = roles.map(|roles| (!may_act(roles)).then_some(NotEligible::Role));
        match role {
            Ok(Some(reason)) => Ok(Some(reason)),
            role => match self.why_not_eligible(session).await? {
                Some(reason) => Ok(Some(reason)),
                None => role,
            },
        }
    }
}
