//! `/account show`: an answer that changes nothing, so it is neither claimed nor in the trail.

use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::flows::show;
use crate::model::fault::Fault;

impl Desk {
    pub(crate) async fn show(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
    ) -> Result<(), Fault> {
        reply.allow_duplicate();
        let standing = self.standing(interaction.user).await?;
        let sessions: Vec<_> = self
            .open_sessions(interaction.user)
            .await?
            .iter()
            .map(|handle| handle.session())
            .collect();
        reply
            .note(show::screen(&standing, &self.rules.groups, &sessions, interaction.locale))
            .await;
        match standing.eligibility() {
            Ok(_) => Ok(()),
            Err(not_eligible) => self.close_all_of(interaction.user, not_eligible).await,
        }
    }
}
