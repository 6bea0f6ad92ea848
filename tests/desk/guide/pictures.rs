//! Takes the pictures of the guides: each flow once in each language.

use std::time::Duration;

use commands::model::words::Locale;
use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use super::screenshots::Screenshots;
use crate::recover::visit::NEW;
use crate::world::World;

/// Time after which no date of the demo's successions is in the future.
const AFTER_SUCCESSIONS: Duration = Duration::from_hours(160 * 24);
/// The successor with a rejected step.
const SUCCESSOR: &str = "sofia@example.com";

/// The lead in the pictures of both languages.
const LEAD: &str = "leo";
/// The customers whom agents help in the pictures of a lead. Both know the same ecosystem.
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";
const ECOSYSTEM: &str = "Casa Luz";
/// Numbers of verified and of cancelled sessions on each of the days before a lead's pictures.
const DAYS: [(usize, usize); 5] = [(2, 1), (3, 0), (1, 2), (3, 1), (2, 1)];
/// The newest message, in a channel that can have older ones.
const NEWEST: &str = ".message:last-child";

/// The people in the pictures of a language.
struct People {
    agent: &'static str,
    customer: &'static str,
    /// The ecosystem to choose, if the customer has several.
    choice: Option<&'static str>,
    cancel_reason: &'static str,
}

/// Each agent guide has its own customer, because customers get mails in their own language.
const ENGLISH: People = People {
    agent: "ben",
    customer: "lena@example.com",
    choice: None,
    cancel_reason: "The customer hung up and will call again tomorrow.",
};
const SPANISH: People = People {
    agent: "ana",
    customer: "julia@example.com",
    choice: Some("Casa Luz"),
    cancel_reason: "El cliente ha colgado y volverá a llamar mañana.",
};

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn pictures_in_english() {
    take_all(Locale::En, &ENGLISH).await;
}

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn pictures_in_spanish() {
    take_all(Locale::Es, &SPANISH).await;
}

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn lead_pictures_in_english() {
    take_all_of_lead(Locale::En).await;
}

#[tokio::test]
#[ignore = "writes docs/images: run by docs/pictures.sh"]
async fn lead_pictures_in_spanish() {
    take_all_of_lead(Locale::Es).await;
}

async fn take_all(locale: Locale, people: &People) {
    World::run(async |world| {
        world.leaps_until(AFTER_SUCCESSIONS).await;
        let shots = Screenshots::open(world, people.agent, locale).await;
        let agent = format!("{}@waizant.example", people.agent);
        suggestions(&shots).await;
        technical(&shots, people, &agent).await;
        successor(&shots, &agent).await;
        recovery(&shots, &agent).await;
    })
    .await;
}

/// The commands that Discord suggests after a slash.
async fn suggestions(shots: &Screenshots<'_>) {
    shots.browser.types("#line", "/").await;
    shots.until("document.querySelector('#suggestions li')").await;
    shots.takes("commands", "#suggestions, #composer").await;
    shots.browser.presses("\u{e003}").await;
}

async fn technical(shots: &Screenshots<'_>, people: &People, agent: &str) {
    shots.types(["command-support", "command-technical"], people.customer).await;
    shots.sees("found-ready").await;
    shots.takes("found", ".message").await;
    match people.choice {
        Some(ecosystem) => {
            shots.presses("button-start").await;
            shots.sees("choose-text").await;
            shots.chooses(ecosystem).await;
        }
        None => shots.presses("button-start-named").await,
    }
    shots.sees("agent-sent").await;
    shots.takes("code", ".message").await;
    verify_agent(shots, agent).await;
    mail(shots).await;
    shots.enters_code_of(people.customer).await;
    shots.sees("acting-text").await;
    shots.presses("button-web").await;
    shots.sees("ready-web").await;
    shots.takes("verified", ".message").await;
    // The link ends, so that the next picture has only the QR code.
    shots.passes(Duration::from_mins(1)).await;
    shots.presses("button-app").await;
    shots.sees("ready-app").await;
    shots.takes("qr", ".message").await;

    shots.passes(Duration::from_mins(12)).await;
    shots.sees("warning-idle").await;
    shots.takes("warning", ".message").await;
    shots.presses("button-stay").await;

    shots.presses("button-cancel").await;
    shots.writes(people.cancel_reason).await;
    shots.takes("cancel", "dialog").await;
    shots.submits().await;
    shots.sees("closed-title").await;
    dismiss_all(shots).await;
}

