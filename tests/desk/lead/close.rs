//! A lead closes a session: by command, by button, twice at once, and after other closes.

use std::time::Duration;

use commands::model::flow_state::SupportState;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::words::{CloseReason, SupportKind};
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::{JULIA, OPEN, REASON, ids, looks_up, newest, opens_card};
use crate::world::World;

/// Opens the form for a close, from the card of the newest session.
async fn opens_form(world: &World, lead: &Person) {
    opens_card(world, lead).await;
    lead.presses("Close session").await;
}

#[tokio::test]
async fn command_closes_revokes_and_hides_the_reason() {
    World::run(async |world| {
        let (ana, leo) = (world.person("ana"), world.person("leo"));
        ana.locale("en-US");
        world.verifies(&ana, JULIA, "Casa Luz").await;
        ana.locale("es-ES");
        ana.presses("Waizant Web").await;
        assert!(ana.sees().await.contains("Abrir Waizant Web ↗"));
        leo.moves_to(LEADS_CHANNEL_ID);
        let id = newest(world).await;
        leo.types(&format!("/desk close session:{id} reason:wrote to julia@example.com, 123456"))
            .await;
        assert_snapshot!(leo.sees().await, @"
        Session ······ is closed. Its access links are being revoked.
        [Back]
        ");
        let seen = ana.sees().await;
        assert_snapshot!(seen, @"
        Sesión cerrada
        Sesión cerrada (10:00 UTC) por un responsable. Habla con tu responsable.

        Los enlaces y códigos QR de esta sesión ya no funcionan.
        Asistencia Técnica · Sesión ······
        [Atender a otro cliente]
        ");
        assert!(ana.find_link("Abrir Waizant Web").is_none(), "the link is gone");
        let closed =
            r#"closed {"why":"by_lead"} about {"reason":"wrote to j•••@e•••.com, ••••••"}"#;
        assert_eq!(world.newest_close().await, closed);
        let actors = world.select("select actor from events where kind = 'closed'").await;
        assert_eq!(actors, [Some(format!("discord:{}", leo.id()))]);
        let revokes = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(revokes.iter().filter(|call| call.body["op"] == "revoke").count(), 1);
        assert!(world.findings().await.is_empty());
        // The agent's old buttons and Resume tell the same.
        ana.types("/soporte reanudar").await;
        assert!(ana.sees().await.contains("ninguna sesión abierta"));
    })
    .await;
}

#[tokio::test]
async fn button_asks_for_the_reason_and_keeps_a_refused_one() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        opens_form(world, &leo).await;
        assert_snapshot!(leo.sees().await, @r#"
        Form "Close session ······":
          Why (the agent does not see it) <Between 10 and 500 characters>
        "#);
        leo.submits(["too short"]).await;
        assert_snapshot!(leo.sees().await, @"
        Session ······
        The reason is too short. Write at least 10 characters.
        [Try again] [Back]
        ");
        leo.presses("Try again").await;
        assert_snapshot!(leo.sees().await, @r#"
        Form "Close session ······":
          Why (the agent does not see it) <Between 10 and 500 characters> = "too short"
        "#);
        leo.submits([&"x".repeat(501)]).await;
        assert!(leo.sees().await.contains("Write at most 500 characters."));
        assert_eq!(world.count(OPEN).await, 1);
        leo.presses("Try again").await;
        assert!(leo.sees().await.contains(&"x".repeat(501)));
        leo.submits([&"x".repeat(500)]).await;
        assert_snapshot!(leo.sees().await, @"
        Session ······ is closed.
        [Back]
        ");
        ben.sees().await;
        leo.presses("Back").await;
        assert!(leo.sees().await.starts_with("Open sessions · 0"));
    })
    .await;
}

#[tokio::test]
async fn refused_reason_of_the_command_can_be_tried_again() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        leo.types(&format!("/desk close session:{} reason:rude", newest(world).await)).await;
        assert!(leo.sees().await.contains("The reason is too short."));
        leo.presses("Try again").await;
        assert!(leo.sees().await.contains("rude"));
        leo.submits([REASON]).await;
        assert!(leo.sees().await.contains("is closed."));
        assert!(ben.sees().await.contains("by a lead"));
    })
    .await;
}

