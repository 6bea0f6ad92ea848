//! Authorization: every click needs the agent role, the support channel, an account link and an
//! eligible BackOffice account.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, DIRECT_MESSAGE_ID, LEAD_ROLE_ID, LEADS_CHANNEL_ID,
    OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID,
};
use sandbox::shop::LinkState;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const LOOK_UP: &str = "/support technical email:julia@example.com";
/// Error of Cognito that the SDK does not retry.
const NO_ACCESS: &str = "AccessDeniedException";

#[tokio::test]
async fn member_without_agent_role_is_refused_every_command() {
    World::run(async |world| {
        let sam = world.person("sam");
        sam.types(LOOK_UP).await;
        assert_snapshot!(sam.sees().await, @"Only support agents can use this. Ask an administrator of this server for the agent role.");
        for line in ["/support resume", "/account link email:sam@waizant.example", "/account show"] {
            sam.types(line).await;
            assert!(sam.sees().await.starts_with("Only support agents can use this."), "{line}");
        }
        assert_eq!(world.sandbox.aws.calls().len(), 0, "AWS was not called");
    })
    .await;
}

#[tokio::test]
async fn refusals_of_one_person_are_one_event_a_minute() {
    World::run(async |world| {
        let sam = world.person("sam");
        for _ in 0..20 {
            sam.types("/account show").await;
            assert!(sam.sees().await.starts_with("Only support agents can use this."));
        }
        let first = r#"refused {"why":"not_an_agent"}"#;
        assert_eq!(world.trail().await, [first]);
        assert_eq!(world.count("select count(*) from claims").await, 1);

        // The number is written although the person does not come back.
        world.passes(minutes(1)).await;
        let counted = r#"refused {"repeated":19,"why":"not_an_agent"}"#;
        assert_eq!(world.trail().await, [first, counted]);
        sam.types("/account show").await;
        assert!(sam.sees().await.starts_with("Only support agents can use this."));
        assert_eq!(world.trail().await, [first, counted, first]);
        assert_eq!(world.count("select count(*) from claims").await, 3);
    })
    .await;
}

#[tokio::test]
async fn shutdown_writes_counted_refusals() {
    World::run(async |world| {
        let sam = world.person("sam");
        for _ in 0..3 {
            sam.types("/account show").await;
            sam.sees().await;
        }
        world.stops().await;
        world.starts().await;
        let counted = r#"refused {"repeated":2,"why":"not_an_agent"}"#;
        assert_eq!(world.trail().await, [r#"refused {"why":"not_an_agent"}"#, counted]);
    })
    .await;
}

#[tokio::test]
async fn refusals_of_an_agent_are_one_event_a_minute() {
    World::run(async |world| {
        let (ben, olga) = (world.person("ben"), world.person("olga"));
        for _ in 0..3 {
            for line in [
                "/support technical email:ben",
                "/support technical email:ben@waizant.example",
                "/support resume",
                "/account link email:ben@waizant.example",
            ] {
                ben.types(line).await;
                ben.sees().await;
            }
            olga.types(LOOK_UP).await;
            olga.sees().await;
        }
        let reasons =
            ["malformed_email", "own_address", "nothing_open", "already_linked", "not_linked"];
        let firsts = reasons.map(|why| format!(r#"refused {{"why":"{why}"}}"#));
        assert_eq!(world.trail().await, firsts);
        assert_eq!(world.count("select count(*) from claims").await, 5);
        world.passes(minutes(1)).await;
        let mut counted = world.trail().await.split_off(firsts.len());
        counted.sort();
        let mut expected = reasons.map(|why| format!(r#"refused {{"repeated":2,"why":"{why}"}}"#));
        expected.sort();
        assert_eq!(counted, expected);
    })
    .await;
}

#[tokio::test]
async fn role_lost_twice_in_a_minute_closes_sessions() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.set_roles(&[]);
        ben.types("/account show").await;
        assert!(ben.sees().await.starts_with("Only support agents can use this."));
        ben.set_roles(&[AGENT_ROLE_ID]);
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        ben.set_roles(&[]);
        ben.types("/account show").await;
        assert!(ben.sees().await.contains("the agent may no longer continue it"));
    })
    .await;
}

#[tokio::test]
async fn commands_outside_the_support_channel_are_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        for channel in [OTHER_CHANNEL_ID, LEADS_CHANNEL_ID, DIRECT_MESSAGE_ID] {
            ben.moves_to(channel);
            for line in [
                LOOK_UP,
                "/support resume",
                "/account link email:ben@waizant.example",
                "/account show",
            ] {
                ben.types(line).await;
                assert_eq!(
                    ben.sees().await,
                    format!("This works only in <#{SUPPORT_CHANNEL_ID}>."),
                    "{line}"
                );
            }
        }
        ben.moves_to(SUPPORT_CHANNEL_ID);
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("[Start verification process]"));
    })
    .await;
}