/// Enters the agent's code and sends one to the customer.
async fn verify_agent(shots: &Screenshots<'_>, agent: &str) {
    shots.sees("agent-sent").await;
    shots.enters_code_of(agent).await;
    shots.sees("customer-announce").await;
    shots.presses("button-send").await;
    shots.sees("customer-sent").await;
}

/// The newest mail, as its reader sees it.
async fn mail(shots: &Screenshots<'_>) {
    let page = shots.browser.address().await;
    let newest = shots.world.sandbox.mail.all().last().unwrap().id;
    shots.browser.opens(&format!("{}/_sandbox/mails/{newest}", shots.world.sandbox.url())).await;
    shots.takes("mail", "body > div").await;
    shots.browser.opens(&page).await;
    shots.sees("customer-sent").await;
}

async fn successor(shots: &Screenshots<'_>, agent: &str) {
    shots.types(["command-support", "command-successor"], SUCCESSOR).await;
    shots.presses("button-start-named").await;
    verify_agent(shots, agent).await;
    shots.enters_code_of(SUCCESSOR).await;
    shots.sees("succession-rejected-on").await;
    shots.takes("steps", ".message").await;
    shots.chooses("2. ").await;
    shots.sees("succession-reasons").await;
    shots.takes("rejected", ".message").await;
    shots.presses("button-back").await;
    shots.sees("succession-rejected-on").await;
    shots.presses("button-show-qr").await;
    shots.sees("ready-successor").await;
    shots.takes("access", ".message").await;

    // The linked account, while a session is open.
    shots.types(["command-account", "command-show"], "").await;
    shots.sees("show-counts").await;
    shots.takes("show", NEWEST).await;

    shots.presses("button-finish").await;
    shots.sees("done-title").await;
    dismiss_all(shots).await;
}

/// From the command to a new password, on the page that the panel links to.
async fn recovery(shots: &Screenshots<'_>, agent: &str) {
    shots.types(["command-account", "command-recover"], agent).await;
    shots.sees("recover-title").await;
    let button =
        format!("#messages a[data-key=\"label:{}\"]", shots.texts.text("button-open-page"));
    let link = shots.browser.property(&button, "href").await;
    shots.browser.opens(link.as_str().unwrap()).await;
    shots.browser.types("#code", &shots.world.code_for(agent)).await;
    for field in ["#password", "#again"] {
        shots.browser.types(field, NEW).await;
    }
    shots.takes("recovery", "main").await;
    shots.browser.follows(".save").await;
    assert_eq!(shots.browser.reads("h1").await, shots.texts.text("page-done-title"));
    shots.mark_read().await;
}

/// Clears the channel of the person's own messages for the next flow.
async fn dismiss_all(shots: &Screenshots<'_>) {
    let dismiss = "document.querySelector('#messages [data-key=dismiss]')?.click()";
    shots.until(&format!("({dismiss}, !document.querySelector('#messages .ephemeral'))")).await;
}

/// Takes the pictures of the lead guide, with cards in the same language.
async fn take_all_of_lead(locale: Locale) {
    World::run_with(&[("LEADS_LOCALE", locale.tag())], async |world| {
        let world: &World = world;
        let lead = world.person(LEAD);
        lead.locale(match locale {
            Locale::En => "en-US",
            Locale::Es => "es-ES",
        });
        lead.moves_to(LEADS_CHANNEL_ID);
        work_of_days(world).await;
        open_sessions(world).await;
        let shots = Screenshots::open(world, LEAD, locale).await;
        views(&shots).await;
        alert(&shots).await;
    })
    .await;
}

