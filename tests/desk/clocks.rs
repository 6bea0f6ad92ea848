//! The idle clock: it warns, strips the panel and closes, and only what moves a session holds it
//! off.

use std::time::Duration;

use insta::assert_snapshot;

use crate::world::World;

const fn at(minutes: u64, seconds: u64) -> Duration {
    Duration::from_secs(minutes * 60 + seconds)
}

#[tokio::test]
async fn an_idle_panel_warns_at_twelve_minutes_and_not_before() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "", "11:59 is too early");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⏳ There is no recent activity. This session closes in 3 minutes.

        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at j•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Send code] [Change ecosystem] [Cancel] [Stay]
        ");
    })
    .await;
}

#[tokio::test]
async fn stay_begins_the_fifteen_minutes_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(13, 30)).await;
        ben.sees().await;
        ben.presses("Stay").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at j•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Send code] [Change ecosystem] [Cancel]
        ");
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "", "the clock began again with Stay");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("This session closes in 3 minutes"));
    })
    .await;
}

#[tokio::test]
async fn looking_at_a_detail_is_no_activity() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 0)).await;
        ben.presses("See plan details").await;
        assert!(ben.sees().await.contains("Plan details"));
        world.passes(at(1, 0)).await;
        assert!(
            ben.sees().await.contains("This session closes in 3 minutes"),
            "it warns over the detail"
        );
    })
    .await;
}

#[tokio::test]
async fn an_idle_panel_is_stripped_at_a_quarter_to_and_closes_at_fifteen_minutes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(14, 44)).await;
        assert!(ben.sees().await.contains("Julia Peña"), "it warns, and is whole");
        world.passes(at(0, 1)).await;
        let stripped = ben.sees().await;
        assert!(!stripped.contains("Julia") && !stripped.contains("Casa Luz") && !stripped.contains("example.com"), "{stripped}");
        assert_snapshot!(stripped, @"
        Technical Assistance
        This session closes at 10:15 UTC (in 15 seconds) because there is no activity. Press Resume to continue. After that time the request is lost.
        [Resume]
        ");

        world.passes(at(0, 14)).await;
        assert!(!world.trail().await.iter().any(|event| event.starts_with("closed")), "14:59 is open");
        world.passes(at(0, 1)).await;
        assert_eq!(world.trail().await.last().unwrap(), r#"closed {"why":"idle"}"#);
        assert_eq!(ben.sees().await, "", "the token died in the same minute");
        ben.presses("Resume").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn resume_on_a_stripped_panel_gives_it_back_with_fifteen_new_minutes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        let plan = ben.keep("See plan details");
        world.passes(at(14, 59)).await;
        ben.sees().await;

        // A click that was on its way when the panel was stripped brings nothing back.
        ben.presses_kept(&plan).await;
        let still_stripped = ben.sees().await;
        assert!(
            still_stripped.ends_with("[Resume]") && !still_stripped.contains("Family"),
            "{still_stripped}"
        );

        ben.presses("Resume").await;
        let whole = ben.sees().await;
        assert!(
            whole.contains("Julia Peña")
                && whole.contains("[Waizant Store]")
                && !whole.contains('⏳'),
            "{whole}"
        );
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("This session closes in 3 minutes"));
    })
    .await;
}

#[tokio::test]
async fn while_the_customer_is_silent_no_click_of_the_agent_holds_the_clock_off() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;

        world.passes(at(5, 0)).await;
        ben.presses("Enter code").await;
        ben.submits(["12 34"]).await;
        assert!(ben.sees().await.contains("A code has six digits"));
        ben.presses("Cancel").await;
        ben.submits(["no"]).await;
        assert!(ben.sees().await.contains("Write at least 10 characters"));
        ben.presses("Back").await;
        ben.sees().await;
        ben.types("/support resume").await;
        ben.sees().await;

        world.passes(at(6, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⏳ The customer has not answered. This session closes in 3 minutes.

        **Step 2 of 2: customer verification**

        The code that was mailed to the customer has expired.

        2 more codes can be sent.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code (off)] [Resend] [Cancel]
        ");

        world.passes(at(2, 45)).await;
        assert_snapshot!(ben.sees().await, @"
        Technical Assistance
        The customer has not answered, so this session closes at 10:15 UTC (in 15 seconds). Until then, press Resume to see its panel.
        [Resume]
        ");
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("[Resend]"), "the panel is back, the clock is not");
        world.passes(at(0, 14)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_the_customer_read_out_wrong_is_activity() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        world.passes(at(5, 0)).await;
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for("julia@example.com").as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left"));
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "", "twelve minutes from the wrong code");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("The customer has not answered"));
    })
    .await;
}

