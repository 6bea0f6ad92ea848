//! `/account link`. The panel is drawn before the address is looked up, so it is the same for every
//! address.

use crate::engine::desk::Desk;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::link;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::flow_state::LinkState;
use crate::model::refusal::Refusal;
use crate::model::session::Work;
use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::Actor;
use crate::ports::claims::Claim;
use crate::screens::address_form::AddressForm;

impl Desk {
    pub(crate) async fn link(&self, reply: &Reply<'_>, typed: &str) -> Result<(), Fault> {
        reply.set_address_form(AddressForm::Link);
        let interaction = reply.interaction;
        let email = match Email::parse(typed) {
            Ok(email) => email,
            Err(refusal) => return self.refuse(reply, refusal).await,
        };
        if let Some(link) = self.ports.account_links.of_discord(interaction.user).await? {
            return self.refuse(reply, Refusal::AlreadyLinked(link.email)).await;
        }
        // The account is not known yet, so the Discord account stands in for the agent.
        let stand_in = format!("discord:{}", interaction.user);
        let actor = Actor {
            discord_id: interaction.user,
            agent_id: stand_in.clone(),
            name: stand_in,
            unknown: UnknownFields::NONE,
        };
        let state = LinkState::CodeRequested {
            to: email.masked(),
            found: None,
            valid_until: Timestamp::default(),
        };
        let mut session = self.new_session(interaction, actor, None, Work::Link(state));
        session.secrets.draft = Some(email.typed().to_owned().into());
        let step = link::begin(&session, interaction.at);
        let commit = step.commit(Claim::Whole(interaction.id()));
        if self.commit_or_refuse(reply, commit).await?.is_none() {
            return Ok(());
        }
        let Some(handle) = self.ports.sessions.find(&session.id).await? else {
            return Ok(());
        };
        let screen = panel::render(&step.session, None, None, 0, interaction.at);
        reply.panel(&step.session, screen).await;
        self.perform_background_logged(&handle).await;
        Ok(())
    }
}
