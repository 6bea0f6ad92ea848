//! The body of a message: new, edited, or an interaction's answer.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use twilight_model::channel::message::{Component, Embed, MessageFlags};
use twilight_model::http::interaction::InteractionResponseData;

use super::{components, told};
use crate::discord::body::{Body, Upload};
use crate::discord::refusal::Refusal;

/// Largest file in bytes: 10 MiB in a guild without boosts (Discord documentation, "Uploading
/// Files").
pub(crate) const FILE_MAX: usize = 10 * 1024 * 1024;

/// Most files on a message (Discord documentation, "Create Message").
const FILES_MAX: usize = 10;

/// Longest `nonce` (Discord documentation, "Create Message").
const NONCE_MAX: usize = 25;

/// An entry of `attachments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// A file that the message has already.
    Kept(u64),
    /// One that comes with this request, as `files[index]`.
    New { index: u64, description: Option<String> },
}

/// What a legal body says. `None` means that it does not mention the field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Embed>>,
    pub(crate) components: Option<Vec<Component>>,
    pub(crate) flags: Option<MessageFlags>,
    pub(crate) attachments: Option<Vec<Listed>>,
    pub(crate) files: Vec<Upload>,
    /// The nonce, when the bot asked that it be enforced.
    pub(crate) nonce: Option<String>,
}

impl Draft {
    /// Whether a message made of only this would be empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.content.as_deref().is_none_or(|text| text.trim().is_empty())
            && self.embeds.as_ref().is_none_or(Vec::is_empty)
            && self.components.as_ref().is_none_or(Vec::is_empty)
            && self.files.is_empty()
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
    }
}

/// Reads and judges `value` (the message part of `body`, found at `path`), which comes with
/// `files`.
pub(crate) fn read(value: &Value, files: Vec<Upload>, path: &str) -> Result<Draft, Refusal> {
    let Some(object) = value.as_object() else {
        return Err(Refusal::form(
            path,
            "DICT_TYPE_CONVERT",
            "Only dictionaries may be used in a DictType",
        ));
    };
    let attachments = listed(object, path)?;
    check_files(&files, attachments.as_deref(), path)?;
    let (nonce, data) = typed(object, path)?;
    judge(object, &data, path)?;

    let content = match (object.get("content"), data.content) {
        (Some(Value::Null), _) => Some(String::new()),
        (_, content) => content,
    };
    Ok(Draft {
        content,
        embeds: data.embeds,
        components: data.components,
        flags: data.flags,
        attachments,
        files,
        nonce,
    })
}

/// The whole body as a message.
pub(crate) fn read_body(body: Body) -> Result<Draft, Refusal> {
    read(&body.json, body.files, "")
}

