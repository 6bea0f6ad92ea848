//! `/desk trail`: reads the audit trail, and verifies the chain of a session.
//!
//! A page is drawn only if this lead has opened its view. So a changed custom id reads nothing that
//! the trail does not name.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::interaction::TrailCommand;
use crate::engine::reply::Reply;
use crate::flows::lead::sessions::{ambiguous, last_page};
use crate::flows::lead::trail::{self, TrailList, part};
use crate::handlers::lead::typed_session::TypedSession;
use crate::handlers::lookup_limits::limit_uses;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::kind;
use crate::model::trail_filter::TrailAbout;
use crate::model::words::{SessionId, SupportKind};
use crate::ports::directory::CustomerMatch;
use crate::ports::sessions::Commit;
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
            (None, None, None, None) => {
                self.open_trail(reply, view(TrailAbout::Everything), Vec::new()).await
            }
            (Some(typed), None, None, None) => {
                let after = reply.interaction.at - SEARCHED;
                match self.find_typed(&typed, after).await? {
                    TypedSession::One(handle) => {
                        let about = TrailAbout::Session(handle.session().id.clone());
                        self.open_trail(reply, view(about), Vec::new()).await
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
                self.open_trail(reply, view(TrailAbout::Agent(agent)), Vec::new()).await
            }
            (None, None, Some(email), None) => self.customer_trail(reply, &email, view).await,
            (None, None, None, Some(ticket)) => match Ticket::parse(&ticket) {
                Ok(ticket) => {
                    self.open_trail(reply, view(TrailAbout::Ticket(ticket)), Vec::new()).await
                }
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
            let uses = match about {
                TrailAbout::Customer(_) => self.look_up_uses(reply).await?,
                _ => Vec::new(),
            };
            let view = TrailView::ending(about, topic, days, reply.interaction.at);
            return self.open_trail(reply, view, uses).await;
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
        let email = match Email::parse(email) {
            Ok(email) => email,
            Err(refusal) => return self.refuse(reply, refusal).await,
        };
        let uses = self.look_up_uses(reply).await?;
        // Checked before Core is read. The commit counts the look-up.
        if let Some(refusal) = self.exceeded(&uses, reply.interaction.at).await? {
            return self.refuse(reply, refusal).await;
        }
        if let Some(customer) = self.find_on_record(&email).await? {
            return self.open_trail(reply, view(TrailAbout::Customer(customer)), uses).await;
        }
        let details = json!({ "view": "trail", "found": false });
        let commit = reply.interaction.commit(kind::DESK_READ, details);
        let commit = Commit { limit_uses: uses.clone(), ..commit };
        let is_below_limits = self.commit_look_up(reply, commit).await?;
        if is_below_limits.is_some() {
            reply.view(trail::no_customer(reply.interaction.locale)).await;
        }
        self.alert_look_ups(reply, is_below_limits, &uses).await;
        Ok(())
    }

    /// Returns the pseudonym of the only customer with an address. `None` if no look-up of an agent
    /// has found the customer, or if the customer was erased.
    async fn find_on_record(&self, email: &Email) -> Result<Option<Pseudonym>, Fault> {
        match self.ports.directory.find(email, SupportKind::Technical).await? {
            CustomerMatch::One(record) => {
                self.ports.customers.find_pseudonym(&record.user_id).await
            }
            CustomerMatch::None | CustomerMatch::Several => Ok(None),
        }
    }

    /// Returns the limits of the look-ups of a lead, together with those as an agent.
    async fn look_up_uses(&self, reply: &Reply<'_>) -> Result<Vec<LimitUse>, Fault> {
        let lead = self.agent_account(reply.interaction.user).await?;
        Ok(lead.account.as_ref().map(limit_uses).unwrap_or_default())
    }

    async fn alert_look_ups(
        &self,
        reply: &Reply<'_>,
        is_below_limits: Option<bool>,
        uses: &[LimitUse],
    ) {
        if uses.is_empty() || is_below_limits == Some(true) {
            return;
        }
        if let Err(fault) = self.alert_reached_limits(reply.interaction, uses).await {
            self.log(&fault);
        }
    }

    /// Records the view, counts it, and draws its first page.
    async fn open_trail(
        &self,
        reply: &Reply<'_>,
        view: TrailView,
        uses: Vec<LimitUse>,
    ) -> Result<(), Fault> {
        let commit = reply.interaction.commit(kind::DESK_READ, self.view_details(&view));
        let commit = Commit { limit_uses: uses.clone(), ..commit };
        let is_below_limits = self.commit_look_up(reply, commit).await?;
        if is_below_limits.is_some() {
            self.draw_trail(reply, view).await?;
        }
        self.alert_look_ups(reply, is_below_limits, &uses).await;
        Ok(())
    }

    /// Draws a page. Draws the last one if the page no longer exists.
    async fn draw_trail(&self, reply: &Reply<'_>, mut view: TrailView) -> Result<(), Fault> {
        let search = &self.ports.trail_search;
        let mut page = search.lines(&view.filter(), part(&view)).await?;
        let end = last_page(page.total);
        if view.page > end {
            view.page = end;
            page = search.lines(&view.filter(), part(&view)).await?;
        }
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
        let opened = Timestamp((i64::from(view.end) - 1) * 1_000 - 1);
        let (lead, details) = (reply.interaction.user, self.view_details(view));
        self.ports.trail_search.has_read(lead, opened, &details).await
    }
}
