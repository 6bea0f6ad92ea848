//! A gateway connection: HELLO, IDENTIFY or RESUME, heartbeats, events.
//!
//! Only heartbeats and limits use real time, because the bot's library does so too.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State as From};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use flate2::{Compress, Compression};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::close_codes;
use super::compression::{COMPRESSED_FROM, compress_payload};
use super::fault_plan::Greeting;
use super::gateway_limits::FrameLimit;
use super::service::Discord;
use super::session::Frame;
use super::zlib_stream::{ZLIB_STREAM, ZlibStream};
use super::{heartbeat, ids, payload};

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
    query: Query<GatewayQuery>,
    upgrade: WebSocketUpgrade,
) -> Response {
    accept(discord, query, upgrade, Address::First).await
}

/// `GET /gateway/resume`, the address in READY.
pub(super) async fn upgrade_resume(
    From(discord): From<Arc<Discord>>,
    query: Query<GatewayQuery>,
    upgrade: WebSocketUpgrade,
) -> Response {
    accept(discord, query, upgrade, Address::Resume).await
}

async fn accept(
    discord: Arc<Discord>,
    Query(query): Query<GatewayQuery>,
    upgrade: WebSocketUpgrade,
    address: Address,
) -> Response {
    if address == Address::Resume && discord.state().sessions.resumes_closed {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if discord.fault_plan().holds_upgrades() {
        discord.stopping.cancelled().await;
    }
    upgrade.on_upgrade(async move |socket| {
        let (frames, commands) = mpsc::unbounded_channel();
        let number = discord.state().sessions.connect(frames);
        let mut connection = Connection {
            discord: discord.clone(),
            number,
            address,
            socket,
            stream: (query.compress.as_deref() == Some(ZLIB_STREAM)).then(ZlibStream::new),
            compress: None,
            identified: false,
            frames: FrameLimit::default(),
        };
        let ends_session = connection.run(commands, &query).await;
        discord.state().sessions.disconnect(number, ends_session, discord.now());
        discord.bump();
    })
}

/// The address that a client has connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    First,
    Resume,
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
    address: Address,
    socket: WebSocket,
    /// The transport compression. It replaces the compression of single payloads.
    stream: Option<ZlibStream>,
    /// The compressor, if the client asked for compression. One a connection, because it is large.
    compress: Option<Compress>,
    identified: bool,
    frames: FrameLimit,
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
        let is_frame = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_frame && !self.frames.admits(Instant::now()) {
            return Some(End::Close(close_codes::RATE_LIMITED));
        }
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
            1 => self.acknowledge(&incoming.d).await,
            2 => self.identify(&incoming.d).await,
            6 => self.resume(&incoming.d).await,
            _ if !self.identified => Some(End::Close(close_codes::NOT_AUTHENTICATED)),
            // Presence, voice state, member chunks and soundboard are legal and have no effect.
            3 | 4 | 8 | 31 => None,
            _ => Some(End::Close(close_codes::UNKNOWN_OPCODE)),
        }
    }

    async fn acknowledge(&mut self, sequence: &Value) -> Option<End> {
        if self.identified {
            heartbeat::check_sequence(&self.discord, self.number, sequence);
        }
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
        let admitted = self.discord.state().sessions.identify_limit.admits(Instant::now());
        if !admitted {
            self.discord.state().sessions.count_start(now);
            return self.declare_invalid().await;
        }
        self.identified = true;
        let compressed = data.get("compress").and_then(Value::as_bool) == Some(true);
        self.compress = compressed.then(|| Compress::new(Compression::fast(), true));
        let gateway = self.discord.resume_gateway_url();
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
        if self.address == Address::First
            && self.discord.state().sessions.fails_misplaced_resume(session)
        {
            return self.declare_invalid().await;
        }
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

    /// Sends a payload as text, or compressed as the client asked. With payload compression, only a
    /// large one is compressed.
    async fn send(&mut self, text: &str) -> Result<(), axum::Error> {
        let bytes = text.as_bytes();
        let message = match (&mut self.stream, &mut self.compress) {
            (Some(stream), _) => {
                Message::Binary(stream.frame(bytes).map_err(axum::Error::new)?.into())
            }
            (None, Some(compress)) if bytes.len() >= COMPRESSED_FROM => {
                Message::Binary(compress_payload(compress, bytes)?.into())
            }
            (None, _) => Message::Text(text.into()),
        };
        self.socket.send(message).await
    }
}
