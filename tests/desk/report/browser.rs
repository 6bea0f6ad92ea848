//! The report page in a real browser, on a small phone, in both languages. The page has no script,
//! and its policy allows none.

use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;
use serde_json::json;

use crate::page::webdriver::{Chromium, Window};
use crate::world::World;

#[tokio::test]
async fn report_on_a_phone_in_both_languages() {
    World::run(async |world| {
        let ben = world.person("ben");
        let browser = Chromium::start(Window::Phone).await;
        browser.devtools("Network.enable", &json!({})).await;
        for (customer, language, title, choose, thanks) in [
            ("julia@example.com", "en", "Did you ask for help?", "Choose one of", "Thank you"),
            ("tom@example.com", "es", "¿Pidió usted ayuda?", "Elija una de", "Gracias"),
        ] {
            world.proves_agent(&ben, customer, "Casa Luz").await;
            ben.presses("Send code").await;
            ben.sees().await;
            let link = world.report_link(customer, MailKind::CustomerCode);
            let headers = json!({"headers": {"Accept-Language": language}});
            browser.devtools("Network.setExtraHTTPHeaders", &headers).await;
            browser.opens(&world.report_url(&link)).await;
            assert_eq!(browser.title().await, format!("{title} · Waizant"));
            assert_eq!(browser.reads("h1").await, title);
            browser.screenshot(&format!("report-phone-{language}")).await;
            let scripts = "return document.querySelectorAll('script, [onclick]').length";
            assert_eq!(browser.runs(scripts).await, json!(0));
            let width = browser.runs("return document.documentElement.scrollWidth").await;
            assert!(width.as_u64().unwrap() <= 360, "{width}");
            let chosen = "return document.querySelectorAll('input:checked').length";
            assert_eq!(browser.runs(chosen).await, json!(0), "none is preselected");
            // Without a choice the page asks for one.
            browser.follows(".save").await;
            assert!(browser.reads(".problem").await.starts_with(choose));
            browser.clicks("input[value=not_me]").await;
            browser.follows(".save").await;
            assert_eq!(browser.reads("h1").await, thanks);
            browser.screenshot(&format!("report-phone-{language}-done")).await;
            ben.sees().await;
            world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        }
    })
    .await;
}
