//! `/desk …`: the commands of the leads, and the buttons of their views. One file a command.
//!
//! Every id that a lead sends is looked up. It never passes through the ownership check of an
//! agent's session. The eligibility as a lead is read at every command, choice and submitted form.

mod agent;
mod agent_acts;
mod alerts;
mod close;
mod customer;
mod customer_acts;
mod customer_requests;
mod desk_file;
mod look_up;
mod session;
mod sessions;
mod stats;
mod stats_file;
mod suggest;
mod take_over;
mod trail;
mod trail_file;
mod typed_session;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::engine::desk::Desk;
use crate::engine::interaction::DeskCommand;
use crate::engine::reply::Reply;
use crate::flows::lead::agent_acts as acts;
use crate::flows::lead::close::form;
use crate::flows::lead::customer_acts::{reason_form, subject};
use crate::flows::lead::requests;
use crate::handlers::lead::agent_acts::draft_key;
use crate::handlers::lead::customer_requests::request_draft;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::request::RequestKind;
use crate::model::session::Work;
use crate::model::time::minutes;
use crate::model::trail::kind;
use crate::model::words::{AccountProblem, NotEligible, SessionId};
use crate::ports::sessions::{Committed, SessionHandle};
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::alert_press::AlertPress;
use crate::screens::customer_id::CustomerAct;
use crate::screens::desk_id::{DeskId, Place};
use crate::screens::screen::Form;

/// Time for which a recorded view allows its pages. Ours: longer than a lead turns pages.
const VIEW_LIFE: Duration = minutes(60);

impl Desk {
    pub(super) async fn lead_command(
        &self,
        reply: &Reply<'_>,
        command: DeskCommand,
    ) -> Result<(), Fault> {
        if let Err(refusal) = self.eligible_lead(reply.interaction.user).await? {
            return self.refuse(reply, refusal).await;
        }
        match command {
            DeskCommand::Sessions { agent, is_of_last_day } => {
                self.open_sessions_view(reply, agent, is_of_last_day).await
            }
            DeskCommand::Close { session, reason } => {
                self.close_typed(reply, &session, &reason).await
            }
            DeskCommand::Agent(agent) => self.open_agents_view(reply, agent).await,
            DeskCommand::Stats(view) => self.open_stats_view(reply, view).await,
            DeskCommand::Launcher => self.post_launcher(reply).await,
            DeskCommand::Alerts { is_of_week, reference } => {
                self.open_alerts_view(reply, is_of_week, reference.as_deref()).await
            }
            DeskCommand::Customer { email } => self.open_customer_view(reply, &email).await,
            DeskCommand::Unlink { agent, reason } => {
                let card = AgentCard { agent, page: 0 };
                self.act_on_agent(reply, AgentAct::Unlink, card, Some(&reason)).await
            }
            DeskCommand::Trail(command) => self.trail_command(reply, *command).await,
        }
    }

    pub(super) async fn lead_alert_press(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
        chosen: Option<String>,
    ) -> Result<(), Fault> {
        let Some(press) = AlertPress::parse(custom_id) else {
            return self.refuse(reply, Refusal::UnknownButton).await;
        };
        if let Err(refusal) = self.eligible_lead(reply.interaction.user).await? {
            return self.refuse(reply, refusal).await;
        }
        self.alert_press(reply, press, chosen.as_deref()).await
    }

    pub(super) async fn lead_press(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
        chosen: Option<String>,
    ) -> Result<(), Fault> {
        let Some(id) = DeskId::parse(custom_id) else {
            return self.refuse(reply, Refusal::UnknownButton).await;
        };
        if let Some(form) = self.reason_form(reply, &id) {
            reply.form(form).await;
            return Ok(());
        }
        if let Err(refusal) = self.eligible_lead(reply.interaction.user).await? {
            return self.refuse(reply, refusal).await;
        }
        match id {
            // A view of one session can be the first one, so its Back opens the list.
            DeskId::List(Place::Back, list) => self.open_list(reply, list).await,
            DeskId::List(_, list) => self.turn_list(reply, list).await,
            DeskId::Choose(list) => self.open_session_view(reply, chosen.as_deref(), list).await,
            DeskId::AskTakeOver(session, list) => {
                self.ask_before_take_over(reply, &session, list).await
            }
            DeskId::TakeOver(session, list) => {
                Box::pin(self.take_over_session(reply, &session, list)).await
            }
            DeskId::Session(session, list) => {
                self.open_session_view(reply, Some(session.as_str()), list).await
            }
            DeskId::Trail(id) => self.trail_press(reply, id).await,
            DeskId::Agents(_, page) => self.turn_agents(reply, page).await,
            DeskId::ChooseAgent(page) => {
                self.open_chosen_agent(reply, chosen.as_deref(), page).await
            }
            DeskId::Agent(card) => self.return_to_agent(reply, card).await,
            DeskId::Unlock(card) => self.act_on_agent(reply, AgentAct::Unlock, card, None).await,
            DeskId::Stats(act, view) => self.press_stats(reply, act, view, chosen.as_deref()).await,
            DeskId::Customer(card) => self.return_to_customer(reply, card).await,
            DeskId::UnlockCustomer(card) => self.unlock_customer(reply, card, None).await,
            // The bot never puts a form's id on a button.
            DeskId::AskReason(..)
            | DeskId::Close(..)
            | DeskId::AskAgent(..)
            | DeskId::ActOnAgent(..)
            | DeskId::AskCustomer(..)
            | DeskId::ActOnCustomer(..) => self.refuse(reply, Refusal::UnknownButton).await,
        }
    }

