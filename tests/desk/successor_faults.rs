//! Sentences of Ecosystem Admin when a mail fails, time passes, or the succession ends.

use std::time::Duration;

use commands::model::session::LINKS_A_SESSION;
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
async fn unmailed_qr_is_explained_and_can_be_shown() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        for (code, sentence) in [
            ("DELIVERY_FAILED", "The message could not be delivered."),
            ("NOT_FOUND", "The message could not be delivered."),
            ("RATE_LIMITED", "The service is busy."),
            ("BAD_REQUEST", "Something failed on our side."),
        ] {
            world.sandbox.aws.faults().next("cs-message", 1, &Fault::refuse(code));
            ben.presses("Send QR").await;
            let panel = ben.sees().await;
            assert!(panel.contains(sentence) && !panel.contains("📨"), "{code}: {panel}");
        }
        ben.presses("Show QR").await;
        assert!(ben.sees().await.contains("(image qr.png)"));
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(
            (qr_mails(world), open_links(world)),
            (0, 0),
            "the links of the failed mails are revoked"
        );
    })
    .await;
}

#[tokio::test]
async fn refused_mails_of_issued_links_reach_the_ceiling() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        world.sandbox.aws.faults().always("cs-message", Fault::refuse("DELIVERY_FAILED"));
        for _ in 0..LINKS_A_SESSION {
            ben.presses("Send QR").await;
            assert!(ben.sees().await.contains("The message could not be delivered."));
        }
        ben.presses("Send QR").await;
        assert!(!ben.sees().await.contains("The message could not be delivered."));
        assert_eq!(world.sandbox.shop.links().len(), LINKS_A_SESSION as usize);
    })
    .await;
}

#[tokio::test]
async fn proof_rejected_by_message_function_closes_session() {
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
async fn mailed_qr_leaves_the_panel_when_expired() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Send QR").await;
        assert!(ben.sees().await.contains("📨 A QR code was mailed to the successor"));
        world.passes(Duration::from_secs(59)).await;
        assert_eq!(ben.sees().await, "", "the QR code is still valid");
        world.passes(Duration::from_secs(1)).await;
        let panel = ben.sees().await;
        assert!(!panel.contains("📨") && panel.contains("[Send QR]"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn idle_successor_session_warns_strips_and_closes() {
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
    })
    .await;
}

#[tokio::test]
async fn restart_keeps_the_mailed_qr_on_the_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("Send QR").await;
        ben.sees().await;
        world.restarts().await;
        ben.reloads();
        ben.types("/support resume").await;
        let panel = ben.sees().await;
        for text in
            ["Sofía Marín", "📨 A QR code was mailed", "2 Validation of the successor", "[Show QR]"]
        {
            assert!(panel.contains(text), "{text} in {panel}");
        }
    })
    .await;
}

#[tokio::test]
async fn ended_succession_closes_the_session() {
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
