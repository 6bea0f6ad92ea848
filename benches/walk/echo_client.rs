//! Echo client: no library of Discord, only a WebSocket and HTTP. It answers every interaction with
//! "pong" and shows the least that an answer costs on this machine.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Client;
use sandbox::seed::{BOT_TOKEN, GUILD_ID};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// First argument of the process that runs this client. The sandbox's URL follows.
pub const ECHO_CLIENT: &str = "as-echo-client";

/// Gateway opcodes: an event, a heartbeat or the request of one, and IDENTIFY.
const DISPATCH: u64 = 0;
const HEARTBEAT: u64 = 1;
const IDENTIFY: u64 = 2;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Runs the client until the process is killed.
pub async fn run(sandbox: &str) -> anyhow::Result<()> {
    // Discord refuses calls without this form of user agent.
    let http = Client::builder().user_agent("DiscordBot (https://waizant.example, 1)").build()?;
    let api = format!("{sandbox}/api/v10");
    let get = async |path: &str| -> anyhow::Result<Value> {
        let request = http.get(format!("{api}{path}")).header("Authorization", bot_token());
        Ok(serde_json::from_slice(&request.send().await?.error_for_status()?.bytes().await?)?)
    };
    let application = get("/oauth2/applications/@me").await?;
    let application = application["id"].as_str().context("the application has no id")?;
    let commands = json!([{"name": "ping", "description": "Answers at once", "type": 1}]);
    http.put(format!("{api}/applications/{application}/guilds/{GUILD_ID}/commands"))
        .header("Authorization", bot_token())
        .header("Content-Type", "application/json")
        .body(commands.to_string())
        .send()
        .await?
        .error_for_status()?;
    let gateway = get("/gateway/bot").await?;
    let gateway = gateway["url"].as_str().context("the gateway has no address")?;
    let url = format!("{gateway}/?v=10&encoding=json");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
    let hello = next_event(&mut socket).await?;
    let interval = hello["d"]["heartbeat_interval"].as_u64().context("no HELLO")?;
    let mut heartbeat = tokio::time::interval(Duration::from_millis(interval));
    heartbeat.tick().await;
    let identify = json!({"op": IDENTIFY, "d": {
        "token": BOT_TOKEN,
        "intents": 0,
        "properties": {"os": "linux", "browser": "echo", "device": "echo"},
    }});
    socket.send(Message::text(identify.to_string())).await?;
    let mut sequence = Value::Null;
    loop {
        let is_due = tokio::select! {
            event = next_event(&mut socket) => {
                let mut event = event?;
                if event["op"] == DISPATCH {
                    sequence = event["s"].take();
                }
                if event["t"] == "INTERACTION_CREATE" {
                    tokio::spawn(answer(http.clone(), api.clone(), event["d"].take()));
                }
                event["op"] == HEARTBEAT
            }
            _ = heartbeat.tick() => true,
        };
        if is_due {
            let beat = json!({"op": HEARTBEAT, "d": sequence});
            socket.send(Message::text(beat.to_string())).await?;
        }
    }
}

async fn next_event(socket: &mut Socket) -> anyhow::Result<Value> {
    loop {
        let message = socket.next().await.context("the gateway has closed the connection")??;
        if let Message::Text(text) = message {
            return Ok(serde_json::from_str(&text)?);
        }
    }
}

fn bot_token() -> String {
    format!("Bot {BOT_TOKEN}")
}

/// Answers one interaction. A failure ends only this answer, and the load then counts no answer.
async fn answer(http: Client, api: String, interaction: Value) {
    let (Some(id), Some(token)) = (interaction["id"].as_str(), interaction["token"].as_str())
    else {
        return;
    };
    let callback = json!({"type": 4, "data": {"content": "pong", "flags": 64}});
    let sent = http
        .post(format!("{api}/interactions/{id}/{token}/callback"))
        .header("Content-Type", "application/json")
        .body(callback.to_string())
        .send()
        .await;
    if let Err(error) = sent {
        eprintln!("no answer: {}", error.without_url());
    }
}
