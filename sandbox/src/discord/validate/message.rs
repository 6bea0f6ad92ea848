//! Validation of message bodies: new messages, edits and answers.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use twilight_model::channel::message::{Component, Embed, MessageFlags};
use twilight_model::http::interaction::InteractionResponseData;

use super::attachments::{AttachmentEntry, parse_attachments, validate_files};
use super::components;
use super::error_chain::error_chain;
use crate::discord::body::{Body, Upload};
use crate::discord::refusal::Refusal;

/// Longest `nonce` (Discord documentation, "Create Message").
const NONCE_MAX: usize = 25;

/// The fields of a valid body. `None`: the body does not contain the field.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageFields {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Embed>>,
    pub(crate) components: Option<Vec<Component>>,
    pub(crate) flags: Option<MessageFlags>,
    pub(crate) attachments: Option<Vec<AttachmentEntry>>,
    pub(crate) files: Vec<Upload>,
    /// The nonce, if the bot asked to enforce it.
    pub(crate) nonce: Option<String>,
    /// The message that a new one replies to, and if a missing one is an error.
    pub(crate) replies_to: Option<(u64, bool)>,
    /// Roles that a new message pings.
    pub(crate) pinged_roles: Vec<u64>,
}

impl MessageFields {
    /// Returns true if a new message with these fields would be empty.
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

/// Parses and validates the message `value`, found at `path` of a body with `files`.
pub(crate) fn parse_message(
    value: &Value,
    files: Vec<Upload>,
    path: &str,
) -> Result<MessageFields, Refusal> {
    let Some(object) = value.as_object() else {
        return Err(Refusal::form(
            path,
            "DICT_TYPE_CONVERT",
            "Only dictionaries may be used in a DictType",
        ));
    };
    let attachments = parse_attachments(object, path)?;
    validate_files(&files, attachments.as_deref(), path)?;
    let (nonce, data) = parse_fields(object, path)?;
    validate_fields(object, &data, path)?;

    let replies_to = parse_reference(object, path)?;
    let pinged_roles = pinged_roles(&data);
    let content = match (object.get("content"), data.content) {
        (Some(Value::Null), _) => Some(String::new()),
        (_, content) => content,
    };
    Ok(MessageFields {
        content,
        embeds: data.embeds,
        components: data.components,
        flags: data.flags,
        attachments,
        files,
        nonce,
        replies_to,
        pinged_roles,
    })
}

/// Parses the message that a new one replies to.
fn parse_reference(
    object: &Map<String, Value>,
    path: &str,
) -> Result<Option<(u64, bool)>, Refusal> {
    let Some(reference) = object.get("message_reference").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let id = reference.get("message_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let why = "The local Discord supports replies only, by their message_id.";
    let id = id.ok_or_else(|| Refusal::invalid_field(path, "message_reference", why))?;
    let must_exist = reference.get("fail_if_not_exists").and_then(Value::as_bool);
    Ok(Some((id, must_exist.unwrap_or(true))))
}

/// Returns the roles that the content mentions and the bot allows to ping.
fn pinged_roles(data: &InteractionResponseData) -> Vec<u64> {
    use twilight_model::channel::message::MentionType;
    let content = data.content.as_deref().unwrap_or_default();
    let mentioned = content.split("<@&").skip(1).filter_map(|rest| rest.split_once('>'));
    let mentioned = mentioned.filter_map(|(id, _)| id.parse().ok());
    let may_ping = |id: &u64| match &data.allowed_mentions {
        None => true,
        Some(allowed) => {
            allowed.parse.contains(&MentionType::Roles)
                || allowed.roles.iter().any(|role| role.get() == *id)
        }
    };
    mentioned.filter(may_ping).collect()
}

/// Parses and validates a whole body as a message.
pub(crate) fn parse_body(body: Body) -> Result<MessageFields, Refusal> {
    parse_message(&body.json, body.files, "")
}

/// Parses the fields into twilight's type, which answers, follow-ups, edits and channel messages
/// share. Returns the enforced nonce beside it.
fn parse_fields(
    object: &Map<String, Value>,
    path: &str,
) -> Result<(Option<String>, InteractionResponseData), Refusal> {
    let mut plain = object.clone();
    // Attachments are parsed separately, because twilight requires a file name and a numeric id,
    // but an entry that keeps a file is `{"id": "123"}`.
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
        return Err(Refusal::invalid_field(path, "nonce", "Must be 25 or fewer in length."));
    }
    let enforced = plain.get("enforce_nonce").and_then(Value::as_bool) == Some(true);
    if enforced && nonce.is_none() {
        return Err(Refusal::invalid_field(path, "enforce_nonce", "There is no nonce to enforce."));
    }
    let data = serde_json::from_value(Value::Object(plain))
        .map_err(|error| Refusal::form(path, "MODEL", error.to_string()))?;
    Ok((nonce.filter(|_| enforced), data))
}

/// Fills in an embed's `type` and normalizes its timestamp.
///
/// Discord accepts an embed without a type and any ISO 8601 timestamp. twilight parses only what
/// Discord itself sends.
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

fn validate_fields(
    object: &Map<String, Value>,
    data: &InteractionResponseData,
    path: &str,
) -> Result<(), Refusal> {
    if let Some(content) = &data.content {
        twilight_validate::message::content(content)
            .map_err(|error| Refusal::invalid_field(path, "content", error_chain(&error)))?;
    }
    if let Some(embeds) = &data.embeds {
        validate_embeds(embeds, path)?;
    }
    if let Some(components) = &data.components {
        components::validate_components(components, &format!("{path}.components"))?;
    }
    if data.poll.is_some() {
        return Err(Refusal::invalid_field(
            path,
            "poll",
            "The local Discord does not support polls.",
        ));
    }
    if let Some(flags) = data.flags {
        if flags.contains(MessageFlags::IS_COMPONENTS_V2) {
            return Err(Refusal::invalid_field(
                path,
                "flags",
                "The local Discord does not support components V2.",
            ));
        }
        let settable = MessageFlags::EPHEMERAL
            | MessageFlags::SUPPRESS_EMBEDS
            | MessageFlags::SUPPRESS_NOTIFICATIONS;
        if !settable.contains(flags) {
            return Err(Refusal::invalid_field(path, "flags", "Only some flags may be set."));
        }
    }
    if let Some(mentions) = &data.allowed_mentions {
        use twilight_model::channel::message::MentionType;
        let both = |kind, ids: bool| mentions.parse.contains(&kind) && ids;
        if both(MentionType::Users, !mentions.users.is_empty())
            || both(MentionType::Roles, !mentions.roles.is_empty())
        {
            let why = "parse and a list of ids are mutually exclusive.";
            return Err(Refusal::invalid_field(path, "allowed_mentions", why));
        }
    }
    if object.contains_key("title") || object.contains_key("custom_id") {
        return Err(Refusal::form(path, "MODEL", "Only a modal has a title and a custom_id."));
    }
    Ok(())
}

fn validate_embeds(embeds: &[Embed], path: &str) -> Result<(), Refusal> {
    // This checks the limits of each embed and the limit of 6000 characters for all together.
    twilight_validate::message::embeds(embeds)
        .map_err(|error| Refusal::invalid_field(path, "embeds", error_chain(&error)))?;
    for (index, embed) in embeds.iter().enumerate() {
        let at = format!("{path}.embeds.{index}");
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
        // Discord shows the backslash of an escaped character in a title. The sandbox refuses such
        // a title.
        if embed.title.as_deref().is_some_and(has_escape) {
            let at = format!("{at}.title");
            return Err(Refusal::form(&at, "INVALID", "A title has no markup to escape."));
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

/// Returns true if the text escapes a character of Markdown.
fn has_escape(text: &str) -> bool {
    let next = text.chars().skip(1);
    text.chars().zip(next).any(|(c, next)| c == '\\' && next.is_ascii_punctuation())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &Value) -> Result<MessageFields, String> {
        parse_message(value, Vec::new(), "data").map_err(|refusal| refusal.line())
    }

    #[test]
    fn escaped_title_is_refused() {
        let title = |title: &str| parse(&json!({ "embeds": [{ "title": title }] }));
        title("Step 2: Validation (KYC) \\o/").unwrap();
        assert!(title("Validation \\(KYC\\)").unwrap_err().contains("title"));
    }

    #[test]
    fn plain_message_is_valid() {
        let fields = parse(&json!({
            "content": "hello", "embeds": [{ "title": "t", "timestamp": "2026-08-01T10:00:00Z" }],
            "attachments": [], "flags": 64
        }));
        let fields = fields.unwrap();
        assert!(fields.is_ephemeral() && !fields.is_empty());
        assert_eq!(fields.attachments, Some(Vec::new()));
    }

    #[test]
    fn too_long_or_empty_fields_are_refused() {
        let long = parse(&json!({ "content": "x".repeat(2001) })).unwrap_err();
        assert!(long.contains("50035") && long.contains("content"), "{long}");
        let embeds = json!({ "embeds": [{ "description": "x".repeat(4000) }, { "description": "x".repeat(2001) }] });
        assert!(parse(&embeds).unwrap_err().contains("50035"), "6000 in all");
        let field = json!({ "embeds": [{ "fields": [{ "name": "a", "value": " " }] }] });
        assert!(parse(&field).unwrap_err().contains("BASE_TYPE_REQUIRED"));
        assert!(parse(&json!({ "embeds": [{}] })).unwrap_err().contains("50006"));
        assert!(parse(&json!({ "content": " " })).unwrap().is_empty());
    }

    #[test]
    fn kept_files_differ_from_new_files() {
        let listed = json!({ "attachments": [{ "id": "1200000000000000000" }] });
        let fields = parse(&listed).unwrap();
        assert_eq!(
            fields.attachments,
            Some(vec![AttachmentEntry::Kept(1_200_000_000_000_000_000)])
        );
        let missing = json!({ "attachments": [{ "id": 0, "filename": "qr.png" }] });
        assert!(parse(&missing).unwrap_err().contains("files[0] was not uploaded"));
    }
}
