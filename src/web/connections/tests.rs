//! Connections over real sockets, with a manual clock.

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::clock::hand::ManualClock;
use crate::web::places::{MAX_CONNECTIONS, MAX_PER_CLIENT};

const A_MILLISECOND: Duration = Duration::from_millis(1);

/// A listener with two routes: `/peer` answers with the client's address, `/slow` waits for the
/// test.
struct Site {
    address: SocketAddr,
    clock: Arc<ManualClock>,
    /// Signals that a request for `/slow` has arrived.
    slow_arrived: Arc<Notify>,
    /// Lets `/slow` answer.
    slow_answer: Arc<Notify>,
    shutdown: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (slow_arrived, slow_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (arrived, answer) = (Arc::clone(&slow_arrived), Arc::clone(&slow_answer));
        let slow = move || {
            let (arrived, answer) = (Arc::clone(&arrived), Arc::clone(&answer));
            async move {
                arrived.notify_one();
                answer.notified().await;
                "at last"
            }
        };
        let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
        let router = Router::new().route("/peer", get(peer)).route("/slow", get(slow));
        let (clock, shutdown) = (ManualClock::at(1_000), CancellationToken::new());
        let (_, routers) = watch::channel(router);
        let server = tokio::spawn(serve(listener, routers, clock.clone(), shutdown.clone()));
        Self { address, clock, slow_arrived, slow_answer, shutdown, server }
    }

    async fn open(&self, text: &str) -> TcpStream {
        self.open_from(1, text).await
    }

    /// Opens a connection from the address `127.0.0.<client>`.
    async fn open_from(&self, client: u8, text: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, client], 0))).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Returns all that a connection with one request brings.
    async fn get(&self, path: &str) -> String {
        read_all(self.open(&request(path)).await).await
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.server.await.unwrap().unwrap();
    }
}

/// Returns a request without `Connection: close`, so that the server has to close.
fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn connection_carries_one_request_and_its_peer() {
    let site = Site::start().await;
    let stream = site.open(&request("/peer").repeat(2)).await;
    let local = stream.local_addr().unwrap().to_string();
    let answer = read_all(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with(&format!("\r\n\r\n{local}")),
        "{answer}"
    );
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    site.stop().await;
}

