//! Faults between Discord and the bot: failed answers and edits, and a lost gateway.

use std::sync::Arc;
use std::time::Duration;

use sandbox::discord::RestFault;

use super::inject::{ANSWER, ANSWER_RETRY, DEFER_AFTER, EDIT_RETRY, Injection, TOO_LATE};
use super::step::CallKind;
use crate::store::Engine;
use crate::world::LOOK;

const EDIT: &str = "PATCH /api/v10/webhooks/";
/// Route of a card.
const CARD: &str = "POST /api/v10/channels/";
/// Attempts of the bot to post a card, before it leaves the card to a sweep.
const CARD_ATTEMPTS: u32 = 5;
/// Longer than any test. The killed process never gets the answer.
pub(super) const FOR_EVER: Duration = Duration::from_hours(24);

/// Returns a rate limit that is longer than an interaction token is valid (15 minutes).
pub(super) const fn rate_limited_for_long() -> RestFault {
    RestFault::TooMany { retry_after: Duration::from_mins(20) }
}

pub(super) fn rate_limited() -> RestFault {
    RestFault::TooMany { retry_after: Duration::from_millis(300) }
}

impl Injection<'_> {
    /// Fails the first answer this many times.
    pub(super) async fn fail_answers(&mut self, times: u32, fault: RestFault) -> String {
        self.world.sandbox.discord.faults().next_calls_to(ANSWER, times, fault);
        let seen = self.perform(ANSWER_RETRY).await;
        self.world
            .with_moving_clock(ANSWER_RETRY, self.world.sandbox.discord.faults().all_met())
            .await;
        seen
    }

    /// Fails the first answer this many times, after which the bot gives up.
    pub(super) async fn fail_all_answers(&mut self, times: u32, fault: RestFault) -> String {
        let faults = self.world.sandbox.discord.faults();
        faults.next_calls_to(ANSWER, times, fault);
        let acting = self.begin().await;
        self.world.with_moving_clock(ANSWER_RETRY, faults.all_met()).await;
        self.world.clock.advance(TOO_LATE);
        self.finish(acting).await
    }

    /// Fails the edit of a deferred answer this many times. A slow call makes the bot defer.
    pub(super) async fn fail_edits(&mut self, times: u32, fault: RestFault) -> String {
        self.begin_deferred().await;
        let faults = self.world.sandbox.discord.faults();
        let is_read = self.call.is_some_and(|call| call.kind == CallKind::Read);
        if self.step.redraws && is_read {
            // The agent's panel is edited first.
            faults.one_call_to(EDIT, 1, fault);
        } else {
            faults.next_calls_to(EDIT, times, fault);
        }
        self.aws().faults().release(self.function());
        self.world.with_moving_clock(EDIT_RETRY, faults.all_met()).await;
        self.world.with_moving_clock(EDIT_RETRY, self.who.sees()).await
    }

    /// Kills the process while it posts the card of the step's alert.
    pub(super) async fn kill_at_card(&mut self, fault: RestFault) -> String {
        self.world.sandbox.discord.faults().next_calls_to(CARD, 1, fault);
        let acting = self.begin().await;
        self.world.sandbox.discord.faults().all_met().await;
        acting.abort();
        self.world.crashes();
        self.world.clock.advance(TOO_LATE);
        self.world.sandbox.discord.connected(0).await;
        self.world.starts().await;
        self.who.sees().await
    }

    /// Fails every attempt to post the card of the step's alert. A sweep posts it later.
    pub(super) async fn fail_card(&mut self) -> String {
        let faults = self.world.sandbox.discord.faults();
        faults.next_calls_to(CARD, CARD_ATTEMPTS, RestFault::Status(500));
        let acting = self.begin().await;
        self.world.with_moving_clock(DEFER_AFTER, acting).await.unwrap();
        self.world.with_moving_clock(EDIT_RETRY, faults.all_met()).await;
        self.world.with_moving_clock(EDIT_RETRY, self.who.sees()).await
    }

    /// Fails every edit of a deferred answer.
    pub(super) async fn fail_all_edits(&mut self, fault: RestFault) -> String {
        self.begin_deferred().await;
        self.world.sandbox.discord.faults().fail_newest_edits(fault);
        self.aws().faults().release(self.function());
        self.world.with_moving_clock(EDIT_RETRY, self.who.sees()).await
    }

    async fn begin_deferred(&mut self) {
        let (acting, _) = self.begin_with_held_call().await;
        self.world.clock.advance(DEFER_AFTER);
        acting.await.unwrap();
    }

    /// Drops the gateway's socket while the bot handles the click.
    pub(super) async fn drop_socket_during(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        if self.call.is_some() {
            let (acting, before) = self.begin_with_held_call().await;
            discord.faults().drop_sockets();
            discord.connected(0).await;
            self.aws().faults().release(self.function());
            discord.connected(1).await;
            let seen = self.finish(acting).await;
            if self.call.is_some_and(|call| call.kind == CallKind::Blocking) {
                let calls = self.aws().calls_of(self.function()).len();
                assert_eq!(calls, before + 1, "the call was repeated under the same key");
            }
            return seen;
        }
        discord.faults().next_calls_to(ANSWER, 1, RestFault::AnswerLate(Duration::from_secs(1)));
        let acting = self.begin().await;
        discord.faults().all_met().await;
        discord.faults().drop_sockets();
        discord.connected(0).await;
        self.world.clock.advance(Duration::from_secs(1));
        discord.connected(1).await;
        self.finish(acting).await
    }

    /// Drops the socket, so that Discord replays the click after the client has given up.
    pub(super) async fn replay_late(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        let (mut changed, before) = (discord.changed(), discord.excused_violations().len());
        let action = self.step.action.prepare(self.world, self.who).await;
        discord.faults().drop_sockets();
        let acting = tokio::spawn(action.perform(self.who.clone()));
        tokio::task::yield_now().await;
        self.world.clock.advance(TOO_LATE);
        acting.await.unwrap();
        // The bot resumes, gets the click, and Discord refuses its answer.
        while discord.excused_violations().len() == before {
            changed.changed().await.unwrap();
        }
        self.who.sees().await
    }

    /// Invalidates the gateway session, so that the bot never gets the click.
    pub(super) async fn lose_click(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        let action = self.step.action.prepare(self.world, self.who).await;
        discord.faults().invalidate_sessions(false);
        discord.connected(0).await;
        action.perform(self.who.clone()).await;
        self.world.clock.advance(TOO_LATE);
        let seen = self.who.sees().await;
        discord.connected(1).await;
        seen
    }

    /// Delivers the click twice.
    pub(super) async fn deliver_twice(&mut self) -> String {
        self.world.sandbox.discord.faults().deliver_twice();
        let page = self.begin().await.await.unwrap();
        if self.engine == Engine::Postgres {
            // The second delivery waits for the claim of the first.
            while self.world.count("select count(*) from claims where outcome is null").await > 0 {}
        }
        let seen = self.world.with_moving_clock(LOOK, self.who.sees()).await;
        format!("{page}\n{seen}").trim().to_owned()
    }
}
