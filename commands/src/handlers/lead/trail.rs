//! `/desk trail`: reads the audit trail, and verifies the chain of a session.
//!
//! A page is drawn only if this lead has opened its view. So a changed custom id reads nothing that
//! the trail does not name.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::interaction::TrailCommand;
use crate::engine::reply::Reply;
use crate::flows::lead::sessions::ambiguous;
use crate::flows::lead::trail::{self, COUNTED, TrailList, TrailPage, last_trail_page, part};
use crate::handlers::lead::typed_session::TypedSession;
use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;
use crate::model::time::{Timestamp, minutes};
use crate::model::trail_filter::TrailAbout;
use crate::model::words::SessionId;
use crate::screens::trail_id::{TrailId, TrailPlace, TrailView};

/// Age up to which a session is found by a part of its id: as long as a view reads back.
const SEARCHED: std::time::Duration = minutes(365 * 24 * 60);

impl Desk {
    /// Opens the view that a lead has typed.
    pub(super) async fn trail_command(
        &self,
        reply: &Reply<'_>,
        command: TrailCommand,
    ) -> Result<(), Fault> {
        let TrailCommand { session, agent, customer, ticket, topic, days } = command;
        let view = |about| TrailView::ending(about, topic, days, reply.interaction.at);
        match (session, agent, customer, ticket) {
            (None, None, None, None) => self.open_trail(reply, view(TrailAbout::Everything)).await,
            (Some(typed), None, None, None) => {
                let after = reply.interaction.at - SEARCHED;
                match self.find_typed(&typed, after).await? {
                    TypedSession::One(handle) => {
                        let about = TrailAbout::Session(handle.session().id.clone());
                        self.open_trail(reply, view(about)).await
                    }
                    TypedSession::Several(found) => {
                        let details = json!({ "view": "sessions", "show": "matches" });
                        if self.record_lead_view(reply, details).await? {
                            reply.view(ambiguous(&found, reply.interaction.locale)).await;
                        }
                        Ok(())
                    }
                    TypedSession::None => {
                        reply.allow_duplicate();
                        reply.view(trail::no_session(reply.interaction.locale)).await;
                        Ok(())
                    }
                }
            }
            (None, Some(agent), None, None) => {
                self.open_trail(reply, view(TrailAbout::Agent(agent))).await
            }
            (None, None, Some(email), None) => self.customer_trail(reply, &email, view).await,
            (None, None, None, Some(ticket)) => match Ticket::parse(&ticket) {
                Ok(ticket) => self.open_trail(reply, view(TrailAbout::Ticket(ticket))).await,
                Err(refusal) => self.refuse(reply, refusal).await,
            },
            _ => {
                reply.allow_duplicate();
                reply.view(trail::several_filters(reply.interaction.locale)).await;
                Ok(())
            }
        }
    }

    /// Does what a button of the trail says.
    pub(super) async fn trail_press(&self, reply: &Reply<'_>, id: TrailId) -> Result<(), Fault> {
        let TrailId { place, view } = id;
        if place == TrailPlace::Open {
            let TrailView { about, topic, days, .. } = view;
            let view = TrailView::ending(about, topic, days, reply.interaction.at);
            if !matches!(view.about, TrailAbout::Customer(_)) {
                return self.open_trail(reply, view).await;
            }
            if let Some(counted) = self.view_customer(reply, self.view_details(&view)).await? {
                self.draw_trail(reply, view).await?;
                self.alert_counted(reply, counted).await;
            }
            return Ok(());
        }
        if !self.has_opened(reply, &view).await? {
            return self.refuse(reply, Refusal::UnknownButton).await;
        }
        match (place, &view.about) {
            (TrailPlace::Verify, TrailAbout::Session(session)) => {
                self.verify_session(reply, session).await
            }
            (TrailPlace::Verify, _) => self.refuse(reply, Refusal::UnknownButton).await,
            (TrailPlace::File, _) => self.send_trail_file(reply, &view).await,
            (TrailPlace::Open | TrailPlace::Older | TrailPlace::Newer, _) => {
                reply.allow_duplicate();
                self.draw_trail(reply, view).await
            }
        }
    }