#[tokio::test]
async fn slow_head_is_cut_off_after_timeout() {
    let site = Site::start().await;
    let mut slow = Vec::new();
    for text in ["", "GET /peer HT", "GET /peer HTTP/1.1\r\nhost: x\r\nx-slow: 1\r\n"] {
        slow.push(site.open(text).await);
    }
    // Connections are accepted in order, so after this answer the timers of the others run.
    site.get("/peer").await;
    site.clock.advance(HEAD_TIMEOUT.checked_sub(A_MILLISECOND).unwrap());
    let mut last = slow.pop().unwrap();
    last.write_all(b"\r\n").await.unwrap();
    assert!(read_all(last).await.starts_with("HTTP/1.1 200"), "9.999 s");
    let mut late = site.open("GET /peer HT").await;
    site.get("/peer").await;
    site.clock.advance(A_MILLISECOND);
    for stream in slow {
        assert_eq!(read_all(stream).await, "", "10 s");
    }
    late.write_all(b"TP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(read_all(late).await.starts_with("HTTP/1.1 200"), "each connection has its own timer");
    site.stop().await;
}

/// Returns the client of the nth connection, if each client opens as many as it may.
fn nth_client(n: usize) -> u8 {
    u8::try_from(n / MAX_PER_CLIENT + 1).unwrap()
}

#[tokio::test]
async fn half_sent_requests_keep_no_other_client_out() {
    let site = Site::start().await;
    let mut half_sent = Vec::new();
    for n in 0..MAX_CONNECTIONS {
        half_sent.push(site.open_from(nth_client(n), "GET /peer HT").await);
    }
    let other = site.open_from(9, &request("/peer")).await;
    assert!(read_all(other).await.starts_with("HTTP/1.1 200"), "a fifth client");
    assert_eq!(read_all(half_sent.remove(0)).await, "", "the oldest connection is closed");
    for mut stream in half_sent {
        stream.write_all(b"TP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(read_all(stream).await.starts_with("HTTP/1.1 200"), "all others are kept");
    }
    site.stop().await;
}

#[tokio::test]
async fn connection_waits_while_all_places_work() {
    let site = Site::start().await;
    let mut slow = Vec::new();
    for n in 0..MAX_CONNECTIONS {
        slow.push(site.open_from(nth_client(n), &request("/slow")).await);
        site.slow_arrived.notified().await;
    }
    let waiting = site.open_from(9, &request("/peer")).await;
    // Enough turns of the runtime to answer, if the server could.
    for _ in 0..4 * MAX_CONNECTIONS {
        tokio::task::yield_now().await;
    }
    assert!(waiting.try_read(&mut [0]).is_err(), "answered although no place is free");
    site.slow_answer.notify_one();
    assert!(read_all(waiting).await.starts_with("HTTP/1.1 200"));
    site.slow_answer.notify_waiters();
    for stream in slow {
        assert!(read_all(stream).await.ends_with("at last"));
    }
    site.stop().await;
}

#[tokio::test]
async fn half_sent_requests_of_a_client_yield_to_its_next() {
    let site = Site::start().await;
    let mut half_sent = Vec::new();
    for _ in 0..MAX_PER_CLIENT {
        half_sent.push(site.open("GET /peer HT").await);
    }
    let other = site.open_from(2, "GET /peer HT").await;
    let at_the_limit = half_sent[0].try_read(&mut [0]);
    assert_eq!(at_the_limit.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "still open");
    assert!(site.get("/peer").await.starts_with("HTTP/1.1 200"), "the next request is answered");
    assert_eq!(read_all(half_sent.remove(0)).await, "", "the oldest connection is closed");
    for mut stream in half_sent.into_iter().chain([other]) {
        stream.write_all(b"TP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(read_all(stream).await.starts_with("HTTP/1.1 200"), "all others are kept");
    }
    site.stop().await;
}

#[tokio::test]
async fn requests_in_flight_are_never_closed_for_another() {
    let site = Site::start().await;
    let mut slow = Vec::new();
    for _ in 0..MAX_PER_CLIENT {
        slow.push(site.open(&request("/slow")).await);
        site.slow_arrived.notified().await;
    }
    let mut refused = site.open(&request("/peer")).await;
    let mut answer = String::new();
    // The system can report the unread request as a reset connection.
    let _ = refused.read_to_string(&mut answer).await;
    assert_eq!(answer, "", "one more than the client may have");
    let other = site.open_from(2, &request("/peer")).await;
    assert!(read_all(other).await.starts_with("HTTP/1.1 200"), "another client");
    site.slow_answer.notify_waiters();
    for stream in slow {
        assert!(read_all(stream).await.ends_with("at last"));
    }
    assert!(site.get("/peer").await.starts_with("HTTP/1.1 200"), "the places are free again");
    site.stop().await;
}

#[tokio::test]
async fn shutdown_finishes_requests_in_flight() {
    let site = Site::start().await;
    let silent = site.open("").await;
    let slow = site.open(&request("/slow")).await;
    site.slow_arrived.notified().await;
    site.shutdown.cancel();
    assert_eq!(read_all(silent).await, "", "a connection without a request is closed at once");
    assert!(TcpStream::connect(site.address).await.is_err(), "the listener is closed");
    site.slow_answer.notify_one();
    assert!(read_all(slow).await.ends_with("at last"));
    site.stop().await;
}

#[tokio::test]
async fn shutdown_ends_after_grace_period() {
    let site = Site::start().await;
    let _slow = site.open(&request("/slow")).await;
    site.slow_arrived.notified().await;
    site.shutdown.cancel();
    // The grace period starts once the listener is closed.
    while TcpStream::connect(site.address).await.is_ok() {}
    site.clock.advance(SHUTDOWN_GRACE.checked_sub(A_MILLISECOND).unwrap());
    tokio::task::yield_now().await;
    assert!(!site.server.is_finished(), "4.999 s");
    site.clock.advance(A_MILLISECOND);
    site.stop().await;
}
