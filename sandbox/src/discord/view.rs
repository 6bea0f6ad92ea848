//! The screen of a client as data, for the page and for tests.

use serde::Serialize;
use serde_json::Value;
use twilight_model::channel::message::Component;

use super::message::{Message, MessageId};
use super::payload;
use super::service::Discord;
use super::state::{Member, Notice, State};
use super::validate::modal::InputView;
use crate::seed::APPLICATION_ID;

/// A message on a person's screen. Ids are strings, because JavaScript rounds numbers of this size.
#[derive(Clone, Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts that a client shows separately"
)]
pub struct MessageView {
    /// The id of the message, or the key of a failure notice.
    pub id: String,
    /// The id of its channel.
    pub channel: String,
    /// Shown as "Only you can see this".
    pub ephemeral: bool,
    /// The author, which is always the bot.
    pub author: Author,
    /// The text, in Discord's markdown.
    pub content: String,
    /// Embeds in Discord's JSON, with the addresses of their images.
    pub embeds: Value,
    /// Rows of components in Discord's JSON.
    pub components: Vec<Component>,
    /// The files below the text.
    pub attachments: Vec<AttachmentView>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch. `None` if it was never edited.
    pub edited_at: Option<i64>,
    /// Shown as "thinking…".
    pub thinking: bool,
    /// Shown with "This interaction failed". A failed command shows nothing else.
    pub failed: bool,
    /// New or changed since this person read it.
    pub unread: bool,
    /// The command that it answers, such as `/support technical`.
    pub via: Option<String>,
    /// Counts changes.
    pub revision: u64,
}

impl MessageView {
    /// Returns the id for actions. `None` for a failure notice, which has no controls.
    pub fn message_id(&self) -> Option<MessageId> {
        self.id.parse().ok().map(MessageId)
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Author {
    pub id: String,
    /// The displayed name.
    pub name: String,
    /// True for a bot.
    pub bot: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct AttachmentView {
    pub id: String,
    pub name: String,
    pub content_type: String,
    pub url: String,
    /// The alternative text.
    pub description: Option<String>,
    /// Bytes.
    pub size: usize,
    /// Pixels, for an image.
    pub width: Option<u32>,
    /// Pixels, for an image.
    pub height: Option<u32>,
}

/// The modal on a person's screen.
#[derive(Clone, Debug, Serialize)]
pub struct ModalView {
    pub title: String,
    /// The inputs, from top to bottom.
    pub inputs: Vec<InputView>,
    /// "Something went wrong. Try again."
    pub failed: bool,
    /// Unique for each opened modal.
    pub id: String,
}

fn bot() -> Author {
    Author { id: APPLICATION_ID.to_string(), name: "Support Desk".to_owned(), bot: true }
}

impl Discord {
    /// Returns the public messages of a channel, oldest first.
    pub fn channel(&self, id: u64) -> Vec<MessageView> {
        let state = self.state();
        state.public_messages(id).map(|message| self.view(message, None, &state)).collect()
    }

    /// Returns `message` as `member` sees it. `None`: as any person does.
    pub(crate) fn view(
        &self,
        message: &Message,
        member: Option<&Member>,
        state: &State,
    ) -> MessageView {
        let read = member.map_or(&state.read_by_anyone, |member| &member.read);
        let failed = |notice: &Notice| notice.message == Some(message.id);
        let attachments = message.loose_attachments().map(|file| {
            let (width, height) = file.dimensions().unzip();
            AttachmentView {
                id: file.id.to_string(),
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                url: payload::file_url(self.base_url(), message.id, file),
                description: file.description.clone(),
                size: file.bytes.len(),
                width,
                height,
            }
        });
        MessageView {
            id: message.id.to_string(),
            channel: message.channel.to_string(),
            ephemeral: message.is_ephemeral(),
            author: bot(),
            content: message.content.clone(),
            embeds: payload::embeds(message, self.base_url()),
            components: message.components.clone(),
            attachments: attachments.collect(),
            created_at: message.created_at,
            edited_at: message.edited_at,
            thinking: message.loading,
            failed: member.is_some_and(|member| member.notices.iter().any(failed)),
            unread: read.get(&message.id) != Some(&message.revision),
            via: message.via.clone(),
            revision: message.revision,
        }
    }

    /// Returns the view of a command without an answer: only the client's failure notice.
    pub(crate) fn failure_view(notice: &Notice) -> MessageView {
        MessageView {
            id: notice.view_id(),
            channel: notice.channel.to_string(),
            ephemeral: true,
            author: bot(),
            content: String::new(),
            embeds: Value::Array(Vec::new()),
            components: Vec::new(),
            attachments: Vec::new(),
            created_at: notice.at,
            edited_at: None,
            thinking: false,
            failed: true,
            unread: !notice.read,
            via: notice.via.clone(),
            revision: 1,
        }
    }
}
