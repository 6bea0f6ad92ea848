//! Sweeps that overlap: there is more to do than a second is enough for, or something hangs.

use std::sync::Arc;

use commands::model::session::Session;
use commands::model::timers::IDLE_CLOSE;
use futures_util::FutureExt as _;
use tokio::sync::Notify;

use crate::ports::{Scripted, World};
use crate::road::{NOW, SessionDriver};

#[tokio::test]
async fn a_sweep_that_is_followed_by_another_leaves_the_rest_to_it() {
    /// More than one sweep looks at at a time, which is 64.
    const SESSIONS: usize = 70;
    const AT_ONCE: usize = 64;
    let road = SessionDriver::found();
    let overdue = |n: usize| {
        let mut session =
            Session { id: format!("{n:022}").parse().unwrap(), ..road.session.clone() };
        session.clocks.active_at = NOW - IDLE_CLOSE;
        session.clocks.opened_at = session.clocks.active_at;
        session
    };
    let world = World::with_all((0..SESSIONS).map(overdue));
    let holds = Arc::new(Notify::new());
    world
        .script
        .lock()
        .unwrap()
        .extend(std::iter::repeat_with(|| Scripted::Held(Arc::clone(&holds))).take(AT_ONCE));
    let desk = world.desk();
    let hung = desk.sweep();
    tokio::pin!(hung);
    assert!(hung.as_mut().now_or_never().is_none());
    // The next one does not wait for what hangs, and closes the others.
    assert_eq!(desk.sweep().await.unwrap(), SESSIONS);
    let closed = || {
        world.told().lines().filter(|line| line.starts_with("commits None: closed(idle)")).count()
    };
    assert_eq!(closed(), SESSIONS - AT_ONCE);
    // What hung is finished, and nothing is looked at that the other had taken over.
    holds.notify_waiters();
    assert_eq!(hung.await.unwrap(), AT_ONCE);
    assert_eq!(closed(), SESSIONS);
}
