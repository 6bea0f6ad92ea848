//! Sweeps: overlapping ones, orphaned effects, and repeated revocations.

use std::sync::Arc;
use std::time::Duration;

use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::time::minutes;
use commands::model::timers::{IDLE_CLOSE, ORPHANED_AFTER};
use commands::model::words::Target;
use futures_util::FutureExt as _;
use insta::assert_snapshot;
use tokio::sync::Notify;

use crate::fakes::{Scripted, World};
use crate::session_driver::{NOW, SessionDriver};

const A_MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test]
async fn new_sweep_takes_rest_of_hanging_one() {
    const SESSIONS: usize = 70;
    /// Sessions that one sweep handles at the same time.
    const CONCURRENCY: usize = 64;
    let found = SessionDriver::found().session;
    let overdue = |n: usize| {
        let mut session = Session { id: format!("{n:022}").parse().unwrap(), ..found.clone() };
        session.clocks.active_at = NOW - IDLE_CLOSE;
        session.clocks.opened_at = session.clocks.active_at;
        session
    };
    let world = World::with_all((0..SESSIONS).map(overdue));
    let commits = Arc::new(Notify::new());
    let held = std::iter::repeat_with(|| Scripted::Held(Arc::clone(&commits)));
    world.script(held.take(CONCURRENCY));
    let desk = world.desk();
    let hanging = desk.sweep();
    tokio::pin!(hanging);
    assert!(hanging.as_mut().now_or_never().is_none());
    // The new sweep skips the locked sessions and closes the others.
    assert_eq!(desk.sweep().await.unwrap(), SESSIONS);
    let closed = || {
        world.log().lines().filter(|line| line.starts_with("commits None: closed(idle)")).count()
    };
    assert_eq!(closed(), SESSIONS - CONCURRENCY);
    // The hanging sweep finishes its sessions and starts no other.
    commits.notify_waiters();
    assert_eq!(hanging.await.unwrap(), CONCURRENCY);
    assert_eq!(closed(), SESSIONS);
}

#[tokio::test]
async fn sweep_finishes_effect_pending_for_a_minute() {
    let mut logs = Vec::new();
    for age in [ORPHANED_AFTER - A_MILLISECOND, ORPHANED_AFTER] {
        let mut session = SessionDriver::chosen().session;
        session.pending[0].requested_at = NOW - age;
        let world = World::with(&session);
        world.desk().sweep().await.unwrap();
        logs.push(world.log());
    }
    assert_snapshot!(logs.join("\n\n"), @r"
    reloads

    sends AAAAAAAAAAAAAAAAAAAAAA:send:agent_mfa:1
    commits None: proving_agent []
    edits: Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ");
}

#[tokio::test]
async fn orphaned_session_without_eligibility_warns_and_closes() {
    for (idle, expected) in [
        (minutes(2), "commits None: proving_agent [\"send agent_mfa 1\"]"),
        (minutes(12), "This session closes"),
        (minutes(15), "commits None: closed(idle) []"),
    ] {
        let mut session = SessionDriver::chosen().session;
        session.pending[0].requested_at = NOW - ORPHANED_AFTER;
        session.clocks.started_at = None;
        session.clocks.active_at = NOW - idle;
        let world = World::with(&session);
        *world.accounts_fail.lock().unwrap() = true;
        let desk = world.desk();
        desk.sweep().await.unwrap();
        let log = world.log();
        assert!(log.contains(expected), "{idle:?}: {log}");
        assert!(!log.contains("sends"), "{idle:?}: {log}");
        desk.sweep().await.unwrap();
        let again = world.log().split_off(log.len());
        assert!(!again.contains("commits"), "{idle:?}: tried again a minute later: {again}");
    }
}

#[tokio::test]
async fn sweep_reads_session_that_another_process_moved() {
    let acting = SessionDriver::acting(Role::Owner).session;
    let stale = Session { clocks: acting.clocks.clone(), ..SessionDriver::announcing().session };
    let world = World::with(&stale);
    *world.shared.lock().unwrap() = true;
    *world.role_lost.lock().unwrap() = true;
    world.rewrite(&acting);
    world.desk().sweep().await.unwrap();
    let log = world.log();
    assert!(log.contains("closed(agent_ineligible)"), "{log}");
}

#[tokio::test]
async fn one_sweep_a_minute_repeats_revocation() {
    let finished = SessionDriver::acting(Role::Owner)
        .then(Event::Open(Target::Web))
        .then(Event::Finish)
        .session;
    let mut logs = Vec::new();
    for age in [minutes(1) - A_MILLISECOND, minutes(1)] {
        let mut session = finished.clone();
        session.pending.iter_mut().for_each(|pending| pending.requested_at = NOW - age);
        let world = World::with(&session);
        world.desk().sweep().await.unwrap();
        logs.push(world.log());
        // The sweep of another process was faster and repeats the revocation.
        let world = World::with(&session);
        world.script([Scripted::Newer(Box::new(session))]);
        world.desk().sweep().await.unwrap();
        logs.push(world.log());
    }
    assert_snapshot!(logs.join("\n\n"), @r#"
    reloads

    reloads

    commits None: closed(finished) ["revoke"]
    revokes AAAAAAAAAAAAAAAAAAAAAA:revoke
    commits None: closed(finished) []

    commits None: Stale
    reloads
    "#);
}
