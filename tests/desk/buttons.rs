//! Buttons that must not act: those of another agent, forged ones, stale ones and old forms.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// Returns the custom id of a button on the person's screen.
fn custom_id(world: &World, who: &Person, action: &str) -> String {
    let shown = serde_json::to_string(&who.messages()).unwrap();
    let ids = world.sandbox.discord.custom_ids();
    ids.into_iter()
        .find(|id| id.ends_with(action) && shown.contains(id.as_str()))
        .expect("the button must be on the screen")
}

#[tokio::test]
async fn panel_of_another_agent_is_refused() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        eva.types("/support resume").await;
        eva.sees().await;

        eva.presses_kept(&ben.keep("Waizant Web")).await;
        assert_snapshot!(eva.sees().await, @"This panel belongs to another agent.");
        for label in ["See plan details", "Finish", "Cancel"] {
            eva.presses_kept(&ben.keep(label)).await;
            assert_eq!(eva.sees().await, "This panel belongs to another agent.", "{label}");
        }
        assert_eq!(ben.sees().await, "", "the panel has not changed");
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert!(calls.iter().all(|call| call.body["op"] == "revoke"), "no link is issued");
    })
    .await;
}

#[tokio::test]
async fn forged_custom_ids_are_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.sees().await;
        let start = custom_id(world, &ben, ".start");
        let parts: Vec<&str> = start.split('.').collect();
        let (session, generation) = (parts[1], parts[2]);
        ben.forges(&start.replacen("d1", "d0", 1)).await;
        assert_snapshot!(ben.sees().await, @"This button is from another version of the bot. Open your panel again with /support resume.");
        for id in [
            format!("d2.{session}.{generation}.start"),
            format!("d1.{session}.{generation}.open.bank"),
            format!("d1.{session}.{generation}.code.agent_mfa-1"),
            format!("d1.{session}.{generation}.cancel"),
            format!("d1.{session}.{generation}"),
            format!("d1.{}.{generation}.start", "A".repeat(22)),
            "x' or 1=1 --".to_owned(),
            "start".repeat(20),
        ] {
            ben.forges(&id).await;
            assert!(ben.sees().await.starts_with("This button is from another version of the bot."), "{id}");
        }
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"), "the real button still works");
    })
    .await;
}

#[tokio::test]
async fn forged_later_step_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for action in
            ["open.web", "open.store", "send", "finish", "start", "choose", "stay", "close"]
        {
            // Each answer redraws the panel, so the id has the newest generation.
            let change = custom_id(world, &ben, ".change");
            ben.forges(&change.replace("change", action)).await;
            let seen = ben.sees().await;
            assert!(seen.contains("2 of 4 · Your own code"), "{action}: {seen}");
        }
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert!(calls.iter().all(|call| call.body["op"] == "revoke"), "no link is issued");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 0);
    })
    .await;
}

