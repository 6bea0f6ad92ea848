//! Typed codes: with spaces, malformed, expired, used before.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Submits a code in the form and reads the panel.
pub async fn enters(who: &Person, code: &str) -> String {
    who.presses("Enter code").await;
    who.submits([code]).await;
    who.sees().await
}

#[tokio::test]
async fn code_with_spaces_or_full_width_digits_passes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let code = world.code_for(BEN);
        assert!(enters(&ben, &format!(" {} {} ", &code[..3], &code[3..])).await.contains("3 of 4"));
        ben.presses("Send code").await;
        let wide: String = world
            .code_for(JULIA)
            .chars()
            .map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap())
            .collect();
        assert!(enters(&ben, &wide).await.contains("4 of 4"));
    })
    .await;
}

#[tokio::test]
async fn malformed_code_costs_no_attempt() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        assert_snapshot!(enters(&ben, "12345a").await, @r"
        2 of 4 · Your own code
        ⚠️ A code has six digits. Check it and enter it again. No attempt was used.

        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        for text in [
            "",
            "12345",
            "1234567",
            "letters",
            "１２３",
            "١٢٣٤٥",
            "12345678901234567890",
            "123456 654321",
        ] {
            assert!(enters(&ben, text).await.contains("No attempt was used"), "{text:?}");
        }
        assert!(world.sandbox.aws.calls_of("cs-otp-verify").is_empty());
        assert!(enters(&ben, &world.wrong_code_for(BEN)).await.contains("4 attempts left"));
        assert!(enters(&ben, &world.code_for(BEN)).await.contains("3 of 4"));
    })
    .await;
}

#[tokio::test]
async fn code_expires_after_ten_minutes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(10) - SECOND).await;
        assert!(enters(&ben, &world.code_for(BEN)).await.contains("3 of 4"), "9:59");

        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        let modal = ben.keep_modal();
        ben.sees().await;
        ben.dismisses();
        world.passes(minutes(10)).await;
        ben.submits_kept(&modal, [world.code_for(JULIA).as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        3 of 4 · The customer's code
        ⚠️ That code has expired. No attempt was used.

        The customer's code has expired. Press Resend for a new one.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend] [Cancel]
        ");
        assert_eq!(
            world.sandbox.aws.calls_of("cs-otp-verify").len(),
            1,
            "an expired code is not checked"
        );

        ben.presses("Resend").await;
        ben.sees().await;
        assert!(
            enters(&ben, &world.wrong_code_for(JULIA)).await.contains("4 attempts left"),
            "No attempt was used"
        );
        assert!(enters(&ben, &world.code_for(JULIA)).await.contains("4 of 4"));
    })
    .await;
}

#[tokio::test]
async fn correct_code_works_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        let modal = ben.keep_modal();
        ben.submits([world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("3 of 4"));
        ben.submits_kept(&modal, [world.code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("already done"));
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn code_of_another_session_is_wrong() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let first = world.code_for(BEN);
        world.chooses(&ben, TOM, "Casa Luz").await;
        assert_ne!(
            first,
            world.code_for(BEN),
            "codes are random: one in a million runs fails here"
        );
        assert!(enters(&ben, &first).await.contains("4 attempts left"));
        assert!(enters(&ben, &world.code_for(BEN)).await.contains("3 of 4"));
    })
    .await;
}
