//! Choice of the ecosystem: pages, a change of the choice at each step, and plan details.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

/// The address of Ben's BackOffice account.
const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn thirty_ecosystems_fill_two_pages() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:many@example.com").await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        1 of 4 · The ecosystem
        Choose the ecosystem that the customer needs help with.

        M\*\*\* A\*\*\* · m•••\@e•••.com

        Page 1 of 2.
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Plaza 01 — owner | Plaza 02 — member | Plaza 03 — member | Plaza 04 — member | Plaza 05 — member | Plaza 06 — member | Plaza 07 — member | Plaza 08 — member | Plaza 09 — member | Plaza 10 — member | Plaza 11 — member | Plaza 12 — member | Plaza 13 — member | Plaza 14 — member | Plaza 15 — member | Plaza 16 — member | Plaza 17 — member | Plaza 18 — member | Plaza 19 — member | Plaza 20 — member | Plaza 21 — member | Plaza 22 — member | Plaza 23 — member | Plaza 24 — member | Plaza 25 — member>
        [Previous page (off)] [Next page] [Cancel]
        ");
        assert!(ben.try_presses(None, "Previous page").await.is_err(), "the first page has no previous page");

        ben.presses("Next page").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        1 of 4 · The ecosystem
        Choose the ecosystem that the customer needs help with.

        M\*\*\* A\*\*\* · m•••\@e•••.com

        Page 2 of 2.
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Plaza 26 — member | Plaza 27 — member | Plaza 28 — member | Plaza 29 — member | Plaza 30 — owner>
        [Previous page] [Next page (off)] [Cancel]
        ");
        assert!(ben.try_presses(None, "Next page").await.is_err(), "the last page has no next page");

        ben.presses("Previous page").await;
        assert!(ben.sees().await.contains("Page 1 of 2"));
        ben.presses("Next page").await;
        ben.selects("Plaza 30").await;
        let seen = ben.sees().await;
        assert!(seen.contains("Plaza 30 · owner"), "{seen}");
        assert_eq!(world.trail().await.iter().filter(|event| event.starts_with("ecosystem_chosen")).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn turning_pages_changes_no_state() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:many@example.com").await;
        ben.presses("Start").await;
        let before = world.trail().await;
        let first = ben.keep("Next page");
        ben.presses("Next page").await;
        // A button of the older page still works. It changes no state, so it is never stale.
        ben.presses_kept(&first).await;
        assert!(ben.sees().await.contains("Page 2 of 2"));
        ben.forges(&first.custom_id().replace("page.1", "page.40000")).await;
        assert!(
            ben.sees().await.contains("Page 2 of 2"),
            "a page number that is too large shows the last page"
        );
        assert_eq!(world.trail().await, before);
    })
    .await;
}

#[tokio::test]
async fn customer_without_ecosystem_cannot_be_started() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:nora@example.com").await;
        assert_snapshot!(ben.sees().await, @"
        N*** Q*** · n•••@e•••.com
        ✅ Active since 2024-07-13 · 0 ecosystems
        This customer does not belong to any ecosystem, so there is nothing to support.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        ben.forges(&ben.keep("Close").custom_id().replace(".close", ".start")).await;
        assert!(ben.sees().await.contains("does not belong to any ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn forged_ecosystem_choice_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:tom@example.com").await;
        ben.presses("Start").await;
        // A button submits no choice, so the ecosystem is not one of this customer's.
        ben.forges(&ben.keep("Cancel").custom_id().replace(".why", ".choose")).await;
        assert_snapshot!(ben.sees().await, @r"
        1 of 4 · The ecosystem
        ⚠️ That ecosystem no longer belongs to this customer. Choose another.

        Choose the ecosystem that the customer needs help with.

        T\*\*\* B\*\*\* · t•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Casa Luz — member | Huerta Norte — member>
        [Cancel]
        ");
        assert!(world.sandbox.aws.calls_of("cs-otp-send").is_empty());
    })
    .await;
}

#[tokio::test]
async fn removed_ecosystem_is_refused_when_chosen() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        world.sandbox.core.remove_membership("eco-casa-luz", "julia@example.com").await.unwrap();
        world.restarts().await;
        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees().await, @r"
        1 of 4 · The ecosystem
        ⚠️ That ecosystem no longer belongs to this customer. Choose another.

        Choose the ecosystem that the customer needs help with.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Huerta Norte — member | Taller Sol — owner>
        [Cancel]
        ");
    })
    .await;
}

