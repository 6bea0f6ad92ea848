//! The walks on which the pictures are taken: each road once in each language.

use std::time::Duration;

use commands::model::words::Locale;

use super::stage::Stage;
use crate::recover::visit::NEW;
use crate::world::World;

/// Some time after the demo's successions began, so that none of their dates is in the future.
const LATER: Duration = Duration::from_hours(160 * 24);

/// Who is on the pictures of a language.
struct Cast {
    agent: &'static str,
    customer: &'static str,
    ecosystem: &'static str,
}

/// The successor with a rejected step.
const SUCCESSOR: &str = "sofia@example.com";

impl Cast {
    /// Customers get mails in their own language, so each guide has one who speaks its language.
    const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => {
                Self { agent: "ben", customer: "lena@example.com", ecosystem: "Frost Lab" }
            }
            Locale::Es => {
                Self { agent: "ana", customer: "julia@example.com", ecosystem: "Casa Luz" }
            }
        }
    }
}

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn pictures_in_english() {
    walk(Locale::En).await;
}

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn pictures_in_spanish() {
    walk(Locale::Es).await;
}

async fn walk(locale: Locale) {
    World::run(async |world| {
        world.leaps_until(LATER).await;
        let cast = Cast::of(locale);
        let stage = Stage::opens(world, cast.agent, locale).await;
        commands(&stage).await;
        technical(&stage, &cast).await;
        successor(&stage, &cast).await;
        recovery(&stage, &cast).await;
    })
    .await;
}

/// What Discord offers when a slash is typed.
async fn commands(stage: &Stage<'_>) {
    stage.browser.types("#line", "/").await;
    stage.until("document.querySelector('#suggestions li')").await;
    stage.takes("commands", "#suggestions, #composer").await;
    stage.browser.presses("\u{e003}").await;
}

async fn technical(stage: &Stage<'_>, cast: &Cast) {
    let agents = format!("{}@waizant.example", cast.agent);
    stage.types(["command-support", "command-technical"], cast.customer).await;
    stage.sees("found-ready").await;
    stage.takes("found", ".message").await;
    stage.presses("button-start").await;
    stage.sees("choose-text").await;
    stage.chooses(cast.ecosystem).await;
    stage.sees("agent-heading").await;
    stage.types_code_of(&agents).await;
    stage.sees("customer-announce").await;
    stage.presses("button-send").await;
    stage.sees("customer-sent").await;
    mail(stage).await;
    stage.types_code_of(cast.customer).await;
    stage.sees("acting-text").await;
    stage.presses("button-web").await;
    stage.sees("open-web").await;
    stage.takes("verified", ".message").await;

    stage.passes(Duration::from_mins(12)).await;
    stage.sees("warning-idle").await;
    stage.takes("warning", ".message:first-child").await;
    stage.presses("button-stay").await;

    stage.presses("button-cancel").await;
    let reason = match stage.texts.text("button-cancel") {
        "Cancel" => "The customer hung up and will call again tomorrow.",
        _ => "El cliente ha colgado y volverá a llamar mañana.",
    };
    stage.writes(reason).await;
    stage.takes("cancel", "dialog").await;
    stage.submits().await;
    stage.sees("closed-title").await;
    dismisses_all(stage).await;
}

/// The newest mail, as its reader sees it.
async fn mail(stage: &Stage<'_>) {
    let page = stage.browser.address().await;
    let newest = stage.world.sandbox.mail.all().last().unwrap().id;
    stage.browser.opens(&format!("{}/_sandbox/mails/{newest}", stage.world.sandbox.url())).await;
    stage.takes("mail", "body > div").await;
    stage.browser.opens(&page).await;
    stage.sees("customer-sent").await;
}

async fn successor(stage: &Stage<'_>, cast: &Cast) {
    let agents = format!("{}@waizant.example", cast.agent);
    stage.types(["command-support", "command-successor"], SUCCESSOR).await;
    stage.presses("button-start").await;
    stage.sees("agent-heading").await;
    stage.types_code_of(&agents).await;
    stage.sees("customer-announce").await;
    stage.presses("button-send").await;
    stage.sees("customer-sent").await;
    stage.types_code_of(SUCCESSOR).await;
    stage.sees("succession-text").await;
    stage.takes("steps", ".message").await;
    let details = stage.texts.text("button-details").replace("{ $number }", "2");
    stage.presses_label(&details).await;
    stage.sees("succession-reasons").await;
    stage.takes("rejected", ".message").await;
    stage.presses("button-back").await;
    stage.sees("succession-text").await;
    show(stage).await;
    stage.presses("button-finish").await;
    stage.sees("closed-title").await;
    dismisses_all(stage).await;
}

/// What is linked, while a session is open.
async fn show(stage: &Stage<'_>) {
    stage.types(["command-account", "command-show"], "").await;
    stage.sees("show-counts").await;
    stage.takes("show", ".message:last-child").await;
}

/// From the request to a new password, on the page that the panel's button leads to.
async fn recovery(stage: &Stage<'_>, cast: &Cast) {
    let address = format!("{}@waizant.example", cast.agent);
    stage.types(["command-account", "command-recover"], &address).await;
    stage.sees("recover-title").await;
    let button =
        format!("#messages a[data-key=\"label:{}\"]", stage.texts.text("button-open-page"));
    let link = stage.browser.property(&button, "href").await;
    stage.browser.opens(link.as_str().unwrap()).await;
    stage.browser.types("#code", &stage.world.code_for(&address)).await;
    for field in ["#password", "#again"] {
        stage.browser.types(field, NEW).await;
    }
    stage.takes("recovery", "main").await;
    stage.browser.follows(".save").await;
    assert_eq!(stage.browser.reads("h1").await, stage.texts.text("page-done-title"));
    stage.rests().await;
}

/// Clears the channel for the next road.
async fn dismisses_all(stage: &Stage<'_>) {
    while stage.browser.runs("return Boolean(document.querySelector('#messages .message'))").await
        == true
    {
        let first = "const dismiss = document.querySelector('#messages [data-key=dismiss]'); if (dismiss) dismiss.click()";
        stage.browser.runs(first).await;
    }
}
