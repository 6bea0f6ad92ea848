//! A replica whose cache is stale, because the other has changed the session, must neither show old
//! data nor act on it.

use std::sync::Arc;
use std::time::Duration;

use sandbox::clock::Clock as _;

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn old_button_of_closed_session_hides_the_customer() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let plan = ben.keep("See plan details");
        pair.sandbox.discord.faults().deliver_to_one(true);
        ben.presses("Finish").await;
        assert!(pair.sees(&ben).await.contains("was finished at"));
        pair.crashes(0).await;
        // The remaining replica did not get the click that closed the session.
        pair.sandbox.discord.faults().deliver_to_one(false);
        ben.presses_kept(&plan).await;
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("was finished at") && !seen.contains("Julia"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn old_button_of_stripped_panel_hides_the_customer() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let plan = ben.keep("See plan details");
        pair.settled().await;
        pair.clock.advance(Duration::from_secs(14 * 60 + 50));
        pair.sweep(0).await;
        assert!(pair.sees(&ben).await.contains("because there is no activity"));
        pair.crashes(0).await;
        ben.presses_kept(&plan).await;
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("[Resume]") && !seen.contains("Julia"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn click_delivered_to_one_replica_allows_the_next() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let faults = pair.sandbox.discord.faults();
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        faults.deliver_to_one(true);
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(BEN).as_str()]).await;
        pair.sees(&ben).await;
        faults.deliver_to_one(false);
        pair.crashes(0).await;
        ben.presses("Send code").await;
        assert!(
            pair.sees(&ben).await.contains("read out the code that was mailed"),
            "the replica must read the missed click from the store"
        );
        pair.starts(0).await;
        // Only the older connection gets the next clicks. It now belongs to the other replica.
        faults.deliver_to_one(true);
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(JULIA).as_str()]).await;
        pair.sees(&ben).await;
        faults.deliver_to_one(false);
        pair.crashes(1).await;
        ben.presses("Waizant Web").await;
        assert!(pair.sees(&ben).await.contains("[Open Waizant Web ↗]"));
    })
    .await;
}

#[tokio::test]
async fn late_replica_on_drawing_click_keeps_the_generation() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        let enter = ben.keep("Enter code");
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(BEN).as_str()]).await;
        assert!(pair.sees(&ben).await.contains("[Send code]"));
        let generation = pair.postgres.count("select generation from sessions").await;
        // Discord replays all clicks. For both replicas this one is old, but its answer was the
        // form.
        pair.sandbox.discord.faults().close_sockets(4007);
        pair.sandbox.discord.connected(0).await;
        pair.sandbox.discord.connected(2).await;
        pair.settled().await;
        assert_eq!(pair.postgres.count("select generation from sessions").await, generation);
        ben.presses("Send code").await;
        assert!(pair.sees(&ben).await.contains("read out the code that was mailed"));
        // A new click on the same button gets one answer, the current panel.
        ben.presses_kept(&enter).await;
        assert_eq!(pair.sees(&ben).await.matches("That was already done").count(), 1);
        ben.presses("Enter code").await;
        assert!(ben.modal().is_some());
        ben.dismisses();
    })
    .await;
}

#[tokio::test]
async fn late_deferral_of_drawing_click_keeps_the_generation() {
    /// Time after which the bot defers its answer.
    const DEFER_AFTER: Duration = Duration::from_secs(1);
    /// Interactions that the other replica has missed: the look-up, Start, the choice, Enter code
    /// and the code.
    const MISSED: usize = 5;
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let discord = Arc::clone(&pair.sandbox.discord);
        discord.faults().silence_newest();
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(BEN).as_str()]).await;
        assert!(pair.sees(&ben).await.contains("[Send code]"));
        let generation = pair.postgres.count("select generation from sessions").await;
        pair.settled().await;
        // The other replica now gets the missed interactions. Its database is slow, so it defers.
        let locked = pair.postgres.locks("sessions").await;
        discord.faults().drop_sockets();
        while discord.excused_violations().len() < MISSED {
            let soon = pair.clock.now() + i64::try_from(DEFER_AFTER.as_millis()).unwrap();
            if pair.clock.next_deadline().is_some_and(|at| at <= soon) {
                pair.clock.advance(DEFER_AFTER);
            }
            tokio::task::yield_now().await;
        }
        drop(locked);
        discord.connected(2).await;
        pair.settled().await;
        assert_eq!(pair.postgres.count("select generation from sessions").await, generation);
        ben.presses("Send code").await;
        assert!(pair.sees(&ben).await.contains("read out the code that was mailed"));
    })
    .await;
}

#[tokio::test]
async fn late_replica_takes_over_a_saved_click() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let faults = pair.sandbox.discord.faults();
        ben.types("/support technical email:julia@example.com").await;
        pair.sees(&ben).await;
        faults.silence_newest();
        ben.presses("Start").await;
        pair.sees(&ben).await;
        pair.settled().await;
        pair.clock.advance(Duration::from_secs(4));
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-otp-send");
        let choosing = tokio::spawn({
            let ben = ben.clone();
            async move { ben.selects("Casa Luz").await }
        });
        aws.faults().arrived("cs-otp-send", 1).await;
        // The other replica now gets the missed interactions.
        faults.drop_sockets();
        pair.sandbox.discord.connected(0).await;
        pair.sandbox.discord.connected(2).await;
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        aws.faults().lose("cs-otp-send");
        pair.with_moving_clock(aws.faults().arrived("cs-otp-send", 2)).await;
        pair.with_moving_clock(choosing).await.unwrap();
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("mailed to **you**") && !seen.contains("failed"), "{seen}");
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn late_replica_answers_a_click_with_finished_effect() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let faults = pair.sandbox.discord.faults();
        ben.types("/support technical email:julia@example.com").await;
        pair.sees(&ben).await;
        ben.presses("Start").await;
        pair.sees(&ben).await;
        pair.settled().await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-otp-send");
        faults.silence_newest();
        let choosing = tokio::spawn({
            let ben = ben.clone();
            async move { ben.selects("Casa Luz").await }
        });
        aws.faults().arrived("cs-otp-send", 1).await;
        pair.crashes(0).await;
        aws.faults().lose("cs-otp-send");
        // The other replica finishes the effect as at a start, before the click reaches it.
        pair.recovers(1).await;
        assert_eq!(aws.calls_of("cs-otp-send").len(), 2);
        assert!(!choosing.is_finished(), "the click already has an answer");
        faults.drop_sockets();
        pair.with_moving_clock(choosing).await.unwrap();
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("mailed to **you**"), "{seen}");
        assert!(!seen.contains("failed") && !seen.contains("already done"), "{seen}");
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
        assert_eq!(pair.postgres.texts("select distinct outcome from claims").await, ["done"]);
        pair.sandbox.discord.connected(1).await;
    })
    .await;
}