#[tokio::test]
async fn change_voids_the_code_and_keeps_counts() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let old = world.code_for(BEN);
        ben.presses("Enter code").await;
        let kept = ben.keep_modal();
        ben.sees().await;
        ben.dismisses();
        ben.presses("Change ecosystem").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        1 of 4 · The ecosystem
        Choose the ecosystem that the customer needs help with.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Casa Luz — owner | Huerta Norte — member | Taller Sol — owner>
        [Cancel]
        ");
        ben.submits_kept(&kept, [&old]).await;
        assert!(
            ben.sees().await.contains("already done"),
            "the form belongs to the former ecosystem"
        );

        ben.selects("Taller Sol").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        2 of 4 · Your own code
        ⚠️ A new code can be sent in 1 minute.

        You have no valid code. Press Resend for one.

        J\*\*\* P\*\*\* · Taller Sol · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert_eq!(
            world.sandbox.mail.for_address(BEN).len(),
            1,
            "the wait of 60 s applies across ecosystems"
        );
        assert!(ben.try_presses(None, "Enter code").await.is_err(), "no code was mailed");

        world.passes(minutes(1)).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("[Resend (off)]"));
        let new = world.code_for(BEN);
        assert_ne!(old, new, "codes are random: one in a million runs fails here");
        ben.presses("Enter code").await;
        ben.submits([old.as_str()]).await;
        assert!(ben.sees().await.contains("That code is not correct. 4 attempts left."));
        ben.presses("Enter code").await;
        ben.submits([new.as_str()]).await;
        assert!(ben.sees().await.contains("3 of 4"));
    })
    .await;
}

#[tokio::test]
async fn change_after_verification_keeps_the_agent_proof() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Change ecosystem").await;
        ben.selects("Huerta Norte").await;
        assert_snapshot!(ben.sees().await, @r"
        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Huerta Norte. If that is right, please read it out to me.”

        J\*\*\* P\*\*\* · Huerta Norte · member · goes to j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        [Change ecosystem]
        ");
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1, "the agent is not verified again");

        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert!(ben.try_presses(None, "Waizant Store").await.is_err(), "a member gets no store");
        ben.presses("Waizant Web").await;
        let seen = ben.sees().await;
        assert!(seen.contains("member") && seen.contains("[Open Waizant Web ↗]"), "{seen}");
        let home = crate::browser::goes_through(&ben.link_of("Open Waizant Web")).await.body;
        assert!(home.contains("Huerta Norte") && home.contains("Julia Peña"), "{home}");
    })
    .await;
}

#[tokio::test]
async fn change_after_customer_code_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        let change = ben.keep("Change ecosystem").custom_id().to_owned();
        ben.presses("Send code").await;
        ben.sees().await;
        assert!(ben.try_presses(None, "Change ecosystem").await.is_err());

        // A tampered client can send the old action with the newest generation.
        let generation = |id: &str| id.split('.').nth(2).unwrap().to_owned();
        let newest = generation(ben.keep("Enter code").custom_id());
        ben.forges(&change.replace(&format!(".{}.", generation(&change)), &format!(".{newest}.")))
            .await;
        let seen = ben.sees().await;
        assert!(seen.contains("already done") && seen.contains("Casa Luz · owner"), "{seen}");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert!(ben.sees().await.contains("4 of 4"), "the customer's code still counts");
    })
    .await;
}

/// Verifies the customer, reads the plan details of the ecosystem, and finishes the session.
async fn plan_of(world: &World, who: &Person, customer: &str, ecosystem: &str) -> String {
    world.verifies(who, customer, ecosystem).await;
    who.presses("See plan details").await;
    let plan = who.sees().await;
    who.presses("Back").await;
    who.presses("Finish").await;
    who.sees().await;
    plan
}

#[tokio::test]
async fn unknown_plan_values_show_defaults() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        core.execute(
            "update sandbox_core_ecosystems set plan_period = 'fortnight', plan_renews_at = 0, plan_features = 'not json' \
             where ecosystem_id = 'eco-casa-luz'",
        )
        .await
        .unwrap();
        let ben = world.person("ben");
        assert_snapshot!(plan_of(world, &ben, "tom@example.com", "Casa Luz").await, @"
        Plan · Casa Luz
        **Family** · Active
        19.90 EUR · does not renew

        No features are listed.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Back]
        ");
        let cancelled = plan_of(world, &ben, "jose@example.com", "Ñandú").await;
        assert!(
            cancelled.contains("· Cancelled") && cancelled.contains("ends on "),
            "{cancelled}"
        );
    })
    .await;
}
