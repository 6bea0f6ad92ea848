//! What an agent may do for a verified customer, and the Cognito groups that decide it.

use serde::{Deserialize, Serialize};

/// What an agent may do after both verifications. A session keeps the one that its codes were asked
/// for, and the functions bind their proofs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See the plan or the steps, and open nothing.
    Verify,
    /// Open access links, too.
    Act,
}

impl Scope {
    /// Returns the word in the row and in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Act => "act",
        }
    }

    /// Returns the scope of a session that a version without scopes has stored.
    pub(crate) const fn of_older_row() -> Self {
        Self::Act
    }
}

/// Exact names of the Cognito groups that decide who is an agent or a lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportGroups {
    /// Groups of agents.
    pub agents: Vec<String>,
    /// Groups of verify-only agents.
    pub verifiers: Vec<String>,
    /// Groups of leads. Empty: there are no leads.
    pub leads: Vec<String>,
}

impl SupportGroups {
    /// Returns what the members of a group may do. `None` if the group does not allow support.
    pub fn scope_of(&self, group: &str) -> Option<Scope> {
        let is_in = |names: &[String]| names.iter().any(|name| name == group);
        if is_in(&self.agents) {
            Some(Scope::Act)
        } else {
            is_in(&self.verifiers).then_some(Scope::Verify)
        }
    }

    /// Returns the most that one of these groups allows. `None` if none allows support.
    pub fn widest_scope(&self, groups: &[String]) -> Option<Scope> {
        groups.iter().filter_map(|group| self.scope_of(group)).max()
    }

    /// Returns true if one of these groups makes a lead.
    pub fn make_lead(&self, groups: &[String]) -> bool {
        groups.iter().any(|group| self.leads.contains(group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_group_outweighs_verifier_group() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let groups = SupportGroups {
            agents: names(&["A", "B"]),
            verifiers: names(&["V"]),
            ..SupportGroups::default()
        };
        for (of, expected) in [
            (&[][..], None),
            (&["a", "v", "AV"][..], None),
            (&["V"][..], Some(Scope::Verify)),
            (&["Other", "V"][..], Some(Scope::Verify)),
            (&["B"][..], Some(Scope::Act)),
            (&["V", "B"][..], Some(Scope::Act)),
            (&["A", "V"][..], Some(Scope::Act)),
        ] {
            assert_eq!(groups.widest_scope(&names(of)), expected, "{of:?}");
        }
    }

    #[test]
    fn only_exact_name_of_lead_group_makes_lead() {
        let groups = SupportGroups { leads: vec!["L".to_owned()], ..SupportGroups::default() };
        let makes = |of: &str| groups.make_lead(&["Other".to_owned(), of.to_owned()]);
        assert!(makes("L") && !makes("l") && !makes("LL"));
        assert!(!SupportGroups::default().make_lead(&["L".to_owned()]), "no group is set");
    }
}
