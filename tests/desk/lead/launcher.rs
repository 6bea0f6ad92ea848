//! The launcher: who posts it, what its buttons do, and in which language.

use insta::assert_snapshot;
use sandbox::discord::{Lacking, Person};
use sandbox::seed::{
    AGENT_ROLE_ID, DIRECT_MESSAGE_ID, LEADS_CHANNEL_ID, OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID,
};
use serde_json::json;

use crate::world::World;

const POSTED: &str = "(everyone sees this)
Support Desk · only you see what opens here
[Technical Assistance] [Ecosystem Admin] [My sessions] [My account]";

/// Posts a launcher. Reads it.
async fn posts(who: &Person) {
    who.types("/desk launcher").await;
    who.sees().await;
}

#[tokio::test]
async fn launcher_opens_forms_sessions_and_account() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.types("/desk launcher").await;
        let channel = SUPPORT_CHANNEL_ID;
        assert_eq!(
            leo.sees().await,
            format!("{POSTED}\n\nPosted in <#{channel}>. Pin it, and delete an older one.")
        );
        let id = world.sandbox.discord.channel(channel)[0].id.clone();
        let events = world.trail().await;
        let posted = format!(r#"launcher_posted {{"channel":"{channel}","message":"{id}"}}"#);
        assert_eq!(events.last(), Some(&posted));

        assert_eq!(ben.sees().await, POSTED);
        ben.presses("Technical Assistance").await;
        assert_snapshot!(ben.sees().await, @r#"
        Form "Technical Assistance":
          The customer's e-mail address <name@company.com>
          Ticket (optional) <ZD-1234>
        "#);
        ben.submits(["julia@example.com", "ZD-1234"]).await;
        let panel = ben.sees().await;
        assert!(panel.contains("J*** P***") && panel.contains("· ZD-1234 ·"), "{panel}");
        ben.presses("My sessions").await;
        assert!(ben.sees().await.contains("J*** P***"), "the panel in a new message");
        ben.presses("Ecosystem Admin").await;
        assert!(ben.sees().await.starts_with("Form \"Ecosystem Admin\""));
        ben.submits(["sofia@example.com", ""]).await;
        assert!(ben.sees().await.contains("Ecosystem Admin"));
        ben.presses("My account").await;
        assert!(ben.sees().await.starts_with("Your BackOffice account"));
        let public = world.sandbox.discord.channel(channel);
        assert_eq!((public.len(), public[0].revision), (1, 2), "the message itself never changes");
    })
    .await;
}

