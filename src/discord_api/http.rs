//! One try of a call: the request, its time-out, and the answer as it arrived.

use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use commands::discord::payload::Payload;
use commands::ports::clock::Clock;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::failure::{Answer, Failure};
use crate::calls::Call;

/// Time to connect, TLS included. A lost first packet is repeated by the kernel only after a second
/// (RFC 6298 2.1); a new attempt is faster.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// Maximum length of an answer in bytes. Discord's message objects have a few thousand.
const MAX_ANSWER: usize = 1024 * 1024;

/// Returns the builder of every client of Discord.
pub(crate) fn client_builder() -> ClientBuilder {
    // No proxy, because the gateway's websocket and the AWS SDK cannot use one. No redirects and no
    // `Referer`, because path and header of a request can carry a token, and Discord's API
    // redirects nothing.
    Client::builder().use_rustls_tls().no_proxy().redirect(Policy::none()).referer(false)
}

/// A call. Address and body can contain secrets, so it has no `Debug`.
pub(super) struct Request {
    pub(super) call: Call,
    pub(super) url: Url,
    pub(super) body: Body,
}

/// Body of a call, cheap to send again.
#[derive(Default)]
pub(super) struct Body {
    json: Bytes,
    /// Names, media types and contents.
    files: Vec<(&'static str, &'static str, Bytes)>,
}

impl From<Payload> for Body {
    fn from(payload: Payload) -> Self {
        let files = payload.files.into_iter();
        let files =
            files.map(|file| (file.name, file.media_type, Bytes::from(file.bytes))).collect();
        Self { json: Bytes::from(payload.json), files }
    }
}

/// Connection that a try uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// An idle one, if there is one.
    Any,
    /// A new one, because idle ones can be dead without notice.
    New,
}

/// The two HTTP clients, which differ in their connections only.
pub(super) struct Wire {
    pooling: Client,
    connecting: Client,
    authorization: HeaderValue,
}

impl Wire {
    pub(super) fn new(token: &SecretString, user_agent: &str) -> anyhow::Result<Self> {
        let builder = || client_builder().user_agent(user_agent).connect_timeout(CONNECT_TIMEOUT);
        let mut authorization = HeaderValue::from_str(&format!("Bot {}", token.expose_secret()))
            .map_err(|_| anyhow::anyhow!("DISCORD_TOKEN cannot be sent"))?;
        authorization.set_sensitive(true);
        let no_tls = "cannot set up TLS for Discord";
        Ok(Self {
            pooling: builder().build().context(no_tls)?,
            connecting: builder().pool_max_idle_per_host(0).build().context(no_tls)?,
            authorization,
        })
    }

    /// Makes the call once. `timeout`: for the whole answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        connection: Connection,
        timeout: Duration,
        clock: &dyn Clock,
    ) -> Result<Answer, Failure> {
        let sending = self.build(request, connection)?.send();
        let mut end = clock.time_out(timeout);
        let mut response = tokio::select! {
            biased;
            response = sending => response.map_err(|error| Failure::of_connection(&error))?,
            () = &mut end => return Err(Failure::TimedOut),
        };
        let mut body = Vec::new();
        // The status decides, so a body that is cut short or late is no failure.
        tokio::select! {
            biased;
            () = read(&mut response, &mut body) => {}
            () = end => {}
        }
        Ok(Answer::new(response.status().as_u16(), response.headers(), body))
    }

    fn build(&self, request: &Request, connection: Connection) -> Result<RequestBuilder, Failure> {
        let client = match connection {
            Connection::Any => &self.pooling,
            Connection::New => &self.connecting,
        };
        let method = match request.call {
            Call::MessageEdit | Call::ChannelEdit => Method::PATCH,
            Call::MemberRead => Method::GET,
            Call::ChannelDelete => Method::DELETE,
            _ => Method::POST,
        };
        let mut builder = client.request(method, request.url.clone());
        if request.call.needs_bot_token() {
            builder = builder.header(AUTHORIZATION, self.authorization.clone());
        }
        let Body { json, files } = &request.body;
        if matches!(request.call, Call::MemberRead | Call::ChannelDelete) {
            return Ok(builder);
        }
        if files.is_empty() {
            return Ok(builder.header(CONTENT_TYPE, "application/json").body(json.clone()));
        }
        let part = |bytes: &Bytes, kind: &str| {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let part = Part::stream_with_length(bytes.clone(), length);
            part.mime_str(kind).map_err(|_| Failure::Broken)
        };
        let mut form = Form::new().part("payload_json", part(json, "application/json")?);
        for (number, (name, media_type, bytes)) in files.iter().enumerate() {
            let file = part(bytes, media_type)?.file_name(*name);
            form = form.part(format!("files[{number}]"), file);
        }
        Ok(builder.multipart(form))
    }
}

/// Reads a body until its end, a broken connection or [`MAX_ANSWER`].
async fn read(response: &mut Response, body: &mut Vec<u8>) {
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ANSWER {
            return;
        }
    }
}
