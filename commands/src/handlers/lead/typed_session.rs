//! A session that a lead has chosen or typed.

use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::model::fault::Fault;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;
use crate::ports::sessions::SessionHandle;
use crate::screens::screen::MENU_OPTIONS;

/// Fewest characters of an id that find its session: as many as people see.
const SHORTEST_ID: usize = 6;

/// Result of the search for a typed session.
pub(super) enum TypedSession {
    One(Arc<SessionHandle>),
    /// Ids of several sessions begin with the text.
    Several(Vec<Session>),
    None,
}

impl Desk {
    /// Finds the session whose id was chosen or typed. A few characters are enough if they fit only
    /// one that was opened after this time.
    pub(super) async fn find_typed(
        &self,
        typed: &str,
        after: Timestamp,
    ) -> Result<TypedSession, Fault> {
        let typed = typed.trim();
        let id: Option<SessionId> = match typed.parse() {
            Ok(id) => Some(id),
            Err(_) if typed.chars().count() < SHORTEST_ID => None,
            Err(_) => {
                let most = u32::try_from(MENU_OPTIONS).unwrap_or(u32::MAX);
                let found = self.ports.session_search.beginning_with(typed, after, most).await?;
                if found.len() > 1 {
                    return Ok(TypedSession::Several(found));
                }
                found.into_iter().next().map(|session| session.id)
            }
        };
        let handle = match id {
            Some(id) => self.find_for_lead(&id).await?,
            None => None,
        };
        Ok(handle.map_or(TypedSession::None, TypedSession::One))
    }
}
