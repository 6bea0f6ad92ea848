//! Sentences that an agent reads when a function refuses a request, fails or does not reply.
//!
//! The [`matrix`](super::matrix) proves that nothing is lost or done twice. Here are the refusals
//! of the contract, the words on the panel and the timeouts.

use std::time::Duration;

use commands::model::verification::RESEND_WAIT;
use insta::assert_snapshot;
use sandbox::aws::{FUNCTION_ERROR_MESSAGE, Fault};
use sandbox::discord::Person;

use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// Longest wait of the AWS SDK before it retries.
const SDK_RETRY: Duration = Duration::from_secs(1);

/// Opens a session up to the choice of the ecosystem, which mails the agent's code.
async fn start(who: &Person, customer: &str) {
    who.types(&format!("/support technical email:{customer}")).await;
    who.presses("Start").await;
    who.sees().await;
}

/// Returns the idempotency keys of all calls of `cs-otp-send`, oldest first.
fn keys(world: &World) -> Vec<String> {
    let calls = world.sandbox.aws.calls_of("cs-otp-send");
    calls.into_iter().filter_map(|call| call.request_id).collect()
}

fn refuse(code: &str, retry_after_s: Option<u64>) -> Fault {
    Fault::Refuse { code: code.to_owned(), retry_after_s }
}

#[tokio::test]
async fn refused_send_is_explained_and_retried() {
    World::run(async |world| {
        let ben = world.person("ben");
        let busy = "The service is busy. Try again in a moment.";
        let undelivered = "The message could not be delivered.";
        let cases = [
            ("julia", "Casa Luz", "RATE_LIMITED", busy),
            ("tom", "Huerta Norte", "UNAVAILABLE", busy),
            ("jose", "Huerta Norte", "DELIVERY_FAILED", undelivered),
            ("many", "Plaza 04", "NOT_FOUND", undelivered),
        ];
        for (n, (customer, ecosystem, code, sentence)) in cases.into_iter().enumerate() {
            start(&ben, &format!("{customer}@example.com")).await;
            world.sandbox.aws.faults().next("cs-otp-send", 1, &Fault::refuse(code));
            ben.selects(ecosystem).await;
            let panel = ben.sees().await;
            assert!(panel.contains(sentence), "{code}: {panel}");
            assert!(panel.contains("You have no valid code."), "{code}: {panel}");

            ben.presses("Resend").await;
            assert!(ben.sees().await.contains("mailed to **you**"));
            assert_eq!(world.sandbox.mail.for_address(BEN).len(), n + 1);
            let keys = keys(world);
            assert_ne!(keys[2 * n], keys[2 * n + 1], "{code}: a refused request is over");
            // An agent has three open sessions at most.
            ben.presses("Cancel").await;
            ben.submits(["The code has arrived"]).await;
            ben.sees().await;
        }
    })
    .await;
}

#[tokio::test]
async fn refused_send_keeps_the_requested_wait() {
    World::run(async |world| {
        let ben = world.person("ben");
        start(&ben, JULIA).await;
        world.sandbox.aws.faults().next("cs-otp-send", 1, &refuse("RATE_LIMITED", Some(90)));
        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees().await, @r"
        2 of 4 · Your own code
        ⚠️ The service is busy. Try again in 2 minutes.

        You have no valid code. Press Resend for one.

        A code can be mailed again in 2 minutes.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        world.passes(Duration::from_secs(89)).await;
        assert!(ben.try_presses(None, "Resend").await.is_err());
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-send").len(), 1, "the wait is not over");
        world.passes(Duration::from_secs(1)).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("mailed to **you**"));
    })
    .await;
}