#[tokio::test]
async fn wrong_address_or_ticket_keeps_the_launcher() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        posts(&leo).await;
        ben.sees().await;
        for (typed, answer) in [
            (["julia@example.com", "julia@example.com"], "That is not a valid ticket number."),
            (["julia@example.com", &"7".repeat(65)], "That is not a valid ticket number."),
            (["julia", ""], "That is not a valid e-mail address."),
            (["", "ZD-1"], "That is not a valid e-mail address."),
            (["nobody@example.com", "ZD-1"], "No Waizant customer has the address"),
        ] {
            ben.presses("Technical Assistance").await;
            ben.sees().await;
            ben.submits(typed).await;
            let seen = ben.sees().await;
            assert!(seen.contains(answer) && seen.contains("[Try"), "{typed:?}: {seen}");
        }
        // The answer is a message of its own, whose form replaces it.
        ben.presses("Try another address").await;
        ben.sees().await;
        ben.submits(["julia@example.com", &"7".repeat(64)]).await;
        assert!(ben.sees().await.contains("J*** P***"));
        let public = world.sandbox.discord.channel(SUPPORT_CHANNEL_ID);
        assert_eq!((public.len(), public[0].revision), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn launcher_works_after_a_restart_and_beside_another_one() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        posts(&leo).await;
        posts(&leo).await;
        ben.sees().await;
        world.restarts().await;
        let both = world.sandbox.discord.channel(SUPPORT_CHANNEL_ID);
        assert_eq!(both.len(), 2);
        for message in both {
            let message = message.message_id().unwrap();
            ben.presses_on(message, "Technical Assistance").await;
            ben.sees().await;
            ben.submits(["julia@example.com", ""]).await;
            assert!(ben.sees().await.contains("J*** P***"));
        }
        // Two clicks at once are two answers.
        ben.presses_twice("My account").await;
        assert_eq!(ben.sees().await.matches("Your BackOffice account").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn launcher_is_in_the_language_of_the_server_and_answers_in_the_readers() {
    World::run(async |world| {
        let (ben, ana, leo) = (world.person("ben"), world.person("ana"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        let faults = world.sandbox.discord.faults();
        faults.spoil_next_interaction("/guild_locale", Some(json!("es-ES")));
        leo.types("/desk launcher").await;
        assert!(leo.sees().await.starts_with("Posted in <#"));
        assert_snapshot!(ben.sees().await, @"
        (everyone sees this)
        Support Desk · solo tú ves lo que se abre aquí
        [Asistencia Técnica] [Ecosystem Admin] [Mis sesiones] [Mi cuenta]
        ");
        ben.presses("Mi cuenta").await;
        assert!(ben.sees().await.starts_with("Your BackOffice account"));
        ana.sees().await;
        ana.presses("Asistencia").await;
        assert_snapshot!(ana.sees().await, @r#"
        Form "Asistencia Técnica":
          El correo del cliente <nombre@empresa.com>
          Ticket (opcional) <ZD-1234>
        "#);
        ana.submits(["julia", ""]).await;
        assert!(ana.sees().await.contains("nombre@empresa.com"));
    })
    .await;
}

#[tokio::test]
async fn buttons_have_the_doors_of_their_commands() {
    World::run(async |world| {
        let (sam, lara, leo) = (world.person("sam"), world.person("lara"), world.person("leo"));
        posts(&leo).await;
        sam.sees().await;
        lara.sees().await;
        for label in ["Technical Assistance", "Ecosystem Admin", "My sessions", "My account"] {
            sam.presses(label).await;
            let seen = sam.sees().await;
            assert!(seen.starts_with("Only support agents can use this."), "{label}: {seen}");
            lara.presses(label).await;
            let seen = lara.sees().await;
            let (is_account, is_refused) =
                (label == "My account", seen.starts_with("Only support agents can use this."));
            assert_ne!(is_account, is_refused, "a lead who is no agent, {label}: {seen}");
        }
        // The form is checked again, and the buttons work in the support channel only.
        let ben = world.person("ben");
        ben.sees().await;
        ben.presses("Technical Assistance").await;
        ben.sees().await;
        ben.set_roles(&[]);
        ben.submits(["julia@example.com", ""]).await;
        assert!(ben.sees().await.starts_with("Only support agents can use this."));
        ben.set_roles(&[AGENT_ROLE_ID]);
        ben.dismisses();
        ben.types("/account show").await;
        ben.sees().await;
        for forged in ["d1.launch.bank", "d1.launch.", "d1.launch.account.1"] {
            ben.forges(forged).await;
            assert!(ben.sees().await.contains("another version of the bot"), "{forged}");
        }
        ben.moves_to(OTHER_CHANNEL_ID);
        ben.types("/account show").await;
        ben.sees().await;
        ben.forges("d1.launch.account").await;
        assert!(ben.sees().await.starts_with("This works only in <#"));
        ben.types("/desk launcher").await;
        assert!(ben.sees().await.starts_with("This works only in <#"));
        ben.moves_to(SUPPORT_CHANNEL_ID);
        ben.types("/desk launcher").await;
        assert!(ben.sees().await.starts_with("Only leads can use this."));
        assert_eq!(world.sandbox.discord.channel(SUPPORT_CHANNEL_ID).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn buttons_do_nothing_in_a_direct_message_or_a_foreign_guild() {
    World::run(async |world| {
        let ben = world.person("ben");
        for (channel, guild) in [(DIRECT_MESSAGE_ID, None), (SUPPORT_CHANNEL_ID, Some(json!("7")))]
        {
            ben.moves_to(channel);
            ben.types("/account show").await;
            ben.sees().await;
            for what in ["technical", "successor", "sessions", "account"] {
                if guild.is_some() {
                    let faults = world.sandbox.discord.faults();
                    faults.spoil_next_interaction("/guild_id", guild.clone());
                }
                ben.forges(&format!("d1.launch.{what}")).await;
                let seen = ben.sees().await;
                assert!(seen.starts_with("This works only in <#"), "{channel} {what}: {seen}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn missing_permission_is_named() {
    World::run(async |world| {
        let leo = world.person("leo");
        for lacking in [Lacking::View, Lacking::Send] {
            let faults = world.sandbox.discord.faults();
            faults.take_permission(SUPPORT_CHANNEL_ID, Some(lacking));
            leo.types("/desk launcher").await;
            let seen = leo.sees().await;
            assert!(seen.starts_with("The bot may not post in <#"), "{seen}");
        }
        let events = world.trail().await;
        assert!(!events.iter().any(|event| event.starts_with("launcher_posted")));
        world.sandbox.discord.faults().take_permission(SUPPORT_CHANNEL_ID, None);
        leo.locale("es-ES");
        leo.types("/mesa lanzador").await;
        assert!(leo.sees().await.contains("Publicado en <#"));
    })
    .await;
}
