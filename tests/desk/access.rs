//! Access links: each works once, expires after a minute, and ends with its session. A changed role
//! or status of the customer closes the session.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::shop::LinkState;

use crate::browser;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const JULIA: &str = "julia@example.com";

/// Presses a button that issues an access link, and reads the answer.
async fn opens(who: &Person, place: &str) -> String {
    who.presses(place).await;
    who.sees().await
}

#[tokio::test]
async fn access_link_opens_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        for (place, label, title) in [
            ("Waizant Web", "Open Waizant Web", "Waizant Web"),
            ("Waizant Store", "Open Waizant Store", "Waizant Store"),
        ] {
            opens(&ben, place).await;
            let url = ben.link_of(label);
            assert_eq!(browser::looks_at(&url).await.status, 200);
            assert_eq!(
                browser::looks_at(&url).await.status,
                200,
                "a preview does not use the link"
            );
            let home = browser::goes_through(&url).await;
            assert_eq!(home.status, 200);
            assert!(
                home.body.contains(title) && home.body.contains("Hola, Julia Peña"),
                "{}",
                home.body
            );
            assert!(home.body.contains("Acceso de soporte de Ben Carter"), "{}", home.body);
            let again = browser::presses(&url).await;
            assert_eq!(again.status, 410);
            assert!(again.body.contains("This link does not work"), "{}", again.body);
        }
        ben.presses("Finish").await;
        ben.sees().await;
        assert!(
            world.sandbox.shop.links().iter().all(|link| link.state == LinkState::Revoked),
            "sign-ins end too"
        );
    })
    .await;
}

/// Decodes the picture of a QR code. Returns its text and the picture's size.
pub(crate) fn scanned(png: &[u8]) -> (String, (usize, usize)) {
    let picture =
        image::load_from_memory_with_format(png, image::ImageFormat::Png).unwrap().to_luma8();
    let (width, height) =
        (usize::try_from(picture.width()).unwrap(), usize::try_from(picture.height()).unwrap());
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
    });
    let (_, text) = prepared.detect_grids().pop().expect("a code").decode().unwrap();
    (text, (width, height))
}

#[tokio::test]
async fn qr_code_opens_the_app_on_a_phone() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        opens(&ben, "Waizant App").await;
        let (text, (width, height)) = scanned(&ben.file("qr.png"));
        assert!(width >= 256 && height >= 256, "{width}x{height}");
        assert_eq!(text, world.sandbox.shop.links().pop().unwrap().url);

        // The app turns the link into this address.
        let path = text.strip_prefix("waizant://").expect("the app's scheme");
        let url = format!("{}/{path}", world.sandbox.url());
        assert!(browser::goes_through(&url).await.body.contains("Waizant App"));
        assert_eq!(browser::presses(&url).await.status, 410);
    })
    .await;
}

#[tokio::test]
async fn access_links_expire_after_one_minute() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        for place in ["Waizant Store", "Waizant Web", "Waizant App"] {
            opens(&ben, place).await;
        }
        let url = ben.link_of("Open Waizant Web");
        world.passes(minutes(1) - SECOND).await;
        assert_eq!(ben.sees().await, "", "59 s");
        world.passes(SECOND).await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");
        assert_eq!(browser::presses(&url).await.status, 410);

        // The panel issues another link.
        assert!(opens(&ben, "Waizant Web").await.contains("[Open Waizant Web ↗]"));
        assert_ne!(ben.link_of("Open Waizant Web"), url);
    })
    .await;
}

/// Issues two access links, closes the session with `close`, and asserts that both are revoked.
async fn assert_close_revokes(world: &World, who: &Person, close: impl AsyncFnOnce()) {
    opens(who, "Waizant Web").await;
    let url = who.link_of("Open Waizant Web");
    opens(who, "Waizant App").await;
    close().await;
    let seen = who.sees().await;
    assert!(seen.contains("Links and QR codes of this session no longer work."), "{seen}");
    assert!(!seen.contains("(image") && !seen.contains('↗'), "{seen}");
    assert_eq!(browser::presses(&url).await.status, 410);
    assert!(world.sandbox.shop.links().iter().all(|link| link.state == LinkState::Revoked));
}

