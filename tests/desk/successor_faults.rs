//! What goes wrong or changes while a successor is helped: nothing is mailed twice, nothing stays
//! open, and it is said.

use std::time::Duration;

use sandbox::aws::Fault;
use sandbox::mail::MailKind;
use sandbox::shop::LinkState;

use crate::successor::verifies_successor;
use crate::world::World;

const SOFIA: &str = "sofia@example.com";

fn qr_mails(world: &World) -> usize {
    world
        .sandbox
        .mail
        .for_address(SOFIA)
        .into_iter()
        .filter(|mail| mail.kind == MailKind::SuccessorQr)
        .count()
}

fn open_links(world: &World) -> usize {
    world.sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count()
}

#[tokio::test]
async fn a_qr_that_cannot_be_mailed_is_told_and_can_be_shown_instead() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        for (code, words) in [
            ("DELIVERY_FAILED", "The message could not be delivered."),
            ("NOT_FOUND", "The message could not be delivered."),
            ("RATE_LIMITED", "The service is busy."),
            ("BAD_REQUEST", "Something failed on our side."),
        ] {
            world.sandbox.aws.faults().next("cs-message", 1, &Fault::refuse(code));
            ben.presses("Send QR").await;
            let panel = ben.sees().await;
            assert!(panel.contains(words) && !panel.contains("📨"), "{code}: {panel}");
        }
        ben.presses("Show QR").await;
        assert!(ben.sees().await.contains("(image qr.png)"));
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(
            (qr_mails(world), open_links(world)),
            (0, 0),
            "what was opened for a mail that failed is revoked too"
        );
    })
    .await;
}

#[tokio::test]
async fn proofs_that_the_message_function_does_not_accept_end_the_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        world.sandbox.aws.faults().next("cs-message", 1, &Fault::refuse("PROOF_INVALID"));
        ben.presses("Send QR").await;
        assert!(ben.sees().await.contains("the verification has expired. Start again."));
        assert_eq!(open_links(world), 0);
    })
    .await;
}

#[tokio::test]
async fn the_mailed_qr_leaves_the_panel_when_it_ends() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Send QR").await;
        assert!(ben.sees().await.contains("📨 An access QR code was mailed to the successor"));
        world.passes(Duration::from_secs(59)).await;
        assert_eq!(ben.sees().await, "", "it still works");
        world.passes(Duration::from_secs(1)).await;
        let panel = ben.sees().await;
        assert!(!panel.contains("📨") && panel.contains("[Send QR]"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn fifteen_minutes_of_silence_end_it_and_the_panel_warns_before() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Show QR").await;
        ben.sees().await;
        world.passes(Duration::from_mins(12)).await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("This session closes in 3 minutes") && panel.contains("[Stay]"),
            "{panel}"
        );
        world.passes(Duration::from_secs(2 * 60 + 45)).await;
        let panel = ben.sees().await;
        assert!(
            panel.starts_with("Ecosystem Admin")
                && !panel.contains("Sofía")
                && panel.contains("[Resume]"),
            "{panel}"
        );
        world.passes(Duration::from_secs(15)).await;
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("there was no activity for 15 minutes"));
        assert_eq!(
            world
                .trail()
                .await
                .iter()
                .filter(|event| event.starts_with(r#"closed {"why":"idle"}"#))
                .count(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn the_panel_comes_back_after_a_restart_of_both_sides() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Send QR").await;
        ben.sees().await;
        world.restarts().await;
        ben.reloads();
        ben.types("/support resume").await;
        let panel = ben.sees().await;
        for words in [
            "Sofía Marín",
            "📨 An access QR code was mailed",
            "2. Validation of the successor",
            "[Show QR]",
        ] {
            assert!(panel.contains(words), "{words} in {panel}");
        }
        ben.presses("2. See details").await;
        assert!(ben.sees().await.contains("The identity document has expired"));
    })
    .await;
}

#[tokio::test]
async fn a_reason_is_asked_for_and_kept() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Cancel").await;
        ben.submits(["no"]).await;
        assert!(ben.sees().await.contains("Write at least 10 characters"));
        ben.presses("Try again").await;
        ben.submits(["Sofía has to find her new passport first"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
        let trail = world.trail().await;
        let reason = r#"closed {"reason":"Sofía has to find her new passport first","stage":"acting","why":"cancelled"}"#;
        assert!(trail.iter().any(|event| event == reason), "{trail:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_succession_that_is_over_meanwhile_ends_the_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        world.sandbox.core.end_succession("suc-herencia").await.unwrap();
        ben.presses("Send QR").await;
        assert!(ben.sees().await.contains("the succession has ended or has another successor."));
        assert_eq!(qr_mails(world), 0);
    })
    .await;
}
