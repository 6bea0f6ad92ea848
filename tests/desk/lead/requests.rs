//! A lead asks for a copy or an erasure: the form, the card and the trail.

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
