//! `/account show`. It changes nothing, so it is neither claimed nor in the trail.

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::show;
use crate::model::fault::Fault;
use crate::ports::figures::AGENT_DAYS;

impl Desk {
    pub(crate) async fn show_account(&self, reply: &Reply<'_>) -> Result<(), Fault> {
        let interaction = reply.interaction;
        reply.allow_duplicate();
        let account = self.agent_account(interaction.user).await?;
        let open = self.open_sessions(interaction.user).await?;
        let sessions: Vec<_> = open.iter().map(|handle| handle.session()).collect();
        let days =
            self.ports.figures.agent_days(interaction.user, interaction.at - AGENT_DAYS).await?;
        let groups = &self.rules.groups;
        let screen = show::render(&account, groups, &sessions, days, interaction.locale);
        reply.note(screen).await;
        match account.link_eligibility() {
            Ok(_) => Ok(()),
            Err(reason) => self.close_all_of(interaction.user, reason).await,
        }
    }
}
