//! Validation of the files of a message and of the list that names them.

use serde_json::{Map, Value};

use super::error_chain::error_chain;
use crate::discord::body::Upload;
use crate::discord::refusal::Refusal;

/// Largest file in bytes: 10 MiB in a guild without boosts (Discord documentation, "Uploading
/// Files").
pub(crate) const FILE_MAX: usize = 10 * 1024 * 1024;

/// Most files on a message (Discord documentation, "Create Message").
const FILES_MAX: usize = 10;

/// An entry of `attachments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttachmentEntry {
    /// An existing file of the message.
    Kept(u64),
    /// An uploaded file, `files[index]` of this request.
    New { index: u64, description: Option<String> },
}

/// Parses the `attachments` array, which the message's type leaves out.
pub(super) fn parse_attachments(
    object: &Map<String, Value>,
    path: &str,
) -> Result<Option<Vec<AttachmentEntry>>, Refusal> {
    let entries = match object.get("attachments") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(Refusal::invalid_field(path, "attachments", "Must be a list.")),
    };
    let parse = |entry: &Value| {
        let id = match entry.get("id")? {
            Value::String(text) => text.parse().ok()?,
            number => number.as_u64()?,
        };
        let description = entry.get("description").and_then(Value::as_str);
        // serenity sends the entry of a new file with a number and a name, and the entry of a kept
        // file with a string only.
        Some(if entry.get("filename").is_some() || id < FILES_MAX as u64 {
            AttachmentEntry::New { index: id, description: description.map(str::to_owned) }
        } else {
            AttachmentEntry::Kept(id)
        })
    };
    let listed: Option<Vec<AttachmentEntry>> = entries.iter().map(parse).collect();
    let listed = listed
        .ok_or_else(|| Refusal::invalid_field(path, "attachments", "Each entry needs an id."))?;
    for entry in &listed {
        if let AttachmentEntry::New { description: Some(description), .. } = entry {
            twilight_validate::message::attachment_description(description).map_err(|error| {
                Refusal::invalid_field(path, "attachments", error_chain(&error))
            })?;
        }
    }
    Ok(Some(listed))
}

/// Checks the uploaded files against the list of attachments.
pub(super) fn validate_files(
    files: &[Upload],
    listed: Option<&[AttachmentEntry]>,
    path: &str,
) -> Result<(), Refusal> {
    if files.len() > FILES_MAX {
        return Err(Refusal::invalid_field(path, "files", "A message has 10 files at most."));
    }
    for file in files {
        if file.bytes.len() > FILE_MAX {
            return Err(Refusal::too_large());
        }
        twilight_validate::message::attachment_filename(&file.name)
            .map_err(|error| Refusal::invalid_field(path, "attachments", error_chain(&error)))?;
        let named = listed.is_none_or(|listed| {
            listed.iter().any(
                |entry| matches!(entry, AttachmentEntry::New { index, .. } if *index == file.index),
            )
        });
        if !named {
            let why =
                format!("files[{}] was uploaded, but attachments does not list it.", file.index);
            return Err(Refusal::invalid_field(path, "attachments", why));
        }
    }
    for entry in listed.unwrap_or_default() {
        if let AttachmentEntry::New { index, .. } = entry
            && !files.iter().any(|file| file.index == *index)
        {
            let why = format!("attachments lists {index}, but files[{index}] was not uploaded.");
            return Err(Refusal::invalid_field(path, "attachments", why));
        }
    }
    Ok(())
}