#[tokio::test]
async fn stale_button_only_redraws_the_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        let start = ben.keep("Start");
        ben.presses("Start").await;
        ben.presses_kept(&start).await;
        assert_snapshot!(ben.sees().await, @r"
        1 of 4 · The ecosystem
        ⚠️ That was already done. This is the current state.

        Choose the ecosystem that the customer needs help with.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Casa Luz — owner | Huerta Norte — member | Taller Sol — owner>
        [Cancel]
        ");

        ben.selects("Casa Luz").await;
        world.passes(minutes(1)).await;
        let (enter, resend, change) =
            (ben.keep("Enter code"), ben.keep("Resend"), ben.keep("Change"));
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        for stale in [&start, &enter, &resend, &change] {
            ben.presses_kept(stale).await;
            let seen = ben.sees().await;
            assert!(
                seen.contains("already done") && seen.contains("[Send code]"),
                "{}: {seen}",
                stale.label
            );
        }

        let send = ben.keep("Send code");
        ben.presses("Send code").await;
        ben.presses_kept(&send).await;
        ben.presses_kept(&change).await;
        let seen = ben.sees().await;
        assert!(seen.contains("already done") && seen.contains("3 of 4"), "{seen}");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);

        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        let (web, finish) = (ben.keep("Waizant Web"), ben.keep("Finish"));
        ben.presses("Waizant App").await;
        ben.presses_kept(&web).await;
        ben.presses_kept(&finish).await;
        let seen = ben.sees().await;
        assert!(seen.contains("already done") && seen.contains("4 of 4"), "{seen}");
        assert_eq!(world.sandbox.shop.links().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn buttons_of_closed_session_show_close_reason() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let kept =
            ["Waizant Web", "See plan details", "Cancel", "Finish"].map(|label| ben.keep(label));
        world.passes(minutes(3)).await;
        ben.presses("Finish").await;
        ben.sees().await;
        world.passes(minutes(2)).await;
        ben.presses_kept(&kept[0]).await;
        assert_snapshot!(ben.sees().await, @"
        ✅ Done
        This session was finished at 10:03 UTC.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        for button in &kept {
            ben.presses_kept(button).await;
            let seen = ben.sees().await;
            assert!(
                seen.contains("This session was finished at 10:03 UTC."),
                "{}: {seen}",
                button.label
            );
            assert_eq!(seen.matches('[').count(), 1, "only Help another customer: {seen}");
        }
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert!(calls.iter().all(|call| call.body["op"] == "revoke"), "no link is issued");

        // A process that started after the close shows the same text.
        world.restarts().await;
        ben.presses_kept(&kept[0]).await;
        assert!(ben.sees().await.contains("This session was finished at 10:03 UTC."));
    })
    .await;
}

#[tokio::test]
async fn panel_from_before_resume_only_redraws() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let older = ben.keep("Send code");
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @r"
        This panel has moved to a newer message.

        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”

        J\*\*\* P\*\*\* · Casa Luz · owner · goes to j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        [Change ecosystem]
        ");
        ben.presses_kept(&older).await;
        let seen = ben.sees().await;
        assert!(seen.contains("already done") && seen.contains("[Send code]"), "{seen}");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 0);

        // A click on the older message moves the panel there.
        ben.presses_on(older.message, "Send code").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn form_opened_before_resend_costs_no_attempt() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        let form = ben.keep_modal();
        let first = world.code_for(BEN);
        ben.dismisses();
        world.passes(minutes(1)).await;
        ben.presses("Resend").await;
        ben.sees().await;

        for typed in [first.as_str(), "000000", world.code_for(BEN).as_str()] {
            ben.submits_kept(&form, [typed]).await;
            let seen = ben.sees().await;
            assert!(
                seen.contains("That code has expired. No attempt was used.")
                    && seen.contains("[Enter code]"),
                "{seen}"
            );
        }
        assert!(world.sandbox.aws.calls_of("cs-otp-verify").is_empty());
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left."), "the first wrong code that counts");
    })
    .await;
}

#[tokio::test]
async fn form_opened_before_close_does_nothing() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        let form = ben.keep_modal();
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        }
        assert!(ben.sees().await.contains("the agent's code was wrong too many times"));
        world.sandbox.discord.channel_sees(sandbox::seed::LEADS_CHANNEL_ID).await;
        ben.submits_kept(&form, [world.code_for(BEN).as_str()]).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the agent's code was wrong too many times.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 5);

        let eva = world.person("eva");
        world.chooses(&eva, JULIA, "Casa Luz").await;
        eva.presses("Cancel").await;
        let why = eva.keep_modal();
        eva.submits(["The customer hung up."]).await;
        eva.submits_kept(&why, ["The customer hung up again."]).await;
        assert!(eva.sees().await.contains("it was cancelled."));
        let closed =
            world.trail().await.into_iter().filter(|event| event.starts_with("closed")).count();
        assert_eq!(closed, 2, "one close of ben and one of eva");
    })
    .await;
}

#[tokio::test]
async fn click_on_deleted_session_gets_an_answer() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.sees().await;
        world.executes("delete from sessions").await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees().await, @"This session no longer exists. Start a new one with /support technical or /support successor.");
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @"You have no open session. Start one with /support technical or /support successor.");
    })
    .await;
}
