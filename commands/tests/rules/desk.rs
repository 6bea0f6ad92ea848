//! The desk where two processes meet, or one has died: claims that are lost or taken over, rows
//! that moved, effects left pending.

use std::time::Duration;

use commands::engine::interaction::Request;
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::time::minutes;
use commands::model::timers::ORPHANED_AFTER;
use commands::model::words::{CloseReason, Limit, Purpose, Target};
use commands::ports::sessions::Committed;
use commands::screens::custom_id::{Action, CustomId};
use insta::assert_snapshot;

use crate::people::OWNED;
use crate::ports::{Scripted, World, click};
use crate::road::{MAC, NOW, SessionDriver};

pub(crate) fn at(session: &Session, action: Action) -> String {
    CustomId { session: session.id.clone(), generation: session.generation, action }.to_string()
}

pub(crate) fn press(session: &Session, action: Action) -> Request {
    Request::Press(at(session, action), Vec::new())
}

pub(crate) fn choose(session: &Session) -> Request {
    Request::Press(at(session, Action::Choose), vec![OWNED.to_owned()])
}

pub(crate) fn scripts(world: &World, scripted: impl IntoIterator<Item = Scripted>) {
    world.script.lock().unwrap().extend(scripted);
}

/// What the desk did about a click.
pub(crate) async fn done(world: &std::sync::Arc<World>, request: Request) -> String {
    world.desk().handle(click(), request).await;
    world.told()
}

