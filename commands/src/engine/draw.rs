//! Clicks that change nothing: open a modal, turn a page, look at a detail. Answered at once, from
//! memory.

use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::support::{access_screens as opened, successor, technical};
use crate::flows::verify::screens::code_form;
use crate::model::customer::CustomerRecord;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{LinkState, SupportState};
use crate::model::refusal::Refusal;
use crate::model::session::{AccessLink, Session, Work};
use crate::model::words::{Purpose, SupportKind};
use crate::ports::chat::MessageRef;
use crate::ports::sessions::SessionHandle;
use crate::screens::custom_id::{Action, CustomId};
use crate::screens::screen::Form;

impl Desk {
    pub(crate) async fn draw(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        address: &CustomId,
    ) -> Result<(), Fault> {
        if let Some(form) = form_of(&handle.session(), address.action, interaction)
            .filter(|_| handle.session().generation == address.generation)
        {
            // Nothing stands before a modal: it has to be the first answer. What is typed into it
            // is held against the row.
            reply.form(form).await;
            return Ok(());
        }
        // Everything else shows how the session stands, and another process may have moved it.
        self.ports.store.refresh(&address.session).await?;
        let session = handle.session();
        let overdue = session.closed().is_none() && interaction.at >= session.clocks.end();
        if overdue || session.closed().is_some() || session.generation != address.generation {
            return Box::pin(self.behind(interaction, reply, handle, address.action, overdue))
                .await;
        }
        reply.allow_duplicate();
        if let Some(form) = form_of(&session, address.action, interaction) {
            reply.form(form).await;
            return Ok(());
        }
        match (address.action, &session.work) {
            // Pressed on a panel that was whole a moment ago: nothing sensitive comes back but by
            // Resume.
            _ if session.clocks.stripped => {
                self.panel(interaction, reply, handle, &session, None, 0).await?
            }
            (Action::EnterCode, work) => {
                let refusal = if purpose(work).is_some() {
                    Refusal::ExpiredCode
                } else {
                    Refusal::AlreadyDone
                };
                self.panel(interaction, reply, handle, &session, Some(refusal), 0).await?;
            }
            (
                Action::Plan,
                Work::Support(SupportKind::Technical, SupportState::Acting { case }),
            ) => {
                let record = self.customer_record(handle).await?;
                reply.panel(technical::plan(&session, case, record.as_deref())).await;
            }
            (
                Action::Details(nth),
                Work::Support(SupportKind::Successor, SupportState::Acting { case }),
            ) => {
                let record = self.customer_record(handle).await?;
                reply.panel(successor::details(&session, case, record.as_deref(), nth)).await;
            }
            (Action::Page(page), _) => {
                self.panel(interaction, reply, handle, &session, None, page).await?
            }
            _ => self.panel(interaction, reply, handle, &session, None, 0).await?,
        }
        Ok(())
    }

    /// A click that came after the session was moved on, or after its time.
    pub(crate) async fn behind(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        action: Action,
        overdue: bool,
    ) -> Result<(), Fault> {
        // When it came first, or to another process, it may have been no old one, and have its
        // answer. Then the session must not be moved on, away from the panel that is shown.
        if !reply.takes().await {
            return Ok(());
        }
        let turn = handle.lock.lock().await;
        let over = overdue && handle.session().closed().is_none();
        if over {
            self.apply(handle, Event::TimerFired).await?;
        }
        self.stale(interaction, reply, handle, action).await?;
        drop(turn);
        if over {
            self.follow(handle).await;
        }
        Ok(())
    }

    pub(crate) async fn panel(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &SessionHandle,
        session: &Session,
        refusal: Option<Refusal>,
        page: u16,
    ) -> Result<(), Fault> {
        let record = if shows_clear(session) { self.customer_record(handle).await? } else { None };
        reply
            .panel(panel::render(
                session,
                record.as_deref(),
                refusal.as_ref(),
                page,
                interaction.at,
            ))
            .await;
        Ok(())
    }

    /// The customer in clear: from memory, or read from Core once.
    pub(crate) async fn customer_record(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        if let Some(record) = handle.customer_record() {
            return Ok(Some(record));
        }
        let session = handle.session();
        let (Some(id), Work::Support(kind, _)) = (&session.customer_id, &session.work) else {
            return Ok(None);
        };
        let record = self.ports.directory.read(id, *kind).await?.map(Arc::new);
        handle.set_customer_record(record.clone());
        Ok(record)
    }

    /// Likewise, where the panel is drawn all the same if Core does not answer.
    pub(crate) async fn record_for_panel(
        &self,
        handle: &SessionHandle,
    ) -> Option<Arc<CustomerRecord>> {
        if !shows_clear(&handle.session()) {
            return handle.customer_record();
        }
        self.customer_record(handle).await.unwrap_or_else(|fault| {
            self.log(&fault);
            None
        })
    }

    /// Puts "expired" where links and QR images were.
    pub(crate) async fn replace_expired(&self, session: &Session, expired: &[AccessLink]) {
        for opened in expired {
            let token = session
                .secrets
                .messages
                .iter()
                .find(|(nth, _)| *nth == opened.nth)
                .map(|(_, token)| token);
            if let (Some(message), Some(token)) = (opened.message, token) {
                let screen = opened::opened_expired(session, opened.target);
                if let Err(error) =
                    self.ports.chat.edit(token, MessageRef::FollowUp(message), screen).await
                {
                    tracing::debug!(%error, "a message that held a link could not be replaced");
                }
            }
        }
    }
}

/// Whether the panel shows something of the customer that only Core has.
fn shows_clear(session: &Session) -> bool {
    !session.clocks.stripped
        && matches!(
            session.work,
            Work::Support(_, SupportState::Choosing { .. } | SupportState::Acting { .. })
        )
}

/// The modal that an action opens, if it can be opened now.
fn form_of(session: &Session, action: Action, interaction: &InteractionContext) -> Option<Form> {
    if session.closed().is_some()
        || interaction.at >= session.clocks.end()
        || session.clocks.stripped
    {
        return None;
    }
    match action {
        // Linking and recovering have no Cancel: nobody of ours made such a button.
        Action::AskWhy if matches!(session.work, Work::Support(..)) => {
            Some(panel::cancel_form(session))
        }
        Action::EnterCode => {
            let purpose = purpose(&session.work)?;
            live_code(session, purpose, interaction).map(|nth| code_form(session, purpose, nth))
        }
        _ => None,
    }
}

/// Whose code is awaited.
fn purpose(work: &Work) -> Option<Purpose> {
    match work {
        Work::Support(_, SupportState::ProvingAgent { .. }) => Some(Purpose::AgentMfa),
        Work::Support(_, SupportState::ProvingCustomer { .. }) => Some(Purpose::CustomerConsent),
        Work::Link(LinkState::Asked { .. }) => Some(Purpose::AgentLink),
        _ => None,
    }
}

/// The code that can be answered now, by its number. While linking, one is said to be there whether
/// it is or not.
fn live_code(session: &Session, purpose: Purpose, interaction: &InteractionContext) -> Option<u32> {
    match &session.work {
        Work::Link(LinkState::Asked { valid_until, .. }) => {
            (interaction.at < *valid_until).then_some(session.agent.attempt)
        }
        _ => session.verification(purpose).live(interaction.at).map(|challenge| challenge.nth),
    }
}
