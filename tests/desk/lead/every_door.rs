//! Doors of every command of `/desk`, of a card and of the launcher.

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::words::Purpose;
use commands::screens::custom_id::{Action, CustomId};
use sandbox::seed::{
    AGENT_ROLE_ID, DIRECT_MESSAGE_ID, LEAD_ROLE_ID, LEADS_CHANNEL_ID, OTHER_CHANNEL_ID,
    SUPPORT_CHANNEL_ID,
};
use serde_json::json;

use crate::lead::{OPEN, desk_events, ids};
use crate::person::TestPerson;
use crate::world::World;

/// A line of each command.
const COMMANDS: [&str; 9] = [
    "/desk sessions",
    "/desk close session:AAAAAA reason:the caller was rude to Ben",
    "/desk trail",
    "/desk stats",
    "/desk unlink agent:@ana reason:the caller was rude to Ben",
    "/desk agent agent:@ana",
    "/desk customer email:julia@example.com",
    "/desk alerts",
    "/desk launcher",
];

/// Ids of a guild in which the bot must do nothing.
const FOREIGN_GUILD: &str = "1200000000000000999";

/// Types each command. Each answer must begin with `refusal`.
async fn is_refused(who: &TestPerson, refusal: &str) {
    for line in COMMANDS {
        who.types(line).await;
        let seen = who.sees().await;
        assert!(seen.starts_with(refusal), "{line}: {seen}");
    }
}

/// Fails if a refused command did or showed something.
async fn assert_only_refused(world: &World, whys: &[&str]) {
    let refused: Vec<_> = whys.iter().map(|why| format!(r#"refused {{"why":"{why}"}}"#)).collect();
    // One event a minute, person and reason.
    assert_eq!(desk_events(world).await, refused);
    let done =
        "select count(*) from events where kind in ('unlinked', 'launcher_posted', 'closed')";
    assert_eq!(world.count(done).await, 0);
    assert_eq!(world.sandbox.discord.channel(SUPPORT_CHANNEL_ID).len(), 0);
}

#[tokio::test]
async fn every_command_refuses_whoever_is_no_lead() {
    World::run(async |world| {
        let [sam, ana, olga, ben] = ["sam", "ana", "olga", "ben"].map(|name| world.person(name));
        ana.locale("en-US");
        is_refused(&sam, "Only leads can use this.").await;
        is_refused(&ana, "Only leads can use this.").await;
        olga.set_roles(&[LEAD_ROLE_ID]);
        is_refused(&olga, "Your Discord account is not linked").await;
        ben.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        is_refused(&ben, "Your BackOffice account is in no group of leads.").await;
        for who in [&sam, &ana] {
            assert_eq!(who.suggestions("/desk close session:").await, Some(Vec::new()));
        }
        let whys = ["not_a_lead", "not_a_lead", "not_linked", "not_in_lead_group"];
        assert_only_refused(world, &whys).await;
    })
    .await;
}

#[tokio::test]
async fn every_command_refuses_a_foreign_channel_guild_and_direct_message() {
    World::run(async |world| {
        let leo = world.person("leo");
        for channel in [OTHER_CHANNEL_ID, DIRECT_MESSAGE_ID] {
            leo.moves_to(channel);
            is_refused(&leo, "This works only in <#").await;
        }
        leo.moves_to(SUPPORT_CHANNEL_ID);
        for line in COMMANDS {
            let faults = world.sandbox.discord.faults();
            faults.spoil_next_interaction("/guild_id", Some(json!(FOREIGN_GUILD)));
            leo.types(line).await;
            let seen = leo.sees().await;
            assert!(seen.starts_with("This works only in <#"), "{line}: {seen}");
        }
        assert_only_refused(world, &["wrong_channel"]).await;
    })
    .await;
}

#[tokio::test]
async fn button_of_a_card_has_the_doors_of_the_desk() {
    World::run(async |world| {
        let [ana, olga, lara] = ["ana", "olga", "lara"].map(|name| world.person(name));
        lara.moves_to(LEADS_CHANNEL_ID);
        let about_ana = AlertSubject::Agent(ana.id());
        world.raises(vec![NewAlert::new(AlertKind::LookupLimit, about_ana)]).await;
        world.leads_see().await;
        let handled = lara.keep("Handled").custom_id().to_owned();
        olga.set_roles(&[LEAD_ROLE_ID]);
        olga.moves_to(LEADS_CHANNEL_ID);
        olga.presses("Handled").await;
        assert!(olga.sees().await.contains("not linked"));
        for (channel, guild) in [
            (OTHER_CHANNEL_ID, None),
            (DIRECT_MESSAGE_ID, None),
            (LEADS_CHANNEL_ID, Some(json!(FOREIGN_GUILD))),
        ] {
            lara.moves_to(channel);
            lara.types("/account show").await;
            lara.sees().await;
            if guild.is_some() {
                let faults = world.sandbox.discord.faults();
                faults.spoil_next_interaction("/guild_id", guild);
            }
            lara.forges(&handled).await;
            let seen = lara.sees().await;
            assert!(seen.starts_with("This works only in <#"), "{channel}: {seen}");
        }
        let open = "select count(*) from alerts where state = 'open'";
        assert_eq!(world.count(open).await, 1);
    })
    .await;
}

#[tokio::test]
async fn forms_and_ids_of_others_are_refused() {
    World::run(async |world| {
        let [ben, leo] = ["ben", "leo"].map(|name| world.person(name));
        ben.types("/account recover email:ben@waizant.example").await;
        ben.sees().await;
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let all = ids(world).await;
        let (recovery, support) = (&all[0], &all[1]);
        leo.types("/desk sessions").await;
        leo.sees().await;
        // A lead's act on a session that is about no customer.
        for id in ["card", "over", "take"] {
            let forged = format!("d1.desk.{id}.{recovery}.open.all.0");
            leo.forges_choice(&forged, "").await.unwrap();
            let seen = leo.sees().await;
            assert!(seen.contains("No session of the last 24 hours"), "{forged}: {seen}");
        }
        // An agent's form in the hand of a lead, and a lead's in the hand of an agent.
        let form = CustomId {
            session: support.parse().unwrap(),
            generation: 3,
            action: Action::SubmitCode(Purpose::AgentMfa, 1),
        };
        leo.forges_submit(&form.to_string(), "123456").await.unwrap();
        let seen = leo.sees().await;
        assert!(seen.contains("belongs to another agent"), "{seen}");
        let close = format!("d1.desk.close.{support}.1.open.all.0");
        ben.forges_submit(&close, "the caller was rude to Ben").await.unwrap();
        assert!(ben.sees().await.contains("Only leads can use this."));
        assert_eq!(world.count(OPEN).await, 2);
        assert!(world.sandbox.aws.calls_of("cs-otp-verify").is_empty());
    })
    .await;
}
