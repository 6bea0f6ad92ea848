//! BackOffice accounts, and their links to Discord accounts.

use crate::model::email::mask_email;
use crate::model::scope::Scope;
use crate::model::time::Timestamp;
use crate::model::words::{AccountProblem, NotEligible};

/// A BackOffice account in Cognito.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Cognito's `sub`. Account links refer to it.
    pub agent_id: String,
    /// Name of the person. `None` if Cognito has none; a user name or an address is no name.
    pub name: Option<String>,
    /// Registered address, in its canonical spelling.
    pub email: String,
    pub email_verified: bool,
    pub enabled: bool,
    /// What its groups allow. `None` if it is in none of the configured groups.
    pub scope: Option<Scope>,
    /// It is in a group of leads.
    pub is_lead: bool,
    /// Names of all groups, sorted.
    pub groups: Vec<String>,
    pub status: AccountStatus,
}

impl Account {
    /// Returns the name, or the masked address of an account without one.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| mask_email(&self.email))
    }

    /// Returns the most serious problem that keeps the owner from acting as an agent.
    pub fn problem(&self) -> Option<AccountProblem> {
        self.problem_of_member(self.scope.is_some())
    }

    /// Returns the most serious problem that keeps the owner from acting as a lead.
    pub fn lead_problem(&self) -> Option<AccountProblem> {
        self.problem_of_member(self.is_lead)
    }

    /// Returns the most serious problem that keeps the account from being linked. Agents and leads
    /// link theirs.
    pub fn link_problem(&self) -> Option<AccountProblem> {
        self.problem_of_member(self.scope.is_some() || self.is_lead)
    }

    fn problem_of_member(&self, is_in_group: bool) -> Option<AccountProblem> {
        if !self.enabled {
            Some(AccountProblem::Disabled)
        } else if !is_in_group {
            Some(AccountProblem::NotInGroup)
        } else if !self.email_verified {
            Some(AccountProblem::Unverified)
        } else {
            None
        }
    }
}

/// Cognito's status of an account. It decides if the password can be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// In use.
    Confirmed,
    /// In use, but the password must be renewed first.
    ResetRequired,
    /// The first password was never replaced. Only an administrator can send a new one.
    ForceChangePassword,
    /// Signed up and never confirmed.
    Unconfirmed,
    /// Archived, external, or unknown to this version.
    Other,
}

/// Link of a Discord account to a BackOffice account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    /// Discord user id.
    pub discord_id: u64,
    /// Cognito's `sub`.
    pub agent_id: String,
    /// Name in Cognito at the time of the link.
    pub name: String,
    /// Masked address. Only the agent sees it.
    pub email: String,
    /// Keyed hash of the address's mailbox (`Keys::mac`). It recognizes a colleague among
    /// customers.
    pub email_mac: String,
    pub linked_at: Timestamp,
}

/// Link and account of a Discord user, as far as they exist.
#[derive(Clone, Debug)]
pub struct AgentAccount {
    pub link: Option<AccountLink>,
    /// Account that the link names.
    pub account: Option<Account>,
    /// End of a lockout of the account or of the Discord user that has not ended, but not for wrong
    /// codes.
    pub locked_until: Option<Timestamp>,
}

impl AgentAccount {
    /// Returns both if the user is eligible as an agent.
    pub fn eligibility(&self) -> Result<(&AccountLink, &Account), NotEligible> {
        self.without(Account::problem)
    }

    /// Returns both if the user is eligible as a lead.
    pub fn lead_eligibility(&self) -> Result<(&AccountLink, &Account), NotEligible> {
        self.without(Account::lead_problem)
    }

    /// Returns both if the user is eligible as an agent or as a lead.
    pub fn link_eligibility(&self) -> Result<(&AccountLink, &Account), NotEligible> {
        self.without(Account::link_problem)
    }

    /// Returns both if the account has no problem of this kind.
    fn without(
        &self,
        problem: impl Fn(&Account) -> Option<AccountProblem>,
    ) -> Result<(&AccountLink, &Account), NotEligible> {
        let link = self.link.as_ref().ok_or(NotEligible::Link)?;
        let account = self.account.as_ref().ok_or(NotEligible::Account(AccountProblem::Gone))?;
        if let Some(problem) = problem(account) {
            return Err(NotEligible::Account(problem));
        }
        self.locked_until.map_or(Ok((link, account)), |until| Err(NotEligible::LockedOut(until)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            agent_id: "agent-ben".to_owned(),
            name: Some("Ben Ríos".to_owned()),
            email: "ben@waizant.example".to_owned(),
            email_verified: true,
            enabled: true,
            scope: Some(Scope::Act),
            is_lead: false,
            groups: vec!["CustomerService".to_owned()],
            status: AccountStatus::Confirmed,
        }
    }

    #[test]
    fn each_problem_alone_is_reported() {
        assert_eq!(account().problem(), None);
        assert_eq!(
            Account { enabled: false, ..account() }.problem(),
            Some(AccountProblem::Disabled)
        );
        assert_eq!(
            Account { scope: None, ..account() }.problem(),
            Some(AccountProblem::NotInGroup)
        );
        assert_eq!(
            Account { email_verified: false, ..account() }.problem(),
            Some(AccountProblem::Unverified)
        );
        // The BackOffice itself makes the agent renew a password.
        assert_eq!(Account { status: AccountStatus::ResetRequired, ..account() }.problem(), None);
    }

    #[test]
    fn agent_and_lead_need_their_own_group() {
        let problems = |scope, is_lead| {
            let account = Account { scope, is_lead, ..account() };
            [account.problem(), account.lead_problem(), account.link_problem()]
        };
        let outside = Some(AccountProblem::NotInGroup);
        assert_eq!(problems(Some(Scope::Verify), false), [None, outside, None]);
        assert_eq!(problems(None, true), [outside, None, None]);
        assert_eq!(problems(Some(Scope::Act), true), [None, None, None]);
        assert_eq!(problems(None, false), [outside; 3]);
        let unverified = Account { email_verified: false, is_lead: true, ..account() };
        assert_eq!(unverified.lead_problem(), Some(AccountProblem::Unverified));
        let disabled = Account { enabled: false, is_lead: true, ..account() };
        assert_eq!(disabled.lead_problem(), Some(AccountProblem::Disabled));
    }

    #[test]
    fn account_without_name_shows_its_masked_address() {
        assert_eq!(account().display_name(), "Ben Ríos");
        assert_eq!(Account { name: None, ..account() }.display_name(), "b•••@w•••.example");
    }

    #[test]
    fn most_serious_problem_is_reported() {
        let bad = Account { enabled: false, scope: None, email_verified: false, ..account() };
        assert_eq!(bad.problem(), Some(AccountProblem::Disabled));
        assert_eq!(Account { enabled: true, ..bad }.problem(), Some(AccountProblem::NotInGroup));
    }
}
