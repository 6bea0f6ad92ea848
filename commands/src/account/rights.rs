//! What makes somebody an agent, and how that ends.
//!
//! An agent has the role in Discord, a link to a BackOffice account, and an account that counts.
//! Each can go while a session is open, and then the agent is told which it was: who is to be asked
//! for help depends on it.

use crate::error::Refusal;
use crate::ports::{Account, AccountLink};

/// Why a link to a BackOffice account does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// The account was deleted.
    Gone,
    /// The account is disabled.
    Disabled,
    /// It is in none of the configured groups.
    NotInGroup,
    /// Its address is not verified.
    Unverified,
}

impl Lapse {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "account_gone",
            Self::Disabled => "account_disabled",
            Self::NotInGroup => "not_in_group",
            Self::Unverified => "address_unverified",
        }
    }
}

impl Account {
    /// Why a link to this account does not count; `None` when it does. Of several reasons the one
    /// that weighs most.
    #[must_use]
    pub fn lapse(&self) -> Option<Lapse> {
        if !self.enabled {
            Some(Lapse::Disabled)
        } else if !self.in_group {
            Some(Lapse::NotInGroup)
        } else if !self.email_verified {
            Some(Lapse::Unverified)
        } else {
            None
        }
    }

    /// Whether the account makes its owner an agent.
    #[must_use]
    pub fn entitled(&self) -> bool {
        self.lapse().is_none()
    }
}

/// What somebody lacks who is no agent, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The agent role in Discord.
    Role,
    /// The link to the BackOffice account. For a session: to the account that it was opened with,
    /// whatever is linked now.
    Link,
    /// An account that counts.
    Account(Lapse),
}

impl Loss {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "no_role",
            Self::Link => "no_link",
            Self::Account(lapse) => lapse.name(),
        }
    }

    /// How a command is refused for it.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::Role => Refusal::NotAnAgent,
            Self::Link => Refusal::NotLinked,
            Self::Account(lapse) => Refusal::NotEntitled(lapse),
        }
    }
}

/// The link and the account of somebody, as far as there are any.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What the Discord account is linked to.
    pub link: Option<AccountLink>,
    /// The account that the link names.
    pub account: Option<Account>,
}

impl Standing {
    /// Both, if they make an agent; otherwise what is lacking.
    pub fn rights(&self) -> Result<(&AccountLink, &Account), Loss> {
        let link = self.link.as_ref().ok_or(Loss::Link)?;
        let account = self.account.as_ref().ok_or(Loss::Account(Lapse::Gone))?;
        account.lapse().map_or(Ok((link, account)), |lapse| Err(Loss::Account(lapse)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::AccountStatus;

    fn account() -> Account {
        Account {
            agent_id: "agent-ben".to_owned(),
            name: "Ben Ríos".to_owned(),
            email: "ben@waizant.example".to_owned(),
            email_verified: true,
            enabled: true,
            in_group: true,
            groups: vec!["CustomerService".to_owned()],
            status: AccountStatus::Confirmed,
        }
    }

    #[test]
    fn each_condition_alone_keeps_a_link_from_counting() {
        assert_eq!(account().lapse(), None);
        assert_eq!(Account { enabled: false, ..account() }.lapse(), Some(Lapse::Disabled));
        assert_eq!(Account { in_group: false, ..account() }.lapse(), Some(Lapse::NotInGroup));
        assert_eq!(Account { email_verified: false, ..account() }.lapse(), Some(Lapse::Unverified));
        // A password that has to be renewed is the BackOffice's affair.
        assert_eq!(Account { status: AccountStatus::ResetRequired, ..account() }.lapse(), None);
    }

    #[test]
    fn of_several_the_one_that_weighs_most_is_told() {
        let lost = Account { enabled: false, in_group: false, email_verified: false, ..account() };
        assert_eq!(lost.lapse(), Some(Lapse::Disabled));
        assert_eq!(Account { enabled: true, ..lost }.lapse(), Some(Lapse::NotInGroup));
    }
}
