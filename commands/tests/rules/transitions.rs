//! Two concurrent writers for each caller of `transition`.
//!
//! Another process moves the row between read and commit ([`Scripted::Newer`]), or two tasks of one
//! desk meet ([`Scripted::Held`]). The files below test outcomes of effects, pending effects of
//! another process, refusals of the store, and commits with an unknown result.

mod outcomes;
mod pending_effects;
mod refusals;
mod unknown_results;

use std::sync::Arc;

use commands::engine::interaction::Request;
use commands::handlers::recovery_page::RecoveryDesk as _;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::time::minutes;
use commands::screens::custom_id::Action;
use insta::assert_snapshot;
use tokio::sync::Notify;

use crate::fakes::{Scripted, World};
use crate::recovery_page::{confirm, recovery_page};
use crate::requests::{choose, click, next_click, press};
use crate::session_driver::{NOW, SessionDriver};

/// Returns the session after its idle warning.
fn warned(mut session: Session) -> Session {
    session.clocks.warned_of = Some(session.clocks.end());
    session
}

/// Returns the session at its idle timeout.
fn idle(mut session: Session) -> Session {
    session.clocks.active_at = NOW - minutes(15);
    session
}

#[tokio::test]
async fn click_on_row_moved_by_timer_is_decided_again() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Newer(Box::new(warned(before.clone())))]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): Stale
    reloads
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    panel: ⏳ There is no recent activity. This session closes <t:1786000900:R>.
    "#);
}

#[tokio::test]
async fn click_on_row_moved_by_click_only_draws() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Newer(Box::new(SessionDriver::proving_agent().session))]);
    assert_snapshot!(world.handle(choose(&before)).await, @"
    commits Begin(9001): Stale
    reloads
    commits Whole(9001): proving_agent []
    panel: ⚠️ That was already done. This is the current state.
    ");
}

#[tokio::test]
async fn click_on_ever_changing_row_is_fault() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script((0..3).map(|_| Scripted::Newer(Box::new(before.clone()))));
    assert_snapshot!(world.handle(choose(&before)).await, @"
    commits Begin(9001): Stale
    reloads
    commits Begin(9001): Stale
    reloads
    commits Begin(9001): Stale
    reloads
    note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`.
    ");
}

#[tokio::test]
async fn double_click_moves_session_once() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let commit = Arc::new(Notify::new());
    world.script([Scripted::Held(Arc::clone(&commit))]);
    let desk = world.desk();
    tokio::join!(
        desk.handle(click(), choose(&before)),
        desk.handle(next_click(), choose(&before)),
        async { commit.notify_one() },
    );
    assert_snapshot!(world.log(), @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    commits Whole(9002): proving_agent []
    panel: ⚠️ That was already done. This is the current state.
    "#);
}

#[tokio::test]
async fn stale_panel_on_moved_row_is_drawn() {
    let older = SessionDriver::choosing().session;
    let newest = SessionDriver::proving_agent().session;
    let world = World::with(&newest);
    world.script([Scripted::Newer(Box::new(newest))]);
    assert_snapshot!(world.handle(choose(&older)).await, @"
    commits Whole(9001): Stale
    reloads
    commits Whole(9001): proving_agent []
    panel: ⚠️ That was already done. This is the current state.
    ");
}

#[tokio::test]
async fn resume_on_row_moved_by_click_draws_newest() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Newer(Box::new(SessionDriver::proving_agent().session))]);
    assert_snapshot!(world.handle(Request::Resume).await, @r"
    commits Whole(9001): Stale
    reloads
    commits Whole(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    edits: This panel has moved to a newer message.
    ");
}

#[tokio::test]
async fn page_request_on_moved_row_is_decided_again() {
    let (driver, token) = recovery_page();
    let resumed = driver.clone().then(Event::Resume).session;
    let world = World::with(&driver.session);
    world.script([Scripted::Newer(Box::new(resumed))]);
    let (view, message) = confirm(&world, &token).await.unwrap();
    assert_eq!((view.done, message), (true, None));
    assert_snapshot!(world.log(), @r#"
    reloads
    commits Begin(77): Stale
    reloads
    commits Begin(77): recovering ["confirm 1"]
    sets the password of agent-ben
    commits Done(77): closed(finished) ["sign-out", "notice of the change"]
    signs agent-ben out
    commits None: closed(finished) ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(finished) []
    edits: Sign in to BackOffice with the new password.
    "#);
}

#[tokio::test]
async fn page_request_on_ever_changing_row_skips_cognito() {
    let (driver, token) = recovery_page();
    let world = World::with(&driver.session);
    world.script((0..3).map(|_| Scripted::Newer(Box::new(driver.session.clone()))));
    let password = || "Kx7#qP2m".to_owned().into();
    let fault = world.desk().confirm(&token, "123456", password(), password()).await.unwrap_err();
    assert_eq!(fault.to_string(), "moving a session: session row changed on every attempt");
    assert!(!world.log().contains("sets the password"), "{}", world.log());
}

#[tokio::test]
async fn sweep_leaves_row_moved_by_click() {
    let session = idle(SessionDriver::choosing().session);
    let world = World::with(&session);
    world.script([Scripted::Newer(Box::new(SessionDriver::proving_agent().session))]);
    world.desk().sweep().await.unwrap();
    assert_snapshot!(world.log(), @"
    commits None: Stale
    reloads
    ");
}

#[tokio::test]
async fn sweep_skips_session_locked_by_click() {
    let mut session = SessionDriver::choosing().session;
    session.clocks.active_at = NOW - minutes(12);
    let world = World::with(&session);
    let commit = Arc::new(Notify::new());
    world.script([Scripted::Held(Arc::clone(&commit))]);
    let desk = world.desk();
    let sweep = async {
        let swept = desk.sweep().await;
        commit.notify_one();
        swept
    };
    let click = desk.handle(click(), press(&session, Action::Stay));
    let ((), swept) = tokio::join!(click, sweep);
    assert_eq!(swept.unwrap(), 1);
    assert_snapshot!(world.log(), @"
    commits Whole(9001): choosing []
    panel: Choose the ecosystem that the customer needs help with.
    ");
}

#[tokio::test]
async fn forced_close_of_moved_row_is_repeated() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let moved = SessionDriver::proving_agent().session;
    world.script([Scripted::Saved, Scripted::Newer(Box::new(moved))]);
    let mut click = click();
    click.roles.clear();
    world.desk().handle(click, press(&before, Action::Stay)).await;
    assert_snapshot!(world.log(), @"
    commits Whole(9001) without a session
    note: Only support agents can use this. Ask an administrator of this server for the agent role.
    commits None: Stale
    reloads
    commits None: closed(agent_ineligible) []
    edits: ⚠️ You no longer have the agent role. Ask an administrator of this server for it.
    ");
}

#[tokio::test]
async fn forced_close_waits_for_running_click() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let commit = Arc::new(Notify::new());
    world.script([Scripted::Held(Arc::clone(&commit))]);
    let desk = world.desk();
    let mut without_role = next_click();
    without_role.roles.clear();
    tokio::join!(
        desk.handle(click(), choose(&before)),
        desk.handle(without_role, press(&before, Action::Stay)),
        async { commit.notify_one() },
    );
    assert_snapshot!(world.log(), @r#"
    commits Whole(9002) without a session
    note: Only support agents can use this. Ask an administrator of this server for the agent role.
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): proving_agent []
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    commits None: closed(agent_ineligible) []
    edits: ⚠️ You no longer have the agent role. Ask an administrator of this server for it.
    "#);
}