#[tokio::test]
async fn who_loses_the_claim_is_silent_once_the_other_is_done() {
    let road = SessionDriver::choosing();
    let world = World::with(&road.session);
    scripts(&world, [Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(done(&world, choose(&road.session)).await, @"
    commits Begin(9001): Claimed
    takes over: false
    reloads
    ");
}

#[tokio::test]
async fn who_takes_over_sends_what_the_other_has_saved() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    // The other process has saved the step and died over its effect.
    world.rewrites(&asked(SessionDriver::chosen().session));
    *world.ours.lock().unwrap() = true;
    scripts(&world, [Scripted::Answer(Committed::Claimed)]);
    assert_snapshot!(done(&world, choose(&before.session)).await, @"
    commits Begin(9001): Claimed
    takes over: true
    defers
    reloads
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    edits Panel: **Step 1 of 2: internal verification**
    ");
}

#[tokio::test]
async fn who_takes_over_a_check_has_the_code_at_hand() {
    let before = SessionDriver::proving_agent();
    let world = World::with(&before.session);
    let mac = world_mac(&before.session, "123456");
    world.rewrites(&asked(before.clone().then(Event::Typed(Some(mac))).session));
    *world.ours.lock().unwrap() = true;
    scripts(&world, [Scripted::Answer(Committed::Claimed)]);
    let submit = Request::Submit(
        at(&before.session, Action::SubmitCode(Purpose::AgentMfa, 1)),
        "123 456".to_owned(),
    );
    assert_snapshot!(done(&world, submit).await, @"
    commits Begin(9001): Claimed
    takes over: true
    defers
    reloads
    counts WrongCodes of agent:agent-ben
    verifies AAAAAAAAAAAAAAAAAAAAAA:verify:agent_mfa:1:mac(code:AAAAAAAAAAAAAAAAAAAAAA:agent_mfa:1:123456) with challenge-1786000000000
    commits Done(9001): announcing []
    edits Panel: **Step 2 of 2: customer verification**
    ");
}

/// As if this click had asked for what is pending.
pub(crate) fn asked(mut session: Session) -> Session {
    session
        .pending
        .iter_mut()
        .for_each(|pending| pending.requested_by = Some(click().reply.interaction_id));
    session
}

pub(crate) fn world_mac(session: &Session, code: &str) -> String {
    format!("mac(code:{}:agent_mfa:1:{code})", session.id)
}

#[tokio::test]
async fn a_row_that_a_clock_has_moved_is_decided_again() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    let mut warned = before.session.clone();
    warned.clocks.warned_of = Some(NOW);
    scripts(&world, [Scripted::Newer(Box::new(warned))]);
    assert_snapshot!(done(&world, choose(&before.session)).await, @r#"
    commits Begin(9001): stale
    reloads
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    panel: **Step 1 of 2: internal verification**
    "#);
}

#[tokio::test]
async fn a_row_that_another_click_has_moved_is_drawn_and_nothing_is_done() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    scripts(&world, [Scripted::Newer(Box::new(SessionDriver::proving_agent().session))]);
    assert_snapshot!(done(&world, choose(&before.session)).await, @"
    commits Begin(9001): stale
    reloads
    commits Whole(9001): proving_agent []
    panel: ⚠️ That was already done. This is the current state.
    ");
}

#[tokio::test]
async fn a_row_that_never_holds_still_is_a_fault_with_a_reference() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    scripts(&world, (0..3).map(|_| Scripted::Newer(Box::new(before.session.clone()))));
    let told = done(&world, choose(&before.session)).await;
    assert!(
        told.ends_with("note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`."),
        "{told}"
    );
}

#[tokio::test]
async fn a_database_that_fails_is_a_reference_and_the_row_stands() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    scripts(&world, [Scripted::Fault]);
    let told = done(&world, choose(&before.session)).await;
    assert!(told.starts_with("reloads\nnote: Something failed on our side."), "{told}");
    assert_eq!(crate::road::stage(&world.row(&before.session.id)), "choosing");
}

#[tokio::test]
async fn what_the_store_refuses_at_the_start_is_said_on_the_panel() {
    let soon = NOW + minutes(3);
    let mut told = Vec::new();
    for refused in [
        Committed::CustomerTaken,
        Committed::LockedOut(soon),
        Committed::Limited(Limit::Sends, soon),
    ] {
        let before = SessionDriver::found();
        let world = World::with(&before.session);
        scripts(&world, [Scripted::Answer(refused)]);
        told.push(done(&world, press(&before.session, Action::Start)).await);
        assert_eq!(world.row(&before.session.id).attending(), None);
    }
    assert_snapshot!(told.join("\n"), @"
    commits Whole(9001): CustomerTaken
    commits Whole(9001): found []
    panel: Another agent is helping this customer right now.
    commits Whole(9001): LockedOut(Timestamp(1786000180000))
    commits Whole(9001): found []
    panel: ⚠️ The verification is locked because of too many wrong codes. Try again <t:1786000180:R>.
    commits Whole(9001): Limited(Sends, Timestamp(1786000180000))
    commits Whole(9001): found []
    panel: ⚠️ Too many codes were mailed to this address today. You can send the next one <t:1786000180:R>.
    ");
}

#[tokio::test]
async fn an_effect_that_was_left_pending_is_finished_before_anything_else() {
    // The outcome of a send could not be saved. The next click is on the panel that was drawn from
    // the row since.
    let before = SessionDriver::chosen();
    let world = World::with(&before.session);
    assert_snapshot!(done(&world, press(&before.session, Action::Resend)).await, @"
    commits Begin(9001) without a session
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    commits Done(9001): proving_agent []
    panel: ⚠️ A new code can be sent <t:1786000060:R>.
    ");
}

#[tokio::test]
async fn a_check_that_was_left_pending_does_not_answer_for_another_code() {
    let before = SessionDriver::proving_agent().then(Event::Typed(Some(MAC.to_owned())));
    let world = World::with(&before.session);
    let submit = Request::Submit(
        at(&before.session, Action::SubmitCode(Purpose::AgentMfa, 1)),
        "123456".to_owned(),
    );
    let told = done(&world, submit).await;
    assert_snapshot!(told, @r#"
    commits Begin(9001) without a session
    commits None: proving_agent []
    commits None: proving_agent ["verify agent_mfa 1"]
    verifies AAAAAAAAAAAAAAAAAAAAAA:verify:agent_mfa:1:mac(code:AAAAAAAAAAAAAAAAAAAAAA:agent_mfa:1:123456) with challenge-1786000000000
    commits Done(9001): announcing []
    panel: **Step 2 of 2: customer verification**
    "#);
}

#[tokio::test]
async fn at_the_start_what_was_left_pending_is_finished_and_drawn() {
    let mut told = Vec::new();
    let roads = [
        SessionDriver::chosen(),
        SessionDriver::proving_agent().then(Event::Typed(Some(MAC.to_owned()))),
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)),
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish),
    ];
    for road in roads {
        let world = World::with(&road.session);
        world.desk().recover().await.unwrap();
        assert!(world.row(&road.session.id).pending.is_empty());
        told.push(world.told());
    }
    assert_snapshot!(told.join("\n\n"), @"
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    edits Panel: **Step 1 of 2: internal verification**

    commits None: proving_agent []
    edits Panel: ⚠️ The code check was interrupted. Enter the code again. No attempt was used.

    issues AAAAAAAAAAAAAAAAAAAAAA:issue:web:1
    follows up: Waizant Web
    commits None: acting []
    edits Panel: You and the customer are verified. Choose what to open for the customer.

    revokes AAAAAAAAAAAAAAAAAAAAAA:revoke
    commits None: closed(finished) []
    ");
}

#[tokio::test]
async fn an_outcome_that_comes_too_late_draws_what_is_there() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    let closed =
        SessionDriver::chosen().then(Event::ForceClose(CloseReason::AgentIneligible)).session;
    // While the code is being sent somebody else closes the session.
    scripts(&world, [Scripted::Saved, Scripted::Newer(Box::new(closed))]);
    assert_snapshot!(done(&world, choose(&before.session)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): stale
    reloads
    panel: This session is closed (<t:1786000000:t>): the agent is no longer allowed to help customers.
    "#);
}

#[tokio::test]
async fn an_outcome_that_could_not_be_saved_is_found_again_by_the_next_click() {
    let before = SessionDriver::choosing();
    let world = World::with(&before.session);
    scripts(&world, [Scripted::Saved, Scripted::Fault]);
    let mut told = vec![done(&world, choose(&before.session)).await];
    let now = world.row(&before.session.id);
    world.log.lock().unwrap().clear();
    let mut next = click();
    next.reply.interaction_id += 1;
    world.desk().handle(next, press(&now, Action::Stay)).await;
    told.push(world.told());
    assert_snapshot!(told.join("\n\n"), @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    reloads
    note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`.

    commits Begin(9002) without a session
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Unanswered(9001): proving_agent []
    commits Done(9002): proving_agent []
    panel: **Step 1 of 2: internal verification**
    "#);
}

#[tokio::test]
async fn a_sweep_finishes_what_was_left_pending_for_a_minute_and_nothing_younger() {
    let mut told = Vec::new();
    for age in [ORPHANED_AFTER - Duration::from_millis(1), ORPHANED_AFTER] {
        let mut road = SessionDriver::choosing().then(Event::Choose(OWNED.to_owned()));
        road.session.pending[0].requested_at = NOW - age;
        let world = World::with(&road.session);
        world.desk().sweep().await.unwrap();
        told.push(world.told());
    }
    assert_snapshot!(told.join("\n\n"), @r#"


    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    edits Panel: **Step 1 of 2: internal verification**
    "#);
}
