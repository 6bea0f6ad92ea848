//! Mails with a link code that fail or must wait, and an account that changes during the wait.

use std::time::Duration;

use commands::model::time::minutes;
use sandbox::aws::Fault;

use crate::codes::enters;
use crate::linking::{NOBODY, OLGA, mails};
use crate::world::World;

/// Longest wait of the AWS SDK before it retries.
const SDK_RETRY: Duration = Duration::from_secs(1);

#[tokio::test]
async fn lost_answer_to_a_send_is_asked_for_again() {
    for address in [OLGA, NOBODY] {
        World::run(async |world| {
            let olga = world.person("olga");
            // Both attempts of the SDK work, and their answers are lost.
            world.sandbox.aws.faults().next("cs-otp-send", 2, &Fault::CutAfterWork);
            olga.types(&format!("/account link email:{address}")).await;
            world.with_moving_clock(SDK_RETRY, olga.sees()).await;
            let code = world.sandbox.mail.last_code_for(address);
            let code = code.as_deref().unwrap_or("000000");
            world.sandbox.aws.faults().always("cs-otp-send", Fault::FunctionError);
            let seen = enters(&olga, code).await;
            assert!(seen.contains("The code is still being sent."), "{address}: {seen}");
            assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 0, "{address}");

            world.sandbox.aws.faults().clear_all();
            world.passes(minutes(2)).await;
            olga.sees().await;
            let seen = enters(&olga, code).await;
            let expected = if address == OLGA {
                "is linked to the BackOffice account of **Olga Novak**"
            } else {
                "That code is not correct. 4 attempts left."
            };
            assert!(seen.contains(expected), "{address}: {seen}");
            let sends = world.sandbox.aws.calls_of("cs-otp-send");
            assert!(sends.iter().all(|send| send.request_id == sends[0].request_id), "{address}");
            let twice =
                "select count(*) from limit_uses where kind = 'link_mails' and times like '%,%'";
            assert_eq!(world.count(twice).await, 0, "{address}: one mail is counted");
        })
        .await;
    }
}

#[tokio::test]
async fn send_that_must_wait_keeps_the_older_code() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        let first = world.code_for(OLGA);
        world.passes(minutes(1)).await;
        let wait = Fault::Refuse { code: "RATE_LIMITED".to_owned(), retry_after_s: Some(2) };
        world.sandbox.aws.faults().next("cs-otp-send", 1, &wait);
        olga.presses("Resend").await;
        olga.sees().await;
        assert!(enters(&olga, "12345").await.contains("six digits"));
        assert_eq!(mails(world, OLGA), 1, "a click does not repeat the call before its time");
        world.passes(Duration::from_secs(2)).await;
        olga.sees().await;
        assert_eq!(mails(world, OLGA), 2, "the call is repeated after the wait");
        assert!(enters(&olga, &first).await.contains("That code is not correct."));
        assert!(enters(&olga, &world.code_for(OLGA)).await.contains("is linked to"));
    })
    .await;
}

#[tokio::test]
async fn account_disabled_since_the_mail_is_not_linked() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        world.sandbox.aws.set_enabled(OLGA, false);
        world.passes(minutes(2)).await;
        let seen = enters(&olga, &world.code_for(OLGA)).await;
        assert!(seen.contains("Session closed") && seen.contains("disabled"), "{seen}");
        assert_eq!(
            world.count("select count(*) from account_links where name like '%lga%'").await,
            0
        );
    })
    .await;
}
