//! Suggestions while a lead types a session.
//!
//! They cannot be deferred. They are neither claimed nor in the trail, and every replica gives the
//! same ones. A user who is no lead gets none.

use std::time::Duration;

use crate::engine::desk::Desk;
use crate::engine::interaction::{InteractionContext, Request};
use crate::flows::lead::sessions::suggestion;
use crate::model::fault::Fault;
use crate::model::verification::SENDS_WINDOW;
use crate::ports::chat::{ChatError, FirstAnswer};
use crate::screens::screen::{MENU_OPTIONS, Suggestion};

/// Age up to which a session is found by a part of its id.
pub(super) const SEARCHED: Duration = SENDS_WINDOW;

/// Time for the search, of Discord's 3 s. The rest is for two tries over the network.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(1);

impl Desk {
    pub(in crate::handlers) async fn suggest_sessions(
        &self,
        interaction: &InteractionContext,
        typed: &str,
    ) {
        let suggestions = tokio::select! {
            biased;
            found = self.find_suggestions(interaction, typed) => found.unwrap_or_else(|fault| {
                self.log(&fault);
                Vec::new()
            }),
            () = self.ports.clock.sleep(SEARCH_TIMEOUT) => Vec::new(),
        };
        let answer = FirstAnswer::Suggestions(suggestions);
        match self.ports.chat.answer(&interaction.reply, answer).await {
            Ok(()) | Err(ChatError::Answered | ChatError::Gone) => {}
            Err(
                ChatError::Fault(fault) | ChatError::Refused(fault) | ChatError::Forbidden(fault),
            ) => {
                self.log(&fault);
            }
        }
    }

    async fn find_suggestions(
        &self,
        interaction: &InteractionContext,
        typed: &str,
    ) -> Result<Vec<Suggestion>, Fault> {
        let request = Request::Suggest(String::new());
        if self.authorize(interaction, &request).is_err()
            || self.eligible_lead(interaction.user).await?.is_err()
        {
            return Ok(Vec::new());
        }
        let (most, after) =
            (u32::try_from(MENU_OPTIONS).unwrap_or(u32::MAX), interaction.at - SEARCHED);
        let found = self.ports.session_search.containing(typed.trim(), after, most).await?;
        let suggest = |session: &crate::model::session::Session| Suggestion {
            name: suggestion(session, interaction.at, interaction.locale),
            value: session.id.to_string(),
        };
        Ok(found.iter().map(suggest).collect())
    }
}
