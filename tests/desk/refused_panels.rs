//! Rows of Core that break a rule of Discord, and panels that Discord refuses.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::{Person, RestFault};

use crate::log::{Log, log};
use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";
/// Route of the first answer to an interaction.
const ANSWER: &str = "/callback";
/// Route of an edit.
const EDIT: &str = "PATCH /api/v10/webhooks/";
/// First words of the log line of a refused call.
const REFUSED: &str = "Discord refused the content with code";

/// Replaces the view of memberships by one that adds these rows to Julia's.
async fn add_memberships(world: &World, rows: &[(&str, &str)]) {
    let added: Vec<String> = rows
        .iter()
        .map(|(id, role)| format!("union all select '{id}', 'usr-julia', '{role}'"))
        .collect();
    let core = &world.sandbox.core;
    core.execute("drop view support_memberships").await.unwrap();
    core.execute(&format!(
        "create view support_memberships as select ecosystem_id, user_id, role \
         from sandbox_core_memberships {}",
        added.join(" ")
    ))
    .await
    .unwrap();
}

#[tokio::test]
async fn duplicate_membership_is_one_option_with_weaker_role() {
    let log = log();
    World::run(async |world| {
        // She owns Casa Luz.
        add_memberships(world, &[("eco-casa-luz", "member")]).await;
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("3 ecosystems"));
        ben.presses("Start").await;
        let menu = ben.sees().await;
        assert_eq!(menu.matches("Casa Luz — member").count(), 1, "{menu}");
        assert!(!menu.contains("Casa Luz — owner"), "{menu}");
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("· member"));
        let lines = log.lines_with("invalid row in Core: left out");
        assert!(
            lines.len() == 1 && lines[0].contains("several rows for one ecosystem"),
            "{lines:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn unusable_ids_cost_only_their_rows() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        let long = "e".repeat(101);
        for id in ["", long.as_str(), " eco", "eco-casa-luz\u{200b}"] {
            let insert = format!(
                "insert into sandbox_core_ecosystems select '{id}', 'Odd', plan_name, plan_status, plan_price_cents, \
                 plan_currency, plan_period, plan_renews_at, plan_features from sandbox_core_ecosystems \
                 where ecosystem_id = 'eco-casa-luz'"
            );
            core.execute(&insert).await.unwrap();
        }
        let rows = [("", "owner"), (long.as_str(), "owner"), (" eco", "owner"), ("eco-casa-luz\u{200b}", "owner")];
        add_memberships(world, &rows).await;
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("3 ecosystems"));
        ben.presses("Start").await;
        let menu = ben.sees().await;
        assert!(menu.contains("Casa Luz — owner") && !menu.contains("Odd"), "{menu}");
    })
    .await;
}

#[tokio::test]
async fn refused_panel_becomes_a_minimal_one() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.sees().await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.presses("Start").await;
        assert_snapshot!(ben.sees().await, @"
        Panel without details
        Discord did not accept the full panel, so only its buttons are shown. Report it to an administrator.
        [Cancel]
        ");
        let lines = log.lines_with("Discord refused the content with code 50035");
        assert_eq!(lines.len(), 1, "{lines:#?}");
        let field = "data.components.0.components.0.options.1.value SELECT_COMPONENT_OPTION_VALUE_DUPLICATED";
        assert!(lines[0].contains(field) && !lines[0].contains("eco-casa-luz"), "{}", lines[0]);

        ben.presses("Cancel").await;
        ben.submits(["The list could not be shown."]).await;
        assert!(ben.sees().await.contains("it was cancelled."), "the session can be left");
        ben.types(LOOK_UP).await;
        assert!(ben.sees().await.contains("Start verification process"), "the customer is free");
    })
    .await;
}

#[tokio::test]
async fn refused_edit_becomes_a_minimal_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(EDIT, 1, RestFault::InvalidForm);
        world.passes(minutes(12)).await;
        let panel = ben.sees().await;
        assert!(panel.contains("Panel without details") && !panel.contains("Julia"), "{panel}");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn refused_minimal_panel_leaves_one_button() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 2, RestFault::InvalidForm);
        ben.presses("See plan details").await;
        assert_refused_twice(&ben, log, 2).await;

        // The edit of a timer.
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(EDIT, 2, RestFault::InvalidForm);
        world.passes(minutes(12)).await;
        assert_refused_twice(&ben, log, 4).await;
    })
    .await;
}

