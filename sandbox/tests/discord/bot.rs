//! A minimal bot.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::ZlibDecoder;
use futures_util::{SinkExt as _, StreamExt as _};
use sandbox::seed::{APPLICATION_ID, BOT_TOKEN, GUILD_ID};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Real time that a frame or an answer takes at most.
const BOT_TIMEOUT: Duration = Duration::from_secs(10);

/// How Discord asks a bot to name itself.
pub(crate) const USER_AGENT: &str = "DiscordBot (https://bot.example, 1.0)";

pub(crate) struct Bot {
    base: String,
    compress: bool,
    /// Compressed frames so far.
    pub(crate) compressed: usize,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) session: String,
    pub(crate) seq: u64,
}

impl Bot {
    pub(crate) async fn connect(base: &str, compress: bool) -> Self {
        Self::connect_to(base, "/gateway", compress).await
    }

    /// Connects to the address that READY names.
    pub(crate) async fn connect_to_resume(base: &str) -> Self {
        Self::connect_to(base, "/gateway/resume", false).await
    }

    async fn connect_to(base: &str, path: &str, compress: bool) -> Self {
        let url = format!("{}{path}?v=10&encoding=json", base.replacen("http", "ws", 1));
        let (socket, _) = connect_async(url).await.unwrap();
        let mut bot = Self {
            base: base.to_owned(),
            compress,
            compressed: 0,
            socket,
            session: String::new(),
            seq: 0,
        };
        let hello = bot.frame().await.unwrap();
        assert_eq!(hello["op"], 10);
        assert!(hello["d"]["heartbeat_interval"].is_u64());
        bot
    }

    pub(crate) async fn identify(&mut self) {
        let identify = json!({
            "token": BOT_TOKEN, "intents": 1, "compress": self.compress, "properties": { "os": "test" }
        });
        self.send(2, &identify).await;
        let ready = self.next("READY").await;
        ready["session_id"].as_str().unwrap().clone_into(&mut self.session);
        let resume = ready["resume_gateway_url"].as_str().unwrap();
        assert!(resume.starts_with("ws://127.0.0.1:") && resume.ends_with("/gateway/resume"));
        let guild = self.next("GUILD_CREATE").await;
        assert!(guild["members"].as_array().unwrap().len() > 5);
    }

    pub(crate) async fn send(&mut self, op: u64, data: &Value) {
        let text = json!({ "op": op, "d": data }).to_string();
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// Returns the next frame. An error is the close code, or 0 for a cut connection.
    pub(crate) async fn frame(&mut self) -> Result<Value, u16> {
        let message =
            tokio::time::timeout(BOT_TIMEOUT, self.socket.next()).await.expect("a frame in time");
        let text = match message {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => {
                assert!(self.compress, "the bot did not ask for compression");
                self.compressed += 1;
                let mut text = String::new();
                ZlibDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
                text
            }
            Some(Ok(Message::Close(frame))) => {
                return Err(frame.map_or(0, |frame| frame.code.into()));
            }
            _ => return Err(0),
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if let Some(seq) = frame["s"].as_u64() {
            assert_eq!(seq, self.seq + 1, "sequence has no gaps: {frame}");
            self.seq = seq;
        }
        Ok(frame)
    }

    /// Returns the data of the next event, which must have this name.
    pub(crate) async fn next(&mut self, name: &str) -> Value {
        let mut frame = self.frame().await.unwrap();
        assert_eq!(frame["t"], name, "{frame}");
        frame["d"].take()
    }

    pub(crate) fn guild_commands() -> String {
        format!("/applications/{APPLICATION_ID}/guilds/{GUILD_ID}/commands")
    }

    pub(crate) fn callback(interaction: &Value) -> String {
        let part = |name: &str| interaction[name].as_str().unwrap().to_owned();
        format!("/interactions/{}/{}/callback", part("id"), part("token"))
    }

    pub(crate) fn webhook(interaction: &Value, rest: &str) -> String {
        format!("/webhooks/{APPLICATION_ID}/{}{rest}", interaction["token"].as_str().unwrap())
    }

    pub(crate) async fn answer(&self, interaction: &Value, body: &Value) -> (u16, Value) {
        self.call("POST", &Self::callback(interaction), body).await
    }

    pub(crate) async fn edit(&self, interaction: &Value, body: &Value) -> (u16, Value) {
        self.call("PATCH", &Self::webhook(interaction, "/messages/@original"), body).await
    }

    /// Resumes the session of another connection.
    pub(crate) async fn resume(&mut self, session: &str, seq: u64) {
        self.seq = seq;
        self.send(6, &json!({ "token": BOT_TOKEN, "session_id": session, "seq": seq })).await;
    }

    /// Makes a REST call with a JSON body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        self.raw(method, path, "application/json", body.as_bytes()).await
    }

    /// Makes a REST call. Status 0: the connection ended without an answer.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> (u16, Value) {
        let head = format!("User-Agent: {USER_AGENT}\r\nContent-Type: {content_type}\r\n");
        let answer = self.request(method, path, &head, body).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::Null))
    }

    /// Makes a REST call with a JSON body. Returns the whole answer.
    pub(crate) async fn full_answer(&self, method: &str, path: &str, body: &Value) -> Answer {
        let head = format!("User-Agent: {USER_AGENT}\r\nContent-Type: application/json\r\n");
        self.request(method, path, &head, body.to_string().as_bytes()).await
    }

    /// Makes a REST call with these lines in its head.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        head: &str,
        body: &[u8],
    ) -> Answer {
        let host = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "{method} /api/v10{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bot {BOT_TOKEN}\r\n{head}\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        // A cut connection ends with an error, after what has arrived before.
        let _ = tokio::time::timeout(BOT_TIMEOUT, stream.read_to_end(&mut answer))
            .await
            .expect("an answer in time");
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or(0),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

/// An answer of the REST API.
pub(crate) struct Answer {
    /// 0: the connection ended without an answer.
    pub(crate) status: u16,
    /// In lower case.
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(given, _)| *given == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
