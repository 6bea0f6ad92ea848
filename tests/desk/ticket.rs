//! Ticket numbers: typed with a look-up, shown in every panel of the session, sealed in the trail.

use insta::assert_snapshot;
use sqlx::{AnyConnection, Connection as _};

use crate::successor::verifies_successor;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// Returns the copies of ticket numbers in the sessions' rows.
async fn columns(world: &World) -> Vec<String> {
    let mut store = AnyConnection::connect(&world.database_url()).await.unwrap();
    let sql = "select ticket from sessions where ticket is not null order by ticket";
    sqlx::query_scalar(sql).fetch_all(&mut store).await.unwrap()
}

#[tokio::test]
async fn every_panel_of_the_session_shows_the_ticket() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("{LOOK_UP} ticket:ZD-1234")).await;
        assert_snapshot!(ben.sees().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · ZD-1234 · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        let code = async || world.code_for("ben@waizant.example");
        for step in [
            "Start", "Casa Luz", "Enter code", "Send code", "Enter code", "Waizant Web",
            "See plan details", "Back",
        ] {
            match step {
                "Casa Luz" => ben.selects(step).await,
                step => ben.presses(step).await,
            }
            let seen = ben.sees().await;
            if step == "Enter code" {
                let is_own = !seen.contains("j•••@e•••.com");
                let code = if is_own { code().await } else { world.code_for(JULIA) };
                ben.submits([code.as_str()]).await;
                assert!(ben.sees().await.contains(" · ZD-1234 · Panel gone?"), "{step}");
            } else {
                assert!(seen.contains(" · ZD-1234 · Panel gone?"), "{step}: {seen}");
            }
        }
        world.restarts().await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains(" · ZD-1234 · Panel gone?"));
        ben.presses("Finish").await;
        let seen = ben.sees().await;
        assert!(seen.contains("Technical Assistance · Session ") && seen.contains(" · ZD-1234\n"), "{seen}");
        assert_eq!(columns(world).await, ["ZD-1234"]);
        let looked_up = &world.trail().await[0];
        assert_eq!(looked_up, r#"looked_up {"colleague":false,"customer":"<usr-julia>","found":true,"kind":"technical"} about {"email_mac":"…","ticket":"ZD-1234"}"#);
    })
    .await;
}

#[tokio::test]
async fn ticket_shows_in_spanish_and_for_a_successor() {
    World::run(async |world| {
        let (ana, eva) = (world.person("ana"), world.person("eva"));
        ana.types("/soporte tecnica correo:julia@example.com ticket:#4_2/b.c:9").await;
        assert_snapshot!(ana.sees().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Activo desde 2024-01-15 · 3 ecosistemas
        Pregúntale si quiere ayuda ahora.
        Asistencia Técnica · Sesión ······ · #4_2/b.c:9 · ¿Sin panel? /soporte reanudar
        [Iniciar verificación] [Cerrar]
        ");
        verifies_successor(world, &eva, None).await;
        // A second look-up adds the number to the open session.
        eva.types("/support successor email:sofia@example.com ticket:https://a.example/7").await;
        let seen = eva.sees().await;
        assert!(seen.contains(" · https://a.example/7 · Panel gone?"), "{seen}");
        eva.selects("2. Validation").await;
        let seen = eva.sees().await;
        assert!(seen.contains(" · https://a.example/7 · Panel gone?"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn second_look_up_sets_only_an_empty_ticket() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Session"));
        assert_eq!(columns(world).await, [""; 0]);
        for (typed, kept) in [(" ticket:zd-1", "zd-1"), (" ticket:ZD-2", "zd-1"), ("", "zd-1")] {
            ben.types(&format!("{LOOK_UP}{typed}")).await;
            let seen = ben.sees().await;
            assert!(seen.contains(&format!(" · {kept} · Panel gone?")), "{typed}: {seen}");
            assert_eq!(columns(world).await, ["ZD-1"], "{typed}");
        }
        let sealed = |event: &String| {
            let (_, about) = event.split_once("\"ticket\":")?;
            Some(about.trim_end_matches('}').to_owned())
        };
        // The trail has what was typed.
        let typed: Vec<_> = world.trail().await.iter().filter_map(sealed).collect();
        assert_eq!(typed, [r#""zd-1""#, r#""ZD-2""#]);
    })
    .await;
}

#[tokio::test]
async fn malformed_ticket_is_refused_before_the_look_up() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("{LOOK_UP} ticket:{JULIA}")).await;
        assert_snapshot!(ben.sees().await, @"
        That is not a valid ticket number. Use up to 64 letters (A to Z), digits and the characters `- _ # / . :`, such as `ZD-1234`.
        [Try again]
        ");
        for typed in ["x".repeat(65), "ZD 1234".to_owned(), "ñ".to_owned(), "ZD\u{7}".to_owned()] {
            ben.types(&format!("{LOOK_UP} ticket:{typed}")).await;
            let seen = ben.sees().await;
            assert!(seen.starts_with("That is not a valid ticket number."), "{typed:?}: {seen}");
        }
        // A wrong address is explained first.
        ben.types("/support technical email:julia ticket:ñ").await;
        assert!(ben.sees().await.starts_with("That is not a valid e-mail address."));

        ben.presses("Try again").await;
        assert_snapshot!(ben.sees().await, @r#"
        Form "Technical Assistance":
          The customer's e-mail address <name@company.com>
          Ticket (optional) <ZD-1234>
        "#);
        ben.submits([JULIA, " "]).await;
        assert!(ben.sees().await.starts_with("That is not a valid ticket number."));
        assert_eq!(world.count("select count(*) from limit_uses").await, 0);
        assert_eq!(world.count("select count(*) from subjects").await, 0);
        // One event a minute and reason.
        let refused = ["malformed_ticket", "malformed_email"].map(|why| format!(r#"refused {{"why":"{why}"}}"#));
        assert_eq!(world.trail().await, refused);

        ben.presses("Try again").await;
        ben.submits([JULIA, &"x".repeat(64)]).await;
        let seen = ben.sees().await;
        assert!(seen.contains(&format!(" · {} · Panel gone?", "x".repeat(64))), "{seen}");
        ben.types(&format!("/support technical email:tom@example.com ticket:{}", "7")).await;
        assert!(ben.sees().await.contains(" · 7 · Panel gone?"));
    })
    .await;
}

#[tokio::test]
async fn form_without_a_ticket_looks_up_as_before() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:nobody@example.com ticket:ZD-1").await;
        let seen = ben.sees().await;
        assert!(seen.starts_with("No Waizant customer"), "{seen}");
        // No erasure of a customer would reach the number of this look-up.
        let event = &world.trail().await[0];
        assert!(event.starts_with("looked_up") && !event.contains("ZD-1"), "{event}");
        ben.presses("Try another address").await;
        ben.sees().await;
        ben.submits([JULIA, ""]).await;
        let seen = ben.sees().await;
        assert!(seen.contains("Start verification process") && !seen.contains("ZD-1"), "{seen}");
        ben.presses("Close").await;
        ben.sees().await;
        ben.presses("Help another customer").await;
        ben.sees().await;
        ben.submits(["tom@example.com", "ZD-2 "]).await;
        assert!(ben.sees().await.contains(" · ZD-2 · Panel gone?"));
        assert_eq!(columns(world).await, ["ZD-2"]);
        // Linking asks for no ticket number.
        let sam = world.person("olga");
        sam.types("/account link email:x").await;
        sam.sees().await;
        sam.presses("Try another address").await;
        assert!(!sam.sees().await.contains("Ticket"));
    })
    .await;
}
