//! `/desk launcher`, and the buttons of the launcher.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::launcher::{not_permitted, posted, render};
use crate::model::fault::Fault;
use crate::model::trail::kind;
use crate::ports::chat::{ChatError, Post};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::address_form::AddressForm;
use crate::screens::launch_id::Launch;

impl Desk {
    /// Posts the launcher to the support channel, in the language of the guild.
    pub(super) async fn post_launcher(&self, reply: &Reply<'_>) -> Result<(), Fault> {
        let interaction = reply.interaction;
        // Claimed first, so that of several replicas one posts.
        let claim = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.id()),
            ..Commit::default()
        };
        if self.ports.sessions.commit(claim).await? == Committed::Claimed {
            reply.yield_reply().await;
            return Ok(());
        }
        let (channel, locale) = (self.rules.channel, interaction.locale);
        let key = self.ports.keys.mac(&format!("launcher:{}", interaction.id()));
        let screen = render(interaction.guild_locale);
        let launcher = Post { screen, pings: None, replies_to: None };
        let message = match self.ports.chat.post(channel, &key, launcher).await {
            Ok(message) => message,
            Err(ChatError::Forbidden(fault)) => {
                self.log(&fault);
                reply.note(not_permitted(channel, locale)).await;
                return Ok(());
            }
            Err(ChatError::Fault(fault) | ChatError::Refused(fault)) => return Err(fault),
            Err(error) => return Err(Fault::new("posting to a channel", error)),
        };
        let details = json!({ "channel": channel.to_string(), "message": message.to_string() });
        let events = vec![interaction.event(kind::LAUNCHER_POSTED, details)];
        self.ports
            .sessions
            .commit(Commit { now: interaction.at, events, ..Commit::default() })
            .await?;
        reply.note(posted(channel, locale)).await;
        Ok(())
    }

    /// Does what a button of the launcher is for.
    pub(super) async fn launch(&self, reply: &Reply<'_>, launch: Launch) -> Result<(), Fault> {
        match launch {
            Launch::LookUp(kind) => {
                let (press, locale) = (reply.interaction.id(), reply.interaction.locale);
                reply.form(AddressForm::LookUp(kind).form(press, locale)).await;
                Ok(())
            }
            Launch::Sessions => self.resume(reply).await,
            Launch::Account => self.show_account(reply).await,
        }
    }
}
