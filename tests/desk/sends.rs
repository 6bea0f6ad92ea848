//! How often codes are mailed: a minute apart, three a session, ten a day.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::{Alteration, Fault};
use sandbox::clock::Clock as _;
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
async fn another_code_can_be_sent_after_sixty_seconds_and_not_before() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(1) - SECOND).await;
        assert_snapshot!(resends(&ben).await, @r"
        Technical Assistance
        ⚠️ A new code can be sent in 1 second.

        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:10 UTC (in 9 minutes).

        2 more codes can be sent. A new one can be sent in 1 second.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Change ecosystem] [Cancel]
        ");
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1);
        world.passes(SECOND).await;
        let first = world.code_for(BEN);
        assert_snapshot!(resends(&ben).await, @r"
        Technical Assistance
        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:11 UTC (in 10 minutes).

        1 more code can be sent. A new one can be sent in 1 minute.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Change ecosystem] [Cancel]
        ");
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2);

        // The newer one voids the older.
        assert_ne!(first, world.code_for(BEN), "the sandbox draws another (one in a million it does not)");
        ben.presses("Enter code").await;
        ben.submits([first.as_str()]).await;
        assert!(ben.sees().await.contains("That code is not correct"));
    })
    .await;
}

#[tokio::test]
async fn the_customers_codes_wait_likewise() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        world.passes(minutes(1) - SECOND).await;
        assert!(resends(&ben).await.contains("A new code can be sent in 1 second"));
        world.passes(SECOND).await;
        assert!(resends(&ben).await.contains("1 more code can be sent"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_longer_wait_of_the_function_counts_and_a_shorter_one_does_not() {
    World::run(async |world| {
        let ben = world.person("ben");
        let faults = world.sandbox.aws.faults();
        faults.next("cs-otp-send", 1, &Fault::Alter(Alteration::ResendAfter(90)));
        faults.next("cs-otp-send", 1, &Fault::Alter(Alteration::ResendAfter(0)));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(Duration::from_secs(89)).await;
        assert!(resends(&ben).await.contains("A new code can be sent in 1 second"));
        world.passes(SECOND).await;
        assert!(resends(&ben).await.contains("A new one can be sent in 1 minute"));
        world.passes(minutes(1) - SECOND).await;
        assert!(resends(&ben).await.contains("A new code can be sent in 1 second"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_code_that_the_function_lets_expire_sooner_does_and_later_does_not() {
    World::run(async |world| {
        let ben = world.person("ben");
        let in_minutes =
            |n: u64| world.clock.now() + i64::try_from(minutes(n).as_millis()).unwrap();
        let faults = world.sandbox.aws.faults();
        faults.next("cs-otp-send", 1, &Fault::Alter(Alteration::ExpiresAt(in_minutes(5))));
        faults.next("cs-otp-send", 1, &Fault::Alter(Alteration::ExpiresAt(in_minutes(60))));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(5)).await;
        ben.presses("Enter code").await;
        assert!(ben.sees().await.contains("That code has expired"));
        assert!(resends(&ben).await.contains("It is valid until 10:15 UTC (in 10 minutes)"));
    })
    .await;
}

#[tokio::test]
async fn the_third_send_is_the_last_and_when_it_expires_only_cancel_is_left() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(1)).await;
        resends(&ben).await;
        let resend = ben.keep("Resend").custom_id().to_owned();
        world.passes(minutes(1)).await;
        assert_snapshot!(resends(&ben).await, @r"
        Technical Assistance
        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:12 UTC (in 10 minutes).

        No more codes can be sent.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend (off)] [Change ecosystem] [Cancel]
        ");

        // With the newest generation, as a tampered client could.
        let generation = |id: &str| id.split('.').nth(2).unwrap().to_owned();
        let newest = generation(ben.keep("Enter code").custom_id());
        world.passes(minutes(1)).await;
        ben.forges(&resend.replace(&format!(".{}.", generation(&resend)), &format!(".{newest}."))).await;
        assert!(ben.sees().await.contains("All three codes of this verification were sent"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 3);

        world.passes(minutes(9)).await;
        ben.presses("Enter code").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⚠️ That code has expired. No attempt was used.

        **Step 1 of 2: internal verification**

        The code that was mailed to you has expired.

        No more codes can be sent.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code (off)] [Resend (off)] [Change ecosystem (off)] [Cancel]
        ");
        ben.presses("Cancel").await;
        ben.submits(["No code ever arrived"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
    })
    .await;
}

#[tokio::test]
async fn ten_codes_a_day_are_mailed_to_a_customer() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        // The first at 10:00, nine more in the half hour after it: three, three, three and one.
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
        Technical Assistance
        ⚠️ Too many codes were mailed to this address today. You can send the next one in 24 hours.

        **Step 2 of 2: customer verification**

        A code was mailed to the **customer**, at j•••\@e•••.com. It is valid until 10:16 UTC (in 9 minutes). Ask the customer to read it out.

        2 more codes can be sent.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Cancel]
        ");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 10);
        eva.presses("Cancel").await;
        eva.submits(["Too many codes today"]).await;
        eva.sees().await;

        // A rolling day after the first.
        let day = minutes(24 * 60);
        world.leaps_until(day - SECOND).await;
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("You can send the next one in 1 second"));
        world.passes(SECOND).await;
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 11);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_mailed_is_not_counted() {
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
        Technical Assistance
        **Step 2 of 2: customer verification**

        A code was mailed to the **customer**, at j•••\@e•••.com. It is valid until 10:10 UTC (in 10 minutes). Ask the customer to read it out.

        2 more codes can be sent. A new one can be sent in 1 minute.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Cancel]
        ");
    })
    .await;
}
