//! Rows of Core that break a rule of Discord, and panels that Discord refuses.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::RestFault;

use crate::log::log;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";
/// Route of the first answer to an interaction.
const ANSWER: &str = "/callback";
/// Route of an edit.
const EDIT: &str = "PATCH /api/v10/webhooks/";

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
        assert!(ben.sees().await.contains("Ecosystems: 3"));
        ben.presses("Start").await;
        let menu = ben.sees().await;
        assert_eq!(menu.matches("Casa Luz — Member").count(), 1, "{menu}");
        assert!(!menu.contains("Casa Luz — Owner"), "{menu}");
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("Role: Member"));
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
        assert!(ben.sees().await.contains("Ecosystems: 3"));
        ben.presses("Start").await;
        let menu = ben.sees().await;
        assert!(menu.contains("Casa Luz — Owner") && !menu.contains("Odd"), "{menu}");
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
        assert!(ben.sees().await.contains("it was finished."));
    })
    .await;
}

#[tokio::test]
async fn refused_form_is_explained_and_opens_later() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.presses("Enter code").await;
        assert!(ben.sees().await.contains("Something failed on our side."));
        // The panel is unchanged.
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert!(ben.sees().await.contains("Send code"));
    })
    .await;
}

#[tokio::test]
async fn refused_note_becomes_a_minimal_one() {
    World::run(async |world| {
        let ben = world.person("ben");
        for route in [ANSWER, EDIT] {
            if route == EDIT {
                // The account is read slowly, so the bot defers and the note is an edit.
                world.sandbox.aws.faults().hold("AdminGetUser");
                world.clock.advance(minutes(2));
            }
            world.sandbox.discord.faults().next_calls_to(route, 1, RestFault::InvalidForm);
            let typing = ben.types("/support technical email:nobody@example.com");
            tokio::join!(typing, async {
                if route == EDIT {
                    world.clock.advance_to_next_wake(Duration::from_millis(1_500)).await;
                    world.sandbox.aws.faults().release("AdminGetUser");
                }
            });
            let note = ben.sees().await;
            assert!(note.contains("Panel without details"), "{route}: {note}");
        }
    })
    .await;
}

#[tokio::test]
async fn refused_menu_of_sessions_shows_short_ids() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        ben.reloads();
        world.sandbox.discord.faults().next_calls_to(ANSWER, 1, RestFault::InvalidForm);
        ben.types("/support resume").await;
        let menu = ben.sees().await;
        assert!(menu.contains("Panel without details") && !menu.contains("***"), "{menu}");
        let session = "select substr(id, 1, 6) from sessions order by id limit 1";
        let session = world.text(session).await;
        ben.selects(&session).await;
        let panel = ben.sees().await;
        assert!(panel.contains("[Enter code]") && panel.contains(&session), "{panel}");
    })
    .await;
}