/// Asserts that the panel has nothing but a button that leaves the session, and presses it.
/// `refusals`: the refused calls so far.
async fn assert_refused_twice(who: &Person, log: &Log, refusals: usize) {
    let panel = who.sees().await;
    let words = "Discord did not accept the panel. This button leaves the session. \
                 Report it to an administrator.\n[Finish]";
    assert!(panel.starts_with(words), "{panel}");
    assert_eq!(log.lines_with(REFUSED).len(), refusals);
    who.presses("Finish").await;
    assert!(who.sees().await.contains("was finished at"));
}

#[tokio::test]
async fn refused_plan_becomes_a_panel_that_leaves() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees().await, @"
        Panel without details
        Discord did not accept the full panel, so only its buttons are shown. Report it to an administrator.
        [Back]
        [Finish] [Cancel]
        ");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn every_bad_request_becomes_a_minimal_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        for fault in [RestFault::Status(400), RestFault::UnreadableForm] {
            for presses in ["Back", "Waizant App"] {
                if presses == "Back" {
                    ben.presses("See plan details").await;
                    ben.sees().await;
                }
                world.sandbox.discord.faults().next_calls_to(ANSWER, 1, fault);
                ben.presses(presses).await;
                let panel = ben.sees().await;
                assert!(panel.contains("Panel without details"), "{fault:?} {presses}: {panel}");
                assert!(panel.contains("[Finish] [Cancel]"), "{fault:?} {presses}: {panel}");
                world.passes(minutes(1)).await;
                ben.sees().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn refused_edits_of_a_timer_are_logged() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let known = log.lines_with(REFUSED).len();
        world.sandbox.discord.faults().next_calls_to(EDIT, 3, RestFault::InvalidForm);
        world.passes(minutes(12)).await;
        let lines = log.lines_with(REFUSED).split_off(known);
        let is_error = |line: &String| line.contains("ERROR") && line.contains("reference");
        assert!(lines.len() == 3 && lines.iter().all(is_error), "{lines:#?}");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn refused_panel_with_link_keeps_the_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.presses("Waizant Web").await;
        let panel = ben.sees().await;
        assert!(panel.contains("Panel without details") && !panel.contains('↗'), "{panel}");
        ben.presses("Waizant Store").await;
        let panel = ben.sees().await;
        assert!(panel.contains("[Open Waizant Store ↗] [Open Waizant Web ↗]"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn refused_session_menu_keeps_ids_and_times() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Huerta Norte").await;
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.types("/support resume").await;
        let menu = ben.sees().await;
        assert!(menu.starts_with("Message without details"), "{menu}");
        assert!(menu.contains("opened at 10:00 UTC") && !menu.contains("J***"), "{menu}");
        let option = menu.split_once("<Choose a session: ").unwrap().1.split(' ').next().unwrap();
        ben.selects(option).await;
        assert!(ben.sees().await.contains("[Enter code]"));
    })
    .await;
}

#[tokio::test]
async fn refused_resume_and_notes_are_answered() {
    World::run(async |world| {
        let ben = world.person("ben");
        let faults = world.sandbox.discord.faults();
        for line in ["/account show", "/support resume"] {
            faults.next_calls_to(ANSWER, 1, RestFault::InvalidForm);
            ben.types(line).await;
            assert_eq!(
                ben.sees().await,
                "Message without details\n\
                 Discord did not accept the full message. Report it to an administrator.",
                "{line}"
            );
        }
        world.chooses(&ben, JULIA, "Casa Luz").await;
        faults.next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.types("/support resume").await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("[Enter code] [Resend (off)] [Cancel]\n[Change ecosystem]"),
            "{panel}"
        );
        assert!(panel.contains("Panel without details") && !panel.contains("J***"), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn refused_form_opens_without_its_draft() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Cancel").await;
        ben.submits(["short"]).await;
        ben.sees().await;
        let faults = world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.presses("Try again").await;
        ben.sees().await;
        assert_eq!(ben.modal().expect("the form is open").inputs[0].value, "");
        ben.submits(["The form could not be shown."]).await;
        assert!(ben.sees().await.contains("it was cancelled."));

        world.chooses(&ben, JULIA, "Casa Luz").await;
        faults.next_calls_to(ANSWER, 2, RestFault::InvalidForm);
        ben.presses("Cancel").await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
    })
    .await;
}

#[tokio::test]
async fn refused_edit_after_recovery_keeps_close() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.passes(minutes(2)).await;
        world.sandbox.discord.faults().next_calls_to(EDIT, 1, RestFault::InvalidForm);
        world.resends(&visit).await;
        let panel = ben.sees().await;
        assert!(panel.contains("Panel without details") && panel.ends_with("[Close]"), "{panel}");
        ben.presses("Close").await;
        assert!(ben.sees().await.contains("it was dismissed."));
    })
    .await;
}
