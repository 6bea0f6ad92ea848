//! The idle timeout in a real browser.

use std::time::Duration;

use commands::model::words::Locale;

use super::screenshots::Screenshots;
use crate::world::World;

#[tokio::test]
async fn idle_panel_warns_then_strips_then_closes() {
    World::run(async |world| {
        let page = Screenshots::open(world, "ben", Locale::En).await;
        page.types(["command-support", "command-technical"], "lena@example.com").await;
        page.presses("button-start-named").await;
        page.enters_code_of("ben@waizant.example").await;
        page.presses("button-send").await;
        page.enters_code_of("lena@example.com").await;
        page.sees("acting-text").await;
        page.presses("button-web").await;
        page.sees("ready-web").await;

        page.passes(Duration::from_mins(12)).await;
        page.sees("warning-idle").await;
        let panel = page.browser.reads("#messages .message").await;
        assert!(
            panel.contains("closes in 3 minutes")
                && panel.contains("Lena Frost")
                && panel.contains("Stay")
                && panel.contains("Waizant Web")
                && !panel.contains("Open Waizant Web"),
            "{panel}"
        );

        page.passes(Duration::from_secs(2 * 60 + 45)).await;
        page.shows("Press Resume to continue").await;
        let panel = page.browser.reads("#messages .message").await;
        assert!(
            panel.contains("in 15 seconds")
                && !panel.contains("Lena")
                && !panel.contains("Frost Lab"),
            "{panel}"
        );

        page.passes(Duration::from_secs(15)).await;
        page.shows("0 seconds").await;
        page.presses("button-resume").await;
        page.shows("Session closed").await;
    })
    .await;
}
