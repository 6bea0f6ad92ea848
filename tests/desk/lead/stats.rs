//! `/desk stats`: figures, their charts, and an agent's own line.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::{JULIA, desk_events, looks_up};
use crate::world::World;

/// Returns name and size of the picture below the newest message, and its alternative text.
fn newest_file(who: &Person) -> Option<(String, String)> {
    let file = who.messages().pop()?.attachments.pop()?;
    let (width, height) = (file.width.unwrap_or_default(), file.height.unwrap_or_default());
    Some((format!("{} {width}x{height}", file.name), file.description.unwrap_or_default()))
}

/// Closes five sessions of Ben: one verified, and four that he cancels.
async fn ben_works(world: &World, ben: &Person) {
    world.verifies(ben, JULIA, "Casa Luz").await;
    ben.presses("Finish").await;
    ben.sees().await;
    for _ in 0..4 {
        world.chooses(ben, "tom@example.com", "Casa Luz").await;
        ben.presses("Cancel").await;
        ben.sees().await;
        ben.submits(["the line was cut off"]).await;
        ben.sees().await;
        world.clock.advance(minutes(2));
    }
}

#[tokio::test]
async fn figures_are_shown_with_their_charts() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk stats").await;
        assert_snapshot!(leo.sees().await, @"
        Last 7 days
        No session in this time.
        30 December 2025 to 5 January 2026 · UTC
        <Period: Today — 5 January 2026 | Last 7 days — 30 December 2025 to 5 January 2026 | Last 30 days — 7 December 2025 to 5 January 2026 | Last 90 days — 8 October 2025 to 5 January 2026>
        [Why sessions ended (off)] [Today] [As a file (off)]
        ");
        assert_eq!(newest_file(&leo), None);
        ben_works(world, &ben).await;
        looks_up(&ben, JULIA).await;
        world.clock.advance(minutes(1));
        leo.types("/desk stats period:today").await;
        assert_snapshot!(leo.sees().await, @"
        Today
        5 started · 1 verified · 4 not verified · 0 locked or reported · 0 with a ticket
        Codes to customers: 1 · bounced 0
        Access links: Web 0 · Store 0 · App 0 · Succession 0
        Why sessions ended: cancelled 4, finished 1
        Agents (≥ 5 sessions):
        <@1200000000000000101> Ben Carter 5
        5 January 2026 · UTC
        (image chart.png)
        <Period: Today — 5 January 2026 | Last 7 days — 30 December 2025 to 5 January 2026 | Last 30 days — 7 December 2025 to 5 January 2026 | Last 90 days — 8 October 2025 to 5 January 2026>
        [Why sessions ended] [Today (off)] [As a file]
        ");
        let (name, text) = newest_file(&leo).unwrap();
        assert_eq!(name, "chart.png 1000x580");
        assert_snapshot!(text, @"Sessions per hour, 5 January 2026: 5 started, 1 verified; most at 10:00, 5.");
        assert!(leo.file("chart.png").starts_with(b"\x89PNG"));

        leo.presses("Why sessions ended").await;
        leo.sees().await;
        assert_snapshot!(newest_file(&leo).unwrap().1, @"Why sessions ended, 5 January 2026: cancelled 4, finished 1.");
        leo.selects("Last 90 days").await;
        assert!(leo.sees().await.starts_with("Last 90 days\n"));
        leo.presses("Sessions over time").await;
        leo.sees().await;
        assert_snapshot!(newest_file(&leo).unwrap().1, @"Sessions per week, 8 October 2025 to 5 January 2026: 5 started, 1 verified; most in the week from 30 December, 5; none in 12 weeks.");
        leo.presses("Today").await;
        assert!(leo.sees().await.starts_with("Today\n"));
        let read = |period: &str| format!(r#"desk_read {{"period":"{period}","view":"stats"}}"#);
        assert_eq!(desk_events(world).await, ["7", "today", "90", "today"].map(read));
        // A chart that no button of this lead has is a view of its own.
        leo.forges_choice("d1.desk.stats.chart.30.time.all", "").await.unwrap();
        assert!(leo.sees().await.starts_with("Last 30 days\n"));
        assert_eq!(desk_events(world).await.last(), Some(&read("30")));
    })
    .await;
}

#[tokio::test]
async fn one_agent_has_figures_from_five_sessions() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        ben_works(world, &ben).await;
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk stats agent:@ben").await;
        assert!(leo.sees().await.contains("5 started · 1 verified · "));
        assert!(newest_file(&leo).is_some());
        leo.types("/desk stats agent:@ana").await;
        assert!(leo.sees().await.contains("No session in this time."));
        assert_eq!(newest_file(&leo), None);
        let ben_id = ben.id();
        let event =
            format!(r#"desk_read {{"agent":"discord:{ben_id}","period":"7","view":"stats"}}"#);
        assert!(desk_events(world).await.contains(&event));
        // The agent sees the own line.
        ben.types("/account show").await;
        let own = ben.sees().await;
        assert!(
            own.contains("30 days: 5 started, 1 verified, 0 looked up and not started"),
            "{own}"
        );
    })
    .await;
}

#[tokio::test]
async fn figures_of_a_minute_come_from_memory() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        let started = async || {
            leo.types("/desk stats").await;
            let seen = leo.sees().await;
            seen.lines().nth(1).unwrap().split(" · ").next().unwrap().to_owned()
        };
        world.chooses(&ben, JULIA, "Casa Luz").await;
        assert_eq!(started().await, "1 started");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        assert_eq!(started().await, "1 started");
        world.clock.advance(minutes(1));
        assert_eq!(started().await, "2 started");
    })
    .await;
}

#[tokio::test]
async fn days_of_the_offset_are_shown_in_spanish() {
    World::run_with(&[("DESK_UTC_OFFSET", "-05:00")], async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.locale("es-419");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        leo.types("/mesa cifras periodo:hoy").await;
        assert_snapshot!(leo.sees().await, @"
        Hoy
        Empezadas: 1 · verificadas: 0 · sin verificar: 1 · bloqueadas o denunciadas: 0 · con ticket: 0
        Códigos a clientes: 0 · devueltos: 0
        Enlaces de acceso: Web 0 · Store 0 · App 0 · Sucesión 0
        5 de enero de 2026 · UTC−05:00
        (image chart.png)
        <Periodo: Hoy — 5 de enero de 2026 | Últimos 7 días — 30 de diciembre de 2025 al 5 de enero de 2026 | Últimos 30 días — 7 de diciembre de 2025 al 5 de enero de 2026 | Últimos 90 días — 8 de octubre de 2025 al 5 de enero de 2026>
        [Por qué terminaron las sesiones] [Hoy (off)] [Como archivo]
        ");
        assert_snapshot!(newest_file(&leo).unwrap().1, @"Sesiones por hora, 5 de enero de 2026: 1 empezadas, 0 verificadas; el máximo, a las 05:00: 1.");
    })
    .await;
}
