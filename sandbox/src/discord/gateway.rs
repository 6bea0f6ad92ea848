//! A gateway connection: HELLO, IDENTIFY or RESUME, heartbeats, events.
//!
//! Only heartbeats use real time, because the bot's library does so too.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State as From};
use axum::response::Response;
use flate2::{Compress, Compression, FlushCompress};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::fault_plan::Greeting;
use super::service::Discord;
use super::session::Frame;
use super::zlib_stream::{ZLIB_STREAM, ZlibStream};
use super::{ids, payload};

/// Close codes (Discord documentation, "Opcodes and Status Codes").
mod close_codes {
    pub(super) const UNKNOWN_OPCODE: u16 = 4001;
    pub(super) const DECODE_ERROR: u16 = 4002;
    pub(super) const NOT_AUTHENTICATED: u16 = 4003;
    pub(super) const AUTHENTICATION_FAILED: u16 = 4004;
    pub(super) const ALREADY_AUTHENTICATED: u16 = 4005;
    pub(super) const INVALID_API_VERSION: u16 = 4012;
    pub(super) const INVALID_INTENTS: u16 = 4013;
}

/// The intent that a bot needs for events of guilds.
const INTENT_GUILDS: u64 = 1;

/// All intents that exist. The highest bit in use is 25.
const INTENTS_KNOWN: u64 = (1 << 26) - 1;

/// The query of a connection's address.
#[derive(Debug, Deserialize)]
pub(super) struct GatewayQuery {
    v: Option<String>,
    encoding: Option<String>,
    /// The transport compression. An unknown one is ignored, as if it were missing.
    compress: Option<String>,
}

/// `GET /gateway`
pub(super) async fn upgrade(
    From(discord): From<Arc<Discord>>,
    Query(query): Query<GatewayQuery>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if discord.fault_plan().holds_upgrades() {
        discord.stopping.cancelled().await;
    }
    upgrade.on_upgrade(async move |socket| {
        let (frames, commands) = mpsc::unbounded_channel();
        let number = discord.state().sessions.connect(frames);
        let mut connection = Connection {
            discord: discord.clone(),
            number,
            socket,
            stream: (query.compress.as_deref() == Some(ZLIB_STREAM)).then(ZlibStream::new),
            compress: None,
            identified: false,
        };
        let ends_session = connection.run(commands, &query).await;
        discord.state().sessions.disconnect(number, ends_session, discord.now());
        discord.bump();
    })
}

/// The end of a connection.
enum End {
    /// The connection was cut or the client left. `ends_session`: its session ends too.
    Disconnected { ends_session: bool },
    /// The gateway closes it with this code.
    Close(u16),
}

struct Connection {
    discord: Arc<Discord>,
    number: u64,
    socket: WebSocket,
    /// The transport compression. It replaces the compression of single payloads.
    stream: Option<ZlibStream>,
    /// The compressor, if the client asked for compression. One a connection, because it is large.
    compress: Option<Compress>,
    identified: bool,
}

#[derive(Deserialize)]
struct Incoming {
    op: u64,
    #[serde(default)]
    d: Value,
}

impl Connection {
    /// Serves the connection until it ends. Returns true if its session ends too.
    async fn run(&mut self, commands: UnboundedReceiver<Frame>, query: &GatewayQuery) -> bool {
        match self.exchange_frames(commands, query).await {
            End::Disconnected { ends_session } => ends_session,
            End::Close(code) => {
                let reason = if code == close_codes::AUTHENTICATION_FAILED {
                    "Authentication failed."
                } else {
                    ""
                };
                let frame = CloseFrame { code, reason: reason.into() };
                // Ignore a failure, because the client may be gone already.
                let _ = self.socket.send(Message::Close(Some(frame))).await;
                false
            }
        }
    }

