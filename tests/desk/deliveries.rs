//! The mails of codes: the panel follows what becomes of them, without a click.

use std::time::Duration;

use commands::model::time::minutes;
use functions::contract::DeliveryReason;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::aws::lambda::MAIL_QUESTION;
use sandbox::mail::Mail;
use sandbox::mail_outcome::MailOutcome;

use crate::linking::OLGA;
use crate::person::TestPerson;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const GONE: MailOutcome = MailOutcome::Bounced(DeliveryReason::NoSuchMailbox);

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Returns the keys of the questions about mails so far, without their session.
fn questions(world: &World) -> Vec<String> {
    let questions = world.sandbox.aws.calls_of(MAIL_QUESTION).into_iter();
    let key = |key: &str| key.split_once(':').unwrap().1.to_owned();
    questions.map(|call| key(&call.request_id.unwrap())).collect()
}

/// Returns the events of the trail about the mails of codes.
async fn events(world: &World) -> Vec<String> {
    let kinds = ["code_delivered ", "code_late ", "code_bounced ", "code_complained "];
    let is_ours = |event: &String| kinds.iter().any(|kind| event.starts_with(kind));
    world.trail().await.into_iter().filter(is_ours).collect()
}

/// Mails a code to the customer, whose mail service reports nothing by itself. Returns the mail.
async fn mails_customer(world: &World, who: &TestPerson) -> Mail {
    world.sandbox.mail.set_outcome(JULIA, None);
    world.proves_agent(who, JULIA, "Casa Luz").await;
    who.presses("Send code").await;
    who.sees_changes().await;
    world.sandbox.mail.for_address(JULIA).pop().unwrap()
}

#[tokio::test]
async fn panel_follows_a_mail_that_is_late_and_then_taken() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mail = mails_customer(world, &ben).await;
        let before = world.count("select count(*) from sessions where next_at > 0").await;
        world.passes(seconds(59)).await;
        assert_eq!(ben.sees().await, "", "no state has changed");
        world.passes(seconds(1)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC.

        ⏳ Still on its way after a minute. Ask them to look into spam. A new code can be sent now.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend] [Cancel]
        ");
        world.sandbox.aws.report(&mail, MailOutcome::Delivered).await;
        world.sandbox.aws.report(&mail, MailOutcome::Delayed).await;
        world.passes(minutes(2)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC. The mail server took it at 10:01 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend] [Cancel]
        ");
        assert_eq!(world.count("select count(*) from sessions where next_at > 0").await, before);
        assert_snapshot!(events(world).await.join("\n"), @r#"
        code_late {"kind":"no_news","nth":1,"purpose":"customer_consent","seconds":60}
        code_delivered {"nth":1,"purpose":"customer_consent","seconds":60}
        "#);
        assert_snapshot!(questions(world).join("\n"), @"
        status:customer_consent:1:1
        status:customer_consent:1:2
        status:customer_consent:1:3
        status:customer_consent:1:4
        status:customer_consent:1:5
        ");
        world.passes(minutes(5)).await;
        assert_eq!(questions(world).len(), 5, "five questions at most");
    })
    .await;
}

#[tokio::test]
async fn missing_mailbox_ends_the_questions_and_turns_resend_off() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mail = mails_customer(world, &ben).await;
        world.sandbox.aws.report(&mail, MailOutcome::Delivered).await;
        world.passes(seconds(5)).await;
        assert!(ben.sees().await.contains("The mail server took it at 10:00 UTC."));
        world.sandbox.aws.report(&mail, GONE).await;
        world.sandbox.aws.report(&mail, MailOutcome::Delivered).await;
        world.passes(seconds(10)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        - Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC.
        + 📭 The mailbox j•••\@e•••.com does not take the code (no such mailbox). Do not take another address from the caller: an address is changed through Waizant's own process only.
        …
        ");
        world.passes(minutes(4)).await;
        assert!(!ben.sees().await.contains("[Resend]"), "it stays off after the wait");
        assert_eq!(questions(world).len(), 2, "a bounce is final");
        // It may have arrived before the mail server returned it.
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        assert!(ben.sees().await.contains("4 of 4"));
    })
    .await;
}

