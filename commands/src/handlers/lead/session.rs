//! The card of one session, which a lead chooses from a list.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::session::{CARD_EVENTS, Card, render};
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::words::SessionId;
use crate::screens::desk_id::SessionList;

impl Desk {
    pub(super) async fn open_session_view(
        &self,
        reply: &Reply<'_>,
        chosen: Option<&str>,
        list: SessionList,
    ) -> Result<(), Fault> {
        let id: Option<SessionId> = chosen.and_then(|chosen| chosen.parse().ok());
        let handle = match id {
            Some(id) => self.find_for_lead(&id).await?,
            None => None,
        };
        let Some(handle) = handle else {
            return self.refuse(reply, Refusal::UnknownSession).await;
        };
        let session = handle.session();
        let details = json!({ "view": "session", "session": session.id });
        if !self.record_lead_view(reply, details).await? {
            return Ok(());
        }
        let ids = [session.id.clone()];
        let events = self.ports.session_search.events(&ids, &CARD_EVENTS).await?;
        let (now, locale) = (reply.interaction.at, reply.interaction.locale);
        let reader = reply.interaction.user;
        let card = Card { session: &session, events: &events, list, reader, now, locale };
        reply.view(render(&card)).await;
        Ok(())
    }
}
