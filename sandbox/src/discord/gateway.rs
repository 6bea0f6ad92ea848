//! A gateway connection: HELLO, IDENTIFY or RESUME, heartbeats, events.
//!
//! Heartbeats are the one thing here that runs by the machine's clock, as they do in the bot's
//! library.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State as From};
use axum::response::Response;
use flate2::{Compress, Compression, FlushCompress};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::faults::Greeting;
use super::session::Frame;
use super::{Discord, ids, payload};

/// Close codes (Discord documentation, "Opcodes and Status Codes").
mod closing {
    pub(super) const UNKNOWN_OPCODE: u16 = 4001;
    pub(super) const DECODE_ERROR: u16 = 4002;
    pub(super) const NOT_AUTHENTICATED: u16 = 4003;
    pub(super) const AUTHENTICATION_FAILED: u16 = 4004;
    pub(super) const ALREADY_AUTHENTICATED: u16 = 4005;
    pub(super) const INVALID_API_VERSION: u16 = 4012;
    pub(super) const INVALID_INTENTS: u16 = 4013;
}

/// The intent without which no guild is told of.
const INTENT_GUILDS: u64 = 1;

/// Intents that exist: the highest bit in use is 25.
const INTENTS_KNOWN: u64 = (1 << 26) - 1;

/// What the address of a connection asks for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    v: Option<String>,
    encoding: Option<String>,
}

/// `GET /gateway`
pub(super) async fn upgrade(
    From(discord): From<Arc<Discord>>,
    Query(asked): Query<Asked>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if discord.planner().holds_upgrades() {
        discord.stopping.cancelled().await;
    }
    upgrade.on_upgrade(async move |socket| {
        let (frames, told) = mpsc::unbounded_channel();
        let link = discord.state().sessions.connect(frames);
        let mut connection = Connection {
            discord: discord.clone(),
            link,
            socket,
            compress: None,
            identified: false,
        };
        let farewell = connection.run(told, &asked).await;
        discord.state().sessions.disconnect(link, farewell, discord.now());
        discord.bump();
    })
}

/// Why a connection ends.
enum End {
    /// Told to, or the other side is gone. `farewell` when its session ends with it.
    Gone { farewell: bool },
    /// We close it with this code.
    Close(u16),
}

struct Connection {
    discord: Arc<Discord>,
    link: u64,
    socket: WebSocket,
    /// Where the client asked for compressed payloads: made once, as it is large.
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
    /// Serves the connection to its end; answers whether its session ended too.
    async fn run(&mut self, told: UnboundedReceiver<Frame>, asked: &Asked) -> bool {
        match self.talk(told, asked).await {
            End::Gone { farewell } => farewell,
            End::Close(code) => {
                let reason = if code == closing::AUTHENTICATION_FAILED {
                    "Authentication failed."
                } else {
                    ""
                };
                let frame = CloseFrame { code, reason: reason.into() };
                // The other side may be gone already, which is what we want anyway.
                let _ = self.socket.send(Message::Close(Some(frame))).await;
                false
            }
        }
    }