#[tokio::test]
async fn unlinked_agent_is_asked_to_link() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(LOOK_UP).await;
        assert_snapshot!(olga.sees().await, @"
        Your Discord account is not linked to a BackOffice account yet.
        [Link my account]
        ");
        assert_eq!(world.trail().await, [r#"refused {"why":"not_linked"}"#]);
    })
    .await;
}

#[tokio::test]
async fn account_problem_refuses_look_up() {
    World::run(async |world| {
        world.sandbox.aws.set_email_verified("eva@waizant.example", false);
        world.sandbox.aws.delete_account(BEN);
        let mut seen = Vec::new();
        for name in ["dora", "otto", "eva", "ben"] {
            let agent = world.person(name);
            agent.types(LOOK_UP).await;
            seen.push(agent.sees().await);
        }
        assert_snapshot!(seen.join("\n"), @"
        Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.
        Your BackOffice account is not in a Customer Service group, so your link is no longer valid. Contact an administrator.
        The address of your BackOffice account is not verified, so your link is no longer valid. Contact an administrator.
        Your BackOffice account was deleted, so your link is no longer valid. Contact an administrator.
        ");
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        refused {"why":"account_disabled"}
        refused {"why":"not_in_group"}
        refused {"why":"address_unverified"}
        refused {"why":"account_gone"}
        "#);
    })
    .await;
}

#[tokio::test]
async fn removed_group_blocks_agent_within_a_minute() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        world.sandbox.aws.set_groups(BEN, &[]);

        world.passes(Duration::from_secs(59)).await;
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("mailed to **you**"), "the group is cached for a minute");

        world.passes(Duration::from_secs(1)).await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your BackOffice account is not in a Customer Service group, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······
        ");
        assert!(world.sandbox.aws.calls_of("cs-otp-verify").is_empty());
    })
    .await;
}

#[tokio::test]
async fn click_without_role_closes_every_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let store = ben.keep("Waizant Store");
        // A lead without the agent role is no agent.
        ben.set_roles(&[LEAD_ROLE_ID]);
        // A click that only reads closes the sessions as well.
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ You no longer have the agent role. Ask an administrator of this server for it.

        This session is closed (10:00 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······

        Session closed
        ⚠️ You no longer have the agent role. Ask an administrator of this server for it.

        This session is closed (10:00 UTC): the agent may no longer continue it.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······

        Only support agents can use this. Ask an administrator of this server for the agent role.
        ");
        assert_eq!(
            world.sandbox.shop.links().iter().map(|link| link.state).collect::<Vec<_>>(),
            [LinkState::Revoked]
        );

        ben.set_roles(&[AGENT_ROLE_ID]);
        ben.presses_kept(&store).await;
        assert!(
            ben.sees().await.contains("the agent may no longer continue it"),
            "the session stays closed after the role is back"
        );
        assert_eq!(
            world.sandbox.aws.calls_of("cs-access").len(),
            2,
            "one link issued, one revocation"
        );
        let closed = world.trail().await.into_iter().filter(|event| event.starts_with("closed"));
        let lost_role = r#"closed {"lost":"no_role","why":"agent_ineligible"}"#;
        assert_eq!(closed.collect::<Vec<_>>(), [lost_role; 2]);
    })
    .await;
}

#[tokio::test]
async fn form_without_role_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Enter code").await;
        ben.set_roles(&[]);
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("Only support agents can use this."));
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 0);
    })
    .await;
}

#[tokio::test]
async fn unreachable_cognito_refuses_and_keeps_sessions() {
    World::run(async |world| {
        let ben = world.person("ben");
        let aws = &world.sandbox.aws;
        let fail = async || {
            world.passes(minutes(1)).await;
            aws.faults().always("AdminGetUser", Fault::refuse(NO_ACCESS));
        };
        let recover = || aws.faults().clear("AdminGetUser");

        fail().await;
        ben.types(LOOK_UP).await;
        assert_snapshot!(ben.sees().await, @"Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.");
        recover();
        ben.types(LOOK_UP).await;
        ben.sees().await;

        fail().await;
        ben.presses("Start").await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
        recover();
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        ben.sees().await;

        fail().await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("Something failed on our side."));
        assert_eq!(aws.calls_of("cs-otp-verify").len(), 0, "an error denies");
        recover();
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert!(ben.sees().await.contains("4 of 4"));

        fail().await;
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("Something failed on our side."));
        assert_eq!(aws.calls_of("cs-access").len(), 0, "an error denies");
        recover();
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"));
    })
    .await;
}

#[tokio::test]
async fn unreadable_groups_refuse_look_up() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.faults().next("AdminListGroupsForUser", 1, &Fault::refuse(NO_ACCESS));
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
        world.sandbox.aws.set_groups(BEN, &["A", AGENT_GROUP]);
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("[Start verification process]"));
    })
    .await;
}