    /// Opens the trail of the customer with this address. That is a look-up of the lead, found or
    /// not.
    async fn customer_trail(
        &self,
        reply: &Reply<'_>,
        email: &str,
        view: impl FnOnce(TrailAbout) -> TrailView,
    ) -> Result<(), Fault> {
        let mut found = None;
        let details = |customer: Option<&Pseudonym>| match customer {
            Some(customer) => {
                let view = found.insert(view(TrailAbout::Customer(customer.clone())));
                self.view_details(view)
            }
            None => json!({ "view": "trail", "found": false }),
        };
        let Some(look_up) = self.look_up_for_lead(reply, email, details).await? else {
            return Ok(());
        };
        match found.filter(|_| look_up.shown.is_some()) {
            Some(view) => self.draw_trail(reply, view).await?,
            None => reply.view(trail::no_customer(reply.interaction.locale)).await,
        }
        self.alert_counted(reply, look_up.counted).await;
        Ok(())
    }

    /// Records the view and draws its first page.
    async fn open_trail(&self, reply: &Reply<'_>, view: TrailView) -> Result<(), Fault> {
        if self.record_lead_view(reply, self.view_details(&view)).await? {
            self.draw_trail(reply, view).await?;
        }
        Ok(())
    }

    /// Draws a page. Draws the last one if the page no longer exists.
    async fn draw_trail(&self, reply: &Reply<'_>, mut view: TrailView) -> Result<(), Fault> {
        let (search, filter) = (&self.ports.trail_search, view.filter());
        let total = search.count(&filter, COUNTED).await?;
        view.page = view.page.min(last_trail_page(total));
        let page = TrailPage { lines: search.lines(&filter, part(&view)).await?, total };
        let list = TrailList { view: &view, page: &page, locale: reply.interaction.locale };
        reply.view(trail::render(&list)).await;
        Ok(())
    }

    /// Verifies the chain of a session, and shows the result beside the view.
    async fn verify_session(&self, reply: &Reply<'_>, session: &SessionId) -> Result<(), Fault> {
        let details = json!({ "view": "verify", "session": session });
        if !self.record_lead_view(reply, details).await? {
            return Ok(());
        }
        let Some(verdict) = self.ports.trail_search.verify(session).await? else {
            return self.refuse(reply, Refusal::UnknownSession).await;
        };
        let (now, locale) = (self.ports.clock.now(), reply.interaction.locale);
        reply.note(trail::verified(session, &verdict, now, locale)).await;
        Ok(())
    }

    /// Returns what the trail records of a view. A ticket number leads back to its customer, so
    /// only a keyed hash of it is kept.
    pub(super) fn view_details(&self, view: &TrailView) -> Value {
        let mut details =
            json!({ "view": "trail", "what": view.topic.name(), "days": view.days.get() });
        match &view.about {
            TrailAbout::Everything => {}
            TrailAbout::Session(session) => details["session"] = json!(session),
            TrailAbout::Agent(agent) => details["agent"] = json!(format!("discord:{agent}")),
            TrailAbout::Customer(customer) => details["customer"] = json!(customer),
            TrailAbout::Ticket(ticket) => {
                details["ticket_mac"] = json!(self.ports.keys.mac(&ticket.search_key()));
            }
        }
        details
    }

    /// Returns true if this lead has opened the view, whose end is the second after its opening.
    async fn has_opened(&self, reply: &Reply<'_>, view: &TrailView) -> Result<bool, Fault> {
        let end = i64::from(view.end);
        let opened = Timestamp((end - 1) * 1_000)..Timestamp(end * 1_000);
        let (lead, details) = (reply.interaction.user, self.view_details(view));
        self.ports.trail_search.has_read(lead, opened, &details).await
    }
}
