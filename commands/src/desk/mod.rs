//! Runs a click, from Discord's event to the panel that answers it.
//!
//! Who may, claim, decide, save, do, save what became of it, draw: `docs/architecture.md` tells the
//! whole life of a click. Effects are saved before they are performed and keyed, so that a crash at
//! any moment loses nothing and does nothing twice.

mod click;
mod draw;
mod effects;
mod flight;
mod linking;
mod lookup;
mod opening;
mod orphans;
mod page;
mod recovering;
mod reply;
mod resume;
mod showing;
mod stale;
mod sweep;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::json;

use crate::account::rights::{AgentAccount, NotEligible};
use crate::error::{Fault, Refusal};
use crate::face::note;
use crate::ports::{Account, AccountLink, Claim, Commit, Committed, Ports, ReplyHandle};
use crate::session::Actor;
use crate::support::SupportKind;
use crate::text::Locale;
use crate::time::Timestamp;
use crate::trail::{TrailEvent, kind};
use flight::Flights;
use reply::Reply;

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

/// An interaction, as the flows see it.
#[derive(Clone, Debug)]
pub struct InteractionContext {
    /// How to answer it.
    pub reply: ReplyHandle,
    /// Discord user id.
    pub user: u64,
    /// The roles of the member, from the payload.
    pub roles: Vec<u64>,
    /// The guild; `None` in a direct message.
    pub guild: Option<u64>,
    /// The channel.
    pub channel: u64,
    /// The language of the person's client.
    pub locale: Locale,
    /// When it was received.
    pub at: Timestamp,
}

/// What a person wants.
#[derive(Clone, Debug)]
pub enum Request {
    /// `/support technical` or `/support successor`: the address as it was typed.
    LookUp(SupportKind, String),
    /// `/support resume`.
    Resume,
    /// `/account link`: the address as it was typed.
    Link(String),
    /// `/account show`.
    Show,
    /// `/account recover`: the address as it was typed.
    Recover(String),
    /// A button or menu: its custom id and what was chosen.
    Press(String, Vec<String>),
    /// A modal: its custom id and what was typed.
    Submit(String, String),
}

/// Runs clicks, clocks and what a crash has left behind.
pub struct Desk {
    ports: Ports,
    rules: Rules,
    flights: Flights,
    /// How many sweeps were begun: the last of them is the one that goes on.
    sweeps: AtomicU64,
}

impl Desk {
    /// A desk over the outside.
    #[must_use]
    pub fn new(ports: Ports, rules: Rules) -> Self {
        Self { ports, rules, flights: Flights::default(), sweeps: AtomicU64::new(0) }
    }

    /// Answers an interaction. Every click gets an answer; a fault is logged here, once, and shown
    /// as a reference.
    pub async fn handle(&self, interaction: InteractionContext, request: Request) {
        let _flight = self.flights.begin();
        let reply = Reply::new(&self.ports, &interaction.reply);
        // Boxed, as the futures of all roads together are too large for the stack of whoever waits
        // for them; and within it each road by itself, as a click that opens a form would have to
        // make room for all of them.
        let work = Box::pin(async {
            match self.authorize(&interaction) {
                Err(refusal) => {
                    Box::pin(self.refuse_unauthorized(&interaction, &reply, refusal)).await
                }
                Ok(()) => self.dispatch(&interaction, &reply, request).await,
            }
        });
        if let Err(fault) = reply.within_budget(work).await {
            let refusal = Refusal::Failed(self.log(&fault));
            // Another process may have answered it, and well.
            reply.allow_duplicate();
            reply.note(note(&refusal, interaction.locale)).await;
        }
    }

    async fn dispatch(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        request: Request,
    ) -> Result<(), Fault> {
        match request {
            Request::LookUp(kind, email) => {
                Box::pin(self.look_up(interaction, reply, kind, &email)).await
            }
            Request::Resume => Box::pin(self.resume(interaction, reply)).await,
            Request::Link(email) => Box::pin(self.link(interaction, reply, &email)).await,
            Request::Show => Box::pin(self.show(interaction, reply)).await,
            Request::Recover(email) => {
                Box::pin(self.ask_recovery(interaction, reply, &email)).await
            }
            Request::Press(custom_id, values) => {
                self.press(interaction, reply, &custom_id, values).await
            }
            Request::Submit(custom_id, value) => {
                self.submit(interaction, reply, &custom_id, value).await
            }
        }
    }

    /// Who: role, channel and guild, from the payload alone.
    fn authorize(&self, interaction: &InteractionContext) -> Result<(), Refusal> {
        if interaction.guild != Some(self.rules.guild) || interaction.channel != self.rules.channel
        {
            return Err(Refusal::WrongChannel);
        }
        if !interaction.roles.contains(&self.rules.agent_role) {
            return Err(Refusal::NotAnAgent);
        }
        Ok(())
    }

    /// Refuses at the door, and for the trail.
    async fn refuse_unauthorized(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        match refusal {
            Refusal::NotAnAgent => {
                self.refuse_ineligible(interaction, reply, NotEligible::Role).await
            }
            elsewhere => self.refuse(interaction, reply, elsewhere).await,
        }
    }

    /// Refuses somebody who is no agent. Who was one loses the open sessions.
    async fn refuse_ineligible(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        not_eligible: NotEligible,
    ) -> Result<(), Fault> {
        self.refuse(interaction, reply, not_eligible.refusal()).await?;
        self.close_all_of(interaction.user, not_eligible).await
    }

    /// Refuses without a session: one event in the trail, one small message.
    async fn refuse(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let act = act(interaction, kind::REFUSED, json!({ "why": refusal.name() }));
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
    async fn eligibility(
        &self,
        discord_id: u64,
    ) -> Result<Result<(AccountLink, Account), NotEligible>, Fault> {
        let standing = self.standing(discord_id).await?;
        Ok(standing.eligibility().map(|(link, account)| (link.clone(), account.clone())))
    }

    /// The link, and the account that it names: at most 60 s old.
    async fn standing(&self, discord_id: u64) -> Result<AgentAccount, Fault> {
        let link = self.ports.store.link_of(discord_id).await?;
        let account = match &link {
            Some(link) => self.ports.identity.account(&link.agent_id).await?,
            None => None,
        };
        Ok(AgentAccount { link, account })
    }

    fn log(&self, fault: &Fault) -> String {
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
fn act(
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
fn actor(discord_id: u64, account: &Account) -> Actor {
    Actor { discord_id, agent_id: account.agent_id.clone(), name: account.name.clone() }
}
