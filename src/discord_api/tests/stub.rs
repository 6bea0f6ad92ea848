//! A server on loopback that answers as a test says, and a clock that takes no time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;

/// Reply to one request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Status, headers and body.
    Full(u16, &'static str, String),
    /// An answer that ends before its body does.
    CutShort(u16),
    /// No answer. The connection stays open, and the client's time-out passes.
    Silent,
    /// A status without its body, and the client's time-out passes.
    SilentAfter(u16),
    /// The connection ends without an answer.
    Cut,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self::Full(status, "", String::new())
    }

    pub(super) fn json(status: u16, headers: &'static str, body: &serde_json::Value) -> Self {
        Self::Full(status, headers, body.to_string())
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Method, path and headers, in lower case.
    pub(super) head: String,
    pub(super) body: String,
    /// Number of the connection.
    pub(super) connection: usize,
}

pub(super) struct Stub {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts a server. It gives the replies in order, and 204 after them.
    pub(super) async fn start(replies: Vec<Reply>, clock: Arc<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (recorded, replies) =
            (Arc::clone(&seen), Arc::new(Mutex::new(VecDeque::from(replies))));
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let (recorded, replies) = (Arc::clone(&recorded), Arc::clone(&replies));
                let clock = Arc::clone(&clock);
                tokio::spawn(serve(stream, connection, recorded, replies, clock));
                connection += 1;
            }
        });
        Self { url, seen }
    }

    /// Returns a stub at an address where no server listens.
    pub(super) async fn absent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::at(&listener.local_addr().unwrap().to_string())
    }

    /// Returns a stub at the address of another server.
    pub(super) fn at(address: &str) -> Self {
        Self { url: format!("http://{address}"), seen: Arc::default() }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the first line of each request, without the version.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |seen: &Seen| seen.head.split(" http").next().unwrap_or_default().to_owned();
        self.requests().iter().map(line).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    recorded: Arc<Mutex<Vec<Seen>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    clock: Arc<TestClock>,
) {
    while let Some((head, body)) = read_request(&mut stream).await {
        recorded.lock().unwrap().push(Seen { head, body, connection });
        let reply = replies.lock().unwrap().pop_front().unwrap_or(Reply::status(204));
        let written = match reply {
            Reply::Full(status, headers, body) => {
                let length = body.len();
                format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            }
            Reply::CutShort(status) => {
                let short = format!("HTTP/1.1 {status} x\r\ncontent-length: 99\r\n\r\n{{\"id\":");
                let _ = stream.write_all(short.as_bytes()).await;
                return;
            }
            Reply::SilentAfter(status) => {
                format!("HTTP/1.1 {status} x\r\ncontent-length: 99\r\n\r\n")
            }
            Reply::Silent => String::new(),
            Reply::Cut => return,
        };
        let is_silent = !written.contains("\r\n\r\n") || written.ends_with("99\r\n\r\n");
        stream.write_all(written.as_bytes()).await.unwrap();
        if is_silent {
            let_client_read().await;
            clock.silence.notify_one();
        }
    }
}

/// Returns after the client has read what was written before. Each byte on a new socket needs a
/// turn of the runtime, which also wakes the client.
async fn let_client_read() {
    for _ in 0..10 {
        let (mut here, mut there) = UnixStream::pair().unwrap();
        here.write_all(b"x").await.unwrap();
        there.read_u8().await.unwrap();
    }
}

/// Reads a request with a known length. `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let end = head_end + length.map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end {
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    }
    Some((head, String::from_utf8_lossy(&bytes[head_end..end]).into_owned()))
}

/// Clock whose sleeps take no time: it moves by their length. A time-out passes only if the stub is
/// silent.
pub(super) struct TestClock {
    now: AtomicI64,
    slept: Mutex<Vec<String>>,
    silence: Notify,
}

impl TestClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(1_000_000),
            slept: Mutex::default(),
            silence: Notify::new(),
        })
    }

    pub(super) fn advance(&self, by: Duration) {
        self.now.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Returns what has taken time: waits as `50`, time-outs as `(900)`, in milliseconds.
    pub(super) fn slept(&self) -> String {
        self.slept.lock().unwrap().join(" ")
    }

    fn pass(&self, by: Duration, word: String) {
        self.slept.lock().unwrap().push(word);
        self.advance(by);
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration, duration.as_millis().to_string());
    }

    async fn time_out(&self, duration: Duration) {
        self.silence.notified().await;
        self.pass(duration, format!("({})", duration.as_millis()));
    }
}
