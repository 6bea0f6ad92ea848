//! Rules of Discord's clients: stacked fields, a question before links, forgotten messages.

use reqwest::Client;
use sandbox::seed::{BOT_TOKEN, SUPPORT_CHANNEL_ID};
use serde_json::{Value, json};

use super::{DESKTOP, DemoPage, PHONE};
use crate::world::World;

/// Posts a public message of the bot in the support channel. Ben reads it.
async fn post(world: &World, message: &Value) {
    let url = format!("{}/api/v10/channels/{SUPPORT_CHANNEL_ID}/messages", world.sandbox.url());
    let request = Client::new()
        .post(url)
        .header("authorization", format!("Bot {BOT_TOKEN}"))
        .header("user-agent", "DiscordBot (https://bot.example, 1.0)")
        .header("content-type", "application/json")
        .body(message.to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
    world.person("ben").sees().await;
}

#[tokio::test]
async fn browser_language_chooses_the_person() {
    World::run(async |world| {
        let page = DemoPage::start(world, DESKTOP).await;
        page.opens_unnamed().await;
        assert_eq!(page.browser.reads("#me strong").await, "Ben Carter");
        let spanish = json!({"userAgent": "test", "acceptLanguage": "es-MX,es"});
        page.browser.devtools("Network.setUserAgentOverride", &spanish).await;
        page.opens_unnamed().await;
        assert_eq!(page.browser.reads("#me strong").await, "Ana Ruiz");
        assert_eq!(page.value("document.documentElement.lang").await, "es-ES");
        assert_eq!(page.browser.reads("#mail-title").await, "Buzón");
    })
    .await;
}

#[tokio::test]
async fn phone_stacks_inline_fields_and_wraps_buttons() {
    World::run(async |world| {
        let field = |name: &str| json!({ "name": name, "value": "text", "inline": true });
        let buttons: Vec<Value> = ["Waizant Store", "Waizant Web", "Waizant App", "See plan details"]
            .iter()
            .map(|label| json!({ "type": 2, "style": 2, "label": label, "custom_id": label }))
            .collect();
        let embed = json!({ "fields": [field("One"), field("Two"), field("Three")] });
        let rows = json!([{ "type": 1, "components": buttons }]);
        post(world, &json!({ "embeds": [embed], "components": rows })).await;
        let page = DemoPage::start(world, DESKTOP).await;
        page.opens(&world.person("ben")).await;
        let columns = "new Set([...document.querySelectorAll('.fields > div')].map((field) => field.offsetLeft)).size";
        let lines = "new Set([...document.querySelectorAll('.rows .button')].map((button) => button.offsetTop)).size";
        assert_eq!((page.value(columns).await, page.value(lines).await), (json!(3), json!(1)));
        page.resizes(901, 800).await;
        assert_eq!(page.value(columns).await, 3);
        page.resizes(900, 800).await;
        assert_eq!(page.value(columns).await, 1);
        page.resizes(PHONE, 800).await;
        assert_eq!((page.value(columns).await, page.value(lines).await), (json!(1), json!(2)));
        let fits = "[...document.querySelectorAll('.rows .button')].every((button) => button.getBoundingClientRect().right < innerWidth)";
        assert_eq!(page.value(fits).await, true);
    })
    .await;
}

#[tokio::test]
async fn link_asks_once_for_each_host() {
    World::run(async |world| {
        let url = format!("{}/nothing", world.sandbox.url());
        let other = url.replace("127.0.0.1", "localhost");
        let link =
            |label: &str, url: &str| json!({ "type": 2, "style": 5, "label": label, "url": url });
        let go = json!({ "type": 2, "style": 2, "label": "Go", "custom_id": "go" });
        let rows =
            json!([{ "type": 1, "components": [link("One", &url), go, link("Two", &other)] }]);
        let text = format!("[the same]({url})");
        post(world, &json!({ "content": text, "components": rows })).await;
        let page = DemoPage::start(world, DESKTOP).await;
        let browser = &page.browser;
        page.opens(&world.person("ben")).await;
        let [one, two] = ["One", "Two"].map(|label| format!("a[data-key=\"label:{label}\"]"));

        browser.clicks(&one).await;
        assert_eq!(browser.reads("dialog h2").await, "Leaving Discord");
        assert_eq!(browser.reads("dialog code").await, url);
        browser.clicks("dialog .plain").await;
        browser.until("!document.querySelector('dialog')").await;
        browser.has_tabs(1).await;

        browser.clicks(&one).await;
        browser.clicks("dialog .primary").await;
        browser.until("!document.querySelector('dialog')").await;
        browser.has_tabs(2).await;
        browser.clicks("#messages .markdown a").await;
        // The host is trusted.
        browser.has_tabs(3).await;
        browser.clicks(&two).await;
        assert_eq!(browser.reads("dialog code").await, other);
    })
    .await;
}

#[tokio::test]
async fn closed_app_drops_form_and_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Enter code").await;
        ben.sees().await;
        let page = DemoPage::start(world, PHONE).await;
        page.opens(&ben).await;
        page.browser.types("dialog #field-0", "12345").await;
        page.browser.clicks("dialog .app-closed").await;
        page.browser.until("!document.querySelector('dialog, #messages > li')").await;
        assert!(ben.modal().is_none() && ben.messages().is_empty());
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("[Enter code]"));
    })
    .await;
}

