//! Discord stumbles: busy, broken, slow, gone and back. A click has one effect and its state
//! stands, whatever becomes of its answer.

use std::time::Duration;

use sandbox::discord::{Person, RestFault};

use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// The longest wait before the bot tries an answer again.
const AGAIN: Duration = Duration::from_millis(500);
/// The longest wait before it tries an edit again.
const LATER_AGAIN: Duration = Duration::from_secs(5);
/// From then on a client takes an interaction for failed.
const TOO_LATE: Duration = Duration::from_millis(3_001);

const CALLBACK: &str = "/callback";
const EDIT: &str = "PATCH /api/v10/webhooks/";
const FOLLOW_UP: &str = "POST /api/v10/webhooks/";

/// Does something whose answer never gets through, until the client has given up on it.
async fn in_vain(world: &World, act: impl Future<Output = ()>) {
    let faults = world.sandbox.discord.faults();
    tokio::join!(act, async {
        world.dozing(AGAIN, faults.all_met()).await;
        world.clock.advance(TOO_LATE);
    });
}

/// Chooses an ecosystem with a function so slow that the answer is deferred.
async fn chooses_slowly(world: &World, who: &Person, ecosystem: &str) {
    let faults = world.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    tokio::join!(who.selects(ecosystem), async {
        faults.arrived("cs-otp-send", 1).await;
        world.clock.advance(Duration::from_millis(1_500));
    });
}

#[tokio::test]
async fn an_answer_that_discord_does_not_take_at_first_is_given_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        for (fault, ecosystem) in [
            (RestFault::TooMany { retry_after: Duration::from_millis(300) }, "Casa Luz"),
            (RestFault::Status(502), "Taller Sol"),
            (RestFault::Cut, "Casa Luz"),
        ] {
            world.sandbox.discord.faults().next_calls_to(CALLBACK, 2, fault);
            world.dozing(AGAIN, ben.selects(ecosystem)).await;
            let panel = world.dozing(AGAIN, ben.sees()).await;
            assert!(
                panel.contains(ecosystem) && panel.contains("[Enter code]"),
                "{fault:?}: {panel}"
            );
            ben.presses("Change ecosystem").await;
            ben.sees().await;
            world.passes(Duration::from_mins(1)).await;
        }
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_worked_and_got_lost_is_no_fault() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.lose_next_answer();
        ben.presses("Enter code").await;
        world.dozing(AGAIN, world.sandbox.discord.wait_until_idle()).await;
        faults.lose_next_answer();
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(world.dozing(AGAIN, ben.sees()).await.contains("[Send code]"));
        let again = world.sandbox.discord.excused_violations();
        assert!(
            again.len() == 2 && again.iter().all(|answer| answer.what.contains("40060")),
            "{again:#?}"
        );
        assert!(log.lines_with("ERROR").is_empty(), "{:#?}", log.lines_with("ERROR"));
    })
    .await;
}

#[tokio::test]
async fn what_was_done_stands_though_its_answer_never_got_through() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        world.sandbox.discord.faults().next_calls_to(CALLBACK, 3, RestFault::Status(500));
        let code = world.code_for(BEN);
        in_vain(world, ben.submits([code.as_str()])).await;
        assert!(ben.sees().await.contains("This interaction failed"));
        assert_eq!(
            log.lines_with("answering an interaction: Discord refused it with status 500").len(),
            1
        );

        // Pressed again on the old panel, it is drawn as it stands by now.
        ben.dismisses();
        ben.presses("Resend").await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("That was already done.") && panel.contains("[Send code]"),
            "{panel}"
        );
        assert_eq!(world.sandbox.mail.all().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn resume_draws_what_could_not_be_drawn() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        world.sandbox.discord.faults().next_calls_to(CALLBACK, 3, RestFault::Cut);
        let code = world.code_for(BEN);
        in_vain(world, ben.submits([code.as_str()])).await;
        assert!(ben.sees().await.contains("This interaction failed"));
        ben.reloads();
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("[Send code]"));
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
    })
    .await;
}

#[tokio::test]
async fn a_form_that_could_not_be_opened_loses_nothing() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(CALLBACK, 3, RestFault::Status(503));
        in_vain(world, ben.presses("Enter code")).await;
        let panel = ben.sees().await;
        assert!(panel.contains("This interaction failed") && ben.modal().is_none(), "{panel}");
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("[Send code]"));
    })
    .await;
}

