//! Sentences and log lines when Discord is busy, broken or slow.
//!
//! The [`matrix`](super::matrix) proves that every click is done once, even if its answer fails.

use std::time::Duration;

use sandbox::discord::RestFault;

use crate::log::log;
use crate::world::World;

const JULIA: &str = "julia@example.com";
/// Longest wait of the bot before it repeats an answer.
const ANSWER_RETRY: Duration = Duration::from_millis(500);
/// Longest wait of the bot before it repeats an edit or a message.
const EDIT_RETRY: Duration = Duration::from_secs(5);
/// Time of the bot for one try of an answer.
const ANSWER_TRY: Duration = Duration::from_millis(900);
/// Time after which the bot defers its answer.
const DEFER_AFTER: Duration = Duration::from_secs(1);
/// Time after which a Discord client reports a failed interaction.
const TOO_LATE: Duration = Duration::from_millis(3_001);

/// Route of the first answer to an interaction.
const ANSWER: &str = "/callback";
const EDIT: &str = "PATCH /api/v10/webhooks/";

#[tokio::test]
async fn lost_answer_logs_no_error() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.lose_next_answer();
        ben.presses("Enter code").await;
        world.with_moving_clock(ANSWER_RETRY, world.sandbox.discord.wait_until_idle()).await;
        faults.lose_next_answer();
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert!(world.with_moving_clock(ANSWER_RETRY, ben.sees()).await.contains("[Send code]"));
        let refused = world.sandbox.discord.excused_violations();
        assert!(
            refused.len() == 2 && refused.iter().all(|answer| answer.what.contains("40060")),
            "{refused:#?}"
        );
        assert!(log.lines_with("ERROR").is_empty(), "{:#?}", log.lines_with("ERROR"));
    })
    .await;
}

#[tokio::test]
async fn refused_answer_is_logged_once() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 3, RestFault::Status(500));
        tokio::join!(ben.presses("Change ecosystem"), async {
            world.with_moving_clock(ANSWER_RETRY, faults.all_met()).await;
            world.clock.advance(TOO_LATE);
        });
        assert!(ben.sees().await.contains("This interaction failed"));
        assert_eq!(
            log.lines_with("answering an interaction: Discord refused it with status 500").len(),
            1
        );
        ben.presses("Change ecosystem").await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("That was already done.") && panel.contains("<Choose an ecosystem"),
            "{panel}"
        );
    })
    .await;
}

#[tokio::test]
async fn late_answer_is_logged_once() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::Late(Duration::from_secs(5)));
        tokio::join!(ben.presses("Send code"), async {
            faults.all_met().await;
            world.clock.advance(Duration::from_secs(5));
        });
        assert!(ben.sees().await.contains("This interaction failed"));
        assert_eq!(log.lines_with("reply came too late for Discord").len(), 1);
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn link_that_could_not_be_drawn_is_shown_by_resume() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::Late(Duration::from_secs(5)));
        tokio::join!(ben.presses("Waizant Web"), async {
            faults.all_met().await;
            world.clock.advance(Duration::from_secs(5));
        });
        assert!(ben.sees().await.contains("This interaction failed"));
        ben.types("/support resume").await;
        let panel = ben.sees().await;
        assert_eq!(panel.matches("[Open Waizant Web ↗]").count(), 1, "{panel}");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn link_whose_drawing_is_lost_on_return_is_shown_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::AnswerLost);
        ben.presses("Waizant Web").await;
        let shown = world.with_moving_clock(EDIT_RETRY, ben.sees()).await;
        assert_eq!(shown.matches("[Open Waizant Web ↗]").count(), 1, "{shown}");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 1);
        world.passes(Duration::from_mins(1)).await;
        assert!(ben.sees().await.contains("[Waizant Web]"), "the button is back");
    })
    .await;
}

#[tokio::test]
async fn dead_connection_costs_less_than_a_second() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::Late(Duration::from_hours(1)));
        let pressing = world.with_moving_clock(ANSWER_RETRY, ben.presses("Change ecosystem"));
        tokio::join!(pressing, async {
            faults.all_met().await;
            world.clock.advance(ANSWER_TRY);
        });
        let panel = ben.sees().await;
        assert!(panel.contains("<Choose an ecosystem"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn deferral_on_a_dead_connection_is_in_time() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let (aws, faults) = (&world.sandbox.aws, world.sandbox.discord.faults());
        aws.faults().hold("cs-otp-send");
        faults.next_calls_to(ANSWER, 1, RestFault::Late(Duration::from_hours(1)));
        tokio::join!(ben.presses("Send code"), async {
            aws.faults().arrived("cs-otp-send", 2).await;
            world.clock.advance(DEFER_AFTER);
            faults.all_met().await;
            world.clock.advance(ANSWER_TRY);
            world.clock.advance_to_next_wake(ANSWER_RETRY).await;
        });
        assert!(!ben.reads().contains("This interaction failed"));
        aws.faults().release("cs-otp-send");
        assert!(ben.sees().await.contains("read out the code that was mailed"));
    })
    .await;
}

#[tokio::test]
async fn long_rate_limit_of_an_answer_is_one_call() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let retry_after = Duration::from_secs(431);
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::TooMany { retry_after });
        tokio::join!(ben.presses("Waizant Web"), async {
            faults.all_met().await;
            world.clock.advance(Duration::from_secs(5));
        });
        assert!(ben.sees().await.contains("This interaction failed"));
        assert_eq!(log.lines_with("431.0 s").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn slow_discord_gets_every_message() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::AnswerLate(Duration::from_secs(5)));
        ben.presses("Send code").await;
        assert!(ben.reads().contains("read out the code that was mailed"));
        world.with_moving_clock(EDIT_RETRY, world.sandbox.discord.wait_until_idle()).await;

        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        ben.sees().await;
        faults.next_calls_to(ANSWER, 1, RestFault::Late(Duration::from_secs(2)));
        tokio::join!(ben.presses("Waizant Web"), async {
            faults.all_met().await;
            world.clock.advance(Duration::from_secs(2));
        });
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"));
    })
    .await;
}

#[tokio::test]
async fn form_opens_while_another_session_waits() {
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
            // The clock stands still, so an answer now has waited for nothing.
            ben.presses_kept(&enter).await;
            assert!(ben.modal().is_some(), "the form is open");
            faults.release("cs-otp-send");
        });
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn idle_panel_is_stripped_despite_failed_edits() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.passes(Duration::from_secs(14 * 60 + 44)).await;
        assert!(ben.sees().await.contains("Julia Peña"));
        world.sandbox.discord.faults().next_calls_to(EDIT, 4, RestFault::Status(502));
        world.with_moving_clock(EDIT_RETRY, world.passes(Duration::from_secs(1))).await;
        let stripped = ben.sees().await;
        assert!(
            stripped.contains("because there is no activity") && !stripped.contains("Julia"),
            "{stripped}"
        );
    })
    .await;
}
