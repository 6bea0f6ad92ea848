//! Receives an interaction: authorizes the caller and dispatches to one file a command.

mod link;
mod lookup;
mod recover;
pub mod recovery_page;
mod resume;
mod show;

use crate::engine::desk::Desk;
use crate::engine::interaction::{InteractionContext, Request};
use crate::engine::reply::Reply;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::screens::custom_id::SESSION_MENU;
use crate::screens::widgets::note;

impl Desk {
    /// Handles an interaction. Every interaction gets an answer. A fault is logged once and shown
    /// as a reference.
    pub async fn handle(&self, interaction: InteractionContext, request: Request) {
        let _work = self.tasks.token();
        let reply = Reply::new(&self.ports, &interaction);
        // Each command is boxed by itself. Together the futures are too large for the caller's
        // stack, and a click that opens a form must not allocate room for all of them.
        let work = Box::pin(async {
            if let Err(refusal) = self.authorize(&interaction) {
                return Box::pin(self.refuse_access(&reply, refusal)).await;
            }
            self.access_refusals.admit(interaction.user, interaction.at);
            self.dispatch(&reply, request).await
        });
        if let Err(fault) = reply.within_budget(work).await {
            let refusal = Refusal::Failed(self.log(&fault));
            // Another process can have given a better answer.
            reply.allow_duplicate();
            reply.note(note(&refusal, interaction.locale)).await;
        }
    }

    /// Checks guild, channel and role, from the payload alone.
    fn authorize(&self, interaction: &InteractionContext) -> Result<(), Refusal> {
        let rules = &self.rules;
        if interaction.guild != Some(rules.guild) || interaction.channel != rules.channel {
            return Err(Refusal::WrongChannel);
        }
        if !interaction.roles.contains(&rules.agent_role) {
            return Err(Refusal::NotAnAgent);
        }
        Ok(())
    }

    async fn dispatch(&self, reply: &Reply<'_>, request: Request) -> Result<(), Fault> {
        match request {
            Request::LookUp(kind, email) => Box::pin(self.look_up(reply, kind, &email)).await,
            Request::Resume => Box::pin(self.resume(reply)).await,
            Request::Link(email) => Box::pin(self.link(reply, &email)).await,
            Request::Show => Box::pin(self.show_account(reply)).await,
            Request::Recover(email) => Box::pin(self.start_recovery(reply, &email)).await,
            Request::OutdatedCommand => self.refuse(reply, Refusal::OutdatedCommand).await,
            Request::Press(custom_id, values) if custom_id == SESSION_MENU => {
                let chosen = values.first().map(String::as_str);
                Box::pin(self.resume_chosen(reply, chosen)).await
            }
            Request::Press(custom_id, values) => self.press(reply, &custom_id, values).await,
            Request::Submit(custom_id, value) => self.submit(reply, &custom_id, value).await,
        }
    }
}
