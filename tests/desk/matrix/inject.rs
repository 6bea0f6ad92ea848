//! Fault injection: performs a step under a fault and returns what the person sees.

use std::sync::Arc;
use std::time::Duration;

use sandbox::aws::{self, Aws};
use sandbox::discord::{ErrorBody, Person, RestFault};
use tokio::task::JoinHandle;

use super::faults::{Fault, HANGING_CALL};
use super::step::{Call, Step};
use super::wire::{FOR_EVER, rate_limited, rate_limited_for_long};
use crate::store::Engine;
use crate::world::{LOOK, World};

/// Longest wait of the bot before it repeats a first answer.
pub(super) const ANSWER_RETRY: Duration = Duration::from_millis(500);
/// Longest wait of the bot before it repeats an edit or a message.
pub(super) const EDIT_RETRY: Duration = Duration::from_secs(5);
/// Longest wait of the AWS SDK before it retries.
pub(super) const SDK_RETRY: Duration = Duration::from_secs(1);
/// Time after which the bot defers its answer.
pub(super) const DEFER_AFTER: Duration = Duration::from_secs(1);
/// Time after which a Discord client reports a failed interaction.
pub(super) const TOO_LATE: Duration = Duration::from_millis(3_001);
/// Timeout of one attempt of the AWS SDK.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(12);
/// Timeout of a call with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Duration of a slow call that still succeeds.
const SLOW_CALL: Duration = Duration::from_millis(2_900);
/// Duration of a store failure.
const STORE_OUTAGE: Duration = Duration::from_secs(5);
/// Time in which a standby is read-only before it becomes the primary.
const FAILOVER: Duration = Duration::from_secs(7);

/// Route of the first answer to an interaction.
pub(super) const ANSWER: &str = "/callback";

/// Stands for the page of a browser whose request failed.
pub const NO_PAGE: &str = "(the page did not answer)";

/// A step that is about to run, and the fault for it.
pub struct Injection<'a> {
    pub world: &'a mut World,
    pub who: &'a Person,
    pub step: &'a Step,
    pub call: Option<&'a Call>,
    pub fault: Fault,
    pub engine: Engine,
}

