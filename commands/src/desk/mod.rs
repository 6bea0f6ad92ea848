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

use crate::account::rights::{Loss, Standing};
use crate::error::{Fault, Refusal};
use crate::face::note;
use crate::ports::{Account, AccountLink, Claim, Commit, Committed, Ports, Ticket};
use crate::session::Actor;
use crate::support::Road;
use crate::text::Locale;
use crate::time::Timestamp;
use crate::trail::{Act, what};
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
pub struct Click {
    /// How to answer it.
    pub ticket: Ticket,
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
pub enum Wish {
    /// `/support technical` or `/support successor`: the address as it was typed.
    LookUp(Road, String),
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
    pub async fn handle(&self, click: Click, wish: Wish) {
        let _flight = self.flights.begin();
        let reply = Reply::new(&self.ports, &click.ticket);
        // Boxed, as the futures of all roads together are too large for the stack of whoever waits
        // for them; and within it each road by itself, as a click that opens a form would have to
        // make room for all of them.
        let work = Box::pin(async {
            match self.door(&click) {
                Err(refusal) => Box::pin(self.turn_away(&click, &reply, refusal)).await,
                Ok(()) => self.grant(&click, &reply, wish).await,
            }
        });
        if let Err(fault) = reply.within_budget(work).await {
            let refusal = Refusal::Failed(self.log(&fault));
            // Another process may have answered it, and well.
            reply.answers_alike();
            reply.note(note(&refusal, click.locale)).await;
        }
    }

    async fn grant(&self, click: &Click, reply: &Reply<'_>, wish: Wish) -> Result<(), Fault> {
        match wish {
            Wish::LookUp(road, email) => Box::pin(self.look_up(click, reply, road, &email)).await,
            Wish::Resume => Box::pin(self.resume(click, reply)).await,
            Wish::Link(email) => Box::pin(self.link(click, reply, &email)).await,
            Wish::Show => Box::pin(self.show(click, reply)).await,
            Wish::Recover(email) => Box::pin(self.ask_recovery(click, reply, &email)).await,
            Wish::Press(custom_id, values) => self.press(click, reply, &custom_id, values).await,
            Wish::Submit(custom_id, value) => self.submit(click, reply, &custom_id, value).await,
        }
    }

    /// Who: role, channel and guild, from the payload alone.
    fn door(&self, click: &Click) -> Result<(), Refusal> {
        if click.guild != Some(self.rules.guild) || click.channel != self.rules.channel {
            return Err(Refusal::WrongChannel);
        }
        if !click.roles.contains(&self.rules.agent_role) {
            return Err(Refusal::NotAnAgent);
        }
        Ok(())
    }

    /// Refuses at the door, and for the trail.
    async fn turn_away(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        match refusal {
            Refusal::NotAnAgent => self.no_agent(click, reply, Loss::Role).await,
            elsewhere => self.say_no(click, reply, elsewhere).await,
        }
    }

    /// Refuses somebody who is no agent. Who was one loses the open sessions.
    async fn no_agent(&self, click: &Click, reply: &Reply<'_>, loss: Loss) -> Result<(), Fault> {
        self.say_no(click, reply, loss.refusal()).await?;
        self.close_all_of(click.user, loss).await
    }

    /// Refuses without a session: one event in the trail, one small message.
    async fn say_no(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let act = act(click, what::REFUSED, json!({ "why": refusal.name() }));
        let commit = Commit {
            now: click.at,
            claim: Claim::Whole(click.ticket.interaction),
            acts: vec![act],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Claimed => {}
            _ => reply.note(note(&refusal, click.locale)).await,
        }
        Ok(())
    }

    /// The agent's link and account, if both still make an agent. Fails closed: a fault is no
    /// leave.
    async fn rights(&self, discord_id: u64) -> Result<Result<(AccountLink, Account), Loss>, Fault> {
        let standing = self.standing(discord_id).await?;
        Ok(standing.rights().map(|(link, account)| (link.clone(), account.clone())))
    }

    /// The link, and the account that it names: at most 60 s old.
    async fn standing(&self, discord_id: u64) -> Result<Standing, Fault> {
        let link = self.ports.store.link_of(discord_id).await?;
        let account = match &link {
            Some(link) => self.ports.identity.account(&link.agent_id).await?,
            None => None,
        };
        Ok(Standing { link, account })
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
fn act(click: &Click, what: &'static str, detail: serde_json::Value) -> Act {
    Act { at: click.at, who: format!("discord:{}", click.user), session: None, what, detail }
}

/// The agent as the Lambda functions know them.
fn actor(discord_id: u64, account: &Account) -> Actor {
    Actor { discord_id, agent_id: account.agent_id.clone(), name: account.name.clone() }
}
