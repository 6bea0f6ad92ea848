//! Fields of the sandbox's payloads that Discord sends and that a bot can do without.

use serde_json::{Value, json};

use super::bot::Bot;
use super::{buttons, world};

const COMMAND: u64 = 2;
const COMPONENT: u64 = 3;
const MODAL_SUBMIT: u64 = 5;

const REPLY: u64 = 19;
const COMMAND_ANSWER: u64 = 20;

#[tokio::test]
async fn message_names_its_command() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let path = Bot::webhook(&interaction, "/messages/@original");
    let (_, panel) = world.bot.call("GET", &path, &json!(null)).await;
    assert_eq!(panel["type"], COMMAND_ANSWER);
    assert_eq!(panel["interaction"]["name"], "support technical");
    let metadata = &panel["interaction_metadata"];
    assert_eq!((&metadata["id"], &metadata["type"]), (&interaction["id"], &json!(COMMAND)));
    assert_eq!(metadata["user"]["username"], "ana");
    assert!(panel.get("referenced_message").is_none());
    let row = &panel["components"][0];
    assert_eq!((&row["id"], &row["components"][0]["id"]), (&json!(1), &json!(2)));

    let path = Bot::webhook(&interaction, "");
    let note = json!({ "content": "note", "flags": 64 });
    let (_, note) = world.bot.call("POST", &path, &note).await;
    assert_eq!((&note["type"], &note["referenced_message"]["id"]), (&json!(REPLY), &panel["id"]));
    assert_eq!(note["message_reference"]["message_id"], panel["id"]);
    assert_eq!(note["interaction_metadata"]["original_response_message_id"], panel["id"]);
}

#[tokio::test]
async fn answer_to_click_replies_to_the_clicked_message() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    world.panel(&buttons(&["Back", "Enter code"])).await;
    let answer = json!({ "type": 4, "data": { "content": "answer", "flags": 64, "components": buttons(&["More"]) } });
    let click = world.exchange(async { ana.presses("Enter code").await }, &answer).await;
    assert_eq!(click["data"]["id"], 3, "the row, then its buttons");
    let panel = &click["message"]["id"];

    let again = json!({ "type": 6 });
    let click = world.exchange(async { ana.presses("More").await }, &again).await;
    let answer = &click["message"];
    assert_eq!(answer["type"], REPLY);
    assert_eq!(&answer["referenced_message"]["id"], panel);
    assert!(answer["referenced_message"].get("referenced_message").is_none());
    assert!(answer.get("interaction").is_none(), "only a command has it");
    let metadata = &answer["interaction_metadata"];
    assert_eq!(metadata["type"], COMPONENT);
    assert_eq!(&metadata["interacted_message_id"], panel);

    let forged = world.exchange(async { ana.forges("v1:evil").await }, &again).await;
    assert!(forged["data"].get("id").is_none(), "the message has no such component");
}

#[tokio::test]
async fn reply_to_deleted_message_has_no_content() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let (_, note) = world
        .bot
        .call("POST", &Bot::webhook(&interaction, ""), &json!({ "content": "note", "flags": 64 }))
        .await;
    let original = Bot::webhook(&interaction, "/messages/@original");
    assert_eq!(world.bot.call("DELETE", &original, &json!(null)).await.0, 204);
    let path = Bot::webhook(&interaction, &format!("/messages/{}", note["id"].as_str().unwrap()));
    let (_, note) = world.bot.call("GET", &path, &json!(null)).await;
    assert_eq!(note.get("referenced_message"), Some(&Value::Null));
    assert!(note["message_reference"]["message_id"].is_string());
}

#[tokio::test]
async fn form_carries_component_ids_and_its_trigger() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    world.panel(&buttons(&["Enter code"])).await;
    let modal = json!({ "type": 9, "data": { "title": "Code", "custom_id": "m", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "c", "style": 1, "label": "Code" }] }
    ] } });
    let click = world.exchange(async { ana.presses("Enter code").await }, &modal).await;
    let answer = json!({ "type": 4, "data": { "content": "right", "flags": 64 } });
    let submit = world.exchange(async { ana.submits(["123456"]).await }, &answer).await;
    let row = &submit["data"]["components"][0];
    assert_eq!((&row["id"], &row["components"][0]["id"]), (&json!(1), &json!(2)));

    let path = Bot::webhook(&submit, "/messages/@original");
    let (_, answer) = world.bot.call("GET", &path, &json!(null)).await;
    let metadata = &answer["interaction_metadata"];
    assert_eq!(metadata["type"], MODAL_SUBMIT);
    assert_eq!(metadata["triggering_interaction_metadata"]["id"], click["id"]);
}

#[tokio::test]
async fn some_people_have_decorations() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let member = &interaction["member"];
    assert_eq!(member["user"]["avatar_decoration_data"]["asset"].as_str().unwrap().len(), 34);
    assert!(member["user"]["avatar_decoration_data"]["sku_id"].is_string());
    assert_eq!(member["user"]["primary_guild"]["tag"], "DESK");
    assert!(member["user"]["collectibles"]["nameplate"]["asset"].is_string());
    assert!(member["avatar_decoration_data"]["asset"].is_string());

    let ben = world.sandbox.discord.person("ben");
    let answer = json!({ "type": 4, "data": { "content": "Panel", "flags": 64 } });
    let typed = async { ben.types("/support technical email:j@example.com").await };
    let interaction = world.exchange(typed, &answer).await;
    let user = &interaction["member"]["user"];
    for field in ["avatar_decoration_data", "primary_guild", "collectibles"] {
        assert_eq!(user.get(field), Some(&Value::Null), "{field}");
    }
}
