//! What makes somebody an agent, and how that ends.
//!
//! An agent has the role in Discord, a link to a BackOffice account, and an account that counts.
//! Each can go while a session is open, and then the agent is told which it was: who is to be asked
//! for help depends on it.

use crate::error::Refusal;
use crate::ports::{Account, AccountLink};

/// Why a link to a BackOffice account does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// The account was deleted.
    Gone,
    /// The account is disabled.
    Disabled,
    /// It is in none of the configured groups.
    NotInGroup,
    /// Its address is not verified.
    Unverified,
}

impl AccountProblem {
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
    pub fn problem(&self) -> Option<AccountProblem> {
        if !self.enabled {
            Some(AccountProblem::Disabled)
        } else if !self.in_group {
            Some(AccountProblem::NotInGroup)
        } else if !self.email_verified {
            Some(AccountProblem::Unverified)
        } else {
            None
        }
    }

    /// Whether the account makes its owner an agent.
    #[must_use]
    pub fn entitled(&self) -> bool {
        self.problem().is_none()
    }
}

/// What somebody lacks who is no agent, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEligible {
    /// The agent role in Discord.
    Role,
    /// The link to the BackOffice account. For a session: to the account that it was opened with,
    /// whatever is linked now.
    Link,
    /// An account that counts.
    Account(AccountProblem),
}

impl NotEligible {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "no_role",
            Self::Link => "no_link",
            Self::Account(problem) => problem.name(),
        }
    }

    /// How a command is refused for it.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::Role => Refusal::NotAnAgent,
            Self::Link => Refusal::NotLinked,
            Self::Account(problem) => Refusal::AccountProblem(problem),
        }
    }
}

/// The link and the account of somebody, as far as there are any.
#[derive(Clone, Debug)]
pub struct AgentAccount {
    /// What the Discord account is linked to.
    pub link: Option<AccountLink>,
    /// The account that the link names.
    pub account: Option<Account>,
}

impl AgentAccount {
    /// Both, if they make an agent; otherwise what is lacking.
    pub fn eligibility(&self) -> Result<(&AccountLink, &Account), NotEligible> {
        let link = self.link.as_ref().ok_or(NotEligible::Link)?;
        let account = self.account.as_ref().ok_or(NotEligible::Account(AccountProblem::Gone))?;
        account.problem().map_or(Ok((link, account)), |problem| Err(NotEligible::Account(problem)))
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
        assert_eq!(account().problem(), None);
        assert_eq!(
            Account { enabled: false, ..account() }.problem(),
            Some(AccountProblem::Disabled)
        );
        assert_eq!(
            Account { in_group: false, ..account() }.problem(),
            Some(AccountProblem::NotInGroup)
        );
        assert_eq!(
            Account { email_verified: false, ..account() }.problem(),
            Some(AccountProblem::Unverified)
        );
        // A password that has to be renewed is the BackOffice's affair.
        assert_eq!(Account { status: AccountStatus::ResetRequired, ..account() }.problem(), None);
    }

    #[test]
    fn of_several_the_one_that_weighs_most_is_told() {
        let lost = Account { enabled: false, in_group: false, email_verified: false, ..account() };
        assert_eq!(lost.problem(), Some(AccountProblem::Disabled));
        assert_eq!(Account { enabled: true, ..lost }.problem(), Some(AccountProblem::NotInGroup));
    }
}