#[tokio::test]
async fn sending_the_customer_another_code_is_activity_and_asking_too_early_is_none() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        world.passes(at(5, 0)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        world.passes(at(0, 30)).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("A new code can be sent in 30 seconds"));
        world.passes(at(11, 29)).await;
        assert_eq!(ben.sees().await, "", "not yet twelve minutes from the second code");
        world.passes(at(0, 1)).await;
        assert!(
            ben.sees().await.contains("The customer has not answered"),
            "and not from the refused third"
        );
    })
    .await;
}

#[tokio::test]
async fn the_clocks_speak_the_language_of_the_last_click() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.locale("es-ES");
        ben.presses("Send code").await;
        ben.sees().await;
        world.passes(at(12, 0)).await;
        assert_snapshot!(ben.sees().await, @r"
        Asistencia Técnica
        ⏳ El cliente no ha respondido. Esta sesión se cierra in 3 minutes.

        **Paso 2 de 2: verificación del cliente**

        El código que se envió al cliente ha caducado.

        Se pueden enviar 2 códigos más.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código (off)] [Reenviar] [Cancelar]
        ");
        world.passes(at(2, 45)).await;
        assert_snapshot!(ben.sees().await, @"
        Asistencia Técnica
        El cliente no ha respondido, así que esta sesión se cierra a las 10:15 UTC (in 15 seconds). Hasta entonces, pulsa Reanudar para ver su panel.
        [Reanudar]
        ");
        world.passes(at(0, 15)).await;
        ben.presses("Reanudar").await;
        assert_snapshot!(ben.sees().await, @"
        Sesión cerrada
        Esta sesión está cerrada (10:15 UTC): no hubo actividad durante 15 minutos, así que la solicitud se ha perdido.
        Sesión ······
        ");
    })
    .await;
}

#[tokio::test]
async fn in_a_trial_the_warnings_scale_with_the_idle_timeout() {
    World::run_with(&[("IDLE_CLOSE_SECONDS", "60")], async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(0, 47)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("This session closes in 12 seconds"));
        world.passes(at(0, 11)).await;
        assert!(
            ben.sees().await.contains("(in 1 second) because there is no activity. Press Resume")
        );
        world.passes(at(0, 1)).await;
        // The token lives on: a trial's panel can be told.
        assert!(ben.sees().await.contains("Session closed"));
    })
    .await;
}

#[tokio::test]
async fn a_click_after_the_deadline_is_too_late_even_before_any_clock_has_acted() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.clock.advance(at(15, 0));
        ben.presses("Send code").await;
        let closed = ben.sees().await;
        assert!(closed.contains("there was no activity for 15 minutes"), "{closed}");
        assert!(world.sandbox.mail.for_address("julia@example.com").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_was_down_at_the_deadline_closes_on_its_first_look() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(5, 0)).await;
        world.crashes();
        world.clock.advance(at(10, 0));
        world.starts().await;
        world.sweeps().await;
        assert_eq!(world.trail().await.last().unwrap(), r#"closed {"why":"idle"}"#);
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("there was no activity for 15 minutes"));
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("You have no open session"));
        eva.types("/support technical email:julia@example.com").await;
        assert!(
            eva.sees().await.contains("[Start verification process]"),
            "nobody holds the customer"
        );
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_was_down_over_the_warning_warns_late() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 0)).await;
        world.crashes();
        world.clock.advance(at(2, 0));
        world.starts().await;
        world.sweeps().await;
        assert!(ben.sees().await.contains("This session closes in 2 minutes"));
        ben.presses("Stay").await;
        assert!(!ben.sees().await.contains('⏳'));
    })
    .await;
}
