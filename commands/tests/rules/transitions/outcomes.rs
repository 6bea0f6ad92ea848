//! Outcomes of effects whose row another process moves, or whose effect it finishes.

use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::outcome::EffectError;
use commands::model::session::Session;
use commands::model::words::{CloseReason, Target};
use commands::screens::custom_id::Action;
use insta::assert_snapshot;

use crate::fakes::{Scripted, World};
use crate::names::stage;
use crate::recovery_page::{confirm, recovery_page};
use crate::requests::{CLICK, choose, press, requested_by};
use crate::session_driver::SessionDriver;
use crate::transitions::warned;

/// Returns the session while the first code is mailed to the agent for [`click`].
fn mailing() -> Session {
    requested_by(CLICK, SessionDriver::chosen().session)
}

#[tokio::test]
async fn outcome_on_row_moved_by_timer_is_saved() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    world.script([Scripted::Saved, Scripted::Newer(Box::new(warned(mailing())))]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): Stale
    reloads
    commits Done(9001): proving_agent []
    panel: ⏳ There is no recent activity. This session closes <t:1786000900:R>.
    "#);
}

#[tokio::test]
async fn outcome_on_ever_changing_row_is_fault() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let newer = || Scripted::Newer(Box::new(mailing()));
    world.script([Scripted::Saved, newer(), newer(), newer()]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): Stale
    reloads
    commits Done(9001): Stale
    reloads
    commits Done(9001): Stale
    reloads
    note: Something failed on our side. Try again. If the problem continues, report it with the reference `F-7K2M9Q`.
    "#);
}

#[tokio::test]
async fn outcome_of_closed_session_is_dropped() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let closed =
        SessionDriver::chosen().then(Event::ForceClose(CloseReason::AgentIneligible)).session;
    world.script([Scripted::Saved, Scripted::Newer(Box::new(closed))]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): Stale
    reloads
    panel: This session is closed (<t:1786000000:t>): the agent may no longer continue it.
    "#);
}

#[tokio::test]
async fn outcome_saved_by_other_process_is_drawn() {
    let before = SessionDriver::choosing().session;
    let world = World::with(&before);
    let finished = SessionDriver::proving_agent().session;
    world.script([Scripted::Saved, Scripted::Finished(Box::new(finished))]);
    assert_snapshot!(world.handle(choose(&before)).await, @r#"
    commits Begin(9001): proving_agent ["send agent_mfa 1"]
    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits Done(9001): Claimed
    reloads
    panel: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    "#);
}

#[tokio::test]
async fn changed_password_is_saved_on_moved_row() {
    let (driver, token) = recovery_page();
    let mut confirming = driver.clone();
    confirming.click(Event::Confirm);
    let resumed = confirming.then(Event::Resume).session;
    let world = World::with(&driver.session);
    world.script([Scripted::Saved, Scripted::Newer(Box::new(resumed))]);
    let (view, message) = confirm(&world, &token).await.unwrap();
    assert_eq!((view.done, message), (true, None));
    assert_snapshot!(world.log(), @r#"
    reloads
    commits Begin(77): recovering ["confirm 1"]
    sets the password of agent-ben
    commits Done(77): Stale
    reloads
    commits Done(77): closed(finished) ["sign-out", "notice of the change"]
    signs agent-ben out
    commits None: closed(finished) ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(finished) []
    edits: Sign in to BackOffice with the new password.
    "#);
}

#[tokio::test]
async fn changed_password_of_closed_session_is_saved() {
    let (driver, token) = recovery_page();
    let closed = driver.clone().then(Event::Dismiss).session;
    let world = World::with(&driver.session);
    world.script([Scripted::Saved, Scripted::Newer(Box::new(closed))]);
    assert_eq!(confirm(&world, &token).await, None, "the link of a dismissed session is over");
    assert_eq!(stage(&world.row(&driver.session.id)), "closed(dismissed)");
    assert_snapshot!(world.log(), @r#"
    reloads
    commits Begin(77): recovering ["confirm 1"]
    sets the password of agent-ben
    commits Done(77): Stale
    reloads
    commits Done(77): closed(dismissed) ["sign-out", "notice of the change"]
    signs agent-ben out
    commits None: closed(dismissed) ["notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(dismissed) []
    edits: This session is closed (<t:1786000000:t>): it was dismissed.
    "#);
}

#[tokio::test]
async fn changed_password_outlives_interrupted_outcome() {
    // Another process considered this one dead, so it recorded the result as unknown.
    let (driver, token) = recovery_page();
    let mut interrupted = driver.clone();
    interrupted.finish_confirm(Err(EffectError::Interrupted));
    let world = World::with(&driver.session);
    world.script([Scripted::Saved, Scripted::Finished(Box::new(interrupted.session))]);
    let (view, message) = confirm(&world, &token).await.unwrap();
    assert_eq!((view.done, message), (true, None));
    assert_snapshot!(world.log(), @r#"
    reloads
    commits Begin(77): recovering ["confirm 1"]
    sets the password of agent-ben
    commits Done(77): Claimed
    reloads
    commits None: closed(finished) ["sign-out", "notice of the change", "sign-out", "notice of the change"]
    signs agent-ben out
    commits None: closed(finished) ["notice of the change", "notice of the change"]
    mails AAAAAAAAAAAAAAAAAAAAAA:message:password_changed:1
    commits None: closed(finished) []
    edits: Sign in to BackOffice with the new password.
    "#);
}

#[tokio::test]
async fn link_of_session_closed_meanwhile_is_revoked_unseen() {
    for (driver, action) in [
        (SessionDriver::acting(Role::Owner), Action::Open(Target::Web)),
        (SessionDriver::succeeding(), Action::MailLink),
    ] {
        let before = driver.session.clone();
        let mut closed = driver.then(Event::ForceClose(CloseReason::Absolute)).session;
        // The other process has revoked already.
        closed.pending.clear();
        let world = World::with(&before);
        *world.shared.lock().unwrap() = true;
        *world.closes_meanwhile.lock().unwrap() = Some(closed);
        let log = world.handle(press(&before, action)).await;
        assert!(!log.contains("https://web.example") && !log.contains("mails link"), "{log}");
        let issued = log.find("issues ").unwrap_or_else(|| panic!("{log}"));
        assert!(log[issued..].contains("revokes "), "{log}");
        assert!(log.contains("reached its limit of 60 minutes"), "the panel says closed: {log}");
    }
}
