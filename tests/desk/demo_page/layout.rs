//! Texts, lists and mails of the page are whole in every window.

use serde_json::json;

use super::{DESKTOP, DemoPage};
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
