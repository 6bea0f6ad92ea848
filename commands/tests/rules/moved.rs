//! Rows that somebody else moves while an effect or an event is under way, and commits of which
//! nobody hears.

use commands::engine::interaction::Request;
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::time::minutes;
use commands::model::words::{Purpose, Target};
use commands::screens::custom_id::Action;
use insta::assert_snapshot;

use crate::desk::{asked, at, choose, done, press, scripts, world_mac};
use crate::ports::{Scripted, World};
use crate::road::{NOW, SessionDriver};

#[tokio::test]
async fn an_outcome_is_saved_on_a_row_that_a_clock_has_moved() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    let mut warned = asked(SessionDriver::chosen().session);
    warned.clocks.warned_of = Some(warned.clocks.end());
    scripts(&world, [Scripted::Saved, Scripted::Newer(Box::new(warned))]);
    assert_snapshot!(done(&world, choose(&before.session)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): stale
    reloads
    commits Done(9001): proving_agent []
    panel: ⏳ There is no recent activity. This session closes <t:1786000900:R>.
    "#);
}

#[tokio::test]
async fn an_outcome_whose_row_never_holds_still_is_a_fault() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    let newer = || Scripted::Newer(Box::new(asked(SessionDriver::chosen().session)));
    scripts(&world, [Scripted::Saved, newer(), newer(), newer()]);
    let told = done(&world, choose(&before.session)).await;
    assert!(told.contains("Something failed on our side"), "{told}");
    assert_eq!(told.matches("sends").count(), 1, "{told}");
}

#[tokio::test]
async fn the_hour_s_tenth_wrong_code_locks_whoever_checks_it() {
    for (tries, stage) in [(9, "proving_agent"), (10, "closed(agent_locked_out)")] {
        let before = SessionDriver::proving_agent();
        let world = World::with(&before.session);
        let mac = world_mac(&before.session, "999999");
        world.rewrites(&asked(before.clone().then(Event::Typed(Some(mac))).session));
        *world.ours.lock().unwrap() = true;
        *world.tries.lock().unwrap() = tries;
        scripts(&world, [Scripted::Answer(commands::ports::sessions::Committed::Claimed)]);
        let submit = Request::Submit(
            at(&before.session, Action::SubmitCode(Purpose::AgentMfa, 1)),
            "999999".to_owned(),
        );
        let told = done(&world, submit).await;
        assert!(told.contains("counts WrongCodes of agent:agent-ben"), "{told}");
        assert_eq!(crate::road::stage(&world.row(&before.session.id)), stage, "{told}");
    }
}

#[tokio::test]
async fn who_has_lost_the_role_loses_also_a_session_of_which_memory_is_behind() {
    let road = SessionDriver::choosing();
    let world = World::with(&road.session);
    // Moved by another process, of which this one has not heard.
    world.rewrites(&road.session);
    let mut click = crate::ports::click();
    click.roles.clear();
    world.desk().handle(click, press(&road.session, Action::Stay)).await;
    assert_eq!(
        crate::road::stage(&world.row(&road.session.id)),
        "closed(agent_ineligible)",
        "{}",
        world.told()
    );
}

fn idle(mut session: Session) -> Session {
    session.clocks.active_at = NOW - minutes(15);
    session
}

#[tokio::test]
async fn a_close_of_which_nobody_hears_is_drawn_all_the_same() {
    let session = idle(SessionDriver::choosing().session);
    let world = World::with(&session);
    scripts(&world, [Scripted::SavedAndFault]);
    world.desk().sweep().await.unwrap();
    assert_snapshot!(world.told(), @"
    commits None: closed(idle) []
    reloads
    edits Panel: This session is closed (<t:1786000000:t>): there was no activity for 15 minutes, so the request is lost.
    ");
}

#[tokio::test]
async fn what_the_clocks_could_not_save_is_left_to_the_next_sweep() {
    let session = idle(SessionDriver::choosing().session);
    let world = World::with(&session);
    scripts(&world, [Scripted::Fault]);
    world.desk().sweep().await.unwrap();
    assert_eq!(crate::road::stage(&world.row(&session.id)), "choosing");
    world.desk().sweep().await.unwrap();
    assert_eq!(crate::road::stage(&world.row(&session.id)), "closed(idle)");
}

#[tokio::test]
async fn a_revocation_without_outcome_is_asked_for_again_by_one_sweep_a_minute() {
    let finished = SessionDriver::acting(Role::Owner)
        .then(Event::Open(Target::Web))
        .then(Event::Finish)
        .session;
    let mut told = Vec::new();
    for since in [minutes(1) - std::time::Duration::from_millis(1), minutes(1)] {
        let mut session = finished.clone();
        session.pending.iter_mut().for_each(|pending| pending.requested_at = NOW - since);
        let world = World::with(&session);
        world.desk().sweep().await.unwrap();
        told.push(world.told());
        // Somebody else's sweep was faster, and asks.
        let world = World::with(&session);
        scripts(&world, [Scripted::Newer(Box::new(session))]);
        world.desk().sweep().await.unwrap();
        told.push(world.told());
    }
    assert_snapshot!(told.join("\n\n"), @r#"




    commits None: closed(finished) ["revoke"]
    revokes AAAAAAAAAAAAAAAAAAAAAA:revoke
    commits None: closed(finished) []

    commits None: stale
    reloads
    "#);
}
