//! The body of a request: JSON, or multipart with files.

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;

use super::refusal::Refusal;

/// The first bytes of every PNG (PNG specification, "PNG signature").
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// The number in `files[n]`, which `attachments` refers to.
    pub(crate) index: u64,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) json: Value,
    pub(crate) files: Vec<Upload>,
}

/// The JSON body of a call of the bot.
#[derive(Clone, Debug, Serialize)]
pub struct SentBody {
    /// `callback`, `follow-up`, `edit`, `message` or `commands`.
    pub call: &'static str,
    pub body: Value,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let multipart = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("multipart/form-data"));
        if multipart {
            return parse_multipart(request).await;
        }
        let bytes: Bytes = request.extract().await.map_err(|_| Refusal::too_large())?;
        let json = serde_json::from_slice(&bytes).map_err(|_| Refusal::bad_json())?;
        Ok(Self { json, files: Vec::new() })
    }
}

async fn parse_multipart(request: Request) -> Result<Body, Refusal> {
    let mut parts: Multipart = request.extract().await.map_err(|_| Refusal::bad_json())?;
    let mut json = Value::Object(serde_json::Map::new());
    let mut files = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| Refusal::bad_json())? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "payload_json" {
            let bytes = part.bytes().await.map_err(|_| Refusal::bad_json())?;
            json = serde_json::from_slice(&bytes).map_err(|_| Refusal::bad_json())?;
            continue;
        }
        let index = name
            .strip_prefix("files[")
            .and_then(|rest| rest.strip_suffix(']'))
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| {
                Refusal::form(&name, "UNKNOWN_PART", "Only payload_json and files[n] are read.")
            })?;
        let name = part.file_name().unwrap_or_default().to_owned();
        let named_type = part.content_type().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| Refusal::too_large())?;
        files.push(Upload { index, name, content_type: media_type(named_type, &bytes), bytes });
    }
    Ok(Body { json, files })
}

/// Returns the media type of a file. Like Discord, it recognizes an image that the client sends as
/// unknown bytes, as discord.py does.
fn media_type(named: Option<String>, bytes: &[u8]) -> String {
    if bytes.starts_with(PNG) {
        return "image/png".to_owned();
    }
    named.unwrap_or_else(|| "application/octet-stream".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_sent_as_unknown_bytes_is_recognized() {
        let unknown = || Some("application/octet-stream".to_owned());
        assert_eq!(media_type(unknown(), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
        assert_eq!(media_type(unknown(), b"GIF89a"), "application/octet-stream");
        assert_eq!(media_type(Some("text/plain".to_owned()), b"text"), "text/plain");
        assert_eq!(media_type(None, b""), "application/octet-stream");
    }
}
