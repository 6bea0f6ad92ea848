//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use crate::model::time::Timestamp;
use crate::model::words::{AccountProblem, NotEligible};

/// A BackOffice account as Cognito has it. Whether a link to it counts: `account::rights`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Cognito's `sub`: what a link refers to.
    pub agent_id: String,
    /// The person's name.
    pub name: String,
    /// The registered address, lower case.
    pub email: String,
    /// Whether the address was verified.
    pub email_verified: bool,
    /// Whether the account may be used.
    pub enabled: bool,
    /// Whether it is in one of the configured groups.
    pub in_group: bool,
    /// Names of all its groups, sorted.
    pub groups: Vec<String>,
    /// Where it is between invitation and first sign-in.
    pub status: AccountStatus,
}

/// Cognito's state of an account, as far as it decides whether the password can be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// In use.
    Confirmed,
    /// In use, but the password has to be renewed first.
    ResetRequired,
    /// The first password was never replaced: only an administrator can send a new one.
    ForceChangePassword,
    /// Signed up and never confirmed.
    Unconfirmed,
    /// Archived, external, or a state that this version does not know.
    Other,
}

/// Which Discord account belongs to which BackOffice account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    /// Discord user id.
    pub discord_id: u64,
    /// Cognito's `sub`.
    pub agent_id: String,
    /// The name that Cognito had.
    pub name: String,
    /// Masked address, for the agent's own eyes.
    pub email: String,
    /// Keyed hash of the address (`Keys::mac`): recognises a colleague among customers.
    pub email_mac: String,
    /// When it was linked.
    pub linked_at: Timestamp,
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

#[cfg(test)]
mod tests {
    use super::*;

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
