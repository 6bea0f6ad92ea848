//! Cancel: possible at every step after Start, with a reason of 10 to 500 characters.

use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

/// Steps at which a session can be cancelled.
const STEPS: [&str; 5] = ["choosing", "proving_agent", "announcing", "proving_customer", "acting"];

/// Brings a session of Tom's to this step.
async fn reaches(world: &World, who: &Person, step: &str) {
    match step {
        "choosing" => {
            who.types("/support technical email:tom@example.com").await;
            who.presses("Start").await;
        }
        "proving_agent" => world.chooses(who, "tom@example.com", "Casa Luz").await,
        "announcing" => world.proves_agent(who, "tom@example.com", "Casa Luz").await,
        "proving_customer" => {
            world.proves_agent(who, "tom@example.com", "Casa Luz").await;
            who.presses("Send code").await;
        }
        _ => world.verifies(who, "tom@example.com", "Casa Luz").await,
    }
    who.sees().await;
}

#[tokio::test]
async fn cancel_at_every_step_records_the_reason() {
    World::run(async |world| {
        let ben = world.person("ben");
        for step in STEPS {
            reaches(world, &ben, step).await;
            ben.presses("Cancel").await;
            let form = ben.sees().await;
            assert!(form.starts_with("Form \"Submit ends this session\""), "{step}: {form}");
            ben.submits(["The customer hung up"]).await;
            let seen = ben.sees().await;
            assert!(
                seen.contains("This session is closed (10:00 UTC): it was cancelled."),
                "{step}: {seen}"
            );
            let closed = world.newest_close().await;
            let expected = format!(
                r#"closed {{"stage":"{step}","why":"cancelled"}} about {{"reason":"The customer hung up"}}"#
            );
            assert_eq!(closed, expected);
        }
        // The customer is free for another session.
        reaches(world, &ben, "choosing").await;
    })
    .await;
}

#[tokio::test]
async fn found_customer_offers_close_but_not_cancel() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:tom@example.com").await;
        assert!(ben.try_presses(None, "Cancel").await.is_err());
        ben.presses("Close").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Technical Assistance · Session ······
        [Help another customer]
        ");
    })
    .await;
}

#[tokio::test]
async fn retry_prefills_the_refused_reason() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "choosing").await;
        ben.presses("Cancel").await;
        ben.submits(["too short"]).await;
        assert_snapshot!(ben.sees_changes().await, @"
        Why is it being cancelled?
        The reason is too short. Write at least 10 characters.
        [Try again] [Back]
        ");
        ben.presses("Try again").await;
        assert_snapshot!(ben.sees_changes().await, @r#"
        Form "Submit ends this session":
          Why is it being cancelled? <Between 10 and 500 characters> = "too short"
        "#);
        ben.submits(["too short no more"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
    })
    .await;
}

#[tokio::test]
async fn reason_over_500_characters_can_be_shortened() {
    World::run(async |world| {
        let ben = world.person("ben");
        let most = "ñ".repeat(500);
        reaches(world, &ben, "acting").await;
        ben.presses("Cancel").await;
        ben.submits([format!("{most}x").as_str()]).await;
        assert_snapshot!(ben.sees().await, @"
        Why is it being cancelled?
        The reason is too long. Write at most 500 characters.
        [Try again] [Back]
        ");
        ben.presses("Try again").await;
        assert!(ben.sees().await.contains(&format!("{most}x")), "the form keeps the whole text");
        ben.submits([most.as_str()]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
        assert!(world.trail().await.iter().any(|event| event.contains(&format!("\"{most}\""))));
    })
    .await;
}

#[tokio::test]
async fn reason_is_stored_with_addresses_and_codes_masked() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "proving_customer").await;
        let code = world.code_for("tom@example.com");
        ben.presses("Cancel").await;
        ben.submits([format!("tom@example.com (Tom) read {code} to me; call +34 600111222, <b@c.de>").as_str()]).await;
        ben.sees().await;
        assert_snapshot!(world.newest_close().await, @r#"closed {"stage":"proving_customer","why":"cancelled"} about {"reason":"t•••@e•••.com (Tom) read •••••• to me; call +•• •••••••••, <b•••@c•••.de>"}"#);
    })
    .await;
}

#[tokio::test]
async fn stale_cancel_form_cancels_nothing() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "proving_agent").await;
        ben.presses("Cancel").await;
        let old = ben.keep_modal();
        ben.presses("Change ecosystem").await;
        ben.sees().await;
        ben.submits_kept(&old, ["The customer hung up"]).await;
        let seen = ben.sees().await;
        assert!(seen.contains("already done") && seen.contains("Choose the ecosystem"), "{seen}");
    })
    .await;
}
