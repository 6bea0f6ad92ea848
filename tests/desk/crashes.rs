//! Crashes and what they leave behind: timers, attempts, other sessions.
//!
//! The [`matrix`](super::matrix) covers a crash at every step of a scenario.

use std::sync::Arc;
use std::time::Duration;

use commands::screens::custom_id::CustomId;
use sandbox::aws::Fault;
use sandbox::discord::{Person, RestFault};

use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// Time after which a Discord client reports a failed interaction.
const TOO_LATE: Duration = Duration::from_millis(3_001);

/// Crashes the bot after the agent has pressed **Send code** and before the code is mailed.
async fn crash_at_send(world: &mut World, who: &Person) {
    world.proves_agent(who, JULIA, "Casa Luz").await;
    let aws = Arc::clone(&world.sandbox.aws);
    aws.faults().hold("cs-otp-send");
    tokio::join!(who.presses("Send code"), async {
        aws.faults().arrived("cs-otp-send", 2).await;
        world.crashes();
        aws.faults().lose("cs-otp-send");
        world.clock.advance(TOO_LATE);
    });
}

#[tokio::test]
async fn crash_during_a_check_costs_no_attempt() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        let code = world.wrong_code_for(BEN);
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("cs-otp-verify");
        tokio::join!(ben.submits([code.as_str()]), async {
            aws.faults().arrived("cs-otp-verify", 1).await;
            world.clock.advance(Duration::from_secs(1));
        });
        world.crashes();
        aws.faults().lose("cs-otp-verify");
        world.starts().await;
        let panel = ben.sees().await;
        assert!(
            panel.contains(
                "The code check was interrupted. Enter the code again. No attempt was used."
            ),
            "{panel}"
        );
        ben.presses("Enter code").await;
        ben.submits([code.as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left"));
    })
    .await;
}

#[tokio::test]
async fn crashes_do_not_move_the_idle_timers() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for _ in 0..3 {
            world.passes(Duration::from_mins(3)).await;
            world.restarts().await;
        }
        assert!(ben.sees().await.contains("[Resend]"));
        world.passes(Duration::from_secs(2 * 60 + 59)).await;
        assert_eq!(ben.sees().await, "", "11:59 since the last click");
        world.passes(Duration::from_secs(1)).await;
        assert!(ben.sees().await.contains("This session closes in 3 minutes"));
        world.restarts().await;
        world.passes(Duration::from_secs(2 * 60 + 45)).await;
        assert!(ben.sees().await.contains("because there is no activity"));
        world.restarts().await;
        world.passes(Duration::from_secs(15)).await;
        assert_eq!(world.newest_close().await, r#"closed {"why":"idle"}"#);
    })
    .await;
}

#[tokio::test]
async fn pending_effect_of_expired_session_is_dropped() {
    World::run(async |world| {
        let ben = world.person("ben");
        crash_at_send(world, &ben).await;
        world.clock.advance(Duration::from_mins(15));
        world.starts().await;
        ben.sees().await;
        assert_eq!(world.newest_close().await, r#"closed {"why":"idle"}"#);
        assert!(
            world.sandbox.mail.for_address(JULIA).is_empty(),
            "no code for a session that is closed"
        );
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("there was no activity"));
    })
    .await;
}

#[tokio::test]
async fn pending_effects_of_sessions_are_finished_concurrently() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        eva.types("/support technical email:tom@example.com").await;
        eva.presses("Start").await;
        eva.sees().await;
        let aws = Arc::clone(&world.sandbox.aws);
        let faults = aws.faults();
        faults.hold("cs-otp-send");
        tokio::join!(ben.selects("Casa Luz"), eva.selects("Huerta Norte"), async {
            faults.arrived("cs-otp-send", 2).await;
            world.crashes();
            faults.lose("cs-otp-send");
            world.clock.advance(TOO_LATE);
        });
        faults.hold("cs-otp-send");
        tokio::join!(world.starts(), async {
            faults.arrived("cs-otp-send", 4).await;
            faults.release("cs-otp-send");
        });
        for who in [ben, eva] {
            assert!(who.sees().await.contains("This interaction failed"));
            who.types("/support resume").await;
            assert!(who.sees().await.contains("mailed to **you**"));
            assert_eq!(world.sandbox.mail.for_address(&world.mailbox_of(&who)).len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn lockout_alert_is_sent_after_a_crash() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let slow = RestFault::Late(Duration::from_hours(1));
        world.sandbox.discord.faults().next_calls_to("/channels/", 1, slow);
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        }
        world.sandbox.discord.faults().all_met().await;
        world.crashes();
        world.starts().await;
        assert!(ben.sees().await.contains("wrong too many times"));
        // The dead process holds the lease of the card for 30 s.
        world.passes(Duration::from_mins(1)).await;
        assert!(
            world
                .sandbox
                .discord
                .channel_sees(sandbox::seed::LEADS_CHANNEL_ID)
                .await
                .contains("Five wrong codes")
        );
    })
    .await;
}

/// Crashes the bot while it issues an access link, and starts it with unreadable accounts. Returns
/// the id of **Finish** on a panel of the newest generation, which was never shown.
async fn crashes_while_issuing(world: &mut World, who: &Person) -> CustomId {
    world.verifies(who, JULIA, "Casa Luz").await;
    let finish = CustomId::parse(who.keep("Finish").custom_id()).unwrap();
    let aws = Arc::clone(&world.sandbox.aws);
    aws.faults().hold("cs-access");
    tokio::join!(who.presses("Waizant Web"), async {
        aws.faults().arrived("cs-access", 1).await;
        world.crashes();
        aws.faults().lose("cs-access");
        world.clock.advance(TOO_LATE);
    });
    // The click never gets an answer, so Discord accepts no edit of it.
    world.sandbox.discord.faults().fail_newest_edits(RestFault::Status(404));
    aws.faults().always("AdminGetUser", Fault::refuse("AccessDeniedException"));
    world.starts().await;
    who.sees().await;
    CustomId { generation: finish.generation + 1, ..finish }
}

#[tokio::test]
async fn finish_without_eligibility_drops_leftover_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        let finish = crashes_while_issuing(world, &ben).await;
        ben.forges(&finish.to_string()).await;
        let seen = ben.sees().await;
        assert!(seen.contains("was finished at") && !seen.contains("Open Waizant Web"), "{seen}");
        let calls = world.sandbox.aws.calls_of("cs-access");
        let ops: Vec<_> = calls.iter().map(|call| call.body["op"].as_str().unwrap()).collect();
        assert_eq!(ops, ["issue", "revoke"], "no link is issued without a read");
    })
    .await;
}

#[tokio::test]
async fn orphaned_session_without_eligibility_closes() {
    World::run(async |world| {
        let log = log();
        let ben = world.person("ben");
        crashes_while_issuing(world, &ben).await;
        world.passes(Duration::from_mins(15)).await;
        assert_eq!(world.newest_close().await, r#"closed {"why":"idle"}"#);
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(calls.last().unwrap().body["op"], "revoke");
        let lines = log.lines_with("reading a BackOffice account");
        assert!(lines.len() <= 2 * 15, "{} lines in 15 minutes", lines.len());
    })
    .await;
}
