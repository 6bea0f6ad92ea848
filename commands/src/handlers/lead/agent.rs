//! `/desk agent`: the list of linked agents, and the card of one.

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::interaction::Mentioned;
use crate::engine::reply::Reply;
use crate::flows::lead::agent::{self, AgentView, DiscordRole, Locks};
use crate::flows::lead::agent_acts::subjects;
use crate::flows::lead::agents::{self, Listed};
use crate::flows::lead::sessions::{PAGE_LINES, last_page};
use crate::flows::recover;
use crate::model::account::AccountLink;
use crate::model::fault::Fault;
use crate::model::limit::{Lockout, LockoutReason};
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::ports::figures::AGENT_DAYS;
use crate::screens::agent_id::AgentCard;

/// Accounts that are read at the same time: a page of the list.
const CONCURRENCY: usize = PAGE_LINES as usize;

impl Desk {
    /// Opens the card of a mentioned agent, or else the list at its first page.
    pub(super) async fn open_agents_view(
        &self,
        reply: &Reply<'_>,
        mentioned: Option<Mentioned>,
    ) -> Result<(), Fault> {
        let Some(Mentioned { user, roles }) = mentioned else {
            if self.record_lead_view(reply, agents_view()).await? {
                self.draw_agents(reply, 0).await?;
            }
            return Ok(());
        };
        let role = match roles {
            None => DiscordRole::Left,
            Some(roles) if self.rules.is_agent(&roles) || self.rules.is_lead(&roles) => {
                DiscordRole::Yes
            }
            Some(_) => DiscordRole::No,
        };
        if self.record_lead_view(reply, card_view(user)).await? {
            self.draw_agent(reply, AgentCard { agent: user, page: 0 }, Some(role)).await?;
        }
        Ok(())
    }

    /// Opens the card of the agent who was chosen from a page of the list.
    pub(super) async fn open_chosen_agent(
        &self,
        reply: &Reply<'_>,
        chosen: Option<&str>,
        page: u16,
    ) -> Result<(), Fault> {
        let Some(agent) = chosen.and_then(|chosen| chosen.parse().ok()) else {
            return self.refuse(reply, Refusal::UnknownButton).await;
        };
        if self.record_lead_view(reply, card_view(agent)).await? {
            self.draw_agent(reply, AgentCard { agent, page }, None).await?;
        }
        Ok(())
    }

    /// Draws a page of the list of agents, which this lead has opened.
    pub(super) async fn turn_agents(&self, reply: &Reply<'_>, page: u16) -> Result<(), Fault> {
        if self.continue_lead_view(reply, agents_view()).await? {
            self.draw_agents(reply, page).await?;
        }
        Ok(())
    }

    /// Draws the card of an agent again, which this lead has opened.
    pub(super) async fn return_to_agent(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
    ) -> Result<(), Fault> {
        if self.continue_lead_view(reply, card_view(card.agent)).await? {
            self.draw_agent(reply, card, None).await?;
        }
        Ok(())
    }

    /// Draws a page of the list. Draws the last one if the page no longer exists.
    pub(super) async fn draw_agents(&self, reply: &Reply<'_>, mut page: u16) -> Result<(), Fault> {
        let links = &self.ports.account_links;
        let skipped = |page: u16| u32::from(page) * PAGE_LINES;
        let (mut linked, mut total) = links.page(skipped(page), PAGE_LINES).await?;
        if page > last_page(total) {
            page = last_page(total);
            (linked, total) = links.page(skipped(page), PAGE_LINES).await?;
        }
        let all: Vec<String> =
            linked.iter().flat_map(|link| subjects(link.discord_id, Some(link))).collect();
        let lockouts = self.ports.limits.lockouts(&all, reply.interaction.at).await?;
        let listed = linked.into_iter().map(|link| {
            let own = subjects(link.discord_id, Some(&link));
            let of_agent = |lockout: &&Lockout| own.contains(&lockout.subject);
            let locked_until = lockouts.iter().filter(of_agent).map(|lockout| lockout.until).max();
            async move {
                let account = self.ports.identity.account(&link.agent_id).await?;
                Ok::<_, Fault>(Listed { link, account, locked_until })
            }
        });
        let listed: Vec<Listed> =
            futures_util::stream::iter(listed).buffered(CONCURRENCY).try_collect().await?;
        reply.view(agents::render(&listed, page, total, reply.interaction.locale)).await;
        Ok(())
    }

    /// Draws the card of an agent, or of a user without a link.
    pub(super) async fn draw_agent(
        &self,
        reply: &Reply<'_>,
        card: AgentCard,
        role: Option<DiscordRole>,
    ) -> Result<(), Fault> {
        let (at, locale) = (reply.interaction.at, reply.interaction.locale);
        let account = self.agent_account(card.agent).await?;
        let locks = self.locks_of(card.agent, account.link.as_ref(), at).await?;
        let open = self.ports.sessions.all_open_of(card.agent).await?;
        let days = self.ports.figures.agent_days(card.agent, at - AGENT_DAYS).await?;
        let signals = self.ports.figures.agent_signals(card.agent, at - AGENT_DAYS).await?;
        let view = AgentView {
            card,
            account: &account,
            role,
            locks: &locks,
            open: &open,
            days,
            signals: &signals,
            is_own: card.agent == reply.interaction.user,
            locale,
        };
        reply.view(agent::render(&view)).await;
        Ok(())
    }

    /// Returns what an unlock of the agent would end.
    pub(super) async fn locks_of(
        &self,
        agent: u64,
        link: Option<&AccountLink>,
        now: Timestamp,
    ) -> Result<Locks, Fault> {
        let lockouts = self.ports.limits.lockouts(&subjects(agent, link), now).await?;
        let lockout = lockouts.into_iter().max_by_key(|lockout| (lockout.until, lockout.reason));
        let reason = match &lockout {
            Some(Lockout { subject, reason: LockoutReason::Lead(lead), .. }) => {
                self.ports.session_search.lockout_reason(*lead, subject).await?
            }
            _ => None,
        };
        let uses: Vec<_> =
            link.into_iter().flat_map(|link| recover::hourly_uses(&link.agent_id)).collect();
        let usage = self.ports.limits.usage(&uses, now).await?;
        let has_used_recoveries = usage.iter().any(|usage| usage.retry_at.is_some());
        Ok(Locks { lockout, reason, has_used_recoveries })
    }
}

fn agents_view() -> Value {
    json!({ "view": "agents" })
}

fn card_view(agent: u64) -> Value {
    json!({ "view": "agent", "agent": format!("discord:{agent}") })
}