/// Into twilight's type, which the answers to interactions, follow-ups, edits and channel messages
/// have in common.
fn typed(
    object: &Map<String, Value>,
    path: &str,
) -> Result<(Option<String>, InteractionResponseData), Refusal> {
    let mut plain = object.clone();
    // twilight's attachment wants a numeric id and a file name, but an entry that keeps a file is
    // `{"id": "123"}`: read apart.
    plain.remove("attachments");
    if let Some(embeds) = plain.get_mut("embeds").and_then(Value::as_array_mut) {
        embeds.iter_mut().for_each(complete_embed);
    }
    let nonce = plain.get("nonce").and_then(|nonce| match nonce {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    if nonce.as_ref().is_some_and(|nonce| nonce.chars().count() > NONCE_MAX) {
        return Err(bad(path, "nonce", "Must be 25 or fewer in length."));
    }
    let enforced = plain.get("enforce_nonce").and_then(Value::as_bool) == Some(true);
    if enforced && nonce.is_none() {
        return Err(bad(path, "enforce_nonce", "There is no nonce to enforce."));
    }
    let data = serde_json::from_value(Value::Object(plain))
        .map_err(|error| Refusal::form(path, "MODEL", error.to_string()))?;
    Ok((nonce.filter(|_| enforced), data))
}

/// `type` may be left off an embed, and a timestamp may be any ISO 8601: twilight reads only what
/// Discord itself writes.
fn complete_embed(embed: &mut Value) {
    if embed.get("type").is_none_or(Value::is_null) && embed.is_object() {
        embed["type"] = json!("rich");
    }
    let at = embed.get("timestamp").and_then(Value::as_str);
    if let Some(at) = at.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) {
        let at = at.to_offset(time::UtcOffset::UTC);
        embed["timestamp"] = json!(format!(
            "{}T{:02}:{:02}:{:02}.{:06}+00:00",
            at.date(),
            at.hour(),
            at.minute(),
            at.second(),
            at.microsecond()
        ));
    }
}

fn judge(
    object: &Map<String, Value>,
    data: &InteractionResponseData,
    path: &str,
) -> Result<(), Refusal> {
    if let Some(content) = &data.content {
        twilight_validate::message::content(content)
            .map_err(|error| bad(path, "content", told(&error)))?;
    }
    if let Some(embeds) = &data.embeds {
        judge_embeds(embeds, path)?;
    }
    if let Some(components) = &data.components {
        components::judge(components, &join(path, "components"))?;
    }
    if data.poll.is_some() {
        return Err(bad(path, "poll", "This local Discord has no polls."));
    }
    if let Some(flags) = data.flags {
        if flags.contains(MessageFlags::IS_COMPONENTS_V2) {
            return Err(bad(path, "flags", "This local Discord has no components V2."));
        }
        let settable = MessageFlags::EPHEMERAL
            | MessageFlags::SUPPRESS_EMBEDS
            | MessageFlags::SUPPRESS_NOTIFICATIONS;
        if !settable.contains(flags) {
            return Err(bad(path, "flags", "Only some flags may be set."));
        }
    }
    if let Some(mentions) = &data.allowed_mentions {
        use twilight_model::channel::message::MentionType;
        let both = |kind, ids: bool| mentions.parse.contains(&kind) && ids;
        if both(MentionType::Users, !mentions.users.is_empty())
            || both(MentionType::Roles, !mentions.roles.is_empty())
        {
            let why = "parse and a list of ids are mutually exclusive.";
            return Err(bad(path, "allowed_mentions", why));
        }
    }
    if object.contains_key("title") || object.contains_key("custom_id") {
        return Err(Refusal::form(path, "MODEL", "Only a modal has a title and a custom_id."));
    }
    Ok(())
}

fn judge_embeds(embeds: &[Embed], path: &str) -> Result<(), Refusal> {
    // 6000 characters are the limit of all embeds together, which this checks with each one's own
    // limits.
    twilight_validate::message::embeds(embeds)
        .map_err(|error| bad(path, "embeds", told(&error)))?;
    for (index, embed) in embeds.iter().enumerate() {
        let at = format!("{}.{index}", join(path, "embeds"));
        for (number, field) in embed.fields.iter().enumerate() {
            for (name, text) in [("name", &field.name), ("value", &field.value)] {
                if text.trim().is_empty() {
                    let at = format!("{at}.fields.{number}.{name}");
                    return Err(Refusal::form(&at, "BASE_TYPE_REQUIRED", "This field is required"));
                }
            }
        }
        let images = [&embed.url.clone(), &embed.image.as_ref().map(|image| image.url.clone())];
        for url in images.into_iter().flatten() {
            if !["https://", "http://", "attachment://"]
                .iter()
                .any(|scheme| url.starts_with(scheme))
            {
                let why = "Scheme must be one of ('http', 'https', 'attachment').";
                return Err(Refusal::form(&at, "URL_TYPE_INVALID_SCHEME", why));
            }
        }
        let nothing = embed.title.is_none()
            && embed.description.is_none()
            && embed.fields.is_empty()
            && embed.image.is_none()
            && embed.thumbnail.is_none()
            && embed.author.is_none()
            && embed.footer.is_none();
        if nothing {
            return Err(Refusal::empty_message());
        }
    }
    Ok(())
}

/// The `attachments` array, read by hand (see [`typed`]).
fn listed(object: &Map<String, Value>, path: &str) -> Result<Option<Vec<Listed>>, Refusal> {
    let entries = match object.get("attachments") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(bad(path, "attachments", "Must be a list.")),
    };
    let read = |entry: &Value| {
        let id = match entry.get("id")? {
            Value::String(text) => text.parse().ok()?,
            number => number.as_u64()?,
        };
        let described = entry.get("description").and_then(Value::as_str);
        // serenity writes an id that refers to a new file as a number beside a name, one that keeps
        // a file as a lone string.
        Some(if entry.get("filename").is_some() || id < FILES_MAX as u64 {
            Listed::New { index: id, description: described.map(str::to_owned) }
        } else {
            Listed::Kept(id)
        })
    };
    let listed: Option<Vec<Listed>> = entries.iter().map(read).collect();
    let listed = listed.ok_or_else(|| bad(path, "attachments", "Each entry needs an id."))?;
    for entry in &listed {
        if let Listed::New { description: Some(description), .. } = entry {
            twilight_validate::message::attachment_description(description)
                .map_err(|error| bad(path, "attachments", told(&error)))?;
        }
    }
    Ok(Some(listed))
}