    async fn exchange_frames(
        &mut self,
        mut commands: UnboundedReceiver<Frame>,
        query: &GatewayQuery,
    ) -> End {
        if query.v.as_deref() != Some("10") {
            return End::Close(close_codes::INVALID_API_VERSION);
        }
        if query.encoding.as_deref().is_some_and(|encoding| encoding != "json") {
            return End::Close(close_codes::DECODE_ERROR);
        }
        let interval =
            u64::try_from(self.discord.fault_plan().heartbeat().as_millis()).unwrap_or(u64::MAX);
        let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval, "_trace": [] } });
        if self.send(&hello.to_string()).await.is_err() {
            return End::Disconnected { ends_session: false };
        }
        let stopping = self.discord.stopping.clone();
        loop {
            let end = tokio::select! {
                () = stopping.cancelled() => Some(End::Disconnected { ends_session: false }),
                frame = commands.recv() => self.handle_command(frame).await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.handle_message(message).await,
                    Some(Err(_)) | None => Some(End::Disconnected { ends_session: false }),
                },
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Executes a command of the sandbox.
    async fn handle_command(&mut self, frame: Option<Frame>) -> Option<End> {
        match frame? {
            Frame::Send(text) => {
                let sent = self.send(&text).await;
                sent.err().map(|_| End::Disconnected { ends_session: false })
            }
            Frame::Cut => Some(End::Disconnected { ends_session: false }),
            Frame::Close(code) => Some(End::Close(code)),
        }
    }

    async fn handle_message(&mut self, message: Message) -> Option<End> {
        let text = match message {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Message::Close(frame) => {
                let code = frame.map(|frame| frame.code);
                let ends_session = matches!(code, Some(close_code::NORMAL | close_code::AWAY));
                return Some(End::Disconnected { ends_session });
            }
            Message::Ping(_) | Message::Pong(_) => return None,
        };
        let Ok(incoming) = serde_json::from_str::<Incoming>(&text) else {
            return Some(End::Close(close_codes::DECODE_ERROR));
        };
        match incoming.op {
            1 => self.acknowledge().await,
            2 => self.identify(&incoming.d).await,
            6 => self.resume(&incoming.d).await,
            _ if !self.identified => Some(End::Close(close_codes::NOT_AUTHENTICATED)),
            // Presence, voice state, member chunks and soundboard are legal and have no effect.
            3 | 4 | 8 | 31 => None,
            _ => Some(End::Close(close_codes::UNKNOWN_OPCODE)),
        }
    }

    async fn acknowledge(&mut self) -> Option<End> {
        if self.discord.state().sessions.is_silent(self.number) {
            return None;
        }
        let sent = self.send(r#"{"op":11}"#).await;
        sent.err().map(|_| End::Disconnected { ends_session: false })
    }

    async fn identify(&mut self, data: &Value) -> Option<End> {
        if self.identified {
            return Some(End::Close(close_codes::ALREADY_AUTHENTICATED));
        }
        if !self.accepts_token(data) {
            return Some(End::Close(close_codes::AUTHENTICATION_FAILED));
        }
        let intents = data.get("intents").and_then(Value::as_u64);
        let Some(intents) = intents.filter(|intents| intents & !INTENTS_KNOWN == 0) else {
            return Some(End::Close(close_codes::INVALID_INTENTS));
        };
        if !data.get("properties").is_some_and(Value::is_object) {
            return Some(End::Close(close_codes::DECODE_ERROR));
        }
        let now = self.discord.now();
        if self.discord.fault_plan().greeting() != Greeting::Ready {
            self.discord.state().sessions.count_start(now);
            return self.withhold_session().await;
        }
        self.identified = true;
        let compressed = data.get("compress").and_then(Value::as_bool) == Some(true);
        self.compress = compressed.then(|| Compress::new(Compression::fast(), true));
        let gateway = self.discord.gateway_url();
        let mut state = self.discord.state();
        let session = format!("{:032x}", u128::from(ids::snowflake(now, self.number)));
        let session = state.sessions.identify(self.number, session, now);
        let ready = payload::ready(&session, &gateway);
        state.sessions.dispatch(Some(self.number), "READY", &ready, None);
        if intents & INTENT_GUILDS != 0 {
            let guild = payload::guild_create(&state);
            state.sessions.dispatch(Some(self.number), "GUILD_CREATE", &guild, None);
        }
        drop(state);
        self.discord.bump();
        None
    }

    async fn resume(&mut self, data: &Value) -> Option<End> {
        if self.identified {
            return Some(End::Close(close_codes::ALREADY_AUTHENTICATED));
        }
        if !self.accepts_token(data) {
            return Some(End::Close(close_codes::AUTHENTICATION_FAILED));
        }
        if self.discord.fault_plan().greeting() != Greeting::Ready {
            return self.withhold_session().await;
        }
        let session = data.get("session_id").and_then(Value::as_str).unwrap_or_default();
        let seq = data.get("seq").and_then(Value::as_u64).unwrap_or(0);
        let now = self.discord.now();
        let resumed = {
            let mut state = self.discord.state();
            let again = state.sessions.resume(self.number, session, seq, now);
            for id in again.iter().flatten() {
                if let Some(interaction) = state.interactions.get_mut(id) {
                    interaction.count_delivery(now);
                }
            }
            if again.is_some() {
                state.sessions.dispatch(
                    Some(self.number),
                    "RESUMED",
                    &json!({ "_trace": [] }),
                    None,
                );
            }
            again.is_some()
        };
        if !resumed {
            return self.declare_invalid().await;
        }
        self.identified = true;
        self.discord.bump();
        None
    }

    /// Withholds the session that a client asks for, as the planned greeting says.
    async fn withhold_session(&mut self) -> Option<End> {
        if self.discord.fault_plan().greeting() == Greeting::Invalid {
            self.declare_invalid().await
        } else {
            None
        }
    }

    async fn declare_invalid(&mut self) -> Option<End> {
        let sent = self.send(r#"{"op":9,"d":false}"#).await;
        sent.err().map(|_| End::Disconnected { ends_session: false })
    }

    /// Checks the token. Libraries send it with or without "Bot".
    fn accepts_token(&self, data: &Value) -> bool {
        let token = data.get("token").and_then(Value::as_str).unwrap_or_default();
        self.discord.accepts_token(token.trim_start_matches("Bot "))
    }

    /// Sends a payload as text, or compressed as the client asked.
    async fn send(&mut self, text: &str) -> Result<(), axum::Error> {
        let bytes = text.as_bytes();
        let message = match (&mut self.stream, &mut self.compress) {
            (Some(stream), _) => {
                Message::Binary(stream.frame(bytes).map_err(axum::Error::new)?.into())
            }
            (None, Some(compress)) => Message::Binary(compress_payload(compress, bytes)?.into()),
            (None, None) => Message::Text(text.into()),
        };
        self.socket.send(message).await
    }
}

/// Compresses one payload into a complete zlib stream.
fn compress_payload(compress: &mut Compress, bytes: &[u8]) -> Result<Vec<u8>, axum::Error> {
    /// Bytes for the header, the trailer and a block that does not shrink.
    const ROOM: usize = 64;
    compress.reset();
    let mut stream = Vec::with_capacity(bytes.len() + ROOM);
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(read..).unwrap_or_default();
        match compress
            .compress_vec(rest, &mut stream, FlushCompress::Finish)
            .map_err(axum::Error::new)?
        {
            flate2::Status::StreamEnd => return Ok(stream),
            flate2::Status::Ok | flate2::Status::BufError => stream.reserve(bytes.len() + ROOM),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn each_payload_is_one_zlib_stream() {
        let mut compress = Compress::new(Compression::fast(), true);
        let noise: Vec<u8> =
            (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        for payload in [b"{}".to_vec(), Vec::new(), noise, b"{}".to_vec()] {
            let stream = compress_payload(&mut compress, &payload).unwrap();
            let mut read = Vec::new();
            flate2::read::ZlibDecoder::new(&*stream).read_to_end(&mut read).unwrap();
            assert_eq!(read, payload);
        }
    }
}
