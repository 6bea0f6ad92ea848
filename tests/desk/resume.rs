//! `/support resume` and a repeated look-up draw the panel of an open session in a new message.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// Restarts the client, which loses all ephemeral messages, and asserts that resume draws the
/// panel.
async fn resumes_after_restart(who: &Person, words: &str) {
    who.reloads();
    assert_eq!(who.sees().await, "");
    who.types("/support resume").await;
    let seen = who.sees().await;
    assert!(seen.contains(words), "{words}: {seen}");
}

#[tokio::test]
async fn resume_without_session_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @"You have no open session. Start one with /support technical or /support successor.");
        world.verifies(&world.person("eva"), JULIA, "Casa Luz").await;
        ben.types(LOOK_UP).await;
        ben.presses("Close").await;
        ben.sees().await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."), "closed sessions and those of eva do not count");
    })
    .await;
}

#[tokio::test]
async fn client_restart_keeps_the_session_at_every_step() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        resumes_after_restart(&ben, "[Start verification process]").await;
        ben.presses("Start").await;
        resumes_after_restart(&ben, "Choose an ecosystem").await;
        ben.selects("Casa Luz").await;
        resumes_after_restart(&ben, "mailed to **you**").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        resumes_after_restart(&ben, "[Send code]").await;
        ben.presses("Send code").await;
        resumes_after_restart(&ben, "read out the code that was mailed").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        resumes_after_restart(&ben, "[Waizant Store] [Waizant Web] [Waizant App]").await;
        ben.presses("See plan details").await;
        resumes_after_restart(&ben, "4 of 4").await;
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"));
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        assert_eq!(
            (
                world.sandbox.mail.for_address(BEN).len(),
                world.sandbox.mail.for_address(JULIA).len()
            ),
            (1, 2),
            "the customer also gets the visit mail"
        );
    })
    .await;
}

#[tokio::test]
async fn older_panel_points_to_the_newer_one() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.sees().await;
        // The token that edits the older panel was sealed by the former process.
        world.restarts().await;
        ben.types("/support resume").await;
        assert_snapshot!(ben.sees().await, @"
        This panel has moved to a newer message.

        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        ben.locale("es-ES");
        ben.types("/support resume").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("[Iniciar verificación]"),
            "the panel follows the client's language: {seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn chosen_session_is_renewed_alone() {
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
        assert_eq!(seen.matches("[Resume]").count(), 1, "only the other session has expired: {seen}");
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("there was no activity for 15 minutes"));
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"), "the chosen session continues");
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"), "a single session is drawn without a menu");
    })
    .await;
}

#[tokio::test]
async fn repeated_look_up_draws_the_open_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.types("/support technical email:JULIA@example.com").await;
        assert_snapshot!(ben.sees().await, @r"
        This panel has moved to a newer message.

        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”

        J\*\*\* P\*\*\* · Casa Luz · owner · goes to j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        [Change ecosystem]
        ");
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("read out the code that was mailed"));
        let trail = world.trail().await;
        let looked_up: Vec<&String> = trail.iter().filter(|event| event.starts_with("looked_up")).collect();
        assert_eq!(looked_up.len(), 2, "the trail records every look-up: {trail:?}");
        assert!(looked_up[1].contains(r#""again":true"#), "{trail:?}");
    })
    .await;
}

#[tokio::test]
async fn repeated_look_up_before_start_reuses_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.types(LOOK_UP).await;
        let seen = ben.sees().await;
        assert_eq!(seen.matches("[Start verification process]").count(), 1, "{seen}");
        ben.presses("Close").await;
        ben.types("/support resume").await;
        assert!(
            ben.sees().await.contains("You have no open session."),
            "there was only one session"
        );
    })
    .await;
}

#[tokio::test]
async fn forged_or_closed_choice_opens_nothing() {
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
        assert_eq!(eva.sees().await, "", "the panel of eva is unchanged");

        ben.presses("Close").await;
        ben.sees().await;
        ben.selects("J*** Á***").await;
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
async fn choice_after_deadline_closes_the_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.types("/support technical email:jose@example.com").await;
        world.passes(minutes(14)).await;
        ben.types("/support resume").await;
        ben.sees().await;
        world.passes(Duration::from_secs(59)).await;
        ben.sees().await;
        // The session is overdue, but no sweep has closed it yet.
        world.clock.advance(Duration::from_secs(1));
        ben.selects("J*** P***").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        world.sweeps().await;
        ben.sees().await;
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."));
    })
    .await;
}