#[tokio::test]
async fn every_close_revokes_access_links() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        assert_close_revokes(world, &ben, async || ben.presses("Finish").await).await;

        world.verifies(&ben, JULIA, "Casa Luz").await;
        assert_close_revokes(world, &ben, async || {
            ben.presses("Cancel").await;
            ben.submits(["The customer hung up"]).await;
        })
        .await;

        world.verifies(&ben, JULIA, "Casa Luz").await;
        assert_close_revokes(world, &ben, async || {
            world.sandbox.core.set_status(JULIA, "suspended").await.unwrap();
            ben.presses("Waizant Store").await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn idle_close_revokes_a_used_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        opens(&ben, "Waizant Web").await;
        browser::goes_through(&ben.link_of("Open Waizant Web")).await;
        world.passes(minutes(15) - SECOND).await;
        ben.sees().await;
        assert_eq!(world.sandbox.shop.links()[0].state, LinkState::Used);
        world.passes(SECOND).await;
        ben.sees().await;
        assert_eq!(world.sandbox.shop.links()[0].state, LinkState::Revoked);
    })
    .await;
}

#[tokio::test]
async fn changed_role_closes_session_before_customer_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.core.set_role("eco-casa-luz", JULIA, "member").await.unwrap();
        ben.presses("Send code").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the customer's role in the ecosystem has changed.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert!(world.sandbox.mail.for_address(JULIA).is_empty());
        assert_eq!(world.newest_close().await, r#"closed {"why":"role_changed"}"#);
    })
    .await;
}

#[tokio::test]
async fn suspended_customer_closes_session_at_resend_and_action() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        world.passes(minutes(1)).await;
        world.sandbox.core.set_status(JULIA, "suspended").await.unwrap();
        ben.presses("Resend").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:01 UTC): the customer is no longer active in Waizant.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);

        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        world.sandbox.core.remove_user("tom@example.com").await.unwrap();
        assert!(
            opens(&ben, "Waizant Web")
                .await
                .contains("the customer is no longer active in Waizant")
        );
        assert!(world.sandbox.shop.links().is_empty());
    })
    .await;
}

#[tokio::test]
async fn changed_address_receives_the_customer_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.core.set_email(JULIA, "julia.new@example.com").await.unwrap();
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia.new@example.com").as_str()]).await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("julia.new\\@example.com"),
            "the function used the new address, and Core was read again: {seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn changed_address_is_shown_masked_before_the_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.core.set_email(JULIA, "peña@new.example.net").await.unwrap();
        world.sandbox.aws.faults().next("cs-otp-send", 1, &Fault::refuse("UNAVAILABLE"));
        ben.presses("Send code").await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("goes to p•••\\@n•••.net") && panel.contains("[Send code]"),
            "{panel}"
        );
    })
    .await;
}

#[tokio::test]
async fn agents_mailbox_gets_no_customer_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.core.set_email(JULIA, "ben+julia@waizant.example").await.unwrap();
        ben.presses("Send code").await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("That is your own address") && panel.contains("[Cancel]"),
            "{panel}"
        );
        assert!(panel.contains("goes to b•••\\@w•••.example"), "{panel}");

        world.sandbox.core.set_email("ben+julia@waizant.example", JULIA).await.unwrap();
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("[Resend (off)]"));
        world.passes(minutes(1)).await;
        world.sandbox.core.set_email(JULIA, "BEN@waizant.example").await.unwrap();
        ben.presses("Resend").await;
        assert!(ben.sees().await.contains("That is your own address"));
        let mails = world.sandbox.aws.calls_of("cs-otp-send");
        assert_eq!(mails.len(), 2, "the agent's code, and one to the customer's address");
    })
    .await;
}

#[tokio::test]
async fn eleventh_access_link_of_a_session_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        // A refusal of the function does not count.
        world.sandbox.aws.faults().next("cs-access", 1, &Fault::refuse("UNAVAILABLE"));
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("The service is busy"));
        for n in 1..=10 {
            ben.presses("Waizant Web").await;
            let seen = ben.sees().await;
            assert!(!seen.contains("ten access links"), "link {n}: {seen}");
            assert_eq!(world.sandbox.shop.links().len(), n);
            // The button of the link becomes the ordinary one again.
            world.passes(minutes(1)).await;
            ben.sees().await;
        }
        ben.presses("Waizant App").await;
        assert!(
            ben.sees().await.contains("This session has opened ten access links, its maximum.")
        );
        assert_eq!(world.sandbox.shop.links().len(), 10);
        assert!(world.trail().await.contains(&r#"refused {"why":"no_links_left"}"#.to_owned()));
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}
