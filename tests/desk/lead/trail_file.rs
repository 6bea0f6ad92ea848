//! The trail as a file.

use insta::assert_snapshot;
use sandbox::clock::Clock as _;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::{JULIA, desk_events, looks_up};
use crate::world::World;

/// Returns the newest file of the trail.
fn file(leo: &Person) -> String {
    String::from_utf8(leo.file("trail.csv")).unwrap()
}

/// Writes events of an actor that has no chain, as only a person with the database can.
async fn writes(world: &World, actor: u64, first: u32, last: u32) {
    world
        .runs(format!(
            "with recursive n (n) as (select {first} union all select n + 1 from n where n < {last})
             insert into events (chain, seq, at, actor, kind, details, key)
             select 'discord:{actor}', n, {} + n, 'discord:{actor}', 'refused',
                 '{{\"why\":\"not_an_agent\"}}', 'none' from n",
            world.clock.now() - 60_000
        ))
        .await;
}

#[tokio::test]
async fn file_has_what_the_view_has_without_sealed_details() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        world.chooses(&ben, &format!("{JULIA} ticket:-7"), "Casa Luz").await;
        leo.types("/desk trail ticket:-7").await;
        leo.sees().await;
        leo.presses("As a file").await;
        let seen = leo.sees().await;
        let answer = "This file has all 5 events. Times are in UTC.\n(file trail.csv)";
        assert!(seen.contains(answer), "{seen}");
        let file = file(&leo);
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines[0], "\u{feff}time (UTC),actor,session,customer,ticket,kind,details");
        assert!(lines[1].starts_with("2026-"), "{}", lines[1]);
        let looked_up = lines.last().unwrap();
        assert!(looked_up.contains(",discord:1200000000000000101,"), "{looked_up}");
        assert!(looked_up.contains(",C-") && looked_up.contains(",'-7,looked_up,"), "{looked_up}");
        for secret in ["julia", "Casa Luz", "eco-", "J***", "email"] {
            assert!(!file.to_lowercase().contains(&secret.to_lowercase()), "{secret}: {file}");
        }
        let events = desk_events(world).await;
        let taken: Vec<_> = events.iter().filter(|it| it.starts_with("desk_file")).collect();
        let [taken] = taken.as_slice() else { panic!("{events:?}") };
        assert!(taken.contains(&format!(r#""rows":{}"#, lines.len() - 1)), "{taken}");
        assert!(taken.contains(&format!(r#""bytes":{}"#, file.len())), "{taken}");
        let cards = world.leads_channel();
        let [card] = cards.as_slice() else { panic!("only the lead has the file: {cards:?}") };
        let card = card.embeds.to_string();
        assert!(card.contains("A lead took a file of the audit trail."), "{card}");
    })
    .await;
}

#[tokio::test]
async fn file_has_ten_thousand_events_at_most() {
    World::run(async |world| {
        let (leo, sam) = (world.person("leo"), world.person("sam").id());
        let mut written = 0;
        for (count, says) in [
            (9_999, "This file has all 9,999 events. Times are in UTC."),
            (10_000, "This file has all 10,000 events. Times are in UTC."),
            (10_001, "These are the newest 10,000 of 10,001. Times are in UTC."),
        ] {
            writes(world, sam, written + 1, count).await;
            written = count;
            leo.types("/desk trail agent:@sam").await;
            leo.sees().await;
            leo.presses("As a file").await;
            let seen = leo.sees().await;
            assert!(seen.contains(says), "{seen}");
            let rows = usize::try_from(count.min(10_000)).unwrap();
            assert_eq!(file(&leo).lines().count(), rows + 1);
        }
        // A server with a small limit for files.
        world.sandbox.discord.set_file_limit(1_000);
        leo.locale("es-ES");
        leo.types("/mesa registro agente:@sam").await;
        leo.sees().await;
        leo.presses("Como archivo").await;
        let seen = leo.sees().await;
        assert!(seen.contains(" más recientes de 10.001."), "{seen}");
        assert!((700..=800).contains(&file(&leo).len()));
    })
    .await;
}

#[tokio::test]
async fn lead_takes_five_files_an_hour() {
    World::run(async |world| {
        let (ben, leo, lara) = (world.person("ben"), world.person("leo"), world.person("lara"));
        looks_up(&ben, "julia@example.com").await;
        for who in [&leo, &lara] {
            who.types("/desk trail").await;
            who.sees().await;
        }
        for _ in 0..5 {
            leo.presses("As a file").await;
            assert!(leo.sees().await.contains("event"));
        }
        leo.presses("As a file").await;
        assert_snapshot!(leo.sees().await, @"You have taken five files in the last hour. Try again in 1 hour.");
        lara.presses("As a file").await;
        assert!(lara.sees().await.contains("event"), "another lead has a count of their own");
        world.leaps_until(commands::model::time::minutes(60)).await;
        leo.presses("As a file").await;
        assert!(leo.sees().await.contains("event"));
    })
    .await;
}
