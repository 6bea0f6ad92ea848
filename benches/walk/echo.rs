//! A client that only echoes: it reads an id and a token from each interaction and posts the same
//! answer, without any library of Discord's. What it reaches is the limit of the other side, which
//! nobody measured here can pass.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use sandbox::seed::{APPLICATION_ID, BOT_TOKEN, GUILD_ID};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;

/// Connections on which answers are posted, each one after the other.
const CONNECTIONS: usize = 16;
/// Shorter than any gateway's interval.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// The answer: an ephemeral "pong".
const PONG: &str = r#"{"type":4,"data":{"content":"pong","flags":64}}"#;
/// The command.
const PING: &str = r#"[{"name":"ping","description":"Answers at once.","type":1}]"#;
/// Room for an answer's head and what little follows it.
const ROOM: usize = 16 * 1024;

#[derive(Deserialize)]
struct Frame {
    t: Option<String>,
    #[serde(default)]
    d: Option<Delivered>,
}

/// What is read of an interaction; other events have other fields.
#[derive(Deserialize)]
struct Delivered {
    id: Option<String>,
    token: Option<String>,
}

/// Runs until it is killed.
pub async fn run(sandbox: &str) -> anyhow::Result<()> {
    let host = sandbox.strip_prefix("http://").context("the sandbox speaks plain HTTP")?;
    let route = format!("/api/v10/applications/{APPLICATION_ID}/guilds/{GUILD_ID}/commands");
    let (mut gateway, _) =
        tokio_tungstenite::connect_async(format!("ws://{host}/gateway/?v=10&encoding=json"))
            .await?;
    let identify = format!(
        r#"{{"op":2,"d":{{"token":"{BOT_TOKEN}","intents":0,"properties":{{"os":"linux"}},"compress":false}}}}"#
    );
    gateway.send(Message::text(identify)).await?;
    call(&mut TcpStream::connect(host).await?, host, "PUT", &route, PING).await?;

    let mut wires = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (wire, paths) = unbounded_channel();
        tokio::spawn(answer(stream, host.to_owned(), paths));
        wires.push(wire);
    }
    let mut turn = wires.iter().cycle();
    let mut heart = tokio::time::interval(HEARTBEAT);
    loop {
        let message = tokio::select! {
            message = gateway.next() => message.context("the gateway hung up")??,
            _ = heart.tick() => {
                gateway.send(Message::text(r#"{"op":1,"d":null}"#)).await?;
                continue;
            }
        };
        let Message::Text(text) = message else { continue };
        // Frames of other shapes are of no interest.
        let Ok(Frame { t: Some(event), d: Some(Delivered { id: Some(id), token: Some(token) }) }) =
            serde_json::from_str(&text)
        else {
            continue;
        };
        if event == "INTERACTION_CREATE"
            && let Some(wire) = turn.next()
        {
            wire.send(format!("/api/v10/interactions/{id}/{token}/callback"))?;
        }
    }
}

async fn answer(
    mut stream: TcpStream,
    host: String,
    mut paths: UnboundedReceiver<String>,
) -> anyhow::Result<()> {
    while let Some(path) = paths.recv().await {
        if let Err(error) = call(&mut stream, &host, "POST", &path, PONG).await {
            eprintln!("echo: {error:#}");
            return Err(error);
        }
    }
    Ok(())
}

/// One call on a connection that stays open.
async fn call(
    stream: &mut TcpStream,
    host: &str,
    method: &str,
    path: &str,
    body: &str,
) -> anyhow::Result<()> {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bot {BOT_TOKEN}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; ROOM];
    let mut read = 0;
    while !answer[..read].windows(4).any(|end| end == b"\r\n\r\n") {
        let more = stream.read(&mut answer[read..]).await?;
        anyhow::ensure!(more > 0, "the connection ended");
        read += more;
    }
    anyhow::ensure!(
        answer.starts_with(b"HTTP/1.1 20"),
        "{}",
        String::from_utf8_lossy(&answer[..read])
    );
    Ok(())
}