/// Two agents verify and cancel sessions on each day, so that the chart has columns.
async fn work_of_days(world: &World) {
    let agents = ["ana", "ben"].map(|name| world.person(name));
    for agent in &agents {
        // No picture shows an agent's screen, so the names of the buttons are in one language.
        agent.locale("en-US");
    }
    let mut turns = (0_u64..).zip(agents.iter().cycle());
    for (day, (verified, cancelled)) in (1..).zip(DAYS) {
        for (nth, agent) in turns.by_ref().take(verified) {
            let talk = Duration::from_secs(20 + 5 * nth);
            verifies(world, agent, &format!("ZD-{}", 1200 + nth), talk).await;
            agent.presses("Finish").await;
            agent.sees().await;
        }
        for (_, agent) in turns.by_ref().take(cancelled) {
            world.chooses(agent, TOM, ECOSYSTEM).await;
            agent.presses("Cancel").await;
            agent.submits(["The line was cut off."]).await;
            agent.sees().await;
        }
        world.leaps_until(Duration::from_hours(24 * day)).await;
    }
}

/// Opens three sessions: one is looked up, one waits for a code, and one has an access link.
async fn open_sessions(world: &World) {
    let [ana, ben, eva] = ["ana", "ben", "eva"].map(|name| world.person(name));
    eva.types("/support technical email:lena@example.com").await;
    eva.sees().await;
    world.passes(Duration::from_mins(1)).await;
    world.proves_agent(&ana, TOM, ECOSYSTEM).await;
    ana.presses("Send code").await;
    for _ in 0..2 {
        ana.presses("Enter code").await;
        ana.submits([world.wrong_code_for(TOM).as_str()]).await;
    }
    ana.sees().await;
    world.passes(Duration::from_mins(1)).await;
    verifies(world, &ben, "ZD-1234", Duration::from_secs(40)).await;
    for agent in [&ana, &eva] {
        agent.sees().await;
    }
}

/// Verifies agent and customer, who talk for a while, and opens an access link.
async fn verifies(world: &World, agent: &Person, ticket: &str, talk: Duration) {
    agent.types(&format!("/support technical email:{JULIA} ticket:{ticket}")).await;
    agent.presses("Start").await;
    agent.selects(ECOSYSTEM).await;
    agent.presses("Enter code").await;
    agent.submits([world.code_for(&world.mailbox_of(agent)).as_str()]).await;
    agent.presses("Send code").await;
    world.passes(talk).await;
    agent.presses("Enter code").await;
    agent.submits([world.code_for(JULIA).as_str()]).await;
    agent.presses("Waizant Web").await;
    agent.sees().await;
}

/// The lists, cards and figures that a lead opens.
async fn views(shots: &Screenshots<'_>) {
    shots.types(["command-desk", "command-sessions"], "").await;
    shots.sees("desk-sessions-open").await;
    shots.takes("lead-sessions", NEWEST).await;
    shots.chooses("Ben Carter").await;
    shots.sees("desk-card-codes").await;
    shots.takes("lead-session", NEWEST).await;
    dismiss_all(shots).await;

    // The option brings the agent's role. `Screenshots::types` fills no menu of people.
    shots.world.person(LEAD).types("/desk agent agent:@ben").await;
    shots.sees("desk-agent-days").await;
    shots.takes("lead-agent", NEWEST).await;
    shots.mark_read().await;
    dismiss_all(shots).await;

    shots.types(["command-desk", "command-stats"], "").await;
    shots.sees("stats-codes").await;
    shots.takes("lead-figures", NEWEST).await;
    dismiss_all(shots).await;
}

/// The card of a report, in the leads' channel. The customer reports the session with the link.
async fn alert(shots: &Screenshots<'_>) {
    let link = shots.world.report_link(JULIA, MailKind::CustomerCode);
    shots.world.reports(&link, "not_me").await;
    shots.world.person("ben").sees().await;
    shots.sees("alert-button-handled").await;
    shots.takes("lead-alert", NEWEST).await;
    shots.mark_read().await;
}
