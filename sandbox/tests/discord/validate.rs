//! Refusals of invalid requests, and their record.

use std::time::Duration;

use sandbox::discord::RestFault;
use sandbox::seed::LEADS_CHANNEL_ID;
use serde_json::{Value, json};

use super::bot::Bot;
use super::{buttons, world};

#[tokio::test]
async fn invalid_body_is_refused_and_recorded() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let bot = &mut world.bot;
    let corrected = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        let button = json!({ "type": 2, "style": 5, "label": "App", "url": "waizant://open" });
        let body =
            json!({ "type": 4, "data": { "components": [{ "type": 1, "components": [button] }] } });
        let (status, body) = bot.answer(&interaction, &body).await;
        assert_eq!((status, &body["code"]), (400, &json!(50035)));
        let path = "/errors/data/components/0/components/0/url/_errors/0/code";
        assert_eq!(body.pointer(path), Some(&json!("URL_TYPE_INVALID_SCHEME")));
        let legal = json!({ "type": 4, "data": { "content": "fine", "flags": 64 } });
        assert_eq!(bot.answer(&interaction, &legal).await.0, 204);
    };
    tokio::join!(ana.types("/support technical email:j@example.com"), corrected);
    let violations = world.sandbox.discord.take_violations();
    assert_eq!(violations.len(), 1);
    assert!(violations[0].what.contains("50035") && violations[0].body.contains("waizant://open"));
    assert!(
        violations[0].route.ends_with("…/callback"),
        "the token is shortened: {}",
        violations[0].route
    );
}

#[tokio::test]
async fn answer_after_three_seconds_is_refused() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let (bot, clock) = (&mut world.bot, world.clock.clone());
    let late = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        clock.advance(Duration::from_millis(3_001));
        let (status, body) = bot.answer(&interaction, &json!({ "type": 5 })).await;
        assert_eq!((status, &body["code"]), (404, &json!(10062)));
    };
    tokio::join!(ana.types("/support technical email:j@example.com"), late);
    assert_eq!(ana.sees().await, "/support technical (This interaction failed)");
    assert_eq!(world.violations().len(), 1);
}

#[tokio::test]
async fn second_answer_is_refused() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let (status, body) = world.bot.answer(&interaction, &json!({ "type": 5 })).await;
    assert_eq!((status, &body["code"]), (400, &json!(40060)));
    assert!(world.violations()[0].contains("40060"));
}

#[tokio::test]
async fn token_expires_after_fifteen_minutes() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    world.advance(899);
    assert_eq!(world.bot.edit(&interaction, &json!({ "content": "still" })).await.0, 200);
    world.advance(1);
    let (status, body) = world.bot.edit(&interaction, &json!({ "content": "dead" })).await;
    assert_eq!((status, &body["code"]), (401, &json!(50027)));
    assert_eq!(world.violations().len(), 1);
    assert!(world.sandbox.discord.person("ana").reads().starts_with("still"));
}

#[tokio::test]
async fn answer_type_must_fit_the_interaction() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let modal = json!({ "type": 9, "data": { "title": "Code", "custom_id": "m", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "c", "style": 1, "label": "Code" }] }
    ] } });
    let bot = &mut world.bot;
    let command = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        assert_eq!(bot.answer(&interaction, &json!({ "type": 6 })).await.0, 400);
        assert_eq!(bot.answer(&interaction, &modal).await.0, 204);
        assert_eq!(
            bot.edit(&interaction, &json!({ "content": "x" })).await.1["code"],
            10008,
            "a modal owns no message"
        );
    };
    tokio::join!(ana.types("/support technical email:j@example.com"), command);
    let bot = &mut world.bot;
    let submit = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        assert!(interaction.get("message").is_none(), "a command opened the modal");
        assert_eq!(bot.answer(&interaction, &modal).await.0, 400);
        assert_eq!(
            bot.answer(&interaction, &json!({ "type": 7, "data": { "content": "x" } })).await.0,
            400
        );
        let deferred = json!({ "type": 5, "data": { "flags": 64, "content": "no" } });
        assert_eq!(
            bot.answer(&interaction, &deferred).await.0,
            400,
            "a deferred answer has no content"
        );
        assert_eq!(
            bot.answer(&interaction, &json!({ "type": 5, "data": { "flags": 64 } })).await.0,
            204
        );
        assert_eq!(bot.edit(&interaction, &json!({ "content": "" })).await.1["code"], 50006);
        assert_eq!(bot.edit(&interaction, &json!({ "content": "done" })).await.0, 200);
    };
    tokio::join!(ana.submits(["123456"]), submit);
    assert_eq!(ana.sees().await, "done");
    assert_eq!(world.violations().len(), 6);
}