    async fn talk(&mut self, mut told: UnboundedReceiver<Frame>, asked: &Asked) -> End {
        if asked.v.as_deref() != Some("10") {
            return End::Close(closing::INVALID_API_VERSION);
        }
        if asked.encoding.as_deref().is_some_and(|encoding| encoding != "json") {
            return End::Close(closing::DECODE_ERROR);
        }
        let interval =
            u64::try_from(self.discord.planner().heartbeat().as_millis()).unwrap_or(u64::MAX);
        let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval, "_trace": [] } });
        if self.send(&hello.to_string()).await.is_err() {
            return End::Gone { farewell: false };
        }
        let stopping = self.discord.stopping.clone();
        loop {
            let end = tokio::select! {
                () = stopping.cancelled() => Some(End::Gone { farewell: false }),
                frame = told.recv() => self.obey(frame).await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(_)) | None => Some(End::Gone { farewell: false }),
                },
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Does what the rest of the sandbox wants of this connection.
    async fn obey(&mut self, frame: Option<Frame>) -> Option<End> {
        match frame? {
            Frame::Send(text) => {
                let sent = self.send(&text).await;
                sent.err().map(|_| End::Gone { farewell: false })
            }
            Frame::Cut => Some(End::Gone { farewell: false }),
            Frame::Close(code) => Some(End::Close(code)),
        }
    }

    async fn hear(&mut self, message: Message) -> Option<End> {
        let text = match message {
            Message::Text(text) => text.to_string(),
            Message::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Message::Close(frame) => {
                let code = frame.map(|frame| frame.code);
                let farewell = matches!(code, Some(close_code::NORMAL | close_code::AWAY));
                return Some(End::Gone { farewell });
            }
            Message::Ping(_) | Message::Pong(_) => return None,
        };
        let Ok(incoming) = serde_json::from_str::<Incoming>(&text) else {
            return Some(End::Close(closing::DECODE_ERROR));
        };
        match incoming.op {
            1 => self.acknowledge().await,
            2 => self.identify(&incoming.d).await,
            6 => self.resume(&incoming.d).await,
            _ if !self.identified => Some(End::Close(closing::NOT_AUTHENTICATED)),
            // Presence, voice state, member chunks, soundboard: a bot may ask, and nothing here
            // depends on them.
            3 | 4 | 8 | 31 => None,
            _ => Some(End::Close(closing::UNKNOWN_OPCODE)),
        }
    }

    async fn acknowledge(&mut self) -> Option<End> {
        if self.discord.state().sessions.is_silent(self.link) {
            return None;
        }
        let sent = self.send(r#"{"op":11}"#).await;
        sent.err().map(|_| End::Gone { farewell: false })
    }

    async fn identify(&mut self, asked: &Value) -> Option<End> {
        if self.identified {
            return Some(End::Close(closing::ALREADY_AUTHENTICATED));
        }
        if !self.knows_token(asked) {
            return Some(End::Close(closing::AUTHENTICATION_FAILED));
        }
        let intents = asked.get("intents").and_then(Value::as_u64);
        let Some(intents) = intents.filter(|intents| intents & !INTENTS_KNOWN == 0) else {
            return Some(End::Close(closing::INVALID_INTENTS));
        };
        if !asked.get("properties").is_some_and(Value::is_object) {
            return Some(End::Close(closing::DECODE_ERROR));
        }
        let now = self.discord.now();
        if self.discord.planner().greeting() != Greeting::Ready {
            self.discord.state().sessions.counts(now);
            return self.greet_badly().await;
        }
        self.identified = true;
        let compressed = asked.get("compress").and_then(Value::as_bool) == Some(true);
        self.compress = compressed.then(|| Compress::new(Compression::fast(), true));
        let gateway = self.discord.gateway_url();
        let mut state = self.discord.state();
        let session = format!("{:032x}", u128::from(ids::snowflake(now, self.link)));
        let session = state.sessions.identify(self.link, session, now);
        let ready = payload::ready(&session, &gateway);
        state.sessions.dispatch(Some(self.link), "READY", &ready, None);
        if intents & INTENT_GUILDS != 0 {
            let guild = payload::guild_create(&state);
            state.sessions.dispatch(Some(self.link), "GUILD_CREATE", &guild, None);
        }
        drop(state);
        self.discord.bump();
        None
    }

    async fn resume(&mut self, asked: &Value) -> Option<End> {
        if self.identified {
            return Some(End::Close(closing::ALREADY_AUTHENTICATED));
        }
        if !self.knows_token(asked) {
            return Some(End::Close(closing::AUTHENTICATION_FAILED));
        }
        if self.discord.planner().greeting() != Greeting::Ready {
            return self.greet_badly().await;
        }
        let session = asked.get("session_id").and_then(Value::as_str).unwrap_or_default();
        let seq = asked.get("seq").and_then(Value::as_u64).unwrap_or(0);
        let now = self.discord.now();
        let resumed = {
            let mut state = self.discord.state();
            let again = state.sessions.resume(self.link, session, seq, now);
            for id in again.iter().flatten() {
                if let Some(interaction) = state.interactions.get_mut(id) {
                    interaction.went_out(now);
                }
            }
            if again.is_some() {
                state.sessions.dispatch(Some(self.link), "RESUMED", &json!({ "_trace": [] }), None);
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

    /// Somebody asks for a session and is not to have one.
    async fn greet_badly(&mut self) -> Option<End> {
        if self.discord.planner().greeting() == Greeting::Invalid {
            self.declare_invalid().await
        } else {
            None
        }
    }

    async fn declare_invalid(&mut self) -> Option<End> {
        let sent = self.send(r#"{"op":9,"d":false}"#).await;
        sent.err().map(|_| End::Gone { farewell: false })
    }

    /// The library writes the token as it was given, with or without "Bot".
    fn knows_token(&self, asked: &Value) -> bool {
        let token = asked.get("token").and_then(Value::as_str).unwrap_or_default();
        self.discord.knows_token(token.trim_start_matches("Bot "))
    }

    /// One payload: text, or with payload compression a zlib stream of its own.
    async fn send(&mut self, text: &str) -> Result<(), axum::Error> {
        let message = match &mut self.compress {
            Some(compress) => Message::Binary(whole(compress, text.as_bytes())?.into()),
            None => Message::Text(text.into()),
        };
        self.socket.send(message).await
    }
}

/// A zlib stream of one payload alone.
fn whole(compress: &mut Compress, bytes: &[u8]) -> Result<Vec<u8>, axum::Error> {
    /// What the head and the end of a stream take, and a block that does not shrink.
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
    fn each_payload_is_a_stream_of_its_own() {
        let mut compress = Compress::new(Compression::fast(), true);
        let noise: Vec<u8> =
            (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        for payload in [b"{}".to_vec(), Vec::new(), noise, b"{}".to_vec()] {
            let stream = whole(&mut compress, &payload).unwrap();
            let mut read = Vec::new();
            flate2::read::ZlibDecoder::new(&*stream).read_to_end(&mut read).unwrap();
            assert_eq!(read, payload);
        }
    }
}
