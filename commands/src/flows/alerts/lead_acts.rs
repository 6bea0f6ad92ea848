//! The notice that a lead did something that the other leads have to know.

use crate::model::alert::{AlertKind, AlertSubject, NewAlert};

/// Act of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadAct {
    Unlinked,
    LockedOut,
    Unlocked,
    TrailFile,
    StatisticsFile,
}

impl LeadAct {
    pub const ALL: [Self; 5] =
        [Self::Unlinked, Self::LockedOut, Self::Unlocked, Self::TrailFile, Self::StatisticsFile];

    /// Returns the word in the facts and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlinked => "unlinked",
            Self::LockedOut => "locked_out",
            Self::Unlocked => "unlocked",
            Self::TrailFile => "trail_file",
            Self::StatisticsFile => "statistics_file",
        }
    }
}

/// Returns the notice about a lead. Who it was done to: an agent's Discord id, or with
/// [`NewAlert::with_customer`] a customer. `interaction` keeps each act a notice of its own.
pub fn lead_acted(interaction: u64, lead: u64, act: LeadAct, agent: Option<u64>) -> NewAlert {
    let notice = NewAlert::new(AlertKind::LeadActed, AlertSubject::Act(interaction))
        .with_agent(lead)
        .with_fact("act", act.name());
    match agent {
        // As a text, because JSON readers round numbers of this size.
        Some(agent) => notice.with_fact("target", agent.to_string()),
        None => notice,
    }
}