    /// Returns the form for a reason, if the button asks for one.
    ///
    /// A form must be the first answer, so nothing is read before it. It shows nothing but what
    /// this lead has typed, and the submitted form is checked.
    fn reason_form(&self, reply: &Reply<'_>, id: &DeskId) -> Option<Form> {
        let interaction = reply.interaction;
        let draft = |about: &str| self.lead_drafts.of(interaction.user, about, interaction.at);
        let (press, locale) = (interaction.id(), interaction.locale);
        match id {
            DeskId::AskReason(session, list) => {
                Some(form(session, *list, press, draft(session.as_str()), locale))
            }
            DeskId::AskAgent(act, card) => {
                let draft = draft(&draft_key(card.agent));
                Some(acts::form(*act, *card, press, draft, locale))
            }
            DeskId::AskCustomer(act @ (CustomerAct::Copy | CustomerAct::Erasure), card) => {
                let draft = draft(&request_draft(*act, card));
                Some(requests::form(*act, card, press, draft, locale))
            }
            DeskId::AskCustomer(CustomerAct::Unlock, card) => {
                let draft = draft(&subject(&card.customer));
                Some(reason_form(card, press, draft, locale))
            }
            _ => None,
        }
    }

    pub(super) async fn lead_submit(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
        text: String,
    ) -> Result<(), Fault> {
        let id = DeskId::parse(custom_id);
        if let Err(refusal) = self.eligible_lead(reply.interaction.user).await? {
            return self.refuse(reply, refusal).await;
        }
        match id {
            Some(DeskId::Close(session, _, list)) => match self.find_for_lead(&session).await? {
                Some(handle) => self.close_for_lead(reply, &handle, &text, list).await,
                None => self.refuse(reply, Refusal::UnknownSession).await,
            },
            Some(DeskId::ActOnAgent(act, _, card)) => {
                self.act_on_agent(reply, act, card, Some(&text)).await
            }
            Some(DeskId::ActOnCustomer(CustomerAct::Copy, _, card)) => {
                self.request_for_customer(reply, RequestKind::Copy, card, &text).await
            }
            Some(DeskId::ActOnCustomer(CustomerAct::Erasure, _, card)) => {
                self.request_for_customer(reply, RequestKind::Erasure, card, &text).await
            }
            Some(DeskId::ActOnCustomer(CustomerAct::Unlock, _, card)) => {
                self.unlock_customer(reply, card, Some(&text)).await
            }
            _ => self.refuse(reply, Refusal::UnknownButton).await,
        }
    }

    /// Checks link, account and groups of a lead, at most 60 s old. Fails closed: an error denies.
    async fn eligible_lead(&self, discord_id: u64) -> Result<Result<(), Refusal>, Fault> {
        let account = self.agent_account(discord_id).await?;
        Ok(account.lead_eligibility().map(drop).map_err(|reason| match reason {
            NotEligible::Account(AccountProblem::NotInGroup) => Refusal::NotInLeadGroup,
            reason => reason.into(),
        }))
    }

    /// Returns the session with this id, as its row is now, if it is about a customer.
    async fn find_for_lead(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        self.ports.sessions.refresh(id).await?;
        let handle = self.ports.sessions.find(id).await?;
        Ok(handle.filter(|handle| matches!(handle.session().work, Work::Support(..))))
    }

    /// Allows a page of a view that this lead has opened in [`VIEW_LIFE`]. It only reads, and every
    /// process draws the same one. Another view is recorded first: a client that was changed, or an
    /// old list. Returns false if another process has claimed that and answers.
    async fn continue_lead_view(&self, reply: &Reply<'_>, details: Value) -> Result<bool, Fault> {
        if self.has_lead_view(reply, &details).await? {
            return Ok(true);
        }
        self.record_lead_view(reply, details).await
    }

    /// Returns true if this lead has opened the view in [`VIEW_LIFE`]. Its pages only read, so
    /// every process draws the same one.
    async fn has_lead_view(&self, reply: &Reply<'_>, details: &Value) -> Result<bool, Fault> {
        let (lead, now) = (reply.interaction.user, reply.interaction.at);
        let after = now - VIEW_LIFE + Duration::from_millis(1);
        let span = after..now + Duration::from_millis(1);
        let has_read = self.ports.trail_search.has_read(lead, span, details).await?;
        if has_read {
            reply.allow_duplicate();
        }
        Ok(has_read)
    }

    /// Claims the interaction and records the view that it opens. The lead sees nothing that is not
    /// in the trail. Returns false if another process has claimed it and answers.
    async fn record_lead_view(&self, reply: &Reply<'_>, details: Value) -> Result<bool, Fault> {
        let commit = reply.interaction.commit(kind::DESK_READ, details);
        let is_ours = self.ports.sessions.commit(commit).await? != Committed::Claimed;
        if !is_ours {
            reply.yield_reply().await;
        }
        Ok(is_ours)
    }
}
