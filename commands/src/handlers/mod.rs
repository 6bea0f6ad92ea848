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
use crate::model::words::NotEligible;
use crate::screens::custom_id::SESSION_MENU;
use crate::screens::widgets::note;

impl Desk {
    /// Answers an interaction. Every click gets an answer; a fault is logged here, once, and shown
    /// as a reference.
    pub async fn handle(&self, interaction: InteractionContext, request: Request) {
        let _flight = self.flights.begin();
        let reply = Reply::new(&self.ports, &interaction.reply);
        // Boxed, as the futures of all roads together are too large for the stack of whoever waits
        // for them; and within it each road by itself, as a click that opens a form would have to
        // make room for all of them.
        let work = Box::pin(async {
            match self.authorize(&interaction) {
                Err(refusal) => {
                    Box::pin(self.refuse_unauthorized(&interaction, &reply, refusal)).await
                }
                Ok(()) => self.dispatch(&interaction, &reply, request).await,
            }
        });
        if let Err(fault) = reply.within_budget(work).await {
            let refusal = Refusal::Failed(self.log(&fault));
            // Another process may have answered it, and well.
            reply.allow_duplicate();
            reply.note(note(&refusal, interaction.locale)).await;
        }
    }

    pub(crate) async fn dispatch(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        request: Request,
    ) -> Result<(), Fault> {
        match request {
            Request::LookUp(kind, email) => {
                Box::pin(self.look_up(interaction, reply, kind, &email)).await
            }
            Request::Resume => Box::pin(self.resume(interaction, reply)).await,
            Request::Link(email) => Box::pin(self.link(interaction, reply, &email)).await,
            Request::Show => Box::pin(self.show(interaction, reply)).await,
            Request::Recover(email) => {
                Box::pin(self.ask_recovery(interaction, reply, &email)).await
            }
            Request::Press(custom_id, values) if custom_id == SESSION_MENU => {
                Box::pin(self.picked(interaction, reply, values.first().map(String::as_str))).await
            }
            Request::Press(custom_id, values) => {
                self.press(interaction, reply, &custom_id, values).await
            }
            Request::Submit(custom_id, value) => {
                self.submit(interaction, reply, &custom_id, value).await
            }
        }
    }

    /// Who: role, channel and guild, from the payload alone.
    fn authorize(&self, interaction: &InteractionContext) -> Result<(), Refusal> {
        if interaction.guild != Some(self.rules.guild) || interaction.channel != self.rules.channel
        {
            return Err(Refusal::WrongChannel);
        }
        if !interaction.roles.contains(&self.rules.agent_role) {
            return Err(Refusal::NotAnAgent);
        }
        Ok(())
    }

    /// Refuses at the door, and for the trail.
    pub(crate) async fn refuse_unauthorized(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        match refusal {
            Refusal::NotAnAgent => {
                self.refuse_ineligible(interaction, reply, NotEligible::Role).await
            }
            elsewhere => self.refuse(interaction, reply, elsewhere).await,
        }
    }
}