#[tokio::test]
async fn a_deferred_panel_is_edited_again_until_discord_takes_it() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        chooses_slowly(world, &ben, "Casa Luz").await;
        assert_eq!(ben.reads(), "");
        world.sandbox.discord.faults().next_calls_to(
            EDIT,
            2,
            RestFault::TooMany { retry_after: Duration::from_millis(400) },
        );
        world.sandbox.discord.faults().next_calls_to(EDIT, 1, RestFault::Status(502));
        world.sandbox.discord.faults().next_calls_to(EDIT, 1, RestFault::AnswerLost);
        world.sandbox.aws.faults().release("cs-otp-send");
        let panel = world.dozing(LATER_AGAIN, ben.sees()).await;
        assert!(panel.contains("A code was mailed to **you**"), "{panel}");
        assert_eq!(world.sandbox.mail.all().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_could_not_be_handed_over_is_a_fault_and_another_can_be_asked_for() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(FOLLOW_UP, 5, RestFault::Status(500));
        ben.presses("Waizant Web").await;
        let panel = world.dozing(LATER_AGAIN, ben.sees()).await;
        assert!(panel.contains("Something failed on our side."), "{panel}");
        assert!(log.line_of(&panel).contains("sending a message"));
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(
            world.trail().await.last().unwrap(),
            r#"revoked {"outcome":"done","revoked":2}"#
        );
    })
    .await;
}

#[tokio::test]
async fn a_slow_discord_is_waited_for() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(CALLBACK, 1, RestFault::AnswerLate(Duration::from_secs(5)));
        ben.presses("Send code").await;
        // What the bot does with a late answer is nothing: the panel is there.
        assert!(ben.reads().contains("A code was mailed to the **customer**"));
        world.dozing(LATER_AGAIN, world.sandbox.discord.wait_until_idle()).await;

        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        ben.sees().await;
        faults.next_calls_to(FOLLOW_UP, 1, RestFault::Late(Duration::from_secs(5)));
        faults.next_calls_to(EDIT, 1, RestFault::Late(Duration::from_secs(5)));
        ben.presses("Waizant Web").await;
        let opened = world.dozing(LATER_AGAIN, ben.sees()).await;
        assert!(
            opened.contains("expires in 50 seconds") && opened.contains("[Open the web ↗]"),
            "{opened}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_reaches_discord_too_late_has_its_effect_all_the_same() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(
            CALLBACK,
            1,
            RestFault::Late(Duration::from_secs(5)),
        );
        tokio::join!(ben.presses("Send code"), async {
            world.sandbox.discord.faults().all_met().await;
            world.clock.advance(Duration::from_secs(5));
        });
        assert!(ben.sees().await.contains("This interaction failed"));
        assert_eq!(log.lines_with("an answer came too late for Discord").len(), 1);
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_form_opens_at_once_while_another_session_waits_for_a_slow_function() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let enter = ben.keep("Enter code");
        ben.types("/support technical email:tom@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        let faults = world.sandbox.aws.faults();
        faults.hold("cs-otp-send");
        tokio::join!(ben.selects("Huerta Norte"), async {
            faults.arrived("cs-otp-send", 2).await;
            // The clock stands still: whatever is answered now waited for nothing.
            ben.presses_kept(&enter).await;
            assert!(ben.modal().is_some(), "the form is open");
            faults.release("cs-otp-send");
        });
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn a_dropped_connection_is_resumed_and_the_click_that_nobody_heard_is_answered() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().drop_sockets();
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));

        world.sandbox.discord.faults().ask_to_reconnect();
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        assert!(ben.sees().await.contains("[Waizant Web]"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_drops_over_a_click_does_not_repeat_it() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.aws.faults();
        faults.hold("cs-otp-send");
        tokio::join!(ben.presses("Send code"), async {
            faults.arrived("cs-otp-send", 2).await;
            world.sandbox.discord.faults().drop_sockets();
            world.sandbox.discord.connected(0).await;
            faults.release("cs-otp-send");
            world.sandbox.discord.connected(1).await;
        });
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-send").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_discord_declares_invalid_is_begun_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().invalidate_sessions(true);
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));

        world.sandbox.discord.faults().invalidate_sessions(false);
        world.sandbox.discord.connected(0).await;
        world.sandbox.discord.connected(1).await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        assert!(ben.sees().await.contains("[Waizant Web]"));
    })
    .await;
}

#[tokio::test]
async fn a_panel_is_stripped_though_discord_stumbles_over_it() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.passes(Duration::from_secs(14 * 60 + 44)).await;
        assert!(ben.sees().await.contains("Julia Peña"));
        world.sandbox.discord.faults().next_calls_to(EDIT, 4, RestFault::Status(502));
        world.dozing(LATER_AGAIN, world.passes(Duration::from_secs(1))).await;
        let stripped = ben.sees().await;
        assert!(
            stripped.contains("because there is no activity") && !stripped.contains("Julia"),
            "{stripped}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_link_whose_message_got_lost_on_the_way_back_is_shown_again_and_not_opened_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(FOLLOW_UP, 1, RestFault::AnswerLost);
        ben.presses("Waizant Web").await;
        let shown = world.dozing(LATER_AGAIN, ben.sees()).await;
        assert_eq!(shown.matches("[Open the web ↗]").count(), 2, "{shown}");
        assert_eq!(
            world.sandbox.aws.calls_of("cs-access").len(),
            1,
            "both lead the same way, once"
        );
        world.passes(Duration::from_mins(1)).await;
        // The other copy has an id that the bot was never told.
        assert_eq!(ben.sees().await.matches("It has expired.").count(), 1);
    })
    .await;
}
