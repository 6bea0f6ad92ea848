//! A stored message.

use axum::body::Bytes;
use twilight_model::channel::message::{Component, Embed};

use super::body::Upload;
use super::refusal::Refusal;
use super::validate::attachments::AttachmentEntry;
use super::validate::components;
use super::validate::message::MessageFields;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) description: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Attached {
    pub(crate) fn is_image(&self) -> bool {
        self.content_type.starts_with("image/")
    }

    /// Returns width and height of a PNG from its first chunk (PNG specification, "IHDR").
    pub(crate) fn dimensions(&self) -> Option<(u32, u32)> {
        let header = self.bytes.get(12..24)?;
        let (kind, sizes) = header.split_at(4);
        if kind != b"IHDR" {
            return None;
        }
        let (width, height) = sizes.split_at(4);
        Some((
            u32::from_be_bytes(width.try_into().ok()?),
            u32::from_be_bytes(height.try_into().ok()?),
        ))
    }
}

/// A message of the bot.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) channel: u64,
    /// The one person who can see it. `None`: public.
    pub(crate) only_for: Option<u64>,
    /// The interaction whose token created it. `None` for a channel message.
    pub(crate) interaction: Option<u64>,
    /// The command that it answers, without values of options.
    pub(crate) via: Option<String>,
    /// The message that it replies to: the clicked one, or the first answer before a follow-up.
    pub(crate) replies_to: Option<u64>,
    /// Shown as "thinking…", until it gets content.
    pub(crate) loading: bool,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Embed>,
    pub(crate) components: Vec<Component>,
    pub(crate) attachments: Vec<Attached>,
    /// Milliseconds since the epoch.
    pub(crate) created_at: i64,
    pub(crate) edited_at: Option<i64>,
    /// Counts changes, so that a reader recognizes a new version.
    pub(crate) revision: u64,
    pub(crate) deleted: bool,
    /// True after a dismissal or a restart of the client, for an ephemeral message.
    pub(crate) out_of_view: bool,
    /// The nonce, if the bot asked to enforce it.
    pub(crate) nonce: Option<String>,
}

impl Message {
    pub(crate) fn new(id: u64, channel: u64, created_at: i64) -> Self {
        Self {
            id,
            channel,
            only_for: None,
            interaction: None,
            via: None,
            replies_to: None,
            loading: false,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            created_at,
            edited_at: None,
            revision: 1,
            deleted: false,
            out_of_view: false,
            nonce: None,
        }
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.only_for.is_some()
    }

    /// Returns true if `person` sees it in its channel.
    pub(crate) fn is_visible_to(&self, person: u64) -> bool {
        !self.deleted && !self.out_of_view && self.only_for.is_none_or(|only| only == person)
    }

    /// Applies the fields of a valid body. A field that is `None` stays.
    ///
    /// A list of attachments is complete: a file that it omits is removed. `new_id` numbers new
    /// files. On an error the message is unchanged.
    pub(crate) fn apply(
        &mut self,
        fields: MessageFields,
        mut new_id: impl FnMut() -> u64,
    ) -> Result<(), Refusal> {
        let mut next = self.clone();
        if let Some(content) = fields.content {
            next.content = content;
        }
        if let Some(embeds) = fields.embeds {
            next.embeds = embeds;
        }
        if let Some(components) = fields.components {
            next.components = components;
            components::number(&mut next.components);
        }
        if let Some(entries) = &fields.attachments {
            for entry in entries {
                if let AttachmentEntry::Kept(id) = entry
                    && !self.attachments.iter().any(|file| file.id == *id)
                {
                    let why = format!("The message has no attachment {id} to keep.");
                    return Err(Refusal::form("attachments", "ATTACHMENT_NOT_FOUND", why));
                }
            }
            next.attachments.retain(|file| entries.contains(&AttachmentEntry::Kept(file.id)));
        }
        for file in fields.files {
            let attached = attach(file, fields.attachments.as_deref(), new_id());
            next.attachments.push(attached);
        }
        next.validate_images()?;
        let empty = next.content.trim().is_empty()
            && next.embeds.is_empty()
            && next.components.is_empty()
            && next.attachments.is_empty();
        if empty {
            return Err(Refusal::empty_message());
        }
        next.loading = false;
        next.revision += 1;
        *self = next;
        Ok(())
    }

