//! `/desk sessions`: the open sessions, or those of the last 24 hours.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::session::is_colleague;
use crate::flows::lead::sessions::{Listing, PAGE_LINES, last_page, render};
use crate::model::fault::Fault;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::verification::SENDS_WINDOW;
use crate::model::words::SessionId;
use crate::ports::session_search::{SearchSpan, SessionFilter, SessionPage};
use crate::screens::desk_id::{SessionList, Span};

impl Desk {
    /// Opens the list at its first page.
    pub(super) async fn open_sessions_view(
        &self,
        reply: &Reply<'_>,
        agent: Option<u64>,
        is_of_last_day: bool,
    ) -> Result<(), Fault> {
        let at = reply.interaction.at;
        let span = if is_of_last_day { Span::day_before(at) } else { Span::Open };
        self.open_list(reply, SessionList { span, agent, page: 0 }).await
    }

    /// Opens a list at one of its pages.
    pub(super) async fn open_list(
        &self,
        reply: &Reply<'_>,
        list: SessionList,
    ) -> Result<(), Fault> {
        if self.record_lead_view(reply, list_view(list)).await? {
            self.draw_sessions(reply, list).await?;
        }
        Ok(())
    }

    /// Draws a page of a list that this lead has opened.
    pub(super) async fn turn_list(
        &self,
        reply: &Reply<'_>,
        list: SessionList,
    ) -> Result<(), Fault> {
        if self.continue_lead_view(reply, list_view(list)).await? {
            self.draw_sessions(reply, list).await?;
        }
        Ok(())
    }

    /// Draws a page. Draws the last one if the page no longer exists.
    pub(super) async fn draw_sessions(
        &self,
        reply: &Reply<'_>,
        mut list: SessionList,
    ) -> Result<(), Fault> {
        let at = reply.interaction.at;
        let mut page = self.page_of(list, at).await?;
        let end = last_page(page.total);
        if list.page > end {
            list.page = end;
            page = self.page_of(list, at).await?;
        }
        let ids: Vec<SessionId> = page.sessions.iter().map(|session| session.id.clone()).collect();
        let looked_up = self.ports.session_search.events(&ids, &[kind::LOOKED_UP]).await?;
        let colleagues: HashSet<SessionId> =
            looked_up.into_iter().filter(is_colleague).map(|event| event.session).collect();
        let alerted = self.ports.alerts.alerted_of(&ids).await?;
        let last_close = match list.span {
            Span::Open if page.sessions.is_empty() && list.agent.is_none() => {
                self.ports.session_search.last_close().await?
            }
            _ => None,
        };
        let locale = reply.interaction.locale;
        let listing = Listing {
            list,
            page: &page,
            colleagues: &colleagues,
            alerted: &alerted,
            last_close,
            locale,
        };
        reply.view(render(&listing)).await;
        Ok(())
    }

    async fn page_of(&self, list: SessionList, now: Timestamp) -> Result<SessionPage, Fault> {
        let span = match list.span {
            Span::Open => SearchSpan::OpenAt(now),
            Span::DayBefore(end) => {
                let until = Timestamp(i64::from(end) * 1_000);
                SearchSpan::Opened(until - SENDS_WINDOW, until)
            }
        };
        let filter = SessionFilter { span, agent: list.agent };
        let skipped = u32::from(list.page) * PAGE_LINES;
        self.ports.session_search.page(filter, skipped, PAGE_LINES).await
    }
}

fn list_view(list: SessionList) -> Value {
    let mut details = json!({ "view": "sessions" });
    details["show"] = json!(if list.span == Span::Open { "open" } else { "day" });
    if let Some(agent) = list.agent {
        details["agent"] = json!(format!("discord:{agent}"));
    }
    details
}
