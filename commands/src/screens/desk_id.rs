//! Custom ids of the leads' views.
//!
//! `d1.desk.<action>[.<session>[.<press>]].<list>`, `d1.desk.agent.…` for the agents, `d1.desk.t.…`
//! for the trail, and `d1.desk.customer.…` with a pseudonym for a customer: at most 100 characters,
//! never a secret. The views keep no state in the bot, so an id names the list that the lead has
//! looked at. No id of an agent's panel parses here, and none of these parses as a [`CustomId`].
//!
//! [`CustomId`]: crate::screens::custom_id::CustomId

use std::fmt;

use crate::model::time::Timestamp;
use crate::model::words::SessionId;
use crate::screens::agent_id::{AgentAct, AgentCard};
use crate::screens::custom_id::{MAX_LENGTH, parse_number};
use crate::screens::customer_id::{CustomerAct, CustomerCard};
use crate::screens::stats_id::{self, StatsAct, StatsView};
use crate::screens::trail_id::TrailId;

const PREFIX: &str = "d1.desk.";

/// Rest of the prefix of an id of the trail.
const TRAIL: &str = "t.";

/// Target of a lead's click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskId {
    /// Draws a page of a list. The place makes the id unique in its message.
    List(Place, SessionList),
    /// Opens the session that is chosen from the menu.
    Choose(SessionList),
    /// Opens the card of a session.
    Session(SessionId, SessionList),
    /// Opens the form for the reason of a close.
    AskReason(SessionId, SessionList),
    /// Submits the reason of a close. Discord's id of the press that opened the form makes the id
    /// unique, because iOS shows the old text again in a form with a known one.
    Close(SessionId, u64, SessionList),
    /// Asks whether the lead wants to take a session over.
    AskTakeOver(SessionId, SessionList),
    /// Takes a session over.
    TakeOver(SessionId, SessionList),
    /// Draws a page of the list of linked agents.
    Agents(Place, u16),
    /// Opens the agent who is chosen from the menu of a page.
    ChooseAgent(u16),
    /// Draws the card of an agent.
    Agent(AgentCard),
    /// Opens the form for the reason of an act about an agent.
    AskAgent(AgentAct, AgentCard),
    /// Does it with the submitted reason. The number is as in [`DeskId::Close`].
    ActOnAgent(AgentAct, u64, AgentCard),
    /// Unlocks an agent whose unlock needs no reason.
    Unlock(AgentCard),
    /// Draws, opens or writes a view of the statistics.
    Stats(StatsAct, StatsView),
    /// A view of the trail.
    Trail(TrailId),
    /// Draws a page of the card of a customer.
    Customer(CustomerCard),
    /// Opens the form of an act about a customer.
    AskCustomer(CustomerAct, CustomerCard),
    /// Does it with the submitted text. The number is as in [`DeskId::Close`].
    ActOnCustomer(CustomerAct, u64, CustomerCard),
    /// Unlocks a customer whose unlock needs no reason.
    UnlockCustomer(CustomerCard),
}

/// Button that leads to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Previous,
    Next,
    Refresh,
    /// On a view that was opened from the list.
    Back,
}

/// A page of a list of sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionList {
    pub span: Span,
    /// Discord id of the agent whose sessions are listed.
    pub agent: Option<u64>,
    /// Page, from 0.
    pub page: u16,
}

/// Time span of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// Sessions that are open.
    #[default]
    Open,
    /// Sessions that were opened in the 24 hours before this time, in seconds since the epoch. It
    /// is fixed when the list opens, so that pages do not slide.
    DayBefore(u32),
}

impl Place {
    pub(super) const ALL: [Self; 4] = [Self::Previous, Self::Next, Self::Refresh, Self::Back];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Previous => "previous",
            Self::Next => "next",
            Self::Refresh => "refresh",
            Self::Back => "back",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == word)
    }
}

impl Span {
    /// Returns the span of 24 hours that includes this time.
    pub fn day_before(at: Timestamp) -> Self {
        let end = at.seconds().saturating_add(1);
        Self::DayBefore(u32::try_from(end).unwrap_or(u32::MAX))
    }
}

impl DeskId {
    /// Returns true if only leads get components and forms with this custom id.
    pub fn is_of_lead(custom_id: &str) -> bool {
        custom_id.starts_with(PREFIX)
    }