/// The files that came, against the list that names them.
fn check_files(files: &[Upload], listed: Option<&[Listed]>, path: &str) -> Result<(), Refusal> {
    if files.len() > FILES_MAX {
        return Err(bad(path, "files", "A message has 10 files at most."));
    }
    for file in files {
        if file.bytes.len() > FILE_MAX {
            return Err(Refusal::too_large());
        }
        twilight_validate::message::attachment_filename(&file.name)
            .map_err(|error| bad(path, "attachments", told(&error)))?;
        let named = listed.is_none_or(|listed| {
            listed
                .iter()
                .any(|entry| matches!(entry, Listed::New { index, .. } if *index == file.index))
        });
        if !named {
            let why = format!("files[{}] came, but attachments does not list it.", file.index);
            return Err(bad(path, "attachments", why));
        }
    }
    for entry in listed.unwrap_or_default() {
        if let Listed::New { index, .. } = entry
            && !files.iter().any(|file| file.index == *index)
        {
            let why = format!("attachments lists {index}, but no files[{index}] came.");
            return Err(bad(path, "attachments", why));
        }
    }
    Ok(())
}

fn bad(path: &str, field: &str, why: impl Into<String>) -> Refusal {
    Refusal::form(&join(path, field), "INVALID", why)
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(value: &Value) -> Result<Draft, String> {
        read(value, Vec::new(), "data").map_err(|refusal| refusal.line())
    }

    #[test]
    fn a_plain_message_passes() {
        let draft = judged(&json!({
            "content": "hello", "embeds": [{ "title": "t", "timestamp": "2026-08-01T10:00:00Z" }],
            "attachments": [], "flags": 64
        }));
        let draft = draft.unwrap();
        assert!(draft.is_ephemeral() && !draft.is_empty());
        assert_eq!(draft.attachments, Some(Vec::new()));
    }

    #[test]
    fn what_is_too_long_or_empty_is_refused() {
        let long = judged(&json!({ "content": "x".repeat(2001) })).unwrap_err();
        assert!(long.contains("50035") && long.contains("content"), "{long}");
        let embeds = json!({ "embeds": [{ "description": "x".repeat(4000) }, { "description": "x".repeat(2001) }] });
        assert!(judged(&embeds).unwrap_err().contains("50035"), "6000 in all");
        let field = json!({ "embeds": [{ "fields": [{ "name": "a", "value": " " }] }] });
        assert!(judged(&field).unwrap_err().contains("BASE_TYPE_REQUIRED"));
        assert!(judged(&json!({ "embeds": [{}] })).unwrap_err().contains("50006"));
        assert!(judged(&json!({ "content": " " })).unwrap().is_empty());
    }

    #[test]
    fn an_edit_tells_kept_files_from_new_ones() {
        let listed = json!({ "attachments": [{ "id": "1200000000000000000" }] });
        let draft = judged(&listed).unwrap();
        assert_eq!(draft.attachments, Some(vec![Listed::Kept(1_200_000_000_000_000_000)]));
        let missing = json!({ "attachments": [{ "id": 0, "filename": "qr.png" }] });
        assert!(judged(&missing).unwrap_err().contains("no files[0] came"));
    }
}
