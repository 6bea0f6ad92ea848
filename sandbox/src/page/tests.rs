//! The page over HTTP, as a browser requests it.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::clock::ManualClock;
use crate::seed::{BOT_TOKEN, LEADS_CHANNEL_ID, Seed};
use crate::{Sandbox, Settings};

/// 2026-08-01 12:00 UTC.
const NOON: i64 = 1_785_585_600_000;

async fn sandbox() -> Sandbox {
    let settings = Settings {
        clock: ManualClock::at(NOON),
        listen: ([127, 0, 0, 1], 0).into(),
        core_database: "sqlite::memory:".to_owned(),
        seed: Seed::demo(),
    };
    Sandbox::start(settings).await.unwrap()
}

/// Sends a request. Returns status, head and body.
async fn send(
    sandbox: &Sandbox,
    request: &str,
    headers: &str,
    body: &str,
) -> (u16, String, String) {
    let url = sandbox.url();
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

async fn get(sandbox: &Sandbox, path: &str) -> (u16, String, String) {
    let headers = "sec-fetch-site: same-origin\r\n";
    send(sandbox, &format!("GET {path}"), headers, "").await
}

async fn state(sandbox: &Sandbox, person: &str) -> Value {
    let (status, _, body) = get(sandbox, &format!("/_sandbox/state?person={person}")).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn submit(sandbox: &Sandbox, action: Value) -> (u16, Value) {
    let headers = "sec-fetch-site: same-origin\r\ncontent-type: application/json\r\n";
    let (status, _, body) =
        send(sandbox, "POST /_sandbox/action", headers, &action.to_string()).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// Posts a public message in the leads' channel, as the bot posts alerts.
async fn post_alert(sandbox: &Sandbox, body: &Value) {
    let headers = format!(
        "authorization: Bot {BOT_TOKEN}\r\nuser-agent: DiscordBot (https://bot.example, 1.0)\r\n\
         content-type: application/json\r\n"
    );
    let request = format!("POST /api/v10/channels/{LEADS_CHANNEL_ID}/messages");
    let (status, _, answer) = send(sandbox, &request, &headers, &body.to_string()).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn page_files_have_strict_headers() {
    let sandbox = sandbox().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/_sandbox/static/page.js", "text/javascript"),
        ("/_sandbox/static/base.css", "text/css"),
    ] {
        let (status, head, _) = get(&sandbox, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(&format!("content-type: {kind}")), "{head}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
        assert!(!head.contains("unsafe-inline"), "{head}");
    }
    assert_eq!(get(&sandbox, "/_sandbox/static/../mod.rs").await.0, 404);
    sandbox.stop().await;
}

#[tokio::test]
async fn foreign_page_cannot_act_or_read() {
    let sandbox = sandbox().await;
    let body = json!({ "person": "ana", "kind": "locale", "locale": "en-US" }).to_string();
    let json_type = "content-type: application/json\r\n";
    for headers in [
        format!("{json_type}sec-fetch-site: cross-site\r\n"),
        format!("{json_type}origin: http://evil.example\r\n"),
        "content-type: text/plain\r\nsec-fetch-site: same-origin\r\n".to_owned(),
    ] {
        let (status, ..) = send(&sandbox, "POST /_sandbox/action", &headers, &body).await;
        assert_eq!(status, 403, "{headers}");
    }
    let headers = "sec-fetch-site: cross-site\r\nsec-fetch-mode: cors\r\n";
    assert_eq!(send(&sandbox, "GET /_sandbox/state", headers, "").await.0, 403);
    assert_eq!(state(&sandbox, "ana").await["person"]["locale"], "es-ES");
    sandbox.stop().await;
}

#[tokio::test]
async fn state_has_all_fields_of_the_script() {
    let sandbox = sandbox().await;
    let state = state(&sandbox, "olga").await;
    assert_eq!(state["now"], NOON);
    assert_eq!(state["person"]["name"], "olga");
    assert_eq!(state["person"]["roles"][0]["kind"], "agent");
    assert!(state["person"]["note"]["en"].as_str().unwrap().contains("/account link"));
    assert!(state["people"].as_array().unwrap().len() >= 8);
    assert!(state["channels"][0]["id"].is_string(), "JavaScript rounds numbers of this size");
    assert!(
        state["customers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|each| each["email"] == "julia@example.com")
    );
    assert_eq!(state["violations"], json!([]));
    assert_eq!(state["modal"], Value::Null);
    sandbox.stop().await;
}

#[tokio::test]
async fn browser_language_chooses_the_default_person() {
    let sandbox = sandbox().await;
    for (language, name) in [
        ("es", "ana"),
        ("es-MX,es;q=0.9,en;q=0.8", "ana"),
        ("es-419;q=0.9", "ana"),
        ("en-GB,es;q=0.9", "ben"),
        ("est", "ben"),
        ("*", "ben"),
    ] {
        let headers = format!("accept-language: {language}\r\n");
        let (status, _, body) = send(&sandbox, "GET /_sandbox/state", &headers, "").await;
        assert_eq!(status, 200, "{body}");
        let screen: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(screen["person"]["name"], name, "{language}");
    }
    assert_eq!(state(&sandbox, "").await["person"]["name"], "ben");
    sandbox.stop().await;
}

#[tokio::test]
async fn locale_and_channel_are_per_person() {
    let sandbox = sandbox().await;
    let leads = LEADS_CHANNEL_ID.to_string();
    assert_eq!(
        submit(&sandbox, json!({ "person": "ben", "kind": "locale", "locale": "es-ES" })).await.0,
        200
    );
    assert_eq!(
        submit(&sandbox, json!({ "person": "ben", "kind": "channel", "channel": leads })).await.0,
        200
    );
    let eva = json!({ "person": "eva", "kind": "locale", "locale": "es-419" });
    assert_eq!(submit(&sandbox, eva).await.0, 200);
    assert_eq!(state(&sandbox, "eva").await["person"]["locale"], "es-419");
    let ben = state(&sandbox, "ben").await;
    assert_eq!(
        (&ben["person"]["locale"], &ben["person"]["channel"]),
        (&json!("es-ES"), &json!(leads))
    );
    assert_ne!(state(&sandbox, "eva").await["person"]["channel"], json!(leads));
    sandbox.stop().await;
}

#[tokio::test]
async fn impossible_actions_return_errors() {
    let sandbox = sandbox().await;
    let refusals = [
        (json!({ "person": "ana", "kind": "command", "line": "/nothing" }), 409, "impossible"),
        (json!({ "person": "ana", "kind": "submit", "values": ["1"] }), 409, "impossible"),
        (
            json!({ "person": "ana", "kind": "press", "message": "1", "custom_id": "x" }),
            409,
            "impossible",
        ),
        (
            json!({ "person": "ana", "kind": "press", "message": "x", "custom_id": "x" }),
            400,
            "malformed",
        ),
        (json!({ "person": "ana", "kind": "channel", "channel": "1" }), 400, "malformed"),
        (json!({ "person": "ana", "kind": "locale", "locale": "xx" }), 400, "malformed"),
        (json!({ "person": "ana", "kind": "fly" }), 400, "malformed"),
        (
            json!({ "person": "ana", "kind": "mail", "mail": 1, "outcome": "delivered" }),
            400,
            "malformed",
        ),
        (
            json!({ "person": "ana", "kind": "mail", "mail": 1, "outcome": "read" }),
            400,
            "malformed",
        ),
        (json!({ "person": "zoe", "kind": "dismiss" }), 404, "unknown_person"),
    ];
    for (wrong, status, code) in refusals {
        let answer = submit(&sandbox, wrong.clone()).await;
        assert_eq!(answer.0, status, "{wrong}: {}", answer.1);
        assert_eq!(answer.1["error"]["code"], code, "{wrong}");
        let text = answer.1["error"]["text"].as_str().unwrap();
        assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn state_has_unknown_keys_of_the_bot() {
    let sandbox = sandbox().await;
    assert_eq!(state(&sandbox, "eva").await["unknown_keys"], json!([]));
    post_alert(&sandbox, &json!({ "content": "An alert", "colour": 1 })).await;
    assert_eq!(state(&sandbox, "eva").await["unknown_keys"], json!(["message: colour"]));
    sandbox.stop().await;
}

#[tokio::test]
async fn disabled_or_invisible_control_is_not_pressed() {
    let sandbox = sandbox().await;
    let row = json!({ "type": 1, "components": [
        { "type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": true },
        { "type": 2, "style": 2, "label": "On", "custom_id": "on" },
    ] });
    post_alert(&sandbox, &json!({ "content": "An alert", "components": [row] })).await;
    let leads = LEADS_CHANNEL_ID.to_string();
    submit(&sandbox, json!({ "person": "eva", "kind": "channel", "channel": leads })).await;
    let message = state(&sandbox, "eva").await["messages"][0]["id"].clone();
    let press = |person: &str, id: &str| json!({ "person": person, "kind": "press", "message": message, "custom_id": id });
    assert_eq!(submit(&sandbox, press("eva", "off")).await.0, 409);
    assert_eq!(submit(&sandbox, press("eva", "forged")).await.0, 409);
    // Ana looks at another channel.
    assert_eq!(submit(&sandbox, press("ana", "on")).await.0, 409);
    sandbox.stop().await;
}

#[tokio::test]
async fn changes_are_streamed_until_server_stops() {
    let sandbox = sandbox().await;
    let url = sandbox.url();
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /_sandbox/events HTTP/1.1\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = String::new();
    while received.matches("data: changed").count() < 1 {
        received.push_str(&read_some(&mut stream).await);
    }
    sandbox.discord.person("ben").locale("es-ES");
    while received.matches("data: changed").count() < 2 {
        received.push_str(&read_some(&mut stream).await);
    }
    sandbox.stop().await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
}

async fn read_some(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(read > 0, "the stream ended");
    String::from_utf8_lossy(&buffer[..read]).into_owned()
}
