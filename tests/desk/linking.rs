//! Linking a Discord account to a BackOffice account: code, limits, and equal answers.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::seed::{AGENT_ROLE_ID, LEADS_CHANNEL_ID};

use crate::codes::enters;
use crate::world::World;

pub const OLGA: &str = "olga@waizant.example";
/// Address without an account. Its masked form equals that of Olga's.
pub const NOBODY: &str = "odin@waizant.example";

pub fn mails(world: &World, address: &str) -> usize {
    world.sandbox.mail.for_address(address).len()
}

#[tokio::test]
async fn correct_code_links_the_account() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        assert_snapshot!(olga.sees_changes().await, @r"
        The code from your mail
        If o•••\@w•••.example is the address of a BackOffice account that can give support, a code is on its way to it. Enter it before 10:10 UTC.
        Link your BackOffice account · Session ······
        [Enter code] [Resend (off)] [Close]
        ");
        olga.presses("Enter code").await;
        assert_snapshot!(olga.sees_changes().await, @r#"
        Form "Link your BackOffice account":
          Code mailed to o•••@w•••.example <123456>
        "#);
        let form = olga.keep_modal();
        olga.submits([world.code_for(OLGA).as_str()]).await;
        assert_snapshot!(olga.sees_changes().await, @"
        ✅ Your account is linked
        Your Discord account is linked to the BackOffice account of **Olga Novak**. A notice was mailed to its address.
        Link your BackOffice account · Session ······
        ");
        let kinds: Vec<MailKind> = world.sandbox.mail.for_address(OLGA).into_iter().map(|mail| mail.kind).collect();
        assert_eq!(kinds, [MailKind::LinkCode, MailKind::AccountLinked]);

        world.verifies(&olga, "tom@example.com", "Casa Luz").await;
        olga.presses("Finish").await;
        olga.sees().await;

        olga.submits_kept(&form, [world.code_for(OLGA).as_str()]).await;
        assert!(olga.sees().await.contains("is linked to the BackOffice account of **Olga Novak**"));
        assert_eq!(mails(world, OLGA), 3, "link code, notice, and the code of the session: no second notice");
        olga.types(&format!("/account link email:{OLGA}")).await;
        assert_snapshot!(olga.sees_changes().await, @"Your Discord account is already linked to o•••@w•••.example. A lead can remove that link.");
    })
    .await;
}

