//! The part of a lead's custom id that names an agent's card, and what a lead does there.

use std::fmt;

use crate::screens::custom_id::parse_number;

/// Card of an agent, and the page of the list to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentCard {
    /// Discord id of the agent.
    pub agent: u64,
    /// Page of the list of linked agents, from 0.
    pub page: u16,
}

/// Act of a lead on an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentAct {
    /// Closes all sessions, with linking and recovery.
    Close,
    LockOutForAnHour,
    /// Locks out until a lead unlocks, or the longest lockout of a lead ends.
    LockOut,
    Unlock,
    Unlink,
}

impl AgentAct {
    pub const ALL: [Self; 5] =
        [Self::Close, Self::LockOutForAnHour, Self::LockOut, Self::Unlock, Self::Unlink];

    /// Returns the word in custom ids and catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::LockOutForAnHour => "hour",
            Self::LockOut => "lock",
            Self::Unlock => "unlock",
            Self::Unlink => "unlink",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == word)
    }
}

impl AgentCard {
    pub(super) fn parse<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let agent = parse_number(parts.next()?)?;
        Some(Self { agent, page: parse_number(parts.next()?)? })
    }
}

impl fmt::Display for AgentCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.agent, self.page)
    }
}