#[tokio::test]
async fn failed_send_shows_a_logged_reference() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        let cases = [
            ("julia", "Casa Luz", Fault::FunctionError),
            ("jose", "Huerta Norte", refuse("BAD_REQUEST", None)),
            ("many", "Plaza 04", refuse("A_CODE_FROM_THE_FUTURE", None)),
            ("tom", "Huerta Norte", Fault::Garbage),
        ];
        for (n, (customer, ecosystem, fault)) in cases.into_iter().enumerate() {
            start(&ben, &format!("{customer}@example.com")).await;
            world.sandbox.aws.faults().next("cs-otp-send", 1, &fault);
            ben.selects(ecosystem).await;
            let panel = ben.sees().await;
            assert!(panel.contains("Something failed on our side."), "{fault:?}: {panel}");
            let line = log.line_of(&panel);
            assert!(line.contains("sending a code"), "{line}");
            assert!(panel.contains("[Resend (off)]"), "it may be mailed: {panel}");

            world.passes(RESEND_WAIT).await;
            ben.presses("Resend").await;
            assert!(ben.sees().await.contains("mailed to **you**"));
            let keys = keys(world);
            assert_ne!(keys[2 * n], keys[2 * n + 1], "{fault:?}: the answer is lost");
            ben.presses("Cancel").await;
            ben.submits(["The customer hung up."]).await;
            ben.sees().await;
        }
        assert!(log.lines_with(FUNCTION_ERROR_MESSAGE).is_empty());
    })
    .await;
}

#[tokio::test]
async fn single_service_failure_is_retried_silently() {
    World::run(async |world| {
        let ben = world.person("ben");
        for (n, (customer, ecosystem, fault)) in [
            ("julia", "Casa Luz", Fault::Throttle),
            ("tom", "Huerta Norte", Fault::ServerError(503)),
        ]
        .into_iter()
        .enumerate()
        {
            start(&ben, &format!("{customer}@example.com")).await;
            world.sandbox.aws.faults().next("cs-otp-send", 1, &fault);
            world.with_moving_clock(SDK_RETRY, ben.selects(ecosystem)).await;
            let panel = world.with_moving_clock(SDK_RETRY, ben.sees()).await;
            assert!(panel.contains("mailed to **you**"), "{fault:?}: {panel}");
            assert_eq!(world.sandbox.mail.for_address(BEN).len(), n + 1, "{fault:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hanging_send_is_given_up_after_fifteen_seconds() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        start(&ben, JULIA).await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-otp-send", Fault::Hang);
        tokio::join!(ben.selects("Casa Luz"), async {
            faults.arrived("cs-otp-send", 1).await;
            world.clock.advance(Duration::from_secs(1));
        });
        assert!(ben.reads().contains("⏳ Mailing the code to you…"), "the answer is deferred");
        world.clock.advance(Duration::from_millis(10_999));
        assert_eq!(ben.reads(), "");
        // The first attempt ends after 12 s, the whole call after 15 s.
        world.clock.advance(Duration::from_millis(3_001));
        let panel = ben.sees().await;
        assert_snapshot!(panel, @r"
        2 of 4 · Your own code
        ⚠️ Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.

        You have no valid code. Press Resend for one.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert!(log.line_of(&panel).contains("no answer in time"));
        faults.clear("cs-otp-send");
        faults.lose("cs-otp-send");
    })
    .await;
}

#[tokio::test]
async fn refused_or_failed_check_costs_no_attempt() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for (fault, sentence) in [
            (refuse("RATE_LIMITED", Some(20)), "The service is busy. Try again in 20 seconds."),
            (refuse("UNAVAILABLE", None), "The service is busy. Try again in a moment."),
            (Fault::FunctionError, "Something failed on our side."),
        ] {
            world.sandbox.aws.faults().next("cs-otp-verify", 1, &fault);
            ben.presses("Enter code").await;
            ben.submits([world.code_for(BEN).as_str()]).await;
            let panel = ben.sees().await;
            assert!(panel.contains(sentence), "{fault:?}: {panel}");
        }
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left"), "the first counted attempt");
        let trail = world.trail().await;
        let uncounted =
            |event: &String| event.starts_with("code_not_counted") && event.contains("fault");
        assert!(trail.iter().any(uncounted), "{trail:#?}");
    })
    .await;
}

#[tokio::test]
async fn code_unknown_to_the_function_counts_as_expired() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.faults().next("cs-otp-verify", 1, &refuse("NOT_FOUND", None));
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        let panel = ben.sees().await;
        assert!(panel.contains("That code has expired. No attempt was used."), "{panel}");
        assert!(panel.contains("The code that was mailed to you has expired."), "{panel}");
        assert!(panel.contains("[Enter code (off)] [Resend (off)]"), "{panel}");
    })
    .await;
}