    /// Returns true if it shows the same as `other`.
    pub(crate) fn has_content_of(&self, other: &Self) -> bool {
        let files = |message: &Self| -> Vec<(String, Bytes)> {
            let files = message.attachments.iter();
            files.map(|file| (file.name.clone(), file.bytes.clone())).collect()
        };
        self.content == other.content
            && self.embeds == other.embeds
            && self.components == other.components
            && files(self) == files(other)
    }

    /// Requires that every image of an embed that names an attachment names an existing one.
    fn validate_images(&self) -> Result<(), Refusal> {
        for (index, embed) in self.embeds.iter().enumerate() {
            let Some(name) =
                embed.image.as_ref().and_then(|image| image.url.strip_prefix(ATTACHED))
            else {
                continue;
            };
            if !self.attachments.iter().any(|file| file.name == name) {
                let why = format!("The message has no attachment named {name:?}.");
                let at = format!("embeds.{index}.image.url");
                return Err(Refusal::form(&at, "ATTACHMENT_NOT_FOUND", why));
            }
        }
        Ok(())
    }

    /// Returns the attachments that no embed shows.
    pub(crate) fn loose_attachments(&self) -> impl Iterator<Item = &Attached> {
        self.attachments.iter().filter(|file| {
            let shown = |embed: &Embed| {
                let image = embed.image.as_ref();
                image.and_then(|image| image.url.strip_prefix(ATTACHED)) == Some(&file.name)
            };
            !self.embeds.iter().any(shown)
        })
    }
}

/// Scheme of an embed's reference to a file of its own message.
pub(crate) const ATTACHED: &str = "attachment://";

fn attach(file: Upload, entries: Option<&[AttachmentEntry]>, id: u64) -> Attached {
    let description = entries.unwrap_or_default().iter().find_map(|entry| match entry {
        AttachmentEntry::New { index, description } if *index == file.index => description.clone(),
        _ => None,
    });
    Attached {
        id,
        name: file.name,
        content_type: file.content_type,
        description,
        bytes: file.bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(index: u64, name: &str) -> Upload {
        Upload {
            index,
            name: name.to_owned(),
            content_type: "image/png".to_owned(),
            bytes: Bytes::from_static(b"png"),
        }
    }

    fn with_file() -> Message {
        let mut message = Message::new(1, 2, 3);
        let fields = MessageFields {
            content: Some("scan".to_owned()),
            files: vec![upload(0, "qr.png")],
            ..MessageFields::default()
        };
        message.apply(fields, || 77).unwrap();
        message
    }

    #[test]
    fn edit_keeps_listed_files_or_all_without_list() {
        let edit = |attachments| MessageFields {
            content: Some("still".to_owned()),
            attachments,
            ..MessageFields::default()
        };
        let mut silent = with_file();
        silent.apply(edit(None), || 78).unwrap();
        assert_eq!(silent.attachments.len(), 1);
        let mut kept = with_file();
        kept.apply(edit(Some(vec![AttachmentEntry::Kept(77)])), || 78).unwrap();
        assert_eq!(kept.attachments.len(), 1);
        let mut cleared = with_file();
        cleared.apply(edit(Some(Vec::new())), || 78).unwrap();
        assert!(cleared.attachments.is_empty());
        let refused = with_file().apply(edit(Some(vec![AttachmentEntry::Kept(5)])), || 78);
        assert!(refused.unwrap_err().line().contains("no attachment 5"));
    }

    #[test]
    fn edit_to_empty_message_is_refused_without_change() {
        let mut message = with_file();
        let nothing = MessageFields {
            content: Some(String::new()),
            attachments: Some(Vec::new()),
            ..MessageFields::default()
        };
        assert!(message.apply(nothing, || 78).unwrap_err().line().contains("50006"));
        assert_eq!((message.content.as_str(), message.attachments.len()), ("scan", 1));
    }
}
