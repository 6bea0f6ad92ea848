//! Receives an interaction: authorizes the caller and dispatches to one file a command.

mod doors;
mod launcher;
mod lead;
mod link;
mod lookup;
mod lookup_limits;
mod recover;
pub mod recovery_page;
pub mod report_page;
mod resume;
mod show;
mod watch;

use std::sync::Arc;

use tracing::Instrument as _;

use crate::engine::desk::Desk;
use crate::engine::interaction::{ClickContext, InteractionContext, Request};
use crate::engine::reply::Reply;
use crate::flows::step::Step;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::span::{self, DONE, FAULT};
use crate::ports::sessions::SessionHandle;
use crate::screens::address_form::AddressForm;
use crate::screens::alert_press::AlertPress;
use crate::screens::custom_id::SESSION_MENU;
use crate::screens::desk_id::DeskId;
use crate::screens::launch_id::Launch;
use crate::screens::widgets::note;

/// Target of the span of a click. Each log line within it names the interaction.
pub const CLICK: &str = "support_desk::click";

impl Desk {
    /// Handles an interaction. Every interaction gets an answer. A fault is logged once and shown
    /// as a reference.
    pub async fn handle(&self, interaction: InteractionContext, request: Request) {
        // Of the highest level, so that a line of each level has it.
        let click = tracing::error_span!(target: CLICK, "click", interaction = interaction.id());
        self.handle_click(interaction, request).instrument(click).await;
    }

    async fn handle_click(&self, interaction: InteractionContext, request: Request) {
        let _work = self.tasks.token();
        let click = span::click(request.name());
        let outcome = self.answer_click(interaction, request).instrument(click.clone()).await;
        span::record_outcome(&click, outcome);
    }

    /// Answers and counts an interaction. Returns the word for how it ended.
    async fn answer_click(
        &self,
        interaction: InteractionContext,
        request: Request,
    ) -> &'static str {
        if let Request::Suggest(typed) = request {
            Box::pin(self.suggest_sessions(&interaction, &typed)).await;
            return DONE;
        }
        let reply = Reply::new(&self.ports, &self.rules.command_ids, &interaction, request.kind());
        let outcome = self.answer_request(&reply, request).await;
        reply.count().await;
        Box::pin(self.post_raised()).await;
        outcome
    }

    /// Answers an interaction other than autocomplete. Returns the word for how it ended.
    async fn answer_request(&self, reply: &Reply<'_>, request: Request) -> &'static str {
        let interaction = reply.interaction;
        // Each command is boxed by itself. Together the futures are too large for the caller's
        // stack, and a click that opens a form must not allocate room for all of them.
        let work = Box::pin(async {
            if let Err(refusal) = self.authorize(interaction, &request) {
                return Box::pin(self.refuse_access(reply, refusal)).await;
            }
            if self.rules.is_agent(&interaction.roles) {
                self.access_refusals.admit(interaction.user, interaction.at);
            }
            self.dispatch(reply, request).await
        });
        let done = reply.within_budget(work).await;
        let refusal = done.err().map(|fault| Refusal::Failed(self.log(&fault)));
        let outcome = if refusal.is_some() { FAULT } else { DONE };
        if let Some(handle) = reply.unfinished().map(Arc::clone) {
            // No panel took the place of the progress, so its buttons are disabled.
            self.draw_again(reply, &handle, refusal).await;
            if reply.unfinished().is_some() {
                self.undrawn.add(handle.session().id.clone(), self.ports.clock.now());
            }
            return outcome;
        }
        if let Some(refusal) = refusal {
            // Another process can have given a better answer.
            reply.allow_duplicate();
            reply.note_refusal(&refusal);
            reply.note(note(&refusal, interaction.locale)).await;
        }
        outcome
    }

    /// Draws the clicked panel as the session is now.
    async fn draw_again(
        &self,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        refusal: Option<Refusal>,
    ) {
        let step = Step { refusal, ..Step::begin(&handle.session(), self.ports.clock.now()) };
        let click = ClickContext::new(reply, handle);
        // Showing a panel reports no fault.
        let _ = self.show(&click, &step).await;
    }

    async fn dispatch(&self, reply: &Reply<'_>, request: Request) -> Result<(), Fault> {
        match request {
            Request::LookUp { kind, email, ticket } => {
                Box::pin(self.look_up(reply, kind, &email, ticket.as_deref())).await
            }
            Request::Resume => Box::pin(self.resume(reply)).await,
            Request::Link(email) => Box::pin(self.link(reply, &email)).await,
            Request::Show => Box::pin(self.show_account(reply)).await,
            Request::Recover(email) => Box::pin(self.start_recovery(reply, &email)).await,
            Request::Desk(command) => Box::pin(self.lead_command(reply, command)).await,
            // Answered before, because it cannot be deferred.
            Request::Suggest(_) => Ok(()),
            Request::OutdatedCommand => self.refuse(reply, Refusal::OutdatedCommand).await,
            Request::Press(custom_id, values) if custom_id == SESSION_MENU => {
                let chosen = values.first().map(String::as_str);
                Box::pin(self.resume_chosen(reply, chosen)).await
            }
            Request::Press(custom_id, values) if AlertPress::is_of_alert(&custom_id) => {
                let chosen = values.into_iter().next();
                Box::pin(self.lead_alert_press(reply, &custom_id, chosen)).await
            }
            Request::Press(custom_id, values) if DeskId::is_of_lead(&custom_id) => {
                let chosen = values.into_iter().next();
                Box::pin(self.lead_press(reply, &custom_id, chosen)).await
            }
            Request::Submit(custom_id, texts) if DeskId::is_of_lead(&custom_id) => {
                let text = texts.into_iter().next().unwrap_or_default();
                Box::pin(self.lead_submit(reply, &custom_id, text)).await
            }
            Request::Press(custom_id, values) => {
                if let Some(launch) = Launch::parse(&custom_id) {
                    return Box::pin(self.launch(reply, launch)).await;
                }
                if let Some(form) = AddressForm::of_button(&custom_id) {
                    let interaction = reply.interaction;
                    reply.form(form.form(interaction.id(), interaction.locale)).await;
                    return Ok(());
                }
                self.press(reply, &custom_id, values).await
            }
            Request::Submit(custom_id, texts) => {
                let mut texts = texts.into_iter();
                let text = texts.next().unwrap_or_default();
                match AddressForm::of_form(&custom_id) {
                    Some(AddressForm::LookUp(kind)) => {
                        let ticket = texts.next().filter(|ticket| !ticket.is_empty());
                        Box::pin(self.look_up(reply, kind, &text, ticket.as_deref())).await
                    }
                    Some(AddressForm::Link) => Box::pin(self.link(reply, &text)).await,
                    None => self.submit(reply, &custom_id, text).await,
                }
            }
        }
    }
}