impl Injection<'_> {
    /// Performs the step under the fault. Returns what the person sees in Discord and on the page.
    pub async fn inject(&mut self) -> String {
        match self.fault {
            Fault::KilledBefore => self.kill(false).await,
            Fault::KilledBetween => self.kill(true).await,
            Fault::KilledAfter => {
                let seen = self.perform(SDK_RETRY).await;
                self.world.restarts().await;
                seen
            }
            Fault::KilledBeforeCard => self.kill_at_card(RestFault::Hang).await,
            Fault::KilledAfterCard => self.kill_at_card(RestFault::AnswerLate(FOR_EVER)).await,
            Fault::CardFails => self.fail_card().await,
            Fault::Stopped => self.stop().await,
            Fault::StoreGoneBefore => {
                let gone = self.world.store.goes().await;
                let seen = self.perform(SDK_RETRY).await;
                self.world.clock.advance(STORE_OUTAGE);
                gone.comes_back().await;
                seen
            }
            Fault::StoreGoneBetween | Fault::FailoverBetween => self.lose_store().await,
            Fault::FailoverBefore => {
                let gone = self.world.store.fails_over().await;
                let seen = self.perform(SDK_RETRY).await;
                self.world.clock.advance(FAILOVER);
                gone.comes_back().await;
                seen
            }
            Fault::CoreRefuses | Fault::CoreSilent => self.fail_core().await,
            Fault::CoreReplaced | Fault::CoreMissing | Fault::CoreColumnMissing => {
                self.change_core().await
            }
            Fault::CallSlow => self.delay_call(SLOW_CALL).await,
            Fault::CallHangs => self.delay_call(HANGING_CALL).await,
            Fault::CallFails => self.fail_calls(2, aws::Fault::FunctionError).await,
            Fault::CallServerError => self.fail_calls(2, aws::Fault::ServerError(500)).await,
            Fault::CallGarbage => self.fail_calls(2, aws::Fault::Garbage).await,
            Fault::CallThrottled => self.fail_calls(2, aws::Fault::Throttle).await,
            Fault::CallReplyCut => self.fail_calls(1, aws::Fault::CutAfterWork).await,
            Fault::AnswerRateLimited => self.fail_answers(2, rate_limited()).await,
            Fault::AnswerServerError => {
                let body = ErrorBody::Html;
                self.fail_answers(2, RestFault::ServerError { status: 520, body }).await
            }
            Fault::AnswerCut => self.fail_answers(2, RestFault::Cut).await,
            Fault::AnswerNever => self.fail_all_answers(3, RestFault::Status(500)).await,
            Fault::AnswerRateLimitedLong => self.fail_all_answers(1, rate_limited_for_long()).await,
            Fault::AnswerLost => self.fail_answers(1, RestFault::AnswerLost).await,
            Fault::AnswerRefused => self.fail_answers(1, RestFault::InvalidForm).await,
            Fault::EditRateLimited => self.fail_edits(4, rate_limited()).await,
            Fault::EditServerError => {
                let body = ErrorBody::CutShort;
                self.fail_edits(4, RestFault::ServerError { status: 502, body }).await
            }
            Fault::EditLost => self.fail_edits(1, RestFault::AnswerLost).await,
            Fault::EditNever => self.fail_all_edits(RestFault::Status(500)).await,
            Fault::EditRateLimitedLong => self.fail_all_edits(rate_limited_for_long()).await,
            Fault::EditRefused => self.fail_edits(1, RestFault::InvalidForm).await,
            Fault::SocketBefore => {
                self.world.sandbox.discord.faults().drop_sockets();
                self.perform(SDK_RETRY).await
            }
            Fault::SocketDuring => self.drop_socket_during().await,
            Fault::ReconnectRequested => {
                self.world.sandbox.discord.faults().ask_to_reconnect();
                self.perform(SDK_RETRY).await
            }
            Fault::ReplayedLate => self.replay_late().await,
            Fault::InvalidResumable => {
                self.world.sandbox.discord.faults().invalidate_sessions(true);
                self.perform(SDK_RETRY).await
            }
            Fault::InvalidClickLost => self.lose_click().await,
            Fault::DeliveredTwice => self.deliver_twice().await,
        }
    }

    pub(super) fn aws(&self) -> Arc<Aws> {
        Arc::clone(&self.world.sandbox.aws)
    }

    /// Returns the name of the called function.
    pub(super) fn function(&self) -> &'static str {
        self.call.expect("the fault needs a call").function
    }

    /// Starts the step in a task of its own.
    pub(super) async fn begin(&self) -> JoinHandle<String> {
        let action = self.step.action.prepare(self.world, self.who).await;
        tokio::spawn(action.perform(self.who.clone()))
    }

    /// Starts the step and holds its call at the function. Also returns the number of earlier
    /// calls.
    pub(super) async fn begin_with_held_call(&self) -> (JoinHandle<String>, usize) {
        let aws = self.aws();
        let before = aws.calls_of(self.function()).len();
        let action = self.step.action.prepare(self.world, self.who).await;
        aws.faults().hold(self.function());
        let acting = tokio::spawn(action.perform(self.who.clone()));
        aws.faults().arrived(self.function(), before + 1).await;
        (acting, before)
    }

    /// Performs the whole step, while the clock moves over waits of at most `wait`.
    pub(super) async fn perform(&self, wait: Duration) -> String {
        // On PostgreSQL only by short steps, because the bot must renew its lease in time.
        let wait = if self.engine == Engine::Postgres { LOOK } else { wait };
        let acting = self.begin().await;
        let page = self.world.with_moving_clock(wait, acting).await.unwrap();
        let seen = self.world.with_moving_clock(wait, self.who.sees()).await;
        format!("{page}\n{seen}").trim().to_owned()
    }

    /// Waits for the end of the step and returns what the person sees.
    pub(super) async fn finish(&self, acting: JoinHandle<String>) -> String {
        let page = acting.await.unwrap();
        format!("{page}\n{}", self.who.sees().await).trim().to_owned()
    }

    /// Kills the process during the call, before or after the other side `acted`.
    async fn kill(&mut self, acted: bool) -> String {
        let (aws, function) = (self.aws(), self.function());
        let acting = if acted {
            let before = aws.calls_of(function).len();
            let action = self.step.action.prepare(self.world, self.who).await;
            aws.faults().always(function, aws::Fault::HangAfterWork);
            let acting = tokio::spawn(action.perform(self.who.clone()));
            aws.faults().worked(function, before + 1).await;
            acting
        } else {
            self.begin_with_held_call().await.0
        };
        acting.abort();
        self.world.crashes();
        aws.faults().clear(function);
        aws.faults().lose(function);
        self.world.clock.advance(TOO_LATE);
        self.world.sandbox.discord.connected(0).await;
        self.world.starts().await;
        let seen = self.who.sees().await;
        if self.step.action.is_on_page() { format!("{NO_PAGE}\n{seen}") } else { seen }
    }

    /// Asks the process to stop during the step, and starts it again.
    async fn stop(&mut self) -> String {
        let acting = if self.call.is_some() {
            let (acting, _) = self.begin_with_held_call().await;
            self.world.asks_to_stop().await;
            self.aws().faults().release(self.function());
            acting
        } else {
            let late = RestFault::AnswerLate(Duration::from_secs(1));
            self.world.sandbox.discord.faults().next_calls_to(ANSWER, 1, late);
            let acting = self.begin().await;
            self.world.sandbox.discord.faults().all_met().await;
            self.world.asks_to_stop().await;
            self.world.clock.advance(Duration::from_secs(1));
            acting
        };
        let seen = self.finish(acting).await;
        self.world.stops().await;
        self.world.starts().await;
        seen
    }

    /// Takes the store away during the call.
    async fn lose_store(&mut self) -> String {
        let (acting, _) = self.begin_with_held_call().await;
        let (gone, outage) = match self.fault {
            Fault::FailoverBetween => (self.world.store.fails_over().await, FAILOVER),
            _ => (self.world.store.goes().await, STORE_OUTAGE),
        };
        self.aws().faults().release(self.function());
        let seen = self.finish(acting).await;
        self.world.clock.advance(outage);
        gone.comes_back().await;
        seen
    }

    /// Holds the call for this time. The SDK gives it up after its own timeouts.
    async fn delay_call(&mut self, time: Duration) -> String {
        let (aws, function, clock) = (self.aws(), self.function(), Arc::clone(&self.world.clock));
        let (mut acting, before) = self.begin_with_held_call().await;
        clock.advance(DEFER_AFTER);
        let mut page = None;
        if !self.step.action.is_on_page() {
            page = Some((&mut acting).await.unwrap());
        }
        let mut passed = DEFER_AFTER;
        for timeout in [ATTEMPT_TIMEOUT, CALL_TIMEOUT] {
            if time > timeout {
                clock.advance(timeout.checked_sub(passed).unwrap());
                passed = timeout;
            }
        }
        let mut seen = String::new();
        if time > CALL_TIMEOUT {
            let page = match page.take() {
                Some(page) => page,
                None => (&mut acting).await.unwrap(),
            };
            seen = format!("{page}\n{}", self.who.sees().await);
        }
        clock.advance(time.checked_sub(passed).unwrap());
        aws.faults().release(function);
        aws.faults().worked(function, before + 1).await;
        if time <= CALL_TIMEOUT {
            let page = match page {
                Some(page) => page,
                None => acting.await.unwrap(),
            };
            seen = format!("{page}\n{}", self.who.sees().await);
        }
        seen.trim().to_owned()
    }

    /// Fails this many calls. Removes the fault when the step is done.
    async fn fail_calls(&mut self, calls: usize, fault: aws::Fault) -> String {
        let (aws, function) = (self.aws(), self.function());
        let action = self.step.action.prepare(self.world, self.who).await;
        aws.faults().next(function, calls, &fault);
        let acting = tokio::spawn(action.perform(self.who.clone()));
        let page = self.world.with_moving_clock(SDK_RETRY, acting).await.unwrap();
        let seen = self.world.with_moving_clock(SDK_RETRY, self.who.sees()).await;
        aws.faults().clear(function);
        format!("{page}\n{seen}").trim().to_owned()
    }
}
