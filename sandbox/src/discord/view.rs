//! What a client shows, as data: for the page, and to be rendered as text.

use serde::Serialize;
use serde_json::Value;
use twilight_model::channel::message::Component;

use super::Discord;
use super::judge::modal::InputView;
use super::message::{Message, MessageId};
use super::payload;
use super::state::{Member, Notice, State};

/// A message on somebody's screen. Ids are strings, as JavaScript cannot hold them as numbers.
#[derive(Clone, Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts that a client shows each in its own way"
)]
pub struct MessageView {
    /// The message's id; of a failure notice, something that is no id.
    pub id: String,
    /// The channel it stands in.
    pub channel: String,
    /// "Only you can see this".
    pub ephemeral: bool,
    /// Who wrote it: always the bot.
    pub author: Author,
    /// The text, in Discord's markdown.
    pub content: String,
    /// Embeds in Discord's JSON, with the addresses of their images.
    pub embeds: Value,
    /// Rows of components in Discord's JSON.
    pub components: Vec<Component>,
    /// The files that stand below the text.
    pub attachments: Vec<AttachmentView>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch; `None` when it was never edited.
    pub edited_at: Option<i64>,
    /// Shown as "thinking…".
    pub thinking: bool,
    /// "This interaction failed" stands under it; a command that failed has nothing else.
    pub failed: bool,
    /// New or changed since this person read it last.
    pub unread: bool,
    /// The command it answers, "/support technical".
    pub via: Option<String>,
    /// Rises with every change.
    pub revision: u64,
}

impl MessageView {
    /// The id to act on; `None` for a failure notice, which has nothing to press.
    #[must_use]
    pub fn message_id(&self) -> Option<MessageId> {
        self.id.parse().ok().map(MessageId)
    }
}

/// Who wrote a message.
#[derive(Clone, Debug, Serialize)]
pub struct Author {
    /// The user's id.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Whether a program wrote it.
    pub bot: bool,
}

/// A file on a message.
#[derive(Clone, Debug, Serialize)]
pub struct AttachmentView {
    /// The file's id.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Where to fetch it.
    pub url: String,
    /// Text for those who cannot see it.
    pub description: Option<String>,
    /// In bytes.
    pub size: usize,
    /// Pixels, of an image.
    pub width: Option<u32>,
    /// Pixels, of an image.
    pub height: Option<u32>,
}

/// The modal on somebody's screen.
#[derive(Clone, Debug, Serialize)]
pub struct ModalView {
    /// Its title.
    pub title: String,
    /// The inputs, from top to bottom.
    pub inputs: Vec<InputView>,
    /// "Something went wrong. Try again."
    pub failed: bool,
    /// Differs from modal to modal, also when they look the same.
    pub id: String,
}

fn bot() -> Author {
    Author {
        id: crate::cast::APPLICATION_ID.to_string(),
        name: "Support Desk".to_owned(),
        bot: true,
    }
}

impl Discord {
    /// The messages of a public channel that everybody sees, the oldest first.
    #[must_use]
    pub fn channel(&self, id: u64) -> Vec<MessageView> {
        let state = self.state();
        state.public(id).map(|message| self.view(message, None, &state)).collect()
    }

    /// `message` as `member` sees it, or as anybody does.
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
                url: payload::file_url(self.base(), message.id, file),
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
            embeds: payload::embeds(message, self.base()),
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

    /// A command that nobody answered: all that is there is the client's own words.
    pub(crate) fn failure(notice: &Notice) -> MessageView {
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