    /// Parses a custom id of this version.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let rest = text.strip_prefix(PREFIX)?;
        if let Some(trail) = rest.strip_prefix(TRAIL) {
            return TrailId::parse(trail).map(Self::Trail);
        }
        let mut parts = rest.split('.');
        let word = parts.next()?;
        let mut session = || parts.next()?.parse::<SessionId>().ok();
        let id = match word {
            "ask" => Self::AskReason(session()?, parse_list(&mut parts)?),
            "close" => {
                let session = session()?;
                Self::Close(session, parse_number(parts.next()?)?, parse_list(&mut parts)?)
            }
            "over" => Self::AskTakeOver(session()?, parse_list(&mut parts)?),
            "take" => Self::TakeOver(session()?, parse_list(&mut parts)?),
            "card" => Self::Session(session()?, parse_list(&mut parts)?),
            "agent" => parse_agent(&mut parts)?,
            "stats" => {
                let (act, view) = stats_id::parse(&mut parts)?;
                Self::Stats(act, view)
            }
            "customer" => parse_customer(&mut parts)?,
            "choose" => Self::Choose(parse_list(&mut parts)?),
            place => Self::List(Place::parse(place)?, parse_list(&mut parts)?),
        };
        parts.next().is_none().then_some(id)
    }
}

impl fmt::Display for DeskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::List(place, list) => write!(f, "{}.{list}", place.name()),
            Self::Choose(list) => write!(f, "choose.{list}"),
            Self::Session(session, list) => write!(f, "card.{session}.{list}"),
            Self::AskReason(session, list) => write!(f, "ask.{session}.{list}"),
            Self::Close(session, press, list) => write!(f, "close.{session}.{press}.{list}"),
            Self::AskTakeOver(session, list) => write!(f, "over.{session}.{list}"),
            Self::TakeOver(session, list) => write!(f, "take.{session}.{list}"),
            Self::Agents(place, page) => write!(f, "agent.{}.{page}", place.name()),
            Self::ChooseAgent(page) => write!(f, "agent.choose.{page}"),
            Self::Agent(card) => write!(f, "agent.card.{card}"),
            Self::AskAgent(act, card) => write!(f, "agent.ask.{}.{card}", act.name()),
            Self::ActOnAgent(act, press, card) => {
                write!(f, "agent.do.{}.{press}.{card}", act.name())
            }
            Self::Unlock(card) => write!(f, "agent.unlock.{card}"),
            Self::Stats(act, view) => {
                f.write_str("stats.")?;
                stats_id::write(*act, *view, f)
            }
            Self::Trail(id) => write!(f, "{TRAIL}{id}"),
            Self::Customer(card) => write!(f, "customer.card.{card}"),
            Self::AskCustomer(act, card) => write!(f, "customer.ask.{}.{card}", act.name()),
            Self::ActOnCustomer(act, press, card) => {
                write!(f, "customer.do.{}.{press}.{card}", act.name())
            }
            Self::UnlockCustomer(card) => write!(f, "customer.unlock.{card}"),
        }
    }
}

impl fmt::Display for SessionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Span::Open => f.write_str("open")?,
            Span::DayBefore(end) => write!(f, "{end}")?,
        }
        match self.agent {
            Some(agent) => write!(f, ".{agent}.{}", self.page),
            None => write!(f, ".all.{}", self.page),
        }
    }
}

fn parse_agent<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<DeskId> {
    Some(match parts.next()? {
        "choose" => DeskId::ChooseAgent(parse_number(parts.next()?)?),
        "card" => DeskId::Agent(AgentCard::parse(parts)?),
        "unlock" => DeskId::Unlock(AgentCard::parse(parts)?),
        "ask" => DeskId::AskAgent(AgentAct::parse(parts.next()?)?, AgentCard::parse(parts)?),
        "do" => {
            let act = AgentAct::parse(parts.next()?)?;
            DeskId::ActOnAgent(act, parse_number(parts.next()?)?, AgentCard::parse(parts)?)
        }
        place => DeskId::Agents(Place::parse(place)?, parse_number(parts.next()?)?),
    })
}

fn parse_customer<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<DeskId> {
    Some(match parts.next()? {
        "card" => DeskId::Customer(CustomerCard::parse(parts)?),
        "unlock" => DeskId::UnlockCustomer(CustomerCard::parse(parts)?),
        "ask" => {
            DeskId::AskCustomer(CustomerAct::parse(parts.next()?)?, CustomerCard::parse(parts)?)
        }
        "do" => {
            let act = CustomerAct::parse(parts.next()?)?;
            DeskId::ActOnCustomer(act, parse_number(parts.next()?)?, CustomerCard::parse(parts)?)
        }
        _ => return None,
    })
}

fn parse_list<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<SessionList> {
    let span = match parts.next()? {
        "open" => Span::Open,
        end => Span::DayBefore(parse_number(end)?),
    };
    let agent = match parts.next()? {
        "all" => None,
        agent => Some(parse_number(agent)?),
    };
    Some(SessionList { span, agent, page: parse_number(parts.next()?)? })
}

#[cfg(test)]
#[path = "desk_id_tests.rs"]
mod tests;
