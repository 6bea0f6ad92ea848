//! Doors: `/desk` needs guild and channel, the lead role, an account link and a group of leads.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, DIRECT_MESSAGE_ID, LEAD_GROUP, LEAD_ROLE_ID, LEADS_CHANNEL_ID,
    OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID,
};

use crate::lead::{OPEN, REASON, desk_events, ids, looks_up, newest};
use crate::world::World;

const LIST: &str = "/desk sessions";

#[tokio::test]
async fn only_linked_leads_of_a_group_get_in() {
    World::run(async |world| {
        let (ben, olga, sam) = (world.person("ben"), world.person("olga"), world.person("sam"));
        looks_up(&ben, "julia@example.com").await;
        let close = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        for who in [&sam, &ben] {
            for line in [LIST, &close] {
                who.types(line).await;
                let seen = who.sees().await;
                assert!(seen.starts_with("Only leads can use this."), "{line}: {seen}");
            }
        }
        // The role alone makes no lead, so an administrator of Discord alone cannot make one.
        ben.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        ben.types(&close).await;
        assert_snapshot!(ben.sees().await, @"Your BackOffice account is in no group of leads. Contact an administrator.");
        olga.set_roles(&[LEAD_ROLE_ID]);
        olga.types(LIST).await;
        assert_snapshot!(olga.sees().await, @"
        Your Discord account is not linked to a BackOffice account yet.
        [Link my account]
        ");
        assert_eq!(world.count(OPEN).await, 1);
        let refused = |why: &str| format!(r#"refused {{"why":"{why}"}}"#);
        let whys = ["not_a_lead", "not_a_lead", "not_in_lead_group", "not_linked"];
        assert_eq!(desk_events(world).await, whys.map(refused));

        // Within a minute the bot sees a new group.
        world.sandbox.aws.set_groups("ben@waizant.example", &[AGENT_GROUP, LEAD_GROUP]);
        world.clock.advance(minutes(1));
        ben.types(LIST).await;
        assert!(ben.sees().await.starts_with("Open sessions · 1"));
        world.sandbox.aws.set_enabled("ben@waizant.example", false);
        world.clock.advance(minutes(1));
        ben.presses("Refresh").await;
        assert!(ben.sees().await.contains("is disabled"));
        world.sandbox.aws.set_enabled("ben@waizant.example", true);
        world.clock.advance(minutes(1));
        world.sandbox.aws.faults().next("AdminGetUser", 1, &Fault::refuse("AccessDeniedException"));
        ben.presses("Refresh").await;
        assert!(ben.sees().await.contains("Something failed on our side."), "an error denies");
    })
    .await;
}

#[tokio::test]
async fn desk_works_in_two_channels_of_the_guild() {
    World::run(async |world| {
        let lara = world.person("lara");
        for channel in [SUPPORT_CHANNEL_ID, LEADS_CHANNEL_ID] {
            lara.moves_to(channel);
            lara.types(LIST).await;
            let empty = "Open sessions · 0\nNo open session.\n[Previous page (off)] [Next page (off)] [Refresh]";
            assert_eq!(lara.sees().await, empty);
        }
        for channel in [OTHER_CHANNEL_ID, DIRECT_MESSAGE_ID] {
            lara.moves_to(channel);
            lara.types(LIST).await;
            let seen = lara.sees().await;
            assert!(seen.starts_with("This works only in <#") && seen.contains(" and <#"), "{seen}");
            assert_eq!(lara.suggestions("/desk close session:").await, Some(Vec::new()));
        }
        assert_eq!(world.trail().await.pop().unwrap(), r#"refused {"why":"wrong_channel"}"#);
    })
    .await;
}

#[tokio::test]
async fn desk_without_groups_has_no_leads() {
    World::run_with(&[("COGNITO_LEAD_GROUPS", "")], async |world| {
        let leo = world.person("leo");
        leo.types(LIST).await;
        assert_snapshot!(leo.sees().await, @"This bot has no leads yet: its settings name no lead role, or no group of leads. Contact the operator.");
        assert_eq!(leo.suggestions("/desk close session:").await, Some(Vec::new()));
        assert_eq!(desk_events(world).await, [r#"refused {"why":"no_leads"}"#]);
    })
    .await;
}

#[tokio::test]
async fn role_lost_between_list_and_press_is_refused() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, "julia@example.com").await;
        let id = newest(world).await;
        leo.types(LIST).await;
        leo.sees().await;
        let refresh = leo.keep("Refresh");
        leo.selects(&id).await;
        leo.sees().await;
        leo.presses("Close session").await;
        leo.sees().await;
        let form = leo.keep_modal();
        leo.set_roles(&[AGENT_ROLE_ID]);
        leo.submits_kept(&form, [REASON]).await;
        assert!(leo.sees().await.contains("Only leads can use this."));
        leo.dismisses();
        for label in ["Close session", "Back"] {
            leo.presses(label).await;
            assert!(leo.sees().await.contains("Only leads can use this."), "{label}");
        }
        leo.presses_kept(&refresh).await;
        assert!(leo.sees().await.contains("Only leads can use this."));
        assert_eq!(leo.suggestions("/desk close session:").await, Some(Vec::new()));
        assert_eq!(world.count(OPEN).await, 1);
    })
    .await;
}

#[tokio::test]
async fn foreign_ids_are_refused() {
    World::run(async |world| {
        let (ben, olga, leo) = (world.person("ben"), world.person("olga"), world.person("leo"));
        looks_up(&ben, "julia@example.com").await;
        olga.types("/account link email:olga@waizant.example").await;
        olga.sees().await;
        let all = ids(world).await;
        let (support, link) = (&all[0], &all[1]);
        leo.types(LIST).await;
        leo.sees().await;
        let unknown = "No session of the last 24 hours begins with this id.";
        let absent = "A".repeat(22);
        for id in [link, &absent, "", "not an id"] {
            leo.forges_choice("d1.desk.choose.open.all.0", id).await.unwrap();
            assert!(leo.sees().await.contains(unknown), "{id}");
        }
        for id in [link, &absent] {
            leo.forges_submit(&format!("d1.desk.close.{id}.1.open.all.0"), REASON).await.unwrap();
            assert!(leo.sees().await.contains(unknown), "{id}");
            leo.types(&format!("/desk close session:{id} reason:{REASON}")).await;
            assert!(leo.sees().await.contains(unknown), "{id}");
        }
        leo.types(&format!("/desk close session:{} reason:{REASON}", &support[..5])).await;
        assert!(leo.sees().await.contains(unknown), "five characters are too few");
        // An agent's button is not a lead's, a lead's is not an agent's, and a form is no button.
        for forged in [
            format!("d1.{support}.0.close"),
            "d1.desk.list.open.all.0".to_owned(),
            "d1.desk.next.open.all".to_owned(),
            format!("d1.desk.close.{support}.1.open.all.0"),
        ] {
            leo.forges(&forged).await;
            let seen = leo.sees().await;
            let is_refused = seen.contains("another version of the bot")
                || seen.contains("belongs to another agent");
            assert!(is_refused, "{forged}: {seen}");
        }
        ben.forges(&format!("d1.desk.ask.{support}.open.all.0")).await;
        assert!(ben.sees().await.contains("Only leads can use this."));
        assert_eq!(world.count(OPEN).await, 2);
    })
    .await;
}

#[tokio::test]
async fn lead_who_is_no_agent_links_and_recovers_an_account() {
    World::run(async |world| {
        let lara = world.person("lara");
        world.executes("delete from account_links where name = 'Lara Moreau'").await;
        lara.types(LIST).await;
        assert!(lara.sees().await.contains("not linked to a BackOffice account yet"));
        lara.types("/account link email:lara@waizant.example").await;
        lara.sees().await;
        lara.presses("Enter code").await;
        lara.submits([world.code_for("lara@waizant.example").as_str()]).await;
        assert!(lara.sees().await.contains("Your account is linked"));
        lara.types("/account show").await;
        assert_snapshot!(lara.sees().await, @r"
        Your BackOffice account
        Your link is valid: you are a lead and can use `/desk`.

        **Lara Moreau** · l•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerServiceLeads (lead)

        **Open sessions:** none
        ");
        lara.types("/account recover email:lara@waizant.example").await;
        assert!(lara.sees().await.contains("Press Open the page"));
        // She helps no customer, and keeps the recovery.
        lara.types("/support technical email:julia@example.com").await;
        assert!(lara.sees().await.starts_with("Only support agents can use this."));
        world.passes(minutes(2)).await;
        assert_eq!(world.count(OPEN).await, 1);
        // An agent in no group of leads links as before, and a lead's group gives no support.
        lara.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        lara.types("/support technical email:julia@example.com").await;
        assert!(lara.sees().await.contains("not in a Customer Service group"));
    })
    .await;
}
