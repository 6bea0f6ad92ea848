//! What one replica remembers is behind, because the other one has moved the session: nothing old
//! is drawn, and nothing acted on.

use std::sync::Arc;
use std::time::Duration;

use sandbox::clock::Clock as _;

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn a_button_of_a_panel_that_the_other_replica_has_closed_shows_nothing_of_the_customer() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let plan = ben.keep("See plan details");
        pair.sandbox.discord.faults().deliver_to_one(true);
        ben.presses("Finish").await;
        assert!(pair.sees(&ben).await.contains("it was finished."));
        pair.crashes(0).await;
        // Only the one is left that has not heard of it.
        pair.sandbox.discord.faults().deliver_to_one(false);
        ben.presses_kept(&plan).await;
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("it was finished.") && !seen.contains("Julia"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn a_button_of_a_panel_that_the_other_replica_has_stripped_brings_nothing_sensitive_back() {
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
async fn a_click_that_only_one_replica_heard_of_is_no_hindrance_to_the_next() {
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
            pair.sees(&ben).await.contains("A code was mailed to the **customer**"),
            "what was not heard of is read"
        );
        pair.starts(0).await;
        // The one that comes back is the younger connection now, and the older one has this to
        // itself.
        faults.deliver_to_one(true);
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(JULIA).as_str()]).await;
        pair.sees(&ben).await;
        faults.deliver_to_one(false);
        pair.crashes(1).await;
        ben.presses("Waizant Web").await;
        assert!(pair.sees(&ben).await.contains("[Open the web ↗]"));
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_comes_late_to_a_drawing_click_does_not_move_the_session_on() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        let enter = ben.keep("Enter code");
        ben.presses("Enter code").await;
        ben.submits([pair.code_for(BEN).as_str()]).await;
        assert!(pair.sees(&ben).await.contains("[Send code]"));
        let generation = pair.postgres.count("select generation from sessions").await;
        // Delivered again with all the others, it is an old one to both; but the form that opened
        // was its answer.
        pair.sandbox.discord.faults().close_sockets(4007);
        pair.sandbox.discord.connected(0).await;
        pair.sandbox.discord.connected(2).await;
        pair.settled().await;
        assert_eq!(pair.postgres.count("select generation from sessions").await, generation);
        ben.presses("Send code").await;
        assert!(pair.sees(&ben).await.contains("A code was mailed to the **customer**"));
        // Pressed again, it is answered once, by the panel as it is.
        ben.presses_kept(&enter).await;
        assert_eq!(pair.sees(&ben).await.matches("That was already done").count(), 1);
        ben.presses("Enter code").await;
        assert!(ben.modal().is_some());
        ben.dismisses();
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_defers_a_drawing_click_too_late_does_not_move_the_session_on() {
    /// How long work may take before its answer is deferred.
    const BUDGET: Duration = Duration::from_millis(1_500);
    /// What the other one has missed: the look-up, Start, the choice, Enter code, and the code.
    const ALL: usize = 5;
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
        // The other one gets all that it has missed, and its database is so slow that it defers
        // first.
        let locked = pair.postgres.locks("sessions").await;
        discord.faults().drop_sockets();
        while discord.excused_violations().len() < ALL {
            let soon = pair.clock.now() + i64::try_from(BUDGET.as_millis()).unwrap();
            if pair.clock.next_deadline().is_some_and(|at| at <= soon) {
                pair.clock.advance(BUDGET);
            }
            tokio::task::yield_now().await;
        }
        drop(locked);
        discord.connected(2).await;
        pair.settled().await;
        assert_eq!(pair.postgres.count("select generation from sessions").await, generation);
        ben.presses("Send code").await;
        assert!(pair.sees(&ben).await.contains("A code was mailed to the **customer**"));
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_hears_of_a_click_when_the_other_has_saved_it_still_steps_in_for_it() {
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
        // Only now the other one gets all that it has missed.
        faults.drop_sockets();
        pair.sandbox.discord.connected(0).await;
        pair.sandbox.discord.connected(2).await;
        let worker = pair.at_work().await;
        pair.crashes(worker).await;
        aws.faults().lose("cs-otp-send");
        pair.dozing(aws.faults().arrived("cs-otp-send", 2)).await;
        pair.dozing(choosing).await.unwrap();
        let seen = pair.sees(&ben).await;
        assert!(
            seen.contains("A code was mailed to **you**") && !seen.contains("failed"),
            "{seen}"
        );
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_hears_of_a_click_after_its_effect_was_finished_answers_it() {
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
        // As a process does that has just been started, before the click reaches it.
        pair.recovers(1).await;
        assert_eq!(aws.calls_of("cs-otp-send").len(), 2);
        assert!(!choosing.is_finished(), "nobody has answered");
        faults.drop_sockets();
        pair.dozing(choosing).await.unwrap();
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("A code was mailed to **you**"), "{seen}");
        assert!(!seen.contains("failed") && !seen.contains("already done"), "{seen}");
        assert_eq!(pair.sandbox.mail.for_address(BEN).len(), 1);
        assert_eq!(pair.postgres.texts("select distinct outcome from claims").await, ["done"]);
        pair.sandbox.discord.connected(1).await;
    })
    .await;
}
