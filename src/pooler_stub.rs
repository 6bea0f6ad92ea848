//! A small stand-in for a PostgreSQL server behind a pooler, as far as opening a database needs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Answers of the stand-in (PostgreSQL 15, chapter 55, "Message Formats").
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pooler {
    /// Refuses each connection with this code.
    RefusesConnections(&'static str),
    /// Refuses each prepared statement with this code.
    RefusesStatements(&'static str),
    /// Lends one connection of the server to all clients.
    SharesConnections,
    /// Keeps one connection of the server for each client.
    KeepsSessions,
}

/// Starts the stand-in. It runs until the test's runtime ends.
pub(crate) async fn start(pooler: Pooler) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let processes = Arc::new(AtomicI32::new(1));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let process = match pooler {
                Pooler::SharesConnections => 1,
                _ => processes.fetch_add(1, Ordering::Relaxed),
            };
            // A client that hangs up ends its task.
            tokio::spawn(async move { serve(client, pooler, process).await.unwrap_or_default() });
        }
    });
    format!("postgres://desk:hush@{address}/desk?sslmode=disable")
}

async fn serve(mut client: TcpStream, pooler: Pooler, process: i32) -> std::io::Result<()> {
    let length = client.read_i32().await?;
    read(&mut client, length).await?;
    if let Pooler::RefusesConnections(code) = pooler {
        return client.write_all(&error(code)).await;
    }
    client.write_all(&message(b'R', &0_i32.to_be_bytes())).await?;
    client.write_all(&message(b'K', &[0; 8])).await?;
    client.write_all(&message(b'Z', b"I")).await?;
    loop {
        let kind = client.read_u8().await?;
        let length = client.read_i32().await?;
        let body = read(&mut client, length).await?;
        match (kind, pooler) {
            (b'P', Pooler::RefusesStatements(code)) => client.write_all(&error(code)).await?,
            // The database is empty: there is no such table.
            (b'P', _) => client.write_all(&error("42P01")).await?,
            (b'S', _) => client.write_all(&message(b'Z', b"I")).await?,
            (b'Q', _) => {
                assert!(body.starts_with(b"select pg_backend_pid()"), "another statement");
                client.write_all(&process_row(process)).await?;
                client.write_all(&message(b'Z', b"I")).await?;
            }
            (b'X', _) => return Ok(()),
            _ => {}
        }
    }
}

async fn read(client: &mut TcpStream, length: i32) -> std::io::Result<Vec<u8>> {
    // The length counts itself.
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    client.read_exact(&mut body).await?;
    Ok(body)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

fn error(code: &str) -> Vec<u8> {
    // PgBouncer has one code for many refusals.
    let words =
        if code == "08P01" { "unsupported startup parameter: private" } else { "private words" };
    message(b'E', format!("SERROR\0VERROR\0C{code}\0M{words}\0\0").as_bytes())
}

/// Returns a result of one row with one `int4`, as text.
fn process_row(process: i32) -> Vec<u8> {
    const INT4: i32 = 23;
    let mut columns = 1_i16.to_be_bytes().to_vec();
    columns.extend(b"pid\0");
    columns.extend([0; 6]);
    columns.extend(INT4.to_be_bytes());
    columns.extend(4_i16.to_be_bytes());
    columns.extend((-1_i32).to_be_bytes());
    columns.extend(0_i16.to_be_bytes());
    let value = process.to_string();
    let mut row = 1_i16.to_be_bytes().to_vec();
    row.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
    row.extend(value.as_bytes());
    [message(b'T', &columns), message(b'D', &row), message(b'C', b"SELECT 1\0")].concat()
}
