//! The statistics as a file.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::desk_events;
use crate::world::World;

/// Returns the lines of the newest file, without its mark and with the time of Start left out.
fn lines(who: &Person) -> Vec<String> {
    let text = String::from_utf8(who.file("sessions.csv")).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark").to_owned();
    text.lines().map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
}

#[tokio::test]
async fn file_has_a_line_for_each_session() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        world.clock.advance(minutes(1));
        ben.types("/support technical email:tom@example.com ticket:-7").await;
        ben.sees().await;
        ben.presses("Start verification process").await;
        ben.sees().await;
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk stats").await;
        leo.sees().await;
        leo.presses("As a file").await;
        let seen = leo.sees().await;
        let answer = "This file has all 2 sessions. Times are in UTC.\n(file sessions.csv)";
        assert!(seen.contains(answer), "{seen}");
        let lines = lines(&leo);
        assert_eq!(lines.len(), 3);
        let customers: Vec<_> = lines[1..].iter().map(|line| line.rsplit(',').next()).collect();
        assert!(customers.iter().all(|it| it.unwrap().starts_with("C-")), "{customers:?}");
        let cells = |line: &str| line.rsplit_once(',').unwrap().0.to_owned();
        // A spreadsheet takes no ticket number for a formula.
        let expected = [
            "support kind,scope,agent,ticket,outcome,close reason,seconds to verified,links",
            "technical,act,Ben Carter,'-7,not_verified,,,0",
            "technical,act,Ben Carter,,verified,,0,1",
        ];
        assert_eq!(lines.iter().map(|line| cells(line)).collect::<Vec<_>>(), expected);
        let event = desk_events(world).await.pop().unwrap();
        assert!(event.starts_with(r#"desk_file {"bytes":"#), "{event}");
        assert!(event.ends_with(r#","period":"7","rows":2,"view":"stats"}"#), "{event}");
        let cards = world.leads_channel();
        let [card] = cards.as_slice() else { panic!("only the lead has the file: {cards:?}") };
        let card = card.embeds.to_string();
        assert!(card.contains("A lead took a file of the statistics."), "{card}");
    })
    .await;
}

#[tokio::test]
async fn sixth_file_of_an_hour_is_refused() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        leo.types("/desk stats").await;
        leo.sees().await;
        for _ in 0..5 {
            leo.presses("As a file").await;
            assert!(leo.sees().await.contains("sessions.csv"));
        }
        leo.presses("As a file").await;
        assert_snapshot!(leo.sees().await, @"You have taken five files in the last hour. Try again in 1 hour.");
    })
    .await;
}
