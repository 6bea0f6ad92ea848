//! The bot's surroundings: portal, guild, permissions, and the limit for writing commands.

use sandbox::discord::Lacking;
use sandbox::seed::{FORUM_ID, GUILD_ID, LEADS_CHANNEL_ID, SUPPORT_CHANNEL_ID, THREAD_ID};
use serde_json::{Value, json};

use super::world;

const NO_VIOLATION: [String; 0] = [];

#[tokio::test]
async fn endpoint_url_takes_the_interactions() {
    let world = world().await;
    let faults = world.sandbox.discord.faults();
    faults.set_endpoint_url(Some("https://desk.example.com/interactions"));
    faults.make_public(true);
    faults.allow_user_install(true);
    let (status, application) =
        world.bot.call("GET", "/oauth2/applications/@me", &Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(application["interactions_endpoint_url"], "https://desk.example.com/interactions");
    assert_eq!(
        (&application["bot_public"], &application["integration_types_config"]),
        (&json!(true), &json!({ "0": {}, "1": {} }))
    );
    let ana = world.sandbox.discord.person("ana");
    ana.types("/support technical email:j@example.com").await;
    assert_eq!(ana.sees().await, "");
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn kicked_bot_has_no_guild() {
    let world = world().await;
    world.sandbox.discord.faults().kick_bot(true);
    for (path, expected) in [
        (super::Bot::guild_commands(), (403, 50001)),
        (format!("/guilds/{GUILD_ID}/roles"), (403, 50001)),
        (
            format!("/guilds/{GUILD_ID}/members/{}", world.sandbox.discord.person("ana").id()),
            (404, 10004),
        ),
        (format!("/channels/{SUPPORT_CHANNEL_ID}"), (403, 50001)),
    ] {
        let (status, body) = world.bot.call("GET", &path, &Value::Null).await;
        assert_eq!((status, body["code"].as_i64().unwrap()), expected, "{path}");
    }
    world.sandbox.discord.faults().kick_bot(false);
    assert_eq!(world.bot.call("GET", &super::Bot::guild_commands(), &Value::Null).await.0, 200);
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn missing_permission_refuses_messages() {
    let world = world().await;
    let faults = world.sandbox.discord.faults();
    let messages = format!("/channels/{LEADS_CHANNEL_ID}/messages");
    for (lacking, expected) in [(Lacking::View, (403, 50001)), (Lacking::Send, (403, 50013))] {
        faults.take_permission(LEADS_CHANNEL_ID, Some(lacking));
        let (status, body) =
            world.bot.call("POST", &messages, &json!({ "content": "alert" })).await;
        assert_eq!((status, body["code"].as_i64().unwrap()), expected);
    }
    let channel = format!("/channels/{LEADS_CHANNEL_ID}");
    assert_eq!(world.bot.call("GET", &channel, &Value::Null).await.0, 200, "it sees the channel");
    faults.take_permission(LEADS_CHANNEL_ID, None);
    assert_eq!(world.bot.call("POST", &messages, &json!({ "content": "alert" })).await.0, 200);
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn sixth_write_of_commands_waits_for_minutes() {
    let world = world().await;
    let (path, commands) =
        (super::Bot::guild_commands(), json!([{ "name": "a", "description": "b" }]));
    for _ in 2..=5 {
        assert_eq!(world.bot.call("PUT", &path, &commands).await.0, 200);
    }
    let (status, body) = world.bot.call("PUT", &path, &commands).await;
    assert_eq!((status, &body["retry_after"], &body["code"]), (429, &json!(431.0), &Value::Null));
    world.advance(430);
    assert_eq!(world.bot.call("PUT", &path, &commands).await.0, 429);
    assert_eq!(world.violations(), ["called 1000 ms before its Retry-After"]);
    world.advance(1);
    assert_eq!(world.bot.call("PUT", &path, &commands).await.0, 200);
}

#[tokio::test]
async fn list_of_commands_has_translations_on_request() {
    let world = world().await;
    let path = super::Bot::guild_commands();
    let (_, plain) = world.bot.call("GET", &path, &Value::Null).await;
    assert!(!plain.to_string().contains("soporte"), "{plain}");
    let (_, full) =
        world.bot.call("GET", &format!("{path}?with_localizations=true"), &Value::Null).await;
    assert_eq!(full[0]["name_localizations"]["es-ES"], "soporte");
    assert_eq!(full[0]["integration_types"], json!([0]));
    let technical = &full[0]["options"][0];
    assert_eq!(
        (&technical["required"], &technical["options"][0]["required"]),
        (&Value::Null, &json!(true))
    );
}

#[tokio::test]
async fn channels_have_kinds() {
    let world = world().await;
    for (id, kind) in [(SUPPORT_CHANNEL_ID, 0), (THREAD_ID, 11), (FORUM_ID, 15)] {
        let (_, channel) = world.bot.call("GET", &format!("/channels/{id}"), &Value::Null).await;
        assert_eq!(channel["type"], kind, "{channel}");
    }
}
