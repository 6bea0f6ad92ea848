//! The function that opens things refuses or answers something odd: no link is shown that should
//! not be, and what may be open is revoked until somebody says that it is.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use sandbox::aws::{Alteration, Fault};
use sandbox::discord::RestFault;

use crate::log::log;
use crate::world::World;

const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn a_refusal_to_open_is_said_on_the_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        for (code, retry_after_s, words) in [
            ("RATE_LIMITED", Some(30), "The service is busy. Try again in 30 seconds."),
            ("UNAVAILABLE", None, "The service is busy. Try again in a moment."),
            ("NOT_FOUND", None, "The access link could not be created. Try again later."),
            ("DELIVERY_FAILED", None, "The access link could not be created. Try again later."),
            ("BAD_REQUEST", None, "Something failed on our side."),
        ] {
            let fault = Fault::Refuse { code: code.to_owned(), retry_after_s };
            world.sandbox.aws.faults().next("cs-access", 1, &fault);
            ben.presses("Waizant Web").await;
            let panel = ben.sees().await;
            assert!(panel.contains(words) && panel.contains("[Waizant Web]"), "{code}: {panel}");
        }
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"), "nothing is lost");
    })
    .await;
}

#[tokio::test]
async fn proofs_that_the_function_does_not_accept_end_the_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.faults().next("cs-access", 1, &Fault::refuse("PROOF_INVALID"));
        ben.presses("Waizant App").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the verification has expired. Start again.
        Session ······
        ");
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(calls.last().unwrap().body["op"], "revoke", "what was asked for may be open");
    })
    .await;
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_is_a_fault_and_is_never_shown() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let past = sandbox::clock::Clock::now(&*world.clock);
        let odd = [
            (
                "Waizant Web",
                Alteration::Url("https://evil.example/enter?token=hush".to_owned()),
                "not in ACCESS_HOSTS",
            ),
            ("Waizant Web", Alteration::Host("evil.example".to_owned()), "scheme is not allowed"),
            (
                "Waizant Web",
                Alteration::Url("http://shop.example.com/enter?token=hush".to_owned()),
                "scheme is not allowed",
            ),
            ("Waizant Web", Alteration::Scheme("waizant".to_owned()), "scheme is not allowed"),
            ("Waizant Store", Alteration::Scheme("javascript".to_owned()), "scheme is not allowed"),
            ("Waizant App", Alteration::Scheme("other".to_owned()), "scheme is not allowed"),
            ("Waizant Web", Alteration::Url("no address at all".to_owned()), "not a plain address"),
            ("Waizant Web", Alteration::LongerThan(512), "longer than 512 characters"),
            ("Waizant App", Alteration::LongerThan(512), "longer than 512 characters"),
            ("Waizant App", Alteration::ExpiresAt(past), "has ended already"),
        ];
        for (button, alteration, why) in odd {
            world.sandbox.aws.faults().next("cs-access", 1, &Fault::Alter(alteration.clone()));
            ben.presses(button).await;
            let shown = ben.sees().await;
            assert!(!shown.contains('↗') && !shown.contains("(image"), "{alteration:?}: {shown}");
            let line = log.line_of(&shown);
            assert!(
                line.contains("opening a way in") && line.contains(why),
                "{alteration:?}: {line}"
            );
            assert!(
                !line.contains("token=") && !line.contains("evil"),
                "the link itself is a secret: {line}"
            );
        }
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("cs-access").last().unwrap().body["op"], "revoke");
    })
    .await;
}

#[tokio::test]
async fn opening_that_hangs_after_its_work_is_given_up_and_revoked_with_the_rest() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-access", Fault::HangAfterWork);
        tokio::join!(ben.presses("Waizant Web"), faults.worked("cs-access", 1));
        world.clock.advance(Duration::from_secs(15));
        let panel = ben.sees().await;
        assert!(panel.contains("Something failed") && !panel.contains('↗'), "{panel}");
        faults.clear("cs-access");
        faults.release("cs-access");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"));
        let trail = world.trail().await;
        assert_eq!(
            trail.last().unwrap(),
            r#"revoked {"outcome":"done","revoked":1}"#,
            "{trail:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_revocation_that_fails_or_is_refused_is_asked_for_until_it_is_done() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let faults = world.sandbox.aws.faults();
        faults.next("cs-access", 1, &Fault::FunctionError);
        faults.next("cs-access", 1, &Fault::refuse("UNAVAILABLE"));
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"), "the agent need not know");
        assert_eq!(log.lines_with("revoking what a session opened").len(), 1);

        let aws = Arc::clone(&world.sandbox.aws);
        let revokes = || aws.calls_of("cs-access").split_off(1);
        world.passes(Duration::from_secs(59)).await;
        assert_eq!(revokes().len(), 1);
        world.passes(Duration::from_secs(1)).await;
        assert_eq!(revokes().len(), 2, "a minute later it is asked again, and refused");
        world.restarts().await;
        assert_eq!(revokes().len(), 3, "a start does not wait");
        world.passes(Duration::from_mins(2)).await;
        assert_eq!(revokes().len(), 3, "it is done");
        assert!(
            revokes()
                .iter()
                .all(|call| call.request_id == revokes()[0].request_id
                    && call.body["op"] == "revoke")
        );
        let outcomes: Vec<_> =
            world.trail().await.into_iter().filter(|event| event.starts_with("revoked")).collect();
        assert_eq!(
            outcomes,
            [
                r#"revoked {"outcome":"fault"}"#,
                r#"revoked {"outcome":"unavailable"}"#,
                // The link's own minute is over by now.
                r#"revoked {"outcome":"done","revoked":0}"#
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn the_leads_are_told_of_a_lock_once_even_if_discord_stumbles_over_it() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to("/channels/", 5, RestFault::Status(502));
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for("ben@waizant.example").as_str()]).await;
        }
        assert!(
            world.dozing(Duration::from_secs(5), ben.sees()).await.contains("wrong too many times")
        );
        let leads = sandbox::seed::LEADS_CHANNEL_ID;
        assert_eq!(
            world.sandbox.discord.channel_sees(leads).await,
            "",
            "Discord took none of the five attempts"
        );
        world.passes(Duration::from_mins(1)).await;
        assert!(world.sandbox.discord.channel_sees(leads).await.contains("Session locked"));
        world.passes(Duration::from_mins(3)).await;
        assert_eq!(world.sandbox.discord.channel(leads).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_notice_of_a_link_is_mailed_once_even_if_the_function_fails_at_first() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types("/account link email:olga@waizant.example").await;
        olga.sees().await;
        world.sandbox.aws.faults().next("cs-message", 2, &Fault::FunctionError);
        olga.presses("Enter code").await;
        olga.submits([world.code_for("olga@waizant.example").as_str()]).await;
        assert!(olga.sees().await.contains("is linked to the BackOffice account"));
        world.passes(Duration::from_mins(5)).await;
        let calls = world.sandbox.aws.calls_of("cs-message");
        assert_eq!(calls.len(), 3, "asked again every minute until it was mailed");
        assert_eq!(world.sandbox.aws.mails_of(calls[2].request_id.as_deref().unwrap()), 1);
        assert_eq!(calls[0].request_id, calls[2].request_id);
    })
    .await;
}
