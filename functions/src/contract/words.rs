//! Words that several requests share.

use serde::{Deserialize, Serialize};

/// Language of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    Es,
}

impl Locale {
    /// Returns the language for a tag, such as `es-ES`. Every language but Spanish is English.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("es") { Self::Es } else { Self::En }
    }

    /// Returns the tag for an HTML document.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// Purpose of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The internal verification of an agent.
    AgentMfa,
    /// The customer's consent.
    CustomerConsent,
    /// Linking a Discord account to a BackOffice account.
    AgentLink,
}

impl Purpose {
    /// Returns the word in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::AgentMfa => "agent_mfa",
            Self::CustomerConsent => "customer_consent",
            Self::AgentLink => "agent_link",
        }
    }

    /// Returns true if the code goes to an agent.
    pub fn is_for_agent(self) -> bool {
        self != Self::CustomerConsent
    }
}

/// Scope of a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The agent may open access links.
    #[default]
    Act,
    /// The agent only verifies. `access` refuses the proof.
    Verify,
}

/// Target of an access link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The store, for owners.
    Store,
    /// The customer's home on the web.
    Web,
    /// The mobile app, by a QR code.
    App,
    /// The pages of a succession, for the successor.
    Successor,
}

/// The agent or customer whom a request is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    #[serde(rename = "type")]
    pub kind: SubjectKind,
    /// The `sub` of an agent in Cognito, or the id of a customer in Core.
    pub id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A staff member, in Cognito.
    Agent,
    /// A user, in Core.
    Customer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_tags_are_spanish() {
        for (tag, locale) in [
            ("es", Locale::Es),
            ("es-419", Locale::Es),
            ("ES_mx", Locale::Es),
            ("en-GB", Locale::En),
            ("est", Locale::En),
            ("", Locale::En),
        ] {
            assert_eq!(Locale::from_tag(tag), locale, "{tag}");
        }
    }
}