#[tokio::test]
async fn follow_up_fills_deferred_message_with_same_audience() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let types = async { ana.types("/support technical email:j@example.com").await };
    let interaction = world.exchange(types, &json!({ "type": 5 })).await;
    let path = Bot::webhook(&interaction, "?wait=true");
    let secret = json!({ "content": "secret", "flags": 64 });
    assert_eq!(world.bot.call("POST", &path, &secret).await.0, 400, "the first answer was public");
    let (status, message) = world.bot.call("POST", &path, &json!({ "content": "for all" })).await;
    assert_eq!(status, 200);
    let (_, original) = world
        .bot
        .call("GET", &Bot::webhook(&interaction, "/messages/@original"), &json!(null))
        .await;
    assert_eq!(message["id"], original["id"]);
    assert_eq!(world.sandbox.discord.person("ben").sees().await, "(everyone sees this)\nfor all");
    assert_eq!(world.violations().len(), 1);
}

#[tokio::test]
async fn alerts_with_same_nonce_are_one_message() {
    let world = world().await;
    let path = format!("/channels/{LEADS_CHANNEL_ID}/messages");
    let alert = json!({ "content": "locked", "nonce": "a1", "enforce_nonce": true, "tts": false, "embeds": [] });
    let (_, first) = world.bot.call("POST", &path, &alert).await;
    let (status, second) = world.bot.call("POST", &path, &alert).await;
    assert_eq!((status, &first["id"]), (200, &second["id"]));
    assert_eq!(
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await,
        "(everyone sees this)\nlocked"
    );
    assert_eq!(world.sandbox.discord.channel_unread(LEADS_CHANNEL_ID), [] as [String; 0]);
    assert_eq!(world.bot.call("POST", "/channels/1/messages", &alert).await.1["code"], 10003);
}

const MULTIPART: &str = "multipart/form-data; boundary=b";

/// Builds a body with the file `qr.png` and `payload`.
fn form_with_file(payload: &Value) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"qr.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n\
         --b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{payload}\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn embed_shows_description_of_its_file() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let file = json!({ "id": 0, "filename": "qr.png", "description": "A QR code" });
    let embed = json!({ "image": { "url": "attachment://qr.png" } });
    let form = form_with_file(&json!({ "embeds": [embed], "attachments": [file] }));
    let path = Bot::webhook(&interaction, "");
    let (status, message) = world.bot.raw("POST", &path, MULTIPART, form.as_bytes()).await;
    assert_eq!(status, 200, "{message}");
    let shown = world.sandbox.discord.person("ana").messages().pop().unwrap();
    assert_eq!(shown.embeds[0]["image"]["description"], "A QR code");
}

#[tokio::test]
async fn uploaded_files_are_served() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let payload = json!({ "content": "scan", "flags": 64, "attachments": [{ "id": 0, "filename": "qr.png" }] });
    let path = Bot::webhook(&interaction, "");
    let form = form_with_file(&payload);
    let (status, message) = world.bot.raw("POST", &path, MULTIPART, form.as_bytes()).await;
    assert_eq!(
        (status, &message["attachments"][0]["filename"]),
        (200, &json!("qr.png")),
        "{message}"
    );
    let ana = world.sandbox.discord.person("ana");
    assert_eq!(ana.file("qr.png"), b"PNG");
    assert!(ana.sees().await.ends_with("scan\n(image qr.png)"));

    let id = message["id"].as_str().unwrap();
    let path = Bot::webhook(&interaction, &format!("/messages/{id}"));
    let expired = json!({ "content": "expired", "attachments": [] });
    assert_eq!(world.bot.call("PATCH", &path, &expired).await.0, 200);
    assert_eq!(ana.sees().await, "expired");
    assert_eq!(world.violations(), [] as [String; 0]);
}

#[tokio::test]
async fn injected_faults_are_not_violations() {
    let mut world = world().await;
    let faults = world.sandbox.discord.faults();
    let ana = world.sandbox.discord.person("ana");
    let (bot, clock) = (&mut world.bot, world.clock.clone());
    let answer: Value = json!({ "type": 4, "data": { "content": "made it", "flags": 64 } });
    faults.next_calls(1, RestFault::TooMany { retry_after: Duration::from_millis(1_500) });
    faults.next_calls(1, RestFault::Status(502));
    faults.next_calls(1, RestFault::Cut);
    faults.lose_next_answer();
    let stubborn = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        let (status, body) = bot.answer(&interaction, &answer).await;
        assert_eq!((status, &body["retry_after"]), (429, &json!(1.5)));
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(bot.answer(&interaction, &answer).await.0, 502);
        assert_eq!(bot.answer(&interaction, &answer).await.0, 0, "cut before processing");
        assert_eq!(
            bot.answer(&interaction, &answer).await.0,
            0,
            "processed, but the answer is lost"
        );
        assert_eq!(bot.answer(&interaction, &answer).await.1["code"], 40060);
    };
    tokio::join!(ana.types("/support technical email:j@example.com"), stubborn);
    assert_eq!(ana.sees().await, "made it");
    assert_eq!(world.violations(), [] as [String; 0]);
    assert_eq!(world.sandbox.discord.excused_violations().len(), 1);
}
