//! Who may: the role, the place, the link and the BackOffice account, at the door and again
//! whenever it counts.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, LEADS_CHANNEL_ID, OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID,
};
use sandbox::shop::LinkState;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const LOOK_UP: &str = "/support technical email:julia@example.com";
/// An answer of Cognito that the SDK does not ask for twice.
const NO_ACCESS: &str = "AccessDeniedException";

#[tokio::test]
async fn somebody_without_the_agent_role_is_refused_every_command() {
    World::run(async |world| {
        let sam = world.person("sam");
        sam.types(LOOK_UP).await;
        assert_snapshot!(sam.sees().await, @"Only support agents can use this. Ask an administrator of this server for the agent role.");
        for line in ["/support resume", "/account link email:sam@waizant.example", "/account show"] {
            sam.types(line).await;
            assert!(sam.sees().await.starts_with("Only support agents can use this."), "{line}");
        }
        assert_eq!(world.sandbox.aws.calls().len(), 0, "nobody was asked about anybody");
        assert_eq!(world.trail().await, [r#"refused {"why":"not_an_agent"}"#; 4]);
    })
    .await;
}

#[tokio::test]
async fn no_command_works_outside_of_the_support_channel() {
    World::run(async |world| {
        let ben = world.person("ben");
        for channel in [OTHER_CHANNEL_ID, LEADS_CHANNEL_ID] {
            ben.moves_to(channel);
            for line in [
                LOOK_UP,
                "/support resume",
                "/account link email:ben@waizant.example",
                "/account show",
            ] {
                ben.types(line).await;
                assert_eq!(ben.sees().await, "This works only in the support channel.", "{line}");
            }
        }
        ben.moves_to(SUPPORT_CHANNEL_ID);
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("[Start verification process]"));
    })
    .await;
}

#[tokio::test]
async fn an_agent_without_a_linked_account_is_told_how_to_link_one() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(LOOK_UP).await;
        assert_snapshot!(olga.sees().await, @"Your Discord account is not linked to a BackOffice account yet. Link it with `/account link`.");
        assert_eq!(world.trail().await, [r#"refused {"why":"not_linked"}"#]);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_disabled_outside_the_groups_unverified_or_gone_looks_nobody_up() {
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
async fn an_account_that_is_gone_from_a_group_may_act_for_less_than_a_minute() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        world.sandbox.aws.set_groups(BEN, &[]);

        world.passes(Duration::from_secs(59)).await;
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("A code was mailed to **you**"), "after 59 s the group may still be remembered");

        world.passes(Duration::from_secs(1)).await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your BackOffice account is not in a Customer Service group, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn a_removed_agent_cannot_start() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(1)).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("the agent is no longer allowed"));

        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.starts_with("Your BackOffice account is disabled"));
        let eva = world.person("eva");
        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Choose the ecosystem"), "nobody holds the customer");
    })
    .await;
}

#[tokio::test]
async fn a_removed_agent_cannot_use_the_customers_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        world.sandbox.aws.set_groups(BEN, &["CustomerServiceSales"]);
        world.passes(minutes(1)).await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert!(ben.sees().await.contains("the agent is no longer allowed"));
        assert_eq!(
            world.sandbox.aws.calls_of("cs-otp-verify").len(),
            1,
            "the customer's code was not checked"
        );
    })
    .await;
}

#[tokio::test]
async fn a_removed_agent_cannot_open_anything_and_loses_what_is_open() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(Duration::from_secs(30)).await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(Duration::from_secs(31)).await;
        ben.presses("Waizant Store").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Waizant Web
        It ended when the session closed.
        ");
        assert_eq!(world.sandbox.shop.links().iter().map(|link| link.state).collect::<Vec<_>>(), [LinkState::Revoked]);

        world.sandbox.aws.set_enabled(BEN, true);
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."), "what was closed stays so");
    })
    .await;
}

#[tokio::test]
async fn with_the_rights_every_open_session_of_the_agent_is_lost() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.sandbox.aws.set_groups(BEN, &[]);
        world.passes(minutes(1)).await;
        ben.presses("Waizant Web").await;
        assert_eq!(
            ben.sees()
                .await
                .matches("Your BackOffice account is not in a Customer Service group")
                .count(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn without_the_role_the_next_click_closes_every_open_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let store = ben.keep("Waizant Store");
        ben.set_roles(&[]);
        // A click that changes nothing is a click too.
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ You no longer have the agent role. Ask an administrator of this server for it.

        This session is closed (10:00 UTC): the agent is no longer allowed to help customers.
        Session ······

        Session closed
        ⚠️ You no longer have the agent role. Ask an administrator of this server for it.

        This session is closed (10:00 UTC): the agent is no longer allowed to help customers.
        Session ······

        Waizant Web
        It ended when the session closed.

        Only support agents can use this. Ask an administrator of this server for the agent role.
        ");
        assert_eq!(
            world.sandbox.shop.links().iter().map(|link| link.state).collect::<Vec<_>>(),
            [LinkState::Revoked]
        );

        ben.set_roles(&[AGENT_ROLE_ID]);
        ben.presses_kept(&store).await;
        assert!(
            ben.sees().await.contains("the agent is no longer allowed"),
            "the role is back, the session is not"
        );
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 2, "one issue, one revocation");
    })
    .await;
}

#[tokio::test]
async fn without_the_role_a_form_that_is_still_open_does_nothing() {
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
async fn when_cognito_cannot_be_asked_nobody_may_and_nothing_is_lost() {
    World::run(async |world| {
        let ben = world.person("ben");
        let aws = &world.sandbox.aws;
        let out = async || {
            world.passes(minutes(1)).await;
            aws.faults().always("AdminGetUser", Fault::refuse(NO_ACCESS));
        };
        let back = || aws.faults().clear("AdminGetUser");

        out().await;
        ben.types(LOOK_UP).await;
        assert_snapshot!(ben.sees().await, @"Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.");
        back();
        ben.types(LOOK_UP).await;
        ben.sees().await;

        out().await;
        ben.presses("Start").await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
        back();
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        ben.sees().await;

        out().await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("Something failed on our side."));
        assert_eq!(aws.calls_of("cs-otp-verify").len(), 0, "fails closed");
        back();
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert!(ben.sees().await.contains("You and the customer are verified."));

        out().await;
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("Something failed on our side."));
        assert_eq!(aws.calls_of("cs-access").len(), 0, "fails closed");
        back();
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
    })
    .await;
}

#[tokio::test]
async fn groups_that_cannot_be_read_are_no_groups() {
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
