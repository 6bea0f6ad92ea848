//! The actor of an event, as a customer's copy names them.

use serde::Serialize;

use crate::store::CopiedSession;

/// The person or the process that acted.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AgentCopy {
    /// Not named (CJEU C-579/21).
    SupportAgent,
    Named {
        /// `None` outside of a session, and of another person than its agent.
        name: Option<String>,
        discord_id: String,
    },
    /// A lead who ended the session. Not named.
    Lead,
    /// The customer, through the link in a mail.
    Customer,
    /// The owner of the agent's mailbox, through the link in a mail.
    AgentMailbox,
    /// A timer of the bot.
    Timer,
    /// The person who runs the bot.
    Operator,
}

impl AgentCopy {
    /// Returns who acted. Only the session's own agent has its agent's name.
    pub(super) fn of(
        actor: &str,
        is_by_lead: bool,
        with_agents: bool,
        session: Option<&CopiedSession>,
    ) -> Self {
        match actor {
            "clock" => return Self::Timer,
            "customer" => return Self::Customer,
            "agent" => return Self::AgentMailbox,
            "operator" => return Self::Operator,
            _ => {}
        }
        let discord_id = actor.strip_prefix("discord:").unwrap_or(actor).to_owned();
        let own = session.filter(|session| session.discord_id.to_string() == discord_id);
        if is_by_lead && own.is_none() {
            return Self::Lead;
        }
        if !with_agents {
            return Self::SupportAgent;
        }
        Self::Named { name: own.map(|session| session.agent_name.clone()), discord_id }
    }
}
