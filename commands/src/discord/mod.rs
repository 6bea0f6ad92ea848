//! The skin over serenity: interactions in, screens out.

pub mod chat;
mod render;

use secrecy::SecretString;
use serenity::all::{
    ActionRowComponent, CommandInteraction, ComponentInteraction, ComponentInteractionDataKind, Interaction, Member,
    ModalInteraction,
};

use crate::desk::{Click, Wish};
use crate::ports::Ticket;
use crate::text::Locale;
use crate::time::Timestamp;

/// A click on a component or a submitted modal. Commands come through [`slash`](crate::slash).
#[must_use]
pub fn read(interaction: &Interaction, at: Timestamp) -> Option<(Click, Wish)> {
    match interaction {
        Interaction::Component(component) => Some((component_click(component, at), press(component))),
        Interaction::Modal(modal) => Some((modal_click(modal, at), submit(modal))),
        _ => None,
    }
}

/// The click of a slash command.
#[must_use]
pub fn command_click(command: &CommandInteraction, at: Timestamp) -> Click {
    Click {
        ticket: Ticket { interaction: command.id.get(), token: SecretString::from(command.token.clone()), from_message: false },
        user: command.user.id.get(),
        roles: roles(command.member.as_deref()),
        guild: command.guild_id.map(serenity::all::GuildId::get),
        channel: command.channel_id.get(),
        locale: Locale::from_tag(&command.locale),
        at,
    }
}

fn component_click(component: &ComponentInteraction, at: Timestamp) -> Click {
    Click {
        ticket: Ticket {
            interaction: component.id.get(),
            token: SecretString::from(component.token.clone()),
            from_message: true,
        },
        user: component.user.id.get(),
        roles: roles(component.member.as_ref()),
        guild: component.guild_id.map(serenity::all::GuildId::get),
        channel: component.channel_id.get(),
        locale: Locale::from_tag(&component.locale),
        at,
    }
}

fn modal_click(modal: &ModalInteraction, at: Timestamp) -> Click {
    Click {
        ticket: Ticket {
            interaction: modal.id.get(),
            token: SecretString::from(modal.token.clone()),
            from_message: modal.message.is_some(),
        },
        user: modal.user.id.get(),
        roles: roles(modal.member.as_ref()),
        guild: modal.guild_id.map(serenity::all::GuildId::get),
        channel: modal.channel_id.get(),
        locale: Locale::from_tag(&modal.locale),
        at,
    }
}

fn roles(member: Option<&Member>) -> Vec<u64> {
    member.map(|member| member.roles.iter().map(|role| role.get()).collect()).unwrap_or_default()
}

fn press(component: &ComponentInteraction) -> Wish {
    let values = match &component.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.clone(),
        _ => Vec::new(),
    };
    Wish::Press(component.data.custom_id.clone(), values)
}

fn submit(modal: &ModalInteraction) -> Wish {
    let typed = modal.data.components.iter().flat_map(|row| &row.components).find_map(|component| match component {
        ActionRowComponent::InputText(input) => input.value.clone(),
        _ => None,
    });
    Wish::Submit(modal.data.custom_id.clone(), typed.unwrap_or_default())
}
