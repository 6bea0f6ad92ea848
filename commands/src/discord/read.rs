//! Reads serenity's interactions into a [`Request`] and an [`InteractionContext`].

use secrecy::SecretString;
use serenity::all::{
    ActionRowComponent, ChannelId, ChannelType, CommandInteraction, ComponentInteraction,
    ComponentInteractionDataKind, GuildId, Interaction, Member, Message, MessageFlags,
    ModalInteraction, PartialChannel,
};

use crate::engine::interaction::{InteractionContext, Request};
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::ports::chat::ReplyHandle;

/// Builds the context from the fields that all three kinds of interaction share.
macro_rules! context {
    ($interaction:expr, $member:expr, $message:expr, $at:expr) => {
        InteractionContext {
            reply: ReplyHandle {
                interaction_id: $interaction.id.get(),
                token: SecretString::from($interaction.token.clone()),
                from_message: $message.is_some_and(is_ephemeral),
                from_public: $message.is_some_and(|message| !is_ephemeral(message)),
            },
            user: $interaction.user.id.get(),
            roles: roles($member),
            guild: $interaction.guild_id.map(GuildId::get),
            channel: parent_channel($interaction.channel_id, $interaction.channel.as_ref()),
            locale: Locale::from_tag(&$interaction.locale),
            file_limit: $interaction.attachment_size_limit,
            guild_locale: Locale::from_tag(
                $interaction.guild_locale.as_deref().unwrap_or_default(),
            ),
            at: $at,
        }
    };
}

/// Reads a pressed component, a submitted form, or an option that is being typed. Commands come
/// through [`slash`](crate::discord::slash).
pub fn read_interaction(
    interaction: &Interaction,
    at: Timestamp,
) -> Option<(InteractionContext, Request)> {
    match interaction {
        Interaction::Component(component) => Some((
            context!(component, component.member.as_ref(), Some(&*component.message), at),
            read_press(component),
        )),
        Interaction::Modal(modal) => Some((
            context!(modal, modal.member.as_ref(), modal.message.as_deref(), at),
            read_submit(modal),
        )),
        Interaction::Autocomplete(command) => {
            Some((command_context(command, at), Request::Suggest(typed_so_far(command))))
        }
        _ => None,
    }
}

/// Returns true if only one person sees the message. An answer to a click on a message of the
/// channel must not replace it.
fn is_ephemeral(message: &Message) -> bool {
    message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
}

/// Returns what is typed of the focused option. The commands have only options with a text, so any
/// other one is empty.
fn typed_so_far(command: &CommandInteraction) -> String {
    let focused = command.data.autocomplete();
    focused.map(|option| option.value.to_owned()).unwrap_or_default()
}

pub fn command_context(command: &CommandInteraction, at: Timestamp) -> InteractionContext {
    context!(command, command.member.as_deref(), None::<&Message>, at)
}

/// Returns the channel of an interaction. A thread counts as the channel that it belongs to.
fn parent_channel(id: ChannelId, channel: Option<&PartialChannel>) -> u64 {
    let is_thread = |channel: &&PartialChannel| {
        use ChannelType::{NewsThread, PrivateThread, PublicThread};
        // The parent of any other channel is its category.
        matches!(channel.kind, NewsThread | PrivateThread | PublicThread)
    };
    channel.filter(is_thread).and_then(|thread| thread.parent_id).unwrap_or(id).get()
}

fn roles(member: Option<&Member>) -> Vec<u64> {
    member.map(|member| member.roles.iter().map(|role| role.get()).collect()).unwrap_or_default()
}

fn read_press(component: &ComponentInteraction) -> Request {
    let values = match &component.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.clone(),
        _ => Vec::new(),
    };
    Request::Press(component.data.custom_id.clone(), values)
}

fn read_submit(modal: &ModalInteraction) -> Request {
    let components = modal.data.components.iter().flat_map(|row| &row.components);
    let texts = components.filter_map(|component| match component {
        ActionRowComponent::InputText(input) => Some(input.value.clone().unwrap_or_default()),
        _ => None,
    });
    Request::Submit(modal.data.custom_id.clone(), texts.collect())
}