#[tokio::test]
async fn jump_to_present_drops_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        let page = DemoPage::start(world, PHONE).await;
        page.resizes(PHONE, 400).await;
        page.opens(&ben).await;
        assert!(!page.browser.shows("#present").await, "the newest message is in sight");
        page.browser.runs("document.querySelector('#scroll').scrollTop = 0").await;
        page.browser.until("!document.querySelector('#present').hidden").await;
        page.browser.clicks("#present button").await;
        page.browser.until("!document.querySelector('#messages > li')").await;
        assert!(ben.messages().is_empty());
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("[Start verification process]"));
    })
    .await;
}

/// Draws messages without a bot, because the real one does not send each of them.
const DRAW: &str = r#"
    const { drawMessages } = await import("/_sandbox/static/messages.js");
    let revision = 0;
    const draw = (more) => drawMessages([{
        id: "1", revision: revision += 1, created_at: 0, author: { name: "Bot", bot: true }, content: "", embeds: [],
        components: [], attachments: [], ...more,
    }], "Ben", {});
    const buttons = (disabled) => [{ type: 1, components: ["Enter code", "Cancel"].map(
        (label) => ({ type: 2, style: 1, label, custom_id: `${label}${revision}`, disabled })) }];
    const active = () => document.activeElement.dataset.key ?? document.activeElement.className;
"#;

#[tokio::test]
async fn busy_panel_looks_disabled_and_keeps_the_place() {
    World::run(async |world| {
        let page = DemoPage::start(world, DESKTOP).await;
        page.opens(&world.person("ben")).await;
        let script = format!(
            "{DRAW} draw({{ components: buttons(false) }});
            document.querySelector('[data-key=\"label:Cancel\"]').focus();
            draw({{ components: buttons(true), ephemeral: true }});
            const button = document.querySelector('#messages .button');
            const busy = [active(), button.disabled, getComputedStyle(button).opacity, getComputedStyle(button).cursor];
            draw({{ components: buttons(false), ephemeral: true }});
            return [...busy, active()];"
        );
        assert_eq!(
            page.browser.runs(&asynchronous(&script)).await,
            json!(["message ephemeral", true, "0.5", "not-allowed", "label:Cancel"])
        );
    })
    .await;
}

#[tokio::test]
async fn images_have_their_descriptions() {
    World::run(async |world| {
        let page = DemoPage::start(world, DESKTOP).await;
        page.opens(&world.person("ben")).await;
        let script = format!(
            "{DRAW} const url = location.origin + '/_sandbox/static/icon.svg';
            draw({{
                embeds: [{{ image: {{ url, description: 'In the embed' }} }}],
                attachments: [{{ name: 'qr.png', content_type: 'image/png', url, description: 'Below it' }}],
            }});
            return [...document.querySelectorAll('.embed-image, .picture img')].map((image) => image.alt);"
        );
        let alts = page.browser.runs(&asynchronous(&script)).await;
        assert_eq!(alts, json!(["In the embed", "Below it"]));
    })
    .await;
}

/// Wraps a script that awaits.
fn asynchronous(script: &str) -> String {
    format!("return (async () => {{ {script} }})()")
}