#[tokio::test]
async fn demo_customers_have_mails_that_are_returned_and_late() {
    World::run(async |world| {
        let ben = world.person("ben");
        for (customer, ecosystem, outcome, age, shown) in [
            ("iris@example.com", "Vogel Studio", GONE, 5, "not take the code (no such mailbox)"),
            (
                "hugo@example.com",
                "Panadería Ferrer",
                MailOutcome::Delayed,
                60,
                "⏳ Still on its way",
            ),
        ] {
            ben.types(&format!("/support technical email:{customer}")).await;
            ben.presses(&format!("Start verification for {ecosystem}")).await;
            ben.presses("Enter code").await;
            ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
            ben.presses("Send code").await;
            ben.sees().await;
            world.passes(seconds(age)).await;
            let seen = ben.sees().await;
            assert!(seen.contains(shown), "{seen}");
            let mails = world.sandbox.mail.for_address(customer);
            assert_eq!(mails[0].outcome, Some(outcome));
            ben.presses("Cancel").await;
            ben.submits(["The mail does not arrive."]).await;
            ben.sees().await;
        }
    })
    .await;
}

#[tokio::test]
async fn report_keeps_an_open_form_and_the_generation() {
    World::run(async |world| {
        let ben = world.person("ben");
        let mail = mails_customer(world, &ben).await;
        ben.presses("Enter code").await;
        world.sandbox.aws.report(&mail, MailOutcome::Complained).await;
        world.passes(seconds(5)).await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        assert!(ben.sees().await.contains("4 of 4"), "the form is of the newest panel");
        assert_snapshot!(events(world).await.join("\n"), @r#"code_complained {"nth":1,"purpose":"customer_consent","seconds":0}"#);
        world.passes(minutes(4)).await;
        assert_eq!(questions(world).len(), 1, "the code was used");
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn failed_question_changes_nothing() {
    for fault in [Fault::FunctionError, Fault::Garbage, Fault::refuse("NOT_FOUND")] {
        World::run(async |world| {
            let ben = world.person("ben");
            let mail = mails_customer(world, &ben).await;
            world.sandbox.aws.report(&mail, MailOutcome::Delivered).await;
            world.sandbox.aws.faults().always(MAIL_QUESTION, fault.clone());
            world.passes(seconds(59)).await;
            assert_eq!(ben.sees().await, "", "{fault:?}");
            world.sandbox.aws.faults().clear(MAIL_QUESTION);
            world.passes(seconds(1)).await;
            assert!(ben.sees().await.contains("The mail server took it"), "{fault:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn closed_session_and_restart_end_the_questions() {
    World::run(async |world| {
        let ben = world.person("ben");
        mails_customer(world, &ben).await;
        world.passes(seconds(5)).await;
        world.restarts().await;
        world.passes(minutes(2)).await;
        ben.sees().await;
        assert_eq!(questions(world), ["status:customer_consent:1:1"]);
        ben.presses("Resend").await;
        world.passes(seconds(15)).await;
        ben.presses("Cancel").await;
        ben.submits(["The customer hung up."]).await;
        world.passes(minutes(4)).await;
        ben.sees().await;
        let asked = ["customer_consent:1:1", "customer_consent:2:1", "customer_consent:2:2"];
        assert_eq!(questions(world), asked.map(|key| format!("status:{key}")));
    })
    .await;
}

#[tokio::test]
async fn link_code_is_never_asked_about() {
    World::run(async |world| {
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        world.sandbox.mail.set_outcome(OLGA, Some(GONE));
        world.passes(minutes(2)).await;
        olga.presses("Resend").await;
        world.passes(minutes(4)).await;
        olga.sees().await;
        assert!(questions(world).is_empty());
        assert!(events(world).await.is_empty());
    })
    .await;
}
