//! A lead's acts on an agent: close all sessions, lock out, unlock, unlink.
//!
//! The act is saved before the sessions close. If the process dies in between, another one takes
//! over. Without another one, a lockout or a missing link closes them at the agent's next click,
//! and a sweep those that show a customer. The notice of an unlink belongs to a session of the
//! lead, which holds it until it is mailed.

use std::future::Future;

use serde_json::json;

use crate::engine::desk::{Desk, actor};
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::{LeadAct, lead_acted};
use crate::flows::lead::agent_acts::{
    Notice, closed, details, locked_out, lockout_end, lockouts, resets, subjects, try_again,
    unlinked, unlocked,
};
use crate::flows::link::remove;
use crate::model::account::AccountLink;
use crate::model::alert::{AlertSubject, NewAlert};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::LinkState;
use crate::model::reason::Reason;
use crate::model::refusal::Refusal;
use crate::model::session::{Secrets, Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{NotEligible, SessionId};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::screen::Screen;

impl Desk {
    /// Does what a lead requests about an agent. `typed` is the reason; only some unlocks need
    /// none.
    pub(super) async fn act_on_agent(
        &self,
        reply: &Reply<'_>,
        act: AgentAct,
        card: AgentCard,
        typed: Option<&str>,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        if card.agent == interaction.user {
            return self.refuse(reply, Refusal::OwnAccount).await;
        }
        let link = self.ports.account_links.of_discord(card.agent).await?;
        let mut locks = None;
        if act == AgentAct::Unlock {
            let found = self.locks_of(card.agent, link.as_ref(), interaction.at).await?;
            if !found.can_unlock() {
                reply.allow_duplicate();
                return self.draw_agent(reply, card, None).await;
            }
            locks = Some(found);
        } else if link.is_none() {
            return self.refuse(reply, Refusal::NoLinkOf(card.agent)).await;
        }
        let is_optional = locks.is_some_and(|locks| !locks.needs_reason());
        let reason = match typed {
            None if is_optional => None,
            typed => match Reason::parse(typed.unwrap_or_default()) {
                Ok(reason) => Some(reason),
                Err(refusal) => {
                    let about = draft_key(card.agent);
                    let typed = typed.unwrap_or_default();
                    self.lead_drafts.keep(interaction.user, &about, typed, interaction.at);
                    reply.allow_duplicate();
                    reply.note_refusal(&refusal);
                    reply.view(try_again(act, card, &refusal, interaction.locale)).await;
                    return Ok(());
                }
            },
        };
        self.lead_drafts.forget(&draft_key(card.agent));
        match (act, link, reason) {
            (AgentAct::Unlock, link, reason) => {
                self.unlock_agent(reply, card, link.as_ref(), reason.as_ref()).await
            }
            (AgentAct::Close, Some(_), Some(reason)) => {
                self.close_all_for_lead(reply, card, reason).await
            }
            (AgentAct::Unlink, Some(link), Some(reason)) => {
                self.unlink_agent(reply, card, link, &reason).await
            }
            (act, Some(link), Some(reason)) => match lockout_end(act, interaction.at) {
                Some(until) => self.lock_agent_out(reply, card, &link, (until, &reason)).await,
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    async fn close_all_for_lead(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
        reason: Reason,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        // The trail of each session has its close.
        let follow = Box::pin(async {
            let event = Event::LeadClosed(interaction.user, reason);
            let count = self.close_all_open(card.agent, &event).await?;
            Ok(closed(card, count, interaction.locale))
        });
        self.perform_act(reply, card.agent, Commit::default(), follow).await
    }

    async fn lock_agent_out(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
        link: &AccountLink,
        (until, reason): (Timestamp, &Reason),
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let subjects = subjects(card.agent, Some(link));
        let event = |subject: &String| {
            let mut details = details(interaction.user, Some(reason));
            details["subject"] = json!(subject);
            details["until"] = json!(until.0);
            interaction.event(kind::LOCKED_OUT, details)
        };
        let commit = Commit {
            lockouts: lockouts(&subjects, until, interaction.user),
            alerts: vec![acted(LeadAct::LockedOut, reply, card)],
            events: subjects.iter().map(event).collect(),
            ..Commit::default()
        };
        let follow = Box::pin(async {
            let event = Event::AgentIneligible(NotEligible::LockedOut(until));
            let count = self.close_all_open(card.agent, &event).await?;
            Ok(locked_out(card, until, count, interaction.locale))
        });
        self.perform_act(reply, card.agent, commit, follow).await
    }

    async fn unlock_agent(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
        link: Option<&AccountLink>,
        reason: Option<&Reason>,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let subjects = subjects(card.agent, link);
        let event = |subject: &String| {
            let mut details = details(interaction.user, reason);
            details["subject"] = json!(subject);
            interaction.event(kind::UNLOCKED, details)
        };
        let commit = Commit {
            resets: resets(&subjects, link),
            alerts: vec![acted(LeadAct::Unlocked, reply, card)],
            events: subjects.iter().map(event).collect(),
            unlocks: subjects,
            ..Commit::default()
        };
        let answer = async { Ok(unlocked(card, interaction.locale)) };
        self.perform_act(reply, card.agent, commit, answer).await
    }

    async fn unlink_agent(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
        link: AccountLink,
        reason: &Reason,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let mut details = details(interaction.user, Some(reason));
        details["agent"] = json!(link.agent_id);
        details["subject"] = json!(format!("discord:{}", card.agent));
        let notice = self.notice_session(interaction).await?;
        let id = notice.id.clone();
        let step = remove(&notice, link.agent_id.clone(), details, interaction.at);
        let commit = Commit {
            removed_link: Some(Box::new(link.clone())),
            alerts: vec![acted(LeadAct::Unlinked, reply, card)],
            ..step.commit(Claim::None)
        };
        let follow = Box::pin(async {
            let event = Event::AgentIneligible(NotEligible::Link);
            let count = self.close_all_open(card.agent, &event).await?;
            // A sweep repeats a mail that fails, so a fault costs only the word in the answer.
            let notice = self.mail_notice(&id).await.unwrap_or_else(|fault| {
                self.log(&fault);
                Notice::Pending
            });
            Ok(unlinked(card, &link, count, notice, interaction.locale))
        });
        self.perform_act(reply, card.agent, commit, follow).await
    }

    /// Returns a session of the lead that holds the notice of a removed link. It has no panel.
    async fn notice_session(&self, interaction: &InteractionContext) -> Result<Session, Fault> {
        let account = self.agent_account(interaction.user).await?.account;
        let Some(lead) = account else {
            return Err(Fault::new("unlinking an agent", "the lead's account is gone"));
        };
        let valid_until = interaction.at;
        // The close replaces this state.
        let state = LinkState::CodeRequested { to: String::new(), found: None, valid_until };
        let actor = actor(interaction.user, &lead);
        let session = self.new_session(interaction, actor, None, Work::Link(state));
        Ok(Session { secrets: Secrets::default(), ..session })
    }

    /// Mails the owner of the account that its link is gone.
    async fn mail_notice(&self, session: &SessionId) -> Result<Notice, Fault> {
        // After a take-over the notice belongs to the session that the dead process saved.
        let Some(handle) = self.ports.sessions.find(session).await? else {
            return Ok(Notice::Pending);
        };
        self.perform_background(&handle).await?;
        let session = handle.session();
        let is_mailed =
            session.report_record.as_ref().is_some_and(|record| record.noticed_at.is_some());
        Ok(match (is_mailed, session.pending.is_empty()) {
            (true, _) => Notice::Mailed,
            (false, false) => Notice::Pending,
            (false, true) => Notice::Failed,
        })
    }

    /// Closes all open sessions of a user, with linking and recovery. Returns their number.
    async fn close_all_open(&self, agent: u64, event: &Event) -> Result<usize, Fault> {
        let open = self.ports.sessions.all_open_of(agent).await?;
        Ok(self.close_each(&open, event).await)
    }

    /// Saves what a lead does, performs what follows, and shows the screen that it returns.
    ///
    /// The claim is finished last. If this process dies before that, another one that has received
    /// the interaction takes over what follows.
    async fn perform_act(
        &self,
        reply: &Reply<'_>,
        agent: u64,
        act: Commit,
        follow: impl Future<Output = Result<Screen, Fault>>,
    ) -> Result<(), Fault> {
        if !self.save_act(reply, agent, act).await? {
            return Ok(());
        }
        let interaction = reply.interaction.id();
        let done = self.with_lease(Some(interaction), follow).await;
        if let Ok(screen) = &done {
            reply.view(screen.clone()).await;
        }
        let (now, claim) = (self.ports.clock.now(), Claim::Done(interaction));
        let finished = Commit { now, claim, ..Commit::default() };
        if let Err(fault) = self.ports.sessions.commit(finished).await {
            self.log(&fault);
        }
        done.map(drop)
    }

    /// Saves an act with its claim. Returns true if this process performs what follows: it has
    /// saved the act, or the process that has saved it died. Returns false if another process
    /// performs it, or if another lead was faster.
    async fn save_act(&self, reply: &Reply<'_>, agent: u64, act: Commit) -> Result<bool, Fault> {
        let interaction = reply.interaction;
        let commit = Commit { now: interaction.at, claim: Claim::Begin(interaction.id()), ..act };
        let alerts = commit.alerts.clone();
        match self.ports.sessions.commit(commit).await? {
            Committed::Saved { .. } => {
                self.note_raised(&alerts);
                self.note_act(AlertSubject::Agent(agent), interaction.user).await;
                return Ok(true);
            }
            Committed::Claimed => {
                reply.yield_reply().await;
                if self.ports.claims.take_over(interaction.id()).await? {
                    reply.take_over_reply().await;
                    return Ok(true);
                }
            }
            Committed::LinkGone => self.refuse(reply, Refusal::NoLinkOf(agent)).await?,
            _ => self.refuse(reply, Refusal::AlreadyDone).await?,
        }
        Ok(false)
    }
}

/// Returns the notice that the lead acted on an agent.
fn acted(act: LeadAct, reply: &Reply<'_>, card: AgentCard) -> NewAlert {
    let interaction = reply.interaction;
    lead_acted(interaction.id(), interaction.user, act, Some(card.agent))
}

/// Returns the key of a lead's draft about an agent.
pub(super) fn draft_key(agent: u64) -> String {
    format!("discord:{agent}")
}
