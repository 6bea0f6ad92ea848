//! The functions refuse, fail and fall silent: the agent has an answer each time, nothing is lost
//! and nothing is mailed twice.

use std::time::Duration;

use insta::assert_snapshot;
use sandbox::aws::{FUNCTION_ERROR_MESSAGE, Fault};
use sandbox::discord::Person;

use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// The longest wait before the SDK tries again.
const BACKOFF: Duration = Duration::from_secs(1);

/// As far as the choice of the ecosystem, with which the agent's code is mailed.
async fn starts(world: &World, who: &Person, customer: &str) {
    // The address decides whose session it is: several are open at once in some tests.
    who.types(&format!("/support technical email:{customer}")).await;
    who.presses("Start").await;
    who.sees().await;
    assert!(world.sandbox.aws.contract_violations().is_empty());
}

/// The idempotency keys of all calls of a function, oldest first.
fn keys(world: &World, function: &str) -> Vec<String> {
    world.sandbox.aws.calls_of(function).into_iter().filter_map(|call| call.request_id).collect()
}

fn refuse(code: &str, retry_after_s: Option<u64>) -> Fault {
    Fault::Refuse { code: code.to_owned(), retry_after_s }
}

#[tokio::test]
async fn a_refusal_to_send_is_said_and_the_next_attempt_is_another_one() {
    World::run(async |world| {
        let ben = world.person("ben");
        let cases = [
            (
                "julia",
                "Casa Luz",
                refuse("RATE_LIMITED", None),
                "The service is busy. Try again in a moment.",
            ),
            (
                "tom",
                "Huerta Norte",
                refuse("UNAVAILABLE", None),
                "The service is busy. Try again in a moment.",
            ),
            (
                "jose",
                "Huerta Norte",
                refuse("DELIVERY_FAILED", None),
                "The message could not be delivered.",
            ),
            ("lena", "Frost Lab", refuse("NOT_FOUND", None), "The message could not be delivered."),
        ];
        for (n, (customer, ecosystem, fault, words)) in cases.into_iter().enumerate() {
            starts(world, &ben, &format!("{customer}@example.com")).await;
            world.sandbox.aws.faults().next("cs-otp-send", 1, &fault);
            ben.selects(ecosystem).await;
            let panel = ben.sees().await;
            assert!(
                panel.contains(words) && panel.contains("No code has been sent to you yet."),
                "{panel}"
            );
            assert!(
                panel.contains("3 more codes can be sent."),
                "nothing was sent, nothing is counted: {panel}"
            );

            ben.presses("Resend").await;
            assert!(ben.sees().await.contains("A code was mailed to **you**"));
            assert_eq!(world.sandbox.mail.for_address(BEN).len(), n + 1);
            let keys = keys(world, "cs-otp-send");
            assert_ne!(
                keys[2 * n],
                keys[2 * n + 1],
                "a refusal is an answer: the next attempt has its own key"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_wait_that_a_refusal_asks_for_is_kept() {
    World::run(async |world| {
        let ben = world.person("ben");
        starts(world, &ben, JULIA).await;
        world.sandbox.aws.faults().next("cs-otp-send", 1, &refuse("RATE_LIMITED", Some(90)));
        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⚠️ The service is busy. Try again in 2 minutes.

        **Step 1 of 2: internal verification**

        No code has been sent to you yet.

        3 more codes can be sent. A new one can be sent in 2 minutes.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code (off)] [Resend] [Change ecosystem] [Cancel]
        ");
        world.passes(Duration::from_secs(89)).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("A new code can be sent in 1 second."));
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-send").len(), 1, "it was not even asked");
        world.passes(Duration::from_secs(1)).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("A code was mailed to **you**"));
    })
    .await;
}

#[tokio::test]
async fn a_failure_is_a_reference_and_the_same_attempt_can_be_made_again() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        let cases = [
            ("julia", "Casa Luz", Fault::FunctionError, 1),
            ("tom", "Huerta Norte", Fault::Garbage, 1),
            ("jose", "Huerta Norte", refuse("BAD_REQUEST", None), 1),
            ("lena", "Frost Lab", refuse("A_CODE_FROM_THE_FUTURE", None), 1),
            // These the SDK tries once more by itself.
            ("rosa", "El Molino", Fault::Throttle, 2),
            ("ramon", "Plaza 02", Fault::ServerError(500), 2),
        ];
        for (n, (customer, ecosystem, fault, attempts)) in cases.into_iter().enumerate() {
            starts(world, &ben, &format!("{customer}@example.com")).await;
            let before = keys(world, "cs-otp-send").len();
            world.sandbox.aws.faults().next("cs-otp-send", attempts, &fault);
            world.dozing(BACKOFF, ben.selects(ecosystem)).await;
            let panel = world.dozing(BACKOFF, ben.sees()).await;
            assert!(panel.contains("Something failed on our side."), "{fault:?}: {panel}");
            let line = log.line_of(&panel);
            assert!(
                line.contains("sending a code") && !line.contains(FUNCTION_ERROR_MESSAGE),
                "{line}"
            );

            ben.presses("Resend").await;
            assert!(ben.sees().await.contains("A code was mailed to **you**"));
            assert_eq!(world.sandbox.mail.for_address(BEN).len(), n + 1, "{fault:?}");
            let keys = keys(world, "cs-otp-send").split_off(before);
            assert_eq!(keys.len(), attempts + 1, "{fault:?}");
            assert!(
                keys.iter().all(|key| *key == keys[0]),
                "{fault:?}: nobody knows what became of it: {keys:?}"
            );
        }
        assert!(log.lines_with(FUNCTION_ERROR_MESSAGE).is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_stumble_of_the_service_is_noticed_by_nobody() {
    World::run(async |world| {
        let ben = world.person("ben");
        for (n, (customer, ecosystem, fault)) in [
            ("julia", "Casa Luz", Fault::Throttle),
            ("tom", "Huerta Norte", Fault::ServerError(503)),
            ("jose", "Huerta Norte", Fault::CutAfterWork),
        ]
        .into_iter()
        .enumerate()
        {
            starts(world, &ben, &format!("{customer}@example.com")).await;
            world.sandbox.aws.faults().next("cs-otp-send", 1, &fault);
            world.dozing(BACKOFF, ben.selects(ecosystem)).await;
            let panel = world.dozing(BACKOFF, ben.sees()).await;
            assert!(panel.contains("A code was mailed to **you**"), "{fault:?}: {panel}");
            assert_eq!(world.sandbox.mail.for_address(BEN).len(), n + 1, "{fault:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_function_that_hangs_is_given_up_after_fifteen_seconds() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        starts(world, &ben, JULIA).await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-otp-send", Fault::Hang);
        tokio::join!(ben.selects("Casa Luz"), async {
            faults.arrived("cs-otp-send", 1).await;
            world.clock.advance(Duration::from_millis(1_500));
        });
        assert_eq!(ben.reads(), "", "the click was acknowledged in time, and nothing is said yet");
        world.clock.advance(Duration::from_millis(10_499));
        assert_eq!(ben.reads(), "");
        // The first attempt ends at 12 s, the whole call at 15 s.
        world.clock.advance(Duration::from_millis(3_001));
        let panel = ben.sees().await;
        assert_snapshot!(panel, @r"
        Technical Assistance
        ⚠️ Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.

        **Step 1 of 2: internal verification**

        No code has been sent to you yet.

        3 more codes can be sent.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code (off)] [Resend] [Change ecosystem] [Cancel]
        ");
        assert!(log.line_of(&panel).contains("no answer in time"));
        assert!(world.sandbox.mail.all().is_empty());

        // The function wakes up after all, and mails what nobody waits for any more.
        faults.clear("cs-otp-send");
        faults.release("cs-otp-send");
        faults.worked("cs-otp-send", 1).await;
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("A code was mailed to **you**"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1, "pressing again asks for the same mail");
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("[Send code]"));
    })
    .await;
}

#[tokio::test]
async fn a_function_that_mailed_and_then_fell_silent_mails_nothing_twice() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-otp-send", Fault::HangAfterWork);
        tokio::join!(ben.presses("Send code"), async {
            faults.worked("cs-otp-send", 2).await;
            world.clock.advance(Duration::from_millis(1_500));
        });
        world.clock.advance(Duration::from_millis(13_500));
        let panel = ben.sees().await;
        assert!(panel.contains("Something failed") && panel.contains("[Send code]"), "{panel}");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);

        faults.clear("cs-otp-send");
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
        let sent = keys(world, "cs-otp-send");
        assert!(sent[1..].iter().all(|key| *key == sent[1]), "{sent:?}");
        faults.release("cs-otp-send");
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        assert!(ben.sees().await.contains("[Waizant Web]"));
    })
    .await;
}

