//! Limits of mailed codes: 60 seconds apart, three a session and purpose, and a number a day.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::{Alteration, Fault};
use sandbox::discord::Person;

use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

/// Presses Resend and reads the panel.
async fn resends(who: &Person) -> String {
    who.presses("Resend").await;
    who.sees().await
}

#[tokio::test]
async fn resend_is_refused_for_sixty_seconds() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.sees().await;
        world.passes(minutes(1) - SECOND).await;
        assert!(ben.sees().await.contains("[Resend (off)]"), "59 s");
        assert!(ben.try_presses(None, "Resend").await.is_err());
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1);
        world.passes(SECOND).await;
        assert!(ben.sees().await.contains("[Resend]"), "the clock has enabled it");
        let first = world.code_for(BEN);
        ben.presses("Resend").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        2 of 4 · Your own code
        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:11 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2);

        // The new code voids the older one.
        assert_ne!(
            first,
            world.code_for(BEN),
            "codes are random: one in a million runs fails here"
        );
        ben.presses("Enter code").await;
        ben.submits([first.as_str()]).await;
        assert!(ben.sees().await.contains("That code is not correct"));
    })
    .await;
}

#[tokio::test]
async fn longer_wait_of_function_is_kept() {
    World::run(async |world| {
        let ben = world.person("ben");
        let longer = Fault::Alter(Alteration::ResendAfter(90));
        world.sandbox.aws.faults().next("cs-otp-send", 1, &longer);
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(Duration::from_secs(89)).await;
        assert!(ben.try_presses(None, "Resend").await.is_err());
        world.passes(SECOND).await;
        assert!(!resends(&ben).await.contains("⚠️"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn third_code_is_the_last() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(1)).await;
        resends(&ben).await;
        world.passes(minutes(1)).await;
        let resend = ben.keep("Resend").custom_id().to_owned();
        assert_snapshot!(resends(&ben).await, @r"
        2 of 4 · Your own code
        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:12 UTC.

        This is the last code of this session.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");

        // A tampered client can send the old action with the newest generation.
        let generation = |id: &str| id.split('.').nth(2).unwrap().to_owned();
        let newest = generation(ben.keep("Enter code").custom_id());
        world.passes(minutes(1)).await;
        ben.forges(&resend.replace(&format!(".{}.", generation(&resend)), &format!(".{newest}.")))
            .await;
        assert!(ben.sees().await.contains("All three codes of this verification were sent"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 3);

        world.passes(minutes(9)).await;
        ben.presses("Enter code").await;
        assert_snapshot!(ben.sees().await, @r"
        2 of 4 · Your own code
        ⚠️ That code has expired. No attempt was used.

        No code of this session is valid, and no more can be mailed. Cancel and start again.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend (off)] [Cancel]
        [Change ecosystem (off)]
        ");
        ben.presses("Cancel").await;
        ben.submits(["No code ever arrived"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
    })
    .await;
}

#[tokio::test]
async fn customer_gets_ten_codes_a_day() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        // Ten codes within half an hour, in four sessions: three, three, three and one.
        for (who, codes) in [(&ben, 3), (&eva, 3), (&ben, 3), (&eva, 1)] {
            world.proves_agent(who, JULIA, "Casa Luz").await;
            who.presses("Send code").await;
            for _ in 1..codes {
                world.passes(minutes(1)).await;
                resends(who).await;
            }
            who.sees().await;
            if codes == 3 {
                who.presses("Cancel").await;
                who.submits(["The code does not arrive"]).await;
                who.sees().await;
            }
        }
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 10);
        world.passes(minutes(1)).await;
        assert_snapshot!(resends(&eva).await, @r"
        3 of 4 · The customer's code
        ⚠️ 10 codes were mailed to this customer in 24 hours, the daily limit of a customer. You can send the next one in 24 hours.

        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:16 UTC. The mail server took it at 10:06 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend] [Cancel]
        ");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 10);
        eva.presses("Cancel").await;
        eva.submits(["Too many codes today"]).await;
        eva.sees().await;

        // The first code leaves the window after 24 hours.
        let day = minutes(24 * 60);
        world.leaps_until(day - SECOND).await;
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("You can send the next one in 1 second"));
        world.passes(SECOND).await;
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 11);
    })
    .await;
}

#[tokio::test]
async fn agent_gets_sixty_own_codes_a_day() {
    World::run(async |world| {
        let ben = world.person("ben");
        // One code in each session, one session in each quarter of an hour.
        for n in 0..60 {
            world.leaps_until(minutes(15 * n)).await;
            world.chooses(&ben, JULIA, "Casa Luz").await;
            ben.presses("Cancel").await;
            ben.submits(["The customer has hung up"]).await;
            ben.sees().await;
        }
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 60);
        world.leaps_until(minutes(15 * 60)).await;
        ben.types(&format!("/support technical email:{JULIA}")).await;
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("60 codes were mailed to you in 24 hours, the daily limit of an agent. You can send the next one in 9 hours."),
            "{seen}"
        );
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 60);
    })
    .await;
}

#[tokio::test]
async fn undelivered_code_is_refunded() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.sandbox.mail.set_bouncing(JULIA, true);
        for _ in 0..12 {
            ben.presses("Send code").await;
            assert!(ben.sees().await.contains("could not be delivered"));
        }
        world.sandbox.mail.set_bouncing(JULIA, false);
        ben.presses("Send code").await;
        assert_snapshot!(ben.sees().await, @r"
        3 of 4 · The customer's code
        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        ");
    })
    .await;
}
