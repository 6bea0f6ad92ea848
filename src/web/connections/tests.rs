//! Tests of the connections, over real sockets and by a clock that the test moves.

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::clock::hand::HandClock;

/// A listener with two pages: one that says who asks, and one that answers when the test lets it.
struct Site {
    address: SocketAddr,
    clock: Arc<HandClock>,
    /// Somebody asks for the slow page, and it may answer.
    asked: Arc<Notify>,
    answers: Arc<Notify>,
    stop: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

async fn site() -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, lets) = (Arc::clone(&asked), Arc::clone(&answers));
    let slow = move || {
        let (told, lets) = (Arc::clone(&told), Arc::clone(&lets));
        async move {
            told.notify_one();
            lets.notified().await;
            "at last"
        }
    };
    let who = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
    let router = Router::new().route("/who", get(who)).route("/slow", get(slow));
    let (clock, stop) = (HandClock::at(1_000), CancellationToken::new());
    let server = tokio::spawn(serve(listener, router, clock.clone(), stop.clone()));
    Site { address, clock, asked, answers, stop, server }
}

impl Site {
    async fn opens(&self, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer to a request, to the end of its connection.
    async fn asks(&self, path: &str) -> String {
        rest(self.opens(&request(path)).await).await
    }

    async fn stops(self) {
        self.stop.cancel();
        self.server.await.unwrap().unwrap();
    }
}

/// Without `Connection: close`: that this is the last request is ours to say.
fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_connection_carries_one_request_and_says_from_where() {
    let site = site().await;
    let stream = site.opens(&request("/who").repeat(2)).await;
    let us = stream.local_addr().unwrap().to_string();
    let answer = rest(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with(&format!("\r\n\r\n{us}")),
        "{answer}"
    );
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    site.stops().await;
}

#[tokio::test]
async fn who_does_not_say_in_time_what_they_want_is_cut_off() {
    let site = site().await;
    let mut slow = Vec::new();
    for words in ["", "GET /who HT", "GET /who HTTP/1.1\r\nhost: x\r\nx-slow: 1\r\n"] {
        slow.push(site.opens(words).await);
    }
    // Connections are taken in their order: once this one is answered the others are waited for.
    site.asks("/who").await;
    site.clock.advance(HEAD_PATIENCE.checked_sub(Duration::from_millis(1)).unwrap());
    let mut last = slow.pop().unwrap();
    last.write_all(b"\r\n").await.unwrap();
    assert!(rest(last).await.starts_with("HTTP/1.1 200"), "9.999 s");
    let mut late = site.opens("GET /who HT").await;
    site.asks("/who").await;
    site.clock.advance(Duration::from_millis(1));
    for stream in slow {
        assert_eq!(rest(stream).await, "", "10 s");
    }
    late.write_all(b"TP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(rest(late).await.starts_with("HTTP/1.1 200"), "each has its own ten seconds");
    site.stops().await;
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_waits() {
    let site = site().await;
    let mut silent = Vec::new();
    for _ in 0..MOST_CONNECTIONS {
        silent.push(site.opens("").await);
    }
    let waiting = site.opens(&request("/who")).await;
    // Turns enough for everything that could be done.
    for _ in 0..4 * MOST_CONNECTIONS {
        tokio::task::yield_now().await;
    }
    assert!(waiting.try_read(&mut [0]).is_err(), "nothing to read");
    drop(silent.pop());
    assert!(rest(waiting).await.starts_with("HTTP/1.1 200"));
    site.stops().await;
}

#[tokio::test]
async fn what_is_in_flight_ends_and_nothing_new_begins() {
    let site = site().await;
    let silent = site.opens("").await;
    let slow = site.opens(&request("/slow")).await;
    site.asked.notified().await;
    site.stop.cancel();
    assert_eq!(rest(silent).await, "", "who has not asked yet is not waited for");
    assert!(TcpStream::connect(site.address).await.is_err(), "the listener is gone");
    site.answers.notify_one();
    assert!(rest(slow).await.ends_with("at last"));
    site.stops().await;
}

#[tokio::test]
async fn but_not_for_ever() {
    let site = site().await;
    let _slow = site.opens(&request("/slow")).await;
    site.asked.notified().await;
    site.stop.cancel();
    // The listener is gone: from now on the grace runs.
    while TcpStream::connect(site.address).await.is_ok() {}
    site.clock.advance(STOP_GRACE.checked_sub(Duration::from_millis(1)).unwrap());
    tokio::task::yield_now().await;
    assert!(!site.server.is_finished(), "4.999 s");
    site.clock.advance(Duration::from_millis(1));
    site.stops().await;
}
