//! The skin over serenity: interactions in, screens out.

use secrecy::SecretString;
use serenity::all::{
    ActionRowComponent, CommandInteraction, ComponentInteraction, ComponentInteractionDataKind,
    GuildId, Interaction, Member, ModalInteraction,
};

use crate::engine::interaction::{InteractionContext, Request};
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::ports::chat::ReplyHandle;

/// What the three kinds of interaction have in common, by fields of the same names.
macro_rules! context {
    ($interaction:expr, $member:expr, from_message: $from_message:expr, $at:expr) => {
        InteractionContext {
            reply: ReplyHandle {
                interaction_id: $interaction.id.get(),
                token: SecretString::from($interaction.token.clone()),
                from_message: $from_message,
            },
            user: $interaction.user.id.get(),
            roles: roles($member),
            guild: $interaction.guild_id.map(GuildId::get),
            channel: $interaction.channel_id.get(),
            locale: Locale::from_tag(&$interaction.locale),
            at: $at,
        }
    };
}

/// A click on a component or a submitted modal. Commands come through [`slash`](crate::slash).
#[must_use]
pub fn read(interaction: &Interaction, at: Timestamp) -> Option<(InteractionContext, Request)> {
    match interaction {
        Interaction::Component(component) => Some((
            context!(component, component.member.as_ref(), from_message: true, at),
            press(component),
        )),
        Interaction::Modal(modal) => Some((
            context!(modal, modal.member.as_ref(), from_message: modal.message.is_some(), at),
            submit(modal),
        )),
        _ => None,
    }
}

/// The click of a slash command.
#[must_use]
pub fn command_context(command: &CommandInteraction, at: Timestamp) -> InteractionContext {
    context!(command, command.member.as_deref(), from_message: false, at)
}

fn roles(member: Option<&Member>) -> Vec<u64> {
    member.map(|member| member.roles.iter().map(|role| role.get()).collect()).unwrap_or_default()
}

fn press(component: &ComponentInteraction) -> Request {
    let values = match &component.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.clone(),
        _ => Vec::new(),
    };
    Request::Press(component.data.custom_id.clone(), values)
}

fn submit(modal: &ModalInteraction) -> Request {
    let typed =
        modal.data.components.iter().flat_map(|row| &row.components).find_map(|component| {
            match component {
                ActionRowComponent::InputText(input) => input.value.clone(),
                _ => None,
            }
        });
    Request::Submit(modal.data.custom_id.clone(), typed.unwrap_or_default())
}
