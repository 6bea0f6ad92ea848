//! People: actions that a client allows, and unread messages.

use std::time::Duration;

use sandbox::seed::{LEADS_CHANNEL_ID, OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID};
use serde_json::{Value, json};

use super::{buttons, world};

fn update(text: &str, components: &Value) -> Value {
    json!({ "type": 7, "data": { "content": text, "components": components } })
}

#[tokio::test]
async fn ephemeral_messages_are_read_once_by_their_person() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Start verification", "Close"])).await;
    for field in [
        "locale",
        "entitlements",
        "attachment_size_limit",
        "authorizing_integration_owners",
        "app_permissions",
    ] {
        assert!(!interaction[field].is_null(), "{field}");
    }
    assert_eq!(interaction["data"]["options"][0]["options"][0]["value"], "j@example.com");
    assert!(interaction["member"]["flags"].is_number());

    let ana = world.sandbox.discord.person("ana");
    assert_eq!(ana.unread().len(), 1);
    assert!(world.sandbox.discord.unread()[0].starts_with("ana: Panel"));
    assert_eq!(ana.sees().await, "Panel\n[Start verification] [Close]");
    assert_eq!(ana.sees().await, "");
    assert!(ana.unread().is_empty());
    assert_eq!(world.sandbox.discord.person("ben").sees().await, "", "the panel is ephemeral");

    let click = world
        .exchange(async { ana.presses("Start").await }, &update("Step 2", &buttons(&["Cancel"])))
        .await;
    assert_eq!(click["data"]["custom_id"], "id:Start verification");
    assert_eq!(click["message"]["flags"], 64);
    assert_eq!(ana.sees().await, "Step 2\n[Cancel]");
    assert!(ana.messages()[0].edited_at.is_some());
}

#[tokio::test]
async fn change_counter_is_per_person() {
    let mut world = world().await;
    world.panel(&buttons(&["Stay"])).await;
    let [ana, ben] = ["ana", "ben"].map(|name| world.sandbox.discord.person(name));
    let (mut hers, mut his) = (ana.changed(), ben.changed());
    hers.mark_unchanged();
    his.mark_unchanged();
    let button = ana.find_button("Stay").unwrap();
    assert!(ana.find_button("Leave").is_none());
    assert_eq!(ana.first_button_of(button.message).as_deref(), Some("id:Stay"));
    let press = async { ana.forges_on(button.message, "id:forged").await.unwrap() };
    let click = world.exchange(press, &update("Stayed", &buttons(&["Go"]))).await;
    assert_eq!(
        (&click["data"]["custom_id"], &click["message"]["content"]),
        (&json!("id:forged"), &json!("Panel"))
    );
    assert_eq!(ana.first_button_of(button.message).as_deref(), Some("id:Go"));
    let (sent, arrived) = ana.last_exchange().unwrap();
    assert_eq!(ana.response_time(), Some(arrived.duration_since(sent)));
    assert!(hers.has_changed().unwrap() && !his.has_changed().unwrap());
    assert_eq!(ana.sees().await, "Stayed\n[Go]");
}

#[tokio::test]
async fn invisible_or_disabled_controls_cannot_be_used() {
    let mut world = world().await;
    let off = json!([{ "type": 1, "components": [
        { "type": 2, "style": 2, "label": "Resend", "custom_id": "r", "disabled": true },
        { "type": 2, "style": 5, "label": "Open", "url": "https://shop.example/x" }
    ] }]);
    world.panel(&off).await;
    let ana = world.sandbox.discord.person("ana");
    let why = ana.try_presses(None, "Resend").await.unwrap_err().to_string();
    assert!(why.contains("[Resend (off)]"), "the error shows the screen: {why}");
    assert!(ana.try_presses(None, "Open").await.is_err(), "a link sends nothing");
    assert_eq!(ana.link_of("Open"), "https://shop.example/x");
    assert!(world.sandbox.discord.person("ben").try_presses(None, "Resend").await.is_err());
    assert!(ana.try_submits(&["x"]).await.is_err(), "no form is open");
    assert!(ana.try_types("/nothing").await.is_err());
    ana.reloads();
    assert!(ana.messages().is_empty(), "ephemeral messages do not survive a restart");
}

#[tokio::test]
async fn form_enforces_limits_and_closes_when_answered() {
    let mut world = world().await;
    world.panel(&buttons(&["Enter code"])).await;
    let ana = world.sandbox.discord.person("ana");
    let modal = json!({ "type": 9, "data": { "title": "Enter code", "custom_id": "m", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "c", "style": 1, "label": "Code", "max_length": 8 }] }
    ] } });
    world.exchange(async { ana.presses("Enter").await }, &modal).await;
    assert!(ana.sees().await.ends_with("Form \"Enter code\":\n  Code (required)"));
    assert!(ana.try_submits(&[""]).await.is_err());
    assert!(ana.try_submits(&["123456789"]).await.is_err());
    let kept = ana.keep_modal();
    let submit =
        world.exchange(async { ana.submits(["123456"]).await }, &update("right", &json!([]))).await;
    assert_eq!(submit["data"]["components"][0]["components"][0]["value"], "123456");
    assert_eq!(submit["message"]["content"], "Panel", "the modal came from the panel");
    assert!(ana.modal().is_none());
    assert_eq!(ana.sees().await, "right");
    world
        .exchange(async { ana.submits_kept(&kept, ["000000"]).await }, &update("again", &json!([])))
        .await;
    assert_eq!(ana.sees().await, "again");
}

