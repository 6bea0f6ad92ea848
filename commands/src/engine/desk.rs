//! Runs a click, from Discord's event to the panel that answers it.
//!
//! Who may, claim, decide, save, do, save what became of it, draw: `docs/architecture.md` tells the
//! whole life of a click. Effects are saved before they are performed and keyed, so that a crash at
//! any moment loses nothing and does nothing twice.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::json;

use crate::engine::flight::Flights;
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::model::account::{Account, AccountLink, AgentAccount};
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::{Actor, NotEligible};
use crate::ports::Ports;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::widgets::note;

/// Where and for whom the bot works.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The guild.
    pub guild: u64,
    /// The support channel.
    pub channel: u64,
    /// The role that makes an agent in Discord.
    pub agent_role: u64,
    /// The role that makes a lead: sees who attends whom.
    pub lead_role: u64,
    /// The Cognito groups that make an agent, by their exact names.
    pub groups: Vec<String>,
    /// Idle timeout: [`crate::session::IDLE_CLOSE`] but in trials.
    pub idle: Duration,
    /// The address below which every recovery page is, such as `https://desk.example.com/recover/`;
    /// `None`: not set up.
    pub pages: Option<String>,
}

/// Runs clicks, clocks and what a crash has left behind.
pub struct Desk {
    pub(crate) ports: Ports,
    pub(crate) rules: Rules,
    pub(crate) flights: Flights,
    /// How many sweeps were begun: the last of them is the one that goes on.
    pub(crate) sweeps: AtomicU64,
}

impl Desk {
    /// A desk over the outside.
    #[must_use]
    pub fn new(ports: Ports, rules: Rules) -> Self {
        Self { ports, rules, flights: Flights::default(), sweeps: AtomicU64::new(0) }
    }

    /// Refuses somebody who is no agent. Who was one loses the open sessions.
    pub(crate) async fn refuse_ineligible(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        not_eligible: NotEligible,
    ) -> Result<(), Fault> {
        self.refuse(interaction, reply, not_eligible.into()).await?;
        self.close_all_of(interaction.user, not_eligible).await
    }

    /// Refuses without a session: one event in the trail, one small message.
    pub(crate) async fn refuse(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let act = trail_event(interaction, kind::REFUSED, json!({ "why": refusal.name() }));
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.reply.interaction_id),
            events: vec![act],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Claimed => {}
            _ => reply.note(note(&refusal, interaction.locale)).await,
        }
        Ok(())
    }

    /// The agent's link and account, if both still make an agent. Fails closed: a fault is no
    /// leave.
    pub(crate) async fn eligibility(
        &self,
        discord_id: u64,
    ) -> Result<Result<(AccountLink, Account), NotEligible>, Fault> {
        let standing = self.standing(discord_id).await?;
        Ok(standing.eligibility().map(|(link, account)| (link.clone(), account.clone())))
    }

    /// The link, and the account that it names: at most 60 s old.
    pub(crate) async fn standing(&self, discord_id: u64) -> Result<AgentAccount, Fault> {
        let link = self.ports.store.link_of(discord_id).await?;
        let account = match &link {
            Some(link) => self.ports.identity.account(&link.agent_id).await?,
            None => None,
        };
        Ok(AgentAccount { link, account })
    }

    pub(crate) fn log(&self, fault: &Fault) -> String {
        let reference = self.ports.keys.reference();
        tracing::error!(reference, "{fault}");
        reference
    }

    /// Resolves when no click and no clock is at work.
    pub async fn at_rest(&self) {
        self.flights.landed().await;
    }
}

/// An act of a click outside of any session.
pub(crate) fn trail_event(
    interaction: &InteractionContext,
    kind: &'static str,
    details: serde_json::Value,
) -> TrailEvent {
    TrailEvent {
        at: interaction.at,
        actor: format!("discord:{}", interaction.user),
        session: None,
        kind,
        details,
    }
}

/// The agent as the Lambda functions know them.
pub(crate) fn actor(discord_id: u64, account: &Account) -> Actor {
    Actor { discord_id, agent_id: account.agent_id.clone(), name: account.name.clone() }
}