#[tokio::test]
async fn a_code_whose_check_got_lost_is_typed_again_and_costs_no_try() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-otp-verify", Fault::HangAfterWork);
        ben.presses("Enter code").await;
        let code = world.code_for(BEN);
        tokio::join!(ben.submits([code.as_str()]), async {
            faults.worked("cs-otp-verify", 1).await;
            world.clock.advance(Duration::from_millis(1_500));
        });
        world.clock.advance(Duration::from_millis(13_500));
        assert!(ben.sees().await.contains("Something failed"));
        faults.clear("cs-otp-verify");
        faults.release("cs-otp-verify");

        // The code is used up at the function, but the same code typed again gets the same answer.
        ben.presses("Enter code").await;
        ben.submits([code.as_str()]).await;
        assert!(ben.sees().await.contains("[Send code]"));
        let checks = keys(world, "cs-otp-verify");
        assert!(checks.len() > 1 && checks.iter().all(|key| *key == checks[0]), "{checks:?}");
        let trail = world.trail().await;
        assert!(
            trail
                .iter()
                .any(|event| event.starts_with("code_not_counted") && event.contains("fault")),
            "{trail:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_to_check_costs_no_try() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for (fault, words) in [
            (refuse("RATE_LIMITED", Some(20)), "The service is busy. Try again in 20 seconds."),
            (refuse("UNAVAILABLE", None), "The service is busy. Try again in a moment."),
            (Fault::FunctionError, "Something failed on our side."),
            (Fault::Garbage, "Something failed on our side."),
        ] {
            world.sandbox.aws.faults().next("cs-otp-verify", 1, &fault);
            ben.presses("Enter code").await;
            ben.submits([world.code_for(BEN).as_str()]).await;
            let panel = ben.sees().await;
            assert!(panel.contains(words), "{fault:?}: {panel}");
        }
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left"), "it is the first that counts");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_the_function_does_not_know_is_as_good_as_expired() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.faults().next("cs-otp-verify", 1, &refuse("NOT_FOUND", None));
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        let panel = ben.sees().await;
        assert!(panel.contains("That code has expired. No attempt was used."), "{panel}");
        assert!(panel.contains("The code that was mailed to you has expired."), "{panel}");
        assert!(panel.contains("[Enter code (off)] [Resend]"), "{panel}");
    })
    .await;
}
