//! Sentences when a function refuses an access link, and links that the bot must not show.
//!
//! The [`matrix`](super::matrix) proves that every issued link is revoked. Here are the refusals of
//! the contract, the checks of a link, and the repetition of a revocation.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use sandbox::aws::{Alteration, Fault};
use sandbox::discord::RestFault;

use crate::log::log;
use crate::world::World;

const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn refused_link_is_explained_on_the_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        for (code, retry_after_s, sentence) in [
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
            assert!(panel.contains(sentence) && panel.contains("[Waizant Web]"), "{code}: {panel}");
        }
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"), "the panel still works");
    })
    .await;
}

#[tokio::test]
async fn rejected_proof_closes_the_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.faults().next("cs-access", 1, &Fault::refuse("PROOF_INVALID"));
        ben.presses("Waizant App").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the verification has expired. Start again.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(
            calls.last().unwrap().body["op"],
            "revoke",
            "the function may have issued a link"
        );
    })
    .await;
}

#[tokio::test]
async fn invalid_link_is_never_shown_or_logged() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let past = sandbox::clock::Clock::now(&*world.clock);
        let invalid = [
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
            ("Waizant Web", Alteration::Url("no address at all".to_owned()), "not a plain URL"),
            ("Waizant Web", Alteration::LongerThan(512), "longer than 512 characters"),
            ("Waizant App", Alteration::LongerThan(512), "longer than 512 characters"),
            ("Waizant App", Alteration::ExpiresAt(past), "has expired"),
        ];
        for (button, alteration, why) in invalid {
            world.sandbox.aws.faults().next("cs-access", 1, &Fault::Alter(alteration.clone()));
            ben.presses(button).await;
            let shown = ben.sees().await;
            assert!(!shown.contains('↗') && !shown.contains("(image"), "{alteration:?}: {shown}");
            let line = log.line_of(&shown);
            assert!(
                line.contains("issuing an access link") && line.contains(why),
                "{alteration:?}: {line}"
            );
            assert!(
                !line.contains("token=") && !line.contains("evil"),
                "the log contains the link: {line}"
            );
        }
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("cs-access").last().unwrap().body["op"], "revoke");
    })
    .await;
}

#[tokio::test]
async fn repaired_link_gets_its_button() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let host = world.sandbox.url().replacen("http://", "", 1);
        for (given, shown) in [
            (format!("HTTP://{host}/x?token=a"), "/x?token=a"),
            (format!("http:{host}/x?token=b"), "/x?token=b"),
            (format!("http:/{host}/x?token=c"), "/x?token=c"),
            (format!("http:///{host}/x?token=d"), "/x?token=d"),
            (format!("http://{host}/ñ?token=\"e"), "/%C3%B1?token=%22e"),
        ] {
            let alteration = Fault::Alter(Alteration::Url(given.clone()));
            world.sandbox.aws.faults().next("cs-access", 1, &alteration);
            ben.presses("Waizant Web").await;
            let panel = ben.sees().await;
            assert!(panel.contains("[Open Waizant Web ↗]"), "{given}: {panel}");
            assert_eq!(ben.link_of("Open Waizant Web"), format!("http://{host}{shown}"));
            world.passes(Duration::from_mins(1)).await;
            ben.sees().await;
        }
    })
    .await;
}

#[tokio::test]
async fn failed_revocation_is_repeated_until_it_succeeds() {
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
        assert!(ben.sees().await.contains("was finished at"));
        assert_eq!(log.lines_with("revoking access links").len(), 1);

        let aws = Arc::clone(&world.sandbox.aws);
        let revokes = || aws.calls_of("cs-access").split_off(1);
        world.passes(Duration::from_secs(59)).await;
        assert_eq!(revokes().len(), 1);
        world.passes(Duration::from_secs(1)).await;
        assert_eq!(revokes().len(), 2, "repeated after a minute, and refused");
        world.restarts().await;
        assert_eq!(revokes().len(), 2, "a start does not shorten the wait");
        world.passes(Duration::from_mins(1)).await;
        assert_eq!(revokes().len(), 2, "the second wait is twice as long");
        world.passes(Duration::from_mins(1)).await;
        assert_eq!(revokes().len(), 3);
        world.passes(Duration::from_mins(4)).await;
        assert_eq!(revokes().len(), 3, "the third call succeeded");
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
                // The link has expired, so the function had nothing to revoke.
                r#"revoked {"outcome":"done","revoked":0}"#
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn lockout_alert_is_repeated_until_delivered_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to("/channels/", 5, RestFault::Status(502));
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for("ben@waizant.example").as_str()]).await;
        }
        assert!(
            world
                .with_moving_clock(Duration::from_secs(5), ben.sees())
                .await
                .contains("wrong too many times")
        );
        let leads = sandbox::seed::LEADS_CHANNEL_ID;
        assert_eq!(
            world.sandbox.discord.channel_sees(leads).await,
            "",
            "Discord refused all five attempts"
        );
        world.passes(Duration::from_mins(1)).await;
        assert!(world.sandbox.discord.channel_sees(leads).await.contains("Five wrong codes"));
        world.passes(Duration::from_mins(3)).await;
        assert_eq!(world.sandbox.discord.channel(leads).len(), 1);
    })
    .await;
}
