//! Cancel: at every step from Start on, with a reason that others can understand.

use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

/// The steps at which a session can be cancelled.
const STEPS: [&str; 5] = ["choosing", "proving_agent", "announcing", "proving_customer", "acting"];

/// Brings a session with Tom as far as this step.
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
async fn a_session_can_be_cancelled_at_every_step_and_the_reason_is_kept() {
    World::run(async |world| {
        let ben = world.person("ben");
        for step in STEPS {
            reaches(world, &ben, step).await;
            ben.presses("Cancel").await;
            let form = ben.sees().await;
            assert!(form.starts_with("Form \"Cancel the process\""), "{step}: {form}");
            ben.submits(["The customer hung up"]).await;
            let seen = ben.sees().await;
            assert!(
                seen.contains("This session is closed (10:00 UTC): it was cancelled."),
                "{step}: {seen}"
            );
            let closed = world.trail().await.pop().unwrap();
            let expected = format!(
                r#"closed {{"reason":"The customer hung up","stage":"{step}","why":"cancelled"}}"#
            );
            assert_eq!(closed, expected);
        }
        // Nobody holds the customer any more.
        reaches(world, &ben, "choosing").await;
    })
    .await;
}

#[tokio::test]
async fn before_start_there_is_nothing_to_cancel() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:tom@example.com").await;
        assert!(ben.try_presses(None, "Cancel").await.is_err());
        ben.presses("Close").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn what_was_opened_is_revoked_by_a_cancel() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "acting").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let url = ben.link_of("Open the web");
        ben.presses("Cancel").await;
        ben.submits(["The wrong customer was on the phone"]).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was cancelled.
        Session ······

        Waizant Web
        It ended when the session closed.
        ");
        assert_eq!(crate::browser::looks_at(&url).await.status, 410);
        assert_eq!(world.trail().await.pop().unwrap(), r#"revoked {"outcome":"done","revoked":1}"#);
    })
    .await;
}

#[tokio::test]
async fn a_reason_that_is_too_short_can_be_written_again_at_every_step() {
    World::run(async |world| {
        let ben = world.person("ben");
        for step in STEPS {
            reaches(world, &ben, step).await;
            for reason in ["", "too short", "         ", " 2 short \n  "] {
                ben.presses("Cancel").await;
                let modal = ben.keep_modal();
                ben.dismisses();
                ben.submits_kept(&modal, [reason]).await;
                let seen = ben.sees().await;
                assert!(seen.contains("Write at least 10 characters"), "{step}: {seen}");
                ben.presses("Back").await;
                let seen = ben.sees().await;
                assert!(seen.contains("[Cancel]"), "{step}: {seen}");
            }
            ben.presses("Cancel").await;
            ben.submits(["exactly 10"]).await;
            assert!(ben.sees().await.contains("it was cancelled"));
        }
    })
    .await;
}

#[tokio::test]
async fn try_again_shows_what_was_typed() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "choosing").await;
        ben.presses("Cancel").await;
        ben.submits(["too short"]).await;
        assert_snapshot!(ben.sees().await, @"
        Cancel the process
        The reason is too short. Write at least 10 characters.
        [Try again] [Back]
        ");
        ben.presses("Try again").await;
        assert_snapshot!(ben.sees().await, @r#"
        Form "Cancel the process":
          Why is it being cancelled? <Between 10 and 500 characters> = "too short"
        "#);
        ben.submits(["too short no more"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
    })
    .await;
}

#[tokio::test]
async fn five_hundred_characters_are_taken_and_one_more_is_not_lost() {
    World::run(async |world| {
        let ben = world.person("ben");
        let most = "ñ".repeat(500);
        reaches(world, &ben, "acting").await;
        ben.presses("Cancel").await;
        ben.submits([format!("{most}x").as_str()]).await;
        assert_snapshot!(ben.sees().await, @"
        Cancel the process
        The reason is too long. Write at most 500 characters.
        [Try again] [Back]
        ");
        ben.presses("Try again").await;
        assert!(ben.sees().await.contains(&format!("{most}x")), "all of it is there");
        ben.submits([most.as_str()]).await;
        assert!(ben.sees().await.contains("it was cancelled"));
        assert!(world.trail().await.iter().any(|event| event.contains(&format!("\"{most}\""))));
    })
    .await;
}

#[tokio::test]
async fn addresses_and_codes_in_a_reason_are_masked() {
    World::run(async |world| {
        let ben = world.person("ben");
        reaches(world, &ben, "proving_customer").await;
        let code = world.code_for("tom@example.com");
        ben.presses("Cancel").await;
        ben.submits([format!("tom@example.com (Tom) read {code} to me; call +34 600111222, <b@c.de>").as_str()]).await;
        ben.sees().await;
        assert_snapshot!(world.trail().await.pop().unwrap(), @r#"closed {"reason":"t•••@e•••.com (Tom) read •••••• to me; call +•• •••••••••, <b•••@c•••.de>","stage":"proving_customer","why":"cancelled"}"#);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_was_left_open_cancels_nothing_after_a_move() {
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