#[tokio::test]
async fn two_leads_close_once() {
    World::run(async |world| {
        let (ben, eva, leo) = (world.person("ben"), world.person("eva"), world.person("leo"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        tokio::join!(eva.types(&line), leo.types(&line));
        let mut seen = [eva.sees().await, leo.sees().await];
        seen.sort();
        assert!(seen[0].contains(" closed it a moment ago."), "{seen:?}");
        assert!(seen[1].contains(" is closed."), "{seen:?}");
        assert_eq!(world.count("select count(*) from events where kind = 'closed'").await, 1);
        ben.sees().await;
        world.clock.advance(minutes(1));
        leo.types(&line).await;
        assert_snapshot!(leo.sees().await, @"
        It was closed already, at 10:00 UTC: by a lead.
        [Back]
        ");
    })
    .await;
}

#[tokio::test]
async fn session_closed_meanwhile_tells_when_and_why() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        opens_form(world, &leo).await;
        leo.sees().await;
        world.clock.advance(minutes(2));
        ben.presses("Close").await;
        ben.sees().await;
        world.clock.advance(minutes(3));
        // When and why matters more than the reason, which is too short.
        leo.submits(["late"]).await;
        assert_snapshot!(leo.sees().await, @"
        It was closed already, at 10:02 UTC: dismissed.
        [Back]
        ");
        // A session whose end has passed closes for that, although no sweep has come yet.
        looks_up(&ben, JULIA).await;
        let id = newest(world).await;
        world.clock.advance(minutes(15));
        leo.types(&format!("/desk close session:{id} reason:{REASON}")).await;
        assert_snapshot!(leo.sees().await, @"
        It was closed already, at 10:20 UTC: no activity.
        [Back]
        ");
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn every_earlier_close_is_told() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        let mut told = Vec::new();
        for reason in [
            CloseReason::Finished,
            CloseReason::Cancelled,
            CloseReason::Dismissed,
            CloseReason::Idle,
            CloseReason::Absolute,
            CloseReason::AgentLockedOut,
            CloseReason::CustomerLockedOut,
            CloseReason::AgentIneligible,
            CloseReason::CustomerInactive,
            CloseReason::RoleChanged,
            CloseReason::SuccessionOver,
            CloseReason::ProofInvalid,
            CloseReason::Unreadable,
            CloseReason::Tampered,
            CloseReason::EndedByOperator,
            CloseReason::Reported,
            CloseReason::ByLead,
            CloseReason::TakenOver,
        ] {
            looks_up(&ben, JULIA).await;
            let id = ids(world).await.pop().unwrap();
            world
                .rewrites_newest_session(|session| {
                    session.clocks.closed_at = Some(session.clocks.active_at);
                    let kind = SupportKind::Technical;
                    session.work = Work::Support(kind, SupportState::Closed(reason));
                })
                .await;
            world.clock.advance(Duration::from_secs(1));
            leo.types(&format!("/desk close session:{id} reason:{REASON}")).await;
            let seen = leo.sees().await;
            let (_, why) = seen.split_once("It was closed already, at 10:00 UTC: ").expect(&seen);
            told.push(why.lines().next().unwrap().to_owned());
        }
        assert_snapshot!(told.join("\n"), @"
        finished.
        cancelled.
        dismissed.
        no activity.
        limit of 60 minutes.
        the agent's wrong codes.
        the customer's wrong codes.
        the agent may no longer continue.
        the customer is no longer active.
        the customer's role has changed.
        the succession is over.
        the verification has expired.
        could not be read.
        changed outside the bot.
        ended by the operator.
        reported.
        by a lead.
        taken over by a lead.
        ");
        let closes = "select count(*) from events where kind = 'closed'";
        assert_eq!(world.count(closes).await, 0, "the lead closed none");
    })
    .await;
}

#[tokio::test]
async fn own_session_can_be_closed() {
    World::run(async |world| {
        let leo = world.person("leo");
        looks_up(&leo, JULIA).await;
        leo.types(&format!("/desk close session:{} reason:{REASON}", newest(world).await)).await;
        let seen = leo.sees().await;
        assert!(
            seen.contains("is closed.") && seen.contains("by a lead. Ask your lead."),
            "{seen}"
        );
        assert!(world.newest_close().await.starts_with(r#"closed {"own":true,"why":"by_lead"}"#));
    })
    .await;
}

#[tokio::test]
async fn six_characters_that_fit_two_sessions_are_a_choice() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        let first = ids(world).await.pop().unwrap();
        world.copies_newest_session([format!("{}{}", &first[..6], "A".repeat(16))]).await;
        leo.types(&format!("/desk close session:{} reason:short", first[..6].to_lowercase())).await;
        let seen = leo.sees().await;
        assert!(seen.contains("Several sessions begin with this id. Choose one."), "{seen}");
        leo.selects(&first[..6]).await;
        leo.sees().await;
        leo.presses("Close session").await;
        assert!(leo.sees().await.contains("short"), "the typed reason is kept");
        leo.submits([REASON]).await;
        leo.sees().await;
        ben.sees().await;
        assert_eq!(world.count(OPEN).await, 1);
    })
    .await;
}

#[tokio::test]
async fn desk_in_spanish() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.locale("es-ES");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        leo.types("/mesa sesiones agente:@ben ver:abiertas").await;
        assert_snapshot!(leo.sees().await, @r"
        Sesiones abiertas · 1
        `······` <@1200000000000000101> · Técnica · J\*\*\* P\*\*\* · Esperando el código del agente · acaba in 15 minutes
        <Mirar una sesión: ······ · Ben Carter — Técnica · J*** P*** · Esperando el código del agente>
        [Página anterior (off)] [Página siguiente (off)] [Actualizar]
        ");
        leo.selects(&newest(world).await).await;
        leo.sees().await;
        leo.presses("Cerrar esta sesión").await;
        assert_snapshot!(leo.sees().await, @r#"
        Form "Cerrar la sesión ······":
          Por qué (el agente no lo ve) <Entre 10 y 500 caracteres>
        "#);
        leo.submits(["corto"]).await;
        assert!(leo.sees().await.contains("El motivo es demasiado corto."));
        leo.types(&format!("/mesa cerrar sesion:{} motivo:{REASON}", newest(world).await)).await;
        assert_snapshot!(leo.sees().await, @"
        La sesión ······ está cerrada.
        [Volver]
        ");
        assert!(ben.sees().await.contains("by a lead. Ask your lead."), "in the agent's language");
    })
    .await;
}