#[tokio::test]
async fn account_without_name_is_refused_after_right_code() {
    World::run(async |world| {
        // Cognito returns an empty attribute, and the user name is an identifier.
        world.sandbox.aws.set_name(OLGA, "");
        let olga = world.person("olga");
        let asks = format!("/account link email:{OLGA}");
        olga.types(&asks).await;
        let panel = olga.sees().await;
        assert!(panel.contains("a code is on its way to it"), "the same panel as for any address");
        assert!(!world.sandbox.mail.for_address(OLGA)[0].text.contains("backoffice-olga"));
        olga.presses("Enter code").await;
        olga.submits([world.code_for(OLGA).as_str()]).await;
        assert_snapshot!(olga.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the BackOffice account has no name, which the mails to customers need. Ask an administrator to add it, then link the account again.
        Link your BackOffice account · Session ······
        ");
        assert_eq!(world.count("select count(*) from account_links where name like '%lga%'").await, 0);

        world.sandbox.aws.set_name(OLGA, "Olga Novak");
        world.passes(minutes(1)).await;
        olga.types(&asks).await;
        olga.sees().await;
        olga.presses("Enter code").await;
        olga.submits([world.code_for(OLGA).as_str()]).await;
        assert!(olga.sees().await.contains("is linked to the BackOffice account of **Olga Novak**"));
    })
    .await;
}

#[tokio::test]
async fn name_of_the_link_replaces_a_lost_one() {
    World::run(async |world| {
        world.sandbox.aws.set_name("ben@waizant.example", "");
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        let mail = world.sandbox.mail.for_address("tom@example.com").remove(0);
        assert!(mail.text.contains("Ben Carter"), "{}", mail.text);
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn code_typed_before_the_send_ends_costs_nothing() {
    for address in [OLGA, NOBODY] {
        World::run(async |world| {
            let olga = world.person("olga");
            let faults = world.sandbox.aws.faults();
            // The function mails at once and answers late.
            faults.next("cs-otp-send", 1, &Fault::HangAfterWork);
            olga.types(&format!("/account link email:{address}")).await;
            faults.worked("cs-otp-send", 1).await;
            let code = world.sandbox.mail.last_code_for(address);
            let code = code.as_deref().unwrap_or("000000");
            for _ in 0..3 {
                olga.presses("Enter code").await;
                olga.submits([code]).await;
                let seen = olga.reads();
                assert!(
                    seen.contains(
                        "The code is still being sent. Wait a moment, then enter it again."
                    ),
                    "{address}: {seen}"
                );
            }
            assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 0, "{address}");
            faults.release("cs-otp-send");
            olga.sees().await;
            let seen = enters(&olga, code).await;
            let expected = if address == OLGA {
                "is linked to the BackOffice account of **Olga Novak**"
            } else {
                "That code is not correct. 4 attempts left."
            };
            assert!(seen.contains(expected), "{address}: {seen}");
            let calls =
                ["AdminGetUser", "cs-otp-send"].map(|name| world.sandbox.aws.calls_of(name).len());
            assert_eq!(calls[1], 1, "{address}: {calls:?}");
            let twice =
                "select count(*) from limit_uses where kind = 'link_mails' and times like '%,%'";
            assert_eq!(world.count(twice).await, 0, "{address}: one mail is counted");
        })
        .await;
    }
}

#[tokio::test]
async fn linked_agent_is_refused_for_any_address() {
    World::run(async |world| {
        let ben = world.person("ben");
        for address in [OLGA, NOBODY] {
            ben.types(&format!("/account link email:{address}")).await;
            let sentence = "Your Discord account is already linked to b•••@w•••.example. A lead can remove that link.";
            assert_eq!(ben.sees().await, sentence);
        }
        assert_eq!((world.sandbox.aws.calls().len(), world.sandbox.mail.all().len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn malformed_address_costs_no_request() {
    World::run(async |world| {
        let olga = world.person("olga");
        for typed in [
            "olga",
            "olga@",
            "olga@waizant",
            "o'lga\"@waizant.example",
            "a@b@waizant.example",
            "<@1200000000000000103>",
        ] {
            olga.types(&format!("/account link email:{typed}")).await;
            assert_eq!(
                olga.sees().await,
                "That is not a valid e-mail address. Use the form `name@company.com`.\n[Try another address]",
                "{typed}"
            );
        }
        assert_eq!(world.sandbox.aws.calls().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn sixth_request_within_an_hour_is_refused() {
    World::run(async |world| {
        let olga = world.person("olga");
        let asks = async |letter: char| olga.types(&format!("/account link email:{letter}@waizant.example")).await;
        for letter in ['a', 'b', 'c', 'd'] {
            asks(letter).await;
        }
        world.passes(minutes(1)).await;
        olga.presses("Resend").await;
        assert!(olga.sees().await.contains("is on its way to it"), "the resend is the fifth request");

        asks('e').await;
        assert_snapshot!(olga.sees().await, @"You have requested an account link too often. Try again in 59 minutes.");
        world.passes_until(minutes(60) - Duration::from_secs(1)).await;
        olga.sees().await;
        asks('e').await;
        assert_eq!(olga.sees().await, "You have requested an account link too often. Try again in 1 second.");
        world.passes(Duration::from_secs(1)).await;
        asks('e').await;
        assert!(olga.sees().await.contains("is on its way to it"), "the first request has left the window");
    })
    .await;
}

#[tokio::test]
async fn address_gets_three_mails_an_hour() {
    World::run(async |world| {
        let (olga, sam) = (world.person("olga"), world.person("sam"));
        sam.set_roles(&[AGENT_ROLE_ID]);
        let asks = async |who: &Person| {
            who.types(&format!("/account link email:{OLGA}")).await;
            let seen = who.sees().await;
            // Each request has a session of its own.
            seen.lines().filter(|line| !line.contains("Session")).collect::<Vec<_>>().join("\n")
        };
        let first = asks(&sam).await;
        for who in [&sam, &sam, &sam, &olga] {
            assert_eq!(asks(who).await, first);
        }
        assert_eq!(mails(world, OLGA), 3);
        world.passes_until(minutes(60)).await;
        sam.sees().await;
        olga.sees().await;
        asks(&olga).await;
        assert_eq!(mails(world, OLGA), 4, "the first mail has left the window");
    })
    .await;
}

#[tokio::test]
async fn second_correct_code_for_linked_account_is_refused() {
    World::run(async |world| {
        let (olga, sam) = (world.person("olga"), world.person("sam"));
        sam.set_roles(&[AGENT_ROLE_ID]);
        sam.types(&format!("/account link email:{OLGA}")).await;
        sam.sees().await;
        let sams = world.code_for(OLGA);
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        olga.presses("Enter code").await;
        olga.submits([world.code_for(OLGA).as_str()]).await;
        olga.sees().await;
        sam.presses("Enter code").await;
        sam.submits([sams.as_str()]).await;
        assert_snapshot!(sam.sees().await, @"
        Session closed
        ⚠️ The code is correct, but one of the two accounts was linked to another account in the meantime. A lead can remove that link.

        This session is closed (10:00 UTC): it was dismissed.
        Link your BackOffice account · Session ······
        ");
        sam.types("/support technical email:tom@example.com").await;
        assert!(sam.sees().await.contains("not linked"));
        let notices = world.sandbox.mail.for_address(OLGA).into_iter().filter(|mail| mail.kind == MailKind::AccountLinked);
        assert_eq!(notices.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn five_wrong_codes_lock_out_the_discord_account() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        for left in ["4 attempts", "3 attempts", "2 attempts", "1 attempt"] {
            assert!(enters(&olga, &world.wrong_code_for(OLGA)).await.contains(&format!("That code is not correct. {left} left.")));
        }
        olga.presses("Enter code").await;
        olga.submits([world.wrong_code_for(OLGA).as_str()]).await;
        assert_snapshot!(olga.sees_changes().await, @"
        Session closed
        This session is closed (10:00 UTC): the agent's code was wrong too many times.
        Link your BackOffice account · Session ······
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        🟠 Warning · Five wrong codes
        Too many wrong codes while **linking an account**. The session is closed.

        Agent <@1200000000000000103> · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
        olga.types(&format!("/account link email:{OLGA}")).await;
        assert_snapshot!(olga.sees_changes().await, @"Your own verification is locked because of too many wrong codes. Try again in 15 minutes.");
        world.passes(minutes(15)).await;
        olga.types(&format!("/account link email:{OLGA}")).await;
        assert!(olga.sees().await.contains("is on its way to it"));
    })
    .await;
}

#[tokio::test]
async fn link_panel_supports_stay_resume_and_close() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        world.passes(minutes(12)).await;
        assert_snapshot!(olga.sees_changes().await, @"
        The code from your mail
        ⏳ There is no recent activity. This session closes in 3 minutes.

        If a code was sent, it has expired. Press Resend for a new one.
        Link your BackOffice account · Session ······
        [Stay]
        [Enter code (off)] [Resend] [Close]
        ");
        olga.presses("Stay").await;
        assert_snapshot!(olga.sees_changes().await, @"
        The code from your mail
        If a code was sent, it has expired. Press Resend for a new one.
        Link your BackOffice account · Session ······
        [Enter code (off)] [Resend] [Close]
        ");
        world.passes(minutes(15) - Duration::from_secs(15)).await;
        assert_snapshot!(olga.sees_changes().await, @"
        Link your BackOffice account
        This session closes at 10:27 UTC (in 15 seconds) because there is no activity. Press Resume to continue. After that time the request is lost.
        [Resume]
        ");
        olga.presses("Resume").await;
        olga.sees().await;
        olga.presses("Close").await;
        assert_snapshot!(olga.sees_changes().await, @"
        Session closed
        This session is closed (10:26 UTC): it was dismissed.
        Link your BackOffice account · Session ······
        ");
    })
    .await;
}
