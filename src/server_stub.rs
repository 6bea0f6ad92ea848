//! Small stand-ins in front of a PostgreSQL server: one that loses its power, and one with TLS.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Proxy to a server that can lose its power. Then all bytes on its connections disappear, and no
/// connection ends.
pub(crate) struct PowerSwitch {
    /// URL of the server behind the proxy.
    pub(crate) url: String,
    /// Odd while the server has no power.
    changes: Arc<AtomicU64>,
}

impl PowerSwitch {
    /// Starts a proxy to the server of `url`. It runs until the test's runtime ends.
    pub(crate) async fn start(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (before, place) = url.rsplit_once('@').unwrap();
        let (server, database) = place.split_once('/').unwrap();
        let (server, changes) = (server.to_owned(), Arc::new(AtomicU64::new(0)));
        let known = Arc::clone(&changes);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(forward(from_client, to_server, Arc::clone(&known)));
                tokio::spawn(forward(from_server, to_client, Arc::clone(&known)));
            }
        });
        Self { url: format!("{before}@{address}/{database}"), changes }
    }

    /// Makes all connections silent, and new ones too.
    pub(crate) fn lose_power(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets new connections reach a server that answers.
    pub(crate) fn regain_power(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, changes: Arc<AtomicU64>) {
    let since = changes.load(Ordering::SeqCst);
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if since % 2 == 1 || changes.load(Ordering::SeqCst) != since {
            // Keeps both ends open.
            std::future::pending::<()>().await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// A server that answers the request for TLS with a self-made certificate for `localhost`, and
/// then nothing.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    /// File of the certificate.
    pub(crate) certificate: String,
    openssl: Child,
    _folder: TempDir,
}

impl TlsServer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        let (key, certificate) = (file("key.pem"), file("certificate.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-newkey", "ec", "-days", "2"])
            .args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"])
            .args(["-keyout", &key, "-out", &certificate])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut openssl = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-cert", &certificate, "-key", &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(openssl.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(ToOwned::to_owned))
            .unwrap();
        // Keeps the pipe open, which the server writes to.
        std::thread::spawn(move || lines.for_each(drop));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                // PostgreSQL 15, chapter 55.2.10: SSLRequest has eight bytes, and S means yes.
                client.read_exact(&mut [0; 8]).await.unwrap();
                client.write_all(b"S").await.unwrap();
                let mut server = TcpStream::connect(&address).await.unwrap();
                tokio::spawn(async move {
                    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()
                });
            }
        });
        Self { port, certificate, openssl, _folder: folder }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.openssl.kill();
        let _ = self.openssl.wait();
    }
}
