//! Texts, lists and mails of the page are whole in every window.

use serde_json::json;

use super::{DESKTOP, DemoPage, PHONE};
use crate::world::World;

#[tokio::test]
async fn mail_frame_follows_its_content() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let page = DemoPage::start(world, DESKTOP).await;
        // Scroll bars take room from the mail.
        page.browser.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": false})).await;
        page.opens(&ben).await;
        page.browser.clicks(".mail-line").await;
        let fits = "(() => {
            const frame = document.querySelector('.mail-body iframe');
            const root = frame.contentDocument?.documentElement;
            return root?.textContent && frame.clientHeight === root.scrollHeight
                && frame.clientHeight === Math.ceil(root.getBoundingClientRect().height)
                && frame.clientWidth === root.clientWidth;
        })()";
        page.browser.until(fits).await;
        let height = "document.querySelector('.mail-body iframe').clientHeight";
        let wide = page.value(height).await.as_u64().unwrap();
        page.resizes(1000, 600).await;
        page.browser.until(&format!("{height} > {wide} && {fits}")).await;
        page.resizes(DESKTOP, 800).await;
        page.browser.until(&format!("{height} === {wide} && {fits}")).await;
        page.browser.clicks(".mail-line").await;
        page.browser.clicks(".mail-line").await;
        page.browser.until(&format!("{height} === {wide} && {fits}")).await;
    })
    .await;
}

#[tokio::test]
async fn phone_scrolls_the_list_of_commands_below_the_head() {
    World::run(async |world| {
        for name in ["ben", "ana"] {
            let page = DemoPage::start(world, PHONE).await;
            page.resizes(PHONE, 624).await;
            page.opens(&world.person(name)).await;
            page.browser.types("#line", "/").await;
            let fits = "(() => {
                const list = document.querySelector('#suggestions');
                const head = document.querySelector('.channel-head').getBoundingClientRect();
                list.scrollTop = list.scrollHeight;
                const last = list.lastElementChild.getBoundingClientRect();
                const box = list.getBoundingClientRect();
                return box.top >= head.bottom && last.bottom <= box.bottom && last.top >= box.top;
            })()";
            assert_eq!(page.value(fits).await, true, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn cut_text_of_a_field_ends_with_an_ellipsis() {
    World::run(async |world| {
        let page = DemoPage::start(world, PHONE).await;
        page.opens(&world.person("ben")).await;
        let rules = "['#line', '#mail-filter'].map((field) => getComputedStyle(document.querySelector(field)).textOverflow)";
        assert_eq!(page.value(rules).await, json!(["ellipsis", "ellipsis"]));
    })
    .await;
}

#[tokio::test]
async fn welcome_says_where_the_customers_are() {
    World::run(async |world| {
        let page = DemoPage::start(world, DESKTOP).await;
        for (name, wide, narrow) in
            [("ben", "on the left.", "under People."), ("ana", "a la izquierda.", "en Personas.")]
        {
            page.opens(&world.person(name)).await;
            for (width, words, other) in [(DESKTOP, wide, narrow), (PHONE, narrow, wide)] {
                page.resizes(width, 800).await;
                let text = page.browser.reads("#welcome").await;
                assert!(text.contains(words) && !text.contains(other), "{width}: {text}");
            }
        }
    })
    .await;
}
