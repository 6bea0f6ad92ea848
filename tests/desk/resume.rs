//! `/support resume`, and looking the same customer up again: the panel of an open session comes
//! back in a newer message.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// The client restarts, and everything ephemeral is gone; the panel comes back.
async fn comes_back(who: &Person, words: &str) {
    who.reloads();
    assert_eq!(who.sees().await, "");
    who.types("/support resume").await;
    let seen = who.sees().await;
    assert!(seen.contains(words), "{words}: {seen}");
}

#[tokio::test]
async fn with_nothing_open_there_is_nothing_to_resume() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @"You have no open session. Start one with `/support technical` or `/support successor`.");
        world.verifies(&world.person("eva"), JULIA, "Casa Luz").await;
        ben.types(LOOK_UP).await;
        ben.presses("Close").await;
        ben.sees().await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."), "neither a closed one nor eva's");
    })
    .await;
}

#[tokio::test]
async fn after_a_client_restart_the_panel_comes_back_wherever_the_session_is() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        comes_back(&ben, "[Start verification process]").await;
        ben.presses("Start").await;
        comes_back(&ben, "Choose an ecosystem").await;
        ben.selects("Casa Luz").await;
        comes_back(&ben, "A code was mailed to **you**").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        comes_back(&ben, "[Send code]").await;
        ben.presses("Send code").await;
        comes_back(&ben, "A code was mailed to the **customer**").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        comes_back(&ben, "[Waizant Store] [Waizant Web] [Waizant App]").await;
        ben.presses("See plan details").await;
        comes_back(&ben, "You and the customer are verified.").await;
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished."));
        assert_eq!(
            (
                world.sandbox.mail.for_address(BEN).len(),
                world.sandbox.mail.for_address(JULIA).len()
            ),
            (1, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn an_older_panel_that_is_still_there_says_that_it_has_moved() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.sees().await;
        // The token that edits the older panel was sealed by the process before.
        world.restarts().await;
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @r"
        This panel has moved to a newer message.

        Technical Assistance
        Ask the customer whether they want help now, then start the verification.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Start verification process] [Close]
        ");
        ben.locale("es-ES");
        ben.types("/support resume").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("[Iniciar verificación]"),
            "the panel speaks as the client does: {seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn of_several_open_sessions_one_is_chosen_and_only_that_one_is_renewed() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Huerta Norte").await;
        world.passes(minutes(1)).await;
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(9)).await;
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @"
        Open sessions
        Choose the session whose panel you want to open.
        <Choose a session: J*** P*** · ······ — Technical Assistance · opened at 10:01 UTC · customer's code not sent yet | T*** B*** · ······ — Technical Assistance · opened at 10:00 UTC · internal verification>
        ");
        ben.selects("J*** P***").await;
        let seen = ben.sees().await;
        assert!(seen.contains("[Send code]") && seen.contains("This panel has moved to a newer message."), "{seen}");

        world.passes(minutes(6)).await;
        let seen = ben.sees().await;
        assert_eq!(seen.matches("[Resume]").count(), 1, "the other one has run out: {seen}");
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("there was no activity for 15 minutes"));
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"), "the chosen one goes on");
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"), "one is drawn at once");
    })
    .await;
}

#[tokio::test]
async fn looking_the_same_customer_up_again_draws_the_open_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.types("/support technical email:JULIA@example.com").await;
        assert_snapshot!(ben.sees().await, @r"
        This panel has moved to a newer message.

        Technical Assistance
        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at j•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Send code] [Change ecosystem] [Cancel]
        ");
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("A code was mailed to the **customer**"));
        let trail = world.trail().await;
        let looked_up: Vec<&String> = trail.iter().filter(|event| event.starts_with("looked_up")).collect();
        assert_eq!(looked_up.len(), 2, "every look-up is counted and written down: {trail:?}");
        assert!(looked_up[1].contains(r#""again":true"#), "{trail:?}");
    })
    .await;
}

#[tokio::test]
async fn a_look_up_that_was_not_started_is_drawn_again_too() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.types(LOOK_UP).await;
        let seen = ben.sees().await;
        assert_eq!(seen.matches("[Start verification process]").count(), 1, "{seen}");
        ben.presses("Close").await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("You have no open session."), "there was only one");
    })
    .await;
}

#[tokio::test]
async fn a_choice_that_was_forged_or_has_closed_meanwhile_opens_nothing() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&eva, "tom@example.com", "Casa Luz").await;
        let ids = world.sandbox.discord.custom_ids();
        let evas = ids
            .iter()
            .find_map(|id| id.strip_suffix(".finish"))
            .unwrap()
            .split('.')
            .nth(1)
            .unwrap()
            .to_owned();
        ben.types(LOOK_UP).await;
        ben.types("/support technical email:jose@example.com").await;
        ben.types("/support resume").await;
        ben.sees().await;
        for forged in [evas.as_str(), "nobody", "AAAAAAAAAAAAAAAAAAAAAA"] {
            ben.forges_choice("d1.pick", forged).await.unwrap();
            assert!(
                ben.sees().await.starts_with("This button is from another version"),
                "{forged}"
            );
        }
        assert_eq!(eva.sees().await, "", "eva's panel stands");

        ben.presses("Close").await;
        ben.sees().await;
        ben.selects("J*** Á***").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn a_choice_that_comes_after_the_end_does_not_bring_a_session_back() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.types("/support technical email:jose@example.com").await;
        world.passes(minutes(14)).await;
        ben.types("/support resume").await;
        ben.sees().await;
        world.passes(Duration::from_secs(59)).await;
        ben.sees().await;
        // Its time is over, and no clock has looked at it yet.
        world.clock.advance(Duration::from_secs(1));
        ben.selects("J*** P***").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Session ······
        ");
        world.sweeps().await;
        ben.sees().await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."));
    })
    .await;
}
