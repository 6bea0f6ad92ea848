//! Who may send a request: guild, channel and role, from the payload of the interaction alone.
//!
//! Session, owner and eligibility are checked behind this, and each time.

use crate::engine::desk::Desk;
use crate::engine::interaction::{InteractionContext, Request};
use crate::model::refusal::Refusal;
use crate::screens::address_form::AddressForm;
use crate::screens::alert_press::AlertPress;
use crate::screens::custom_id::SESSION_MENU;
use crate::screens::desk_id::DeskId;
use crate::screens::launch_id::Launch;

/// Role that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Agent,
    /// Agents and leads. A button of a session also needs what the session needs.
    Member,
    Lead,
}

impl Request {
    const fn is_of_lead(&self) -> bool {
        matches!(self, Self::Desk(_) | Self::Suggest(_))
    }

    fn door(&self) -> Door {
        match self {
            request if request.is_of_lead() => Door::Lead,
            Self::LookUp { .. } | Self::Resume => Door::Agent,
            Self::Press(custom_id, _) | Self::Submit(custom_id, _) => door_of(custom_id),
            _ => Door::Member,
        }
    }
}

/// Returns the role that a component or form needs. Nothing else of its custom id is checked here.
fn door_of(custom_id: &str) -> Door {
    let form = AddressForm::of_button(custom_id).or_else(|| AddressForm::of_form(custom_id));
    match form {
        _ if DeskId::is_of_lead(custom_id) || AlertPress::is_of_alert(custom_id) => Door::Lead,
        None if launches_support(custom_id) => Door::Agent,
        Some(AddressForm::LookUp(_)) => Door::Agent,
        None if custom_id == SESSION_MENU => Door::Agent,
        Some(AddressForm::Link) | None => Door::Member,
    }
}

/// Returns true for a button of the launcher that does what only agents may do.
fn launches_support(custom_id: &str) -> bool {
    matches!(Launch::parse(custom_id), Some(Launch::LookUp(_) | Launch::Sessions))
}

impl Desk {
    /// Checks guild, channel and role.
    pub(super) fn authorize(
        &self,
        interaction: &InteractionContext,
        request: &Request,
    ) -> Result<(), Refusal> {
        let (rules, door) = (&self.rules, request.door());
        let is_in =
            |channel: u64| interaction.guild == Some(rules.guild) && interaction.channel == channel;
        if door == Door::Lead {
            if !is_in(rules.channel) && !rules.leads_channel.is_some_and(is_in) {
                return Err(Refusal::WrongDeskChannel(rules.channel, rules.leads_channel));
            }
            return self.authorize_lead(&interaction.roles);
        }
        if !is_in(rules.channel) {
            return Err(Refusal::WrongChannel(rules.channel));
        }
        let is_agent = rules.is_agent(&interaction.roles);
        if is_agent || (door == Door::Member && rules.is_lead(&interaction.roles)) {
            Ok(())
        } else {
            Err(Refusal::NotAnAgent)
        }
    }

    /// Checks the lead role. Without lead role and groups in the settings there is no lead.
    fn authorize_lead(&self, roles: &[u64]) -> Result<(), Refusal> {
        if self.rules.lead_role.is_none() || self.rules.groups.leads.is_empty() {
            Err(Refusal::NoLeads)
        } else if self.rules.is_lead(roles) {
            Ok(())
        } else {
            Err(Refusal::NotALead)
        }
    }
}
