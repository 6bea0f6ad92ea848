//! Why an alert is raised, and how soon a lead has to look.

/// How soon a lead has to look, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertLevel {
    /// Pings no lead, and closes by itself.
    Notice,
    /// Pings no lead.
    Warning,
    /// Pings the leads, and reminds them.
    Urgent,
}

impl AlertLevel {
    const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Urgent];

    /// Returns the word in the row, in the trail and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Urgent => "urgent",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == word)
    }
}

/// Reason for an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// A customer did not ask for the support session.
    Reported,
    /// The owner of an agent's mailbox did not ask for a mail.
    ReportedAgent,
    /// Several customers have reported one agent.
    ReportedTwice,
    /// A session closed after five wrong codes.
    Locked,
    /// A subject is locked out after 20 wrong codes in a row.
    LockedConsecutive,
    /// An agent has reached a limit of look-ups.
    LookupLimit,
    /// Wrong password reset codes.
    ResetCodes,
    /// Access links of a closed session are not revoked.
    RevokeStuck,
    /// The trail or a row does not verify.
    TrailBroken,
    /// An agent lost role, link or account while sessions were open.
    EligibilityLost,
    /// A lead did something that the other leads have to know.
    LeadActed,
    /// Signal: customers looked up and not helped.
    LookupsAbandoned,
    /// Signal: look-ups that find no customer.
    Enumeration,
    /// Signal: one customer, several agents.
    AgentShopping,
    /// Signal: one customer gets codes again and again.
    RepeatedCodes,
    /// Signal: wrong codes over several sessions.
    SlowGuessing,
    /// Signal: a customer's code was typed sooner than a person reads it out.
    FastCode,
    /// Signal: one agent opens access to one customer again and again.
    RepeatedAccess,
    /// Signal: one agent opens access to many customers.
    BulkAccess,
    /// Signal: the customer is a linked agent.
    ColleagueAccess,
    /// Signal: codes do not arrive.
    MailDelivery,
    /// Further alerts of an hour that already has its cards. It is a card only: no list has it.
    Collected,
}

impl AlertKind {
    pub const ALL: [Self; 22] = [
        Self::Reported,
        Self::ReportedAgent,
        Self::ReportedTwice,
        Self::Locked,
        Self::LockedConsecutive,
        Self::LookupLimit,
        Self::ResetCodes,
        Self::RevokeStuck,
        Self::TrailBroken,
        Self::EligibilityLost,
        Self::LeadActed,
        Self::LookupsAbandoned,
        Self::Enumeration,
        Self::AgentShopping,
        Self::RepeatedCodes,
        Self::SlowGuessing,
        Self::FastCode,
        Self::RepeatedAccess,
        Self::BulkAccess,
        Self::ColleagueAccess,
        Self::MailDelivery,
        Self::Collected,
    ];

    /// Returns the word in the row, in the trail and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::ReportedAgent => "reported_agent",
            Self::ReportedTwice => "reported_twice",
            Self::Locked => "locked",
            Self::LockedConsecutive => "locked_consecutive",
            Self::LookupLimit => "lookup_limit",
            Self::ResetCodes => "reset_codes",
            Self::RevokeStuck => "revoke_stuck",
            Self::TrailBroken => "trail_broken",
            Self::EligibilityLost => "eligibility_lost",
            Self::LeadActed => "lead_acted",
            Self::LookupsAbandoned => "lookups_abandoned",
            Self::Enumeration => "enumeration",
            Self::AgentShopping => "agent_shopping",
            Self::RepeatedCodes => "repeated_codes",
            Self::SlowGuessing => "slow_guessing",
            Self::FastCode => "fast_code",
            Self::RepeatedAccess => "repeated_access",
            Self::BulkAccess => "bulk_access",
            Self::ColleagueAccess => "colleague_access",
            Self::MailDelivery => "mail_delivery",
            Self::Collected => "collected",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// Returns the level, unless the cause has another one.
    pub const fn level(self) -> AlertLevel {
        match self {
            Self::Reported
            | Self::ReportedAgent
            | Self::ReportedTwice
            | Self::LockedConsecutive
            | Self::RevokeStuck
            | Self::TrailBroken
            | Self::SlowGuessing => AlertLevel::Urgent,
            Self::Locked
            | Self::LookupLimit
            | Self::ResetCodes
            | Self::LookupsAbandoned
            | Self::Enumeration
            | Self::AgentShopping
            | Self::RepeatedCodes
            | Self::FastCode
            | Self::BulkAccess
            | Self::MailDelivery => AlertLevel::Warning,
            Self::EligibilityLost
            | Self::LeadActed
            | Self::RepeatedAccess
            | Self::ColleagueAccess
            | Self::Collected => AlertLevel::Notice,
        }
    }

    /// Returns true if the watch raises it from counted windows.
    pub const fn is_signal(self) -> bool {
        matches!(
            self,
            Self::LookupsAbandoned
                | Self::Enumeration
                | Self::AgentShopping
                | Self::RepeatedCodes
                | Self::SlowGuessing
                | Self::FastCode
                | Self::RepeatedAccess
                | Self::BulkAccess
                | Self::ColleagueAccess
                | Self::MailDelivery
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_unique() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.name()), Some(kind));
        }
        for level in AlertLevel::ALL {
            assert_eq!(AlertLevel::parse(level.name()), Some(level));
        }
        assert_eq!(AlertKind::parse("other"), None);
    }
}
