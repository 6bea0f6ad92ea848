//! The idle clock in a real browser, as an agent who looks away sees it.

use std::time::Duration;

use commands::model::words::Locale;

use super::stage::Stage;
use crate::world::World;

#[tokio::test]
async fn an_agent_who_looks_away_is_warned_then_shown_nothing_and_then_told() {
    World::run(async |world| {
        let stage = Stage::opens(world, "ben", Locale::En).await;
        stage.types(["command-support", "command-technical"], "lena@example.com").await;
        stage.presses("button-start").await;
        stage.chooses("Frost Lab").await;
        stage.types_code_of("ben@waizant.example").await;
        stage.presses("button-send").await;
        stage.types_code_of("lena@example.com").await;
        stage.sees("acting-text").await;
        stage.presses("button-web").await;
        stage.sees("open-web").await;

        stage.passes(Duration::from_mins(12)).await;
        stage.sees("warning-idle").await;
        let panel = stage.browser.reads("#messages .message:first-child").await;
        assert!(
            panel.contains("closes in 3 minutes")
                && panel.contains("Lena Frost")
                && panel.contains("Stay"),
            "{panel}"
        );
        let link = stage.browser.reads("#messages .message:last-child").await;
        assert!(link.contains("It has expired") && !link.contains("Open the web"), "{link}");

        stage.passes(Duration::from_secs(2 * 60 + 45)).await;
        stage
            .until("document.querySelector('#messages').textContent.includes('Press Resume to continue')")
            .await;
        let panel = stage.browser.reads("#messages .message:first-child").await;
        assert!(
            panel.contains("in 15 seconds")
                && !panel.contains("Lena")
                && !panel.contains("Frost Lab"),
            "{panel}"
        );

        stage.passes(Duration::from_secs(15)).await;
        stage.until("document.querySelector('#messages').textContent.includes('0 seconds')").await;
        stage.presses("button-resume").await;
        stage
            .until("document.querySelector('#messages').textContent.includes('Session closed')")
            .await;
    })
    .await;
}
