//! An erasure whose commit is not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use commands::ports::clock::Clock;
use commands::ports::customers::Customers as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::{JULIA, walk};
use crate::store::testing::{count_rows, on_both};
use crate::store::{Database, Occasion};
use crate::telemetry::{self, Format};
use crate::trail::TRAIL;

/// Starts a proxy to the server of `url` that cuts a connection after its commit. Returns its URL
/// and the number of cuts.
async fn cut_after_commit(url: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (before, place) = url.rsplit_once('@').unwrap();
    let (server, database) = place.split_once('/').unwrap();
    let server = server.to_owned();
    let cuts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cuts);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let (cut, is_cut) = tokio::sync::watch::channel(false);
            tokio::spawn(forward(from_client, to_server, move |bytes: &[u8]| {
                if bytes.windows(6).any(|word| word == b"COMMIT") {
                    cut.send_replace(true);
                }
                true
            }));
            let counted = Arc::clone(&counted);
            tokio::spawn(forward(from_server, to_client, move |_: &[u8]| {
                let is_cut = *is_cut.borrow();
                counted.fetch_add(usize::from(is_cut), Ordering::SeqCst);
                !is_cut
            }));
        }
    });
    (format!("{before}@{address}/{database}"), cuts)
}

/// Forwards bytes until `passes` is false, and closes both ends then.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    passes: impl Fn(&[u8]) -> bool + Send + 'static,
) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if !passes(&buffer[..length]) || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn committed_erasure_without_an_answer_is_done() {
    on_both(async |bed| {
        let database = bed.open().await;
        if bed.url.starts_with("sqlite") {
            // A commit to a file needs no connection.
            return;
        }
        let julia = walk(&database, 1, JULIA).await;
        let (url, cuts) = cut_after_commit(&bed.url).await;
        let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
        let cut = Database::open(&url, Arc::clone(&bed.keys), clock).await.unwrap();
        let log = tempfile::NamedTempFile::new().unwrap();
        let file = log.reopen().unwrap();
        let subscriber = telemetry::subscriber("warn", Format::Json, Arc::new(file)).unwrap();
        let logging = tracing::subscriber::set_default(subscriber);
        let erased = cut.erase(&julia, Occasion::Request).await.unwrap();
        drop(logging);
        assert_eq!((erased.sessions, cuts.load(Ordering::SeqCst)), (1, 1));
        assert_eq!(database.find_pseudonym(JULIA).await.unwrap(), None);
        assert_eq!(count_rows(&database, "events where kind = 'customer_erased'").await, 1);
        let log = std::fs::read_to_string(log.path()).unwrap();
        let lines = log.lines().filter(|line| line.contains(TRAIL) && line.contains("erased"));
        assert_eq!(lines.count(), 1, "{log}");
    })
    .await;
}