#[tokio::test]
async fn jump_to_present_keeps_form_and_restart_drops_it() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let modal = json!({ "type": 9, "data": { "title": "Enter code", "custom_id": "m", "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": "c", "style": 1, "label": "Code" }] }
    ] } });
    world.panel(&buttons(&["Enter code"])).await;
    world.exchange(async { ana.presses("Enter").await }, &modal).await;
    ana.moves_to(OTHER_CHANNEL_ID);
    ana.jumps_to_present();
    ana.moves_to(SUPPORT_CHANNEL_ID);
    assert_eq!(ana.messages().len(), 1, "the panel is in another channel");
    ana.jumps_to_present();
    assert!(ana.messages().is_empty() && ana.modal().is_some());
    ana.reloads();
    assert!(ana.modal().is_none());
}

#[tokio::test]
async fn stale_and_forged_clicks_reach_the_bot() {
    let mut world = world().await;
    world.panel(&buttons(&["Go"])).await;
    let ana = world.sandbox.discord.person("ana");
    let kept = ana.keep("Go");
    world.exchange(async { ana.presses("Go").await }, &update("gone", &json!([]))).await;
    let stale =
        world.exchange(async { ana.presses_kept(&kept).await }, &update("stale", &json!([]))).await;
    assert_eq!(
        (&stale["data"]["custom_id"], &stale["message"]["content"]),
        (&json!("id:Go"), &json!("gone"))
    );
    let forged = world.exchange(async { ana.forges("v1:evil").await }, &json!({ "type": 6 })).await;
    assert_eq!(forged["data"]["custom_id"], "v1:evil");
    assert_eq!(world.bot.edit(&forged, &json!({ "content": "no" })).await.0, 200);
    assert_eq!(ana.sees().await, "no");
}

#[tokio::test]
async fn select_locale_roles_and_channel_are_per_person() {
    let mut world = world().await;
    let menu = json!([{ "type": 1, "components": [{ "type": 3, "custom_id": "s", "placeholder": "Choose", "options": [
        { "label": "North", "value": "n", "description": "owner" }, { "label": "South", "value": "s" }
    ] }] }]);
    world.panel(&menu).await;
    let ana = world.sandbox.discord.person("ana");
    assert_eq!(ana.sees().await, "Panel\n<Choose: North — owner | South>");
    ana.locale("en-US");
    ana.set_roles(&[]);
    let chosen =
        world.exchange(async { ana.selects("South").await }, &update("ok", &json!([]))).await;
    assert_eq!(chosen["data"]["values"], json!(["s"]));
    assert_eq!((&chosen["locale"], &chosen["member"]["roles"]), (&json!("en-US"), &json!([])));
    ana.moves_to(OTHER_CHANNEL_ID);
    assert_eq!(ana.sees().await, "", "the panel is in the other channel");
    assert_eq!(ana.unread().len(), 1, "the panel is still unread");
    assert!(world.sandbox.discord.channel(LEADS_CHANNEL_ID).is_empty());
}

#[tokio::test]
async fn wait_until_idle_waits_for_deferred_content() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let types = async { ana.types("/support technical email:j@example.com").await };
    let deferred = json!({ "type": 5, "data": { "flags": 64 } });
    let interaction = world.exchange(types, &deferred).await;
    assert_eq!(ana.reads(), "(thinking…)");
    let fills = async {
        tokio::task::yield_now().await;
        assert_eq!(world.bot.edit(&interaction, &json!({ "content": "filled" })).await.0, 200);
    };
    let (seen, ()) = tokio::join!(ana.sees(), fills);
    assert_eq!(seen, "filled");
}

#[tokio::test]
async fn disconnected_bot_fails_click_without_violation() {
    let mut world = world().await;
    world.panel(&buttons(&["Go"])).await;
    let ana = world.sandbox.discord.person("ana");
    world.sandbox.discord.faults().invalidate_sessions(false);
    world.sandbox.discord.faults().drop_sockets();
    world.sandbox.discord.connected(0).await;
    ana.presses("Go").await;
    world.clock.advance(Duration::from_secs(4));
    assert_eq!(ana.sees().await, "Panel\n[Go]\n(This interaction failed)");
    assert_eq!(world.violations(), [] as [String; 0]);
}
