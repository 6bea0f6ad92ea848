//! A lead asks for a copy or an erasure: the form, the card and the trail.

use std::time::Duration;

use commands::model::request::{REQUEST_LIFE, RequestOutcome};
use commands::model::time::minutes;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::JULIA;
use crate::world::World;

#[tokio::test]
async fn lead_asks_and_the_leads_see_a_card() {
    World::run(async |world| {
        let (ben, lara) = (world.person("ben"), world.person("lara"));
        ben.types(&format!("/support technical email:{JULIA}")).await;
        ben.presses("Close").await;
        ben.sees().await;
        for (button, kind, words) in [
            ("Ask for a copy of the data", "copy_asked", "asked for a copy of the data of C-"),
            ("Ask for erasure", "erasure_asked", "asked for the erasure of C-"),
        ] {
            lara.types(&format!("/desk customer email:{JULIA}")).await;
            lara.sees().await;
            lara.presses(button).await;
            lara.sees().await;
            lara.submits([JULIA]).await;
            assert!(lara.sees().await.contains("[Try again]"), "no address in a reference");
            lara.presses("Try again").await;
            assert!(lara.sees().await.contains(JULIA), "nothing is lost");
            lara.submits(["ZD-77"]).await;
            let seen = lara.sees().await;
            let (_, id) = seen.split_once("this id: ").unwrap();
            let id = &id[..8];
            let events = world.trail().await;
            let asked = events.iter().find(|event| event.starts_with(kind)).unwrap();
            assert!(asked.contains(&format!(r#""request":"{id}""#)), "{asked}");
            assert!(asked.ends_with(r#"about {"ticket":"ZD-77"}"#), "{asked}");
            let cards = world.sandbox.discord.channel(LEADS_CHANNEL_ID);
            let card = cards.last().unwrap();
            let text = format!("{} {}", card.content, card.embeds);
            assert!(text.contains(words) && text.contains(id), "{text}");
            assert!(text.contains("An operator performs it."), "{text}");
            assert!(!text.contains("ZD-77") && !text.contains("J***"), "{text}");
        }
        assert_eq!(world.count("select count(*) from requests where state = 'open'").await, 2);
        // A form for a customer who was erased meanwhile asks for nothing.
        let customer = world.pseudonym("usr-julia").await;
        world.executes("update subjects set lookup = null, sealed = null").await;
        lara.forges_submit(&format!("d1.desk.customer.do.copy.1.{customer}.0"), "ZD-1")
            .await
            .unwrap();
        assert!(lara.sees().await.contains("No session with this customer on record."));
        assert_eq!(world.count("select count(*) from requests").await, 2);
    })
    .await;
}

/// Opens and closes a session with Julia, and asks for a copy and an erasure. Returns the ids of
/// the requests.
async fn asks(world: &World) -> [String; 2] {
    let (ben, lara) = (world.person("ben"), world.person("lara"));
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.presses("Close").await;
    ben.sees().await;
    let mut ids = Vec::new();
    for button in ["Ask for a copy of the data", "Ask for erasure"] {
        lara.types(&format!("/desk customer email:{JULIA}")).await;
        lara.sees().await;
        lara.presses(button).await;
        lara.sees().await;
        lara.submits(["ZD-77"]).await;
        let seen = lara.sees().await;
        let (_, id) = seen.split_once("this id: ").unwrap();
        ids.push(id[..8].to_owned());
        world.leads_see().await;
    }
    ids.try_into().unwrap()
}

/// Lets the worker draw a card again that it has just changed.
async fn draws(world: &World) -> String {
    world.passes(Duration::from_secs(20)).await;
    world.leads_see().await
}

#[tokio::test]
async fn cards_tell_that_their_requests_have_expired() {
    World::run(async |world| {
        let leo = world.person("leo");
        asks(world).await;
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.presses("Handled").await;
        assert!(world.leads_see().await.contains("An operator performs it."));
        // The end of Open again.
        world.leaps_until(minutes(24 * 60)).await;
        let card = draws(world).await;
        assert!(card.contains("Handled by") && !card.contains("[Open again]"), "{card}");
        world.leaps_until(REQUEST_LIFE - minutes(1)).await;
        assert_eq!(draws(world).await, "", "both wait");
        world.passes(minutes(1)).await;
        world.leads_see().await;
        for card in world.leads_channel() {
            let text = card.embeds.to_string();
            assert!(text.contains("No operator performed it within 30 days"), "{text}");
            assert!(!text.contains("An operator performs it."), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn card_shows_the_outcome_after_day_seven() {
    World::run(async |world| {
        let [copy, erasure] = asks(world).await;
        world.leaps_until(minutes(10 * 24 * 60)).await;
        assert_eq!(draws(world).await, "", "no notice has closed");
        let text = |nth: usize| world.leads_channel()[nth].embeds.to_string();
        world.answers_request(&copy, RequestOutcome::Done).await;
        assert!(draws(world).await.contains("Done, 10:00 UTC."));
        world.answers_request(&erasure, RequestOutcome::Refused("open")).await;
        assert!(draws(world).await.contains(": a session is open."));
        // The notices have closed by themselves. An operator tries again.
        world.leaps_until(minutes(12 * 24 * 60)).await;
        world.answers_request(&erasure, RequestOutcome::Done).await;
        let card = draws(world).await;
        assert!(card.contains("Done, ") && !card.contains("Refused"), "{card}");
        for nth in [0, 1] {
            assert!(text(nth).contains("Done, "), "{}", text(nth));
            assert!(!text(nth).contains("An operator performs it."), "{}", text(nth));
        }
        assert_eq!(world.leads_channel().len(), 2);
        let states = world.select("select state from requests").await;
        assert_eq!(states, ["done", "done"].map(|state| Some(state.to_owned())));
    })
    .await;
}
