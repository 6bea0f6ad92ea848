//! Does a step while something goes wrong, and reads what somebody sees then.

use std::sync::Arc;
use std::time::Duration;

use sandbox::aws::{self, Aws};
use sandbox::discord::{Person, RestFault};
use tokio::task::JoinHandle;

use super::faults::Fault;
use super::step::{Ask, Step};
use super::wire::{busy, busy_for_long};
use crate::store::Engine;
use crate::world::{LOOK, World};

/// The longest wait before the bot tries a first answer again.
pub(super) const AGAIN: Duration = Duration::from_millis(500);
/// The longest wait before it tries an edit or a message again.
pub(super) const LATER_AGAIN: Duration = Duration::from_secs(5);
/// The longest wait before the SDK tries again.
const BACKOFF: Duration = Duration::from_secs(1);
/// From then on an answer is deferred.
pub(super) const BUDGET: Duration = Duration::from_millis(1_500);
/// From then on a client takes an interaction for failed.
pub(super) const TOO_LATE: Duration = Duration::from_millis(3_001);
/// One attempt of the SDK's, and a whole call.
const ATTEMPT: Duration = Duration::from_secs(12);
const CALL: Duration = Duration::from_secs(15);
/// How slow the slow ones are.
const LATE: Duration = Duration::from_millis(2_900);
const VERY_LATE: Duration = Duration::from_secs(20);
/// How long the store is gone.
const GONE: Duration = Duration::from_secs(5);

pub(super) const CALLBACK: &str = "/callback";

/// What a browser says then.
pub const NO_PAGE: &str = "(the page did not answer)";

/// A step that is about to be done, and what will go wrong.
pub struct Scene<'a> {
    pub world: &'a mut World,
    pub who: &'a Person,
    pub step: &'a Step,
    pub ask: Option<&'a Ask>,
    pub fault: Fault,
    pub engine: Engine,
}

impl Scene<'_> {
    /// Does the step. Answers with what somebody sees, in Discord and on the page.
    pub async fn strikes(&mut self) -> String {
        match self.fault {
            Fault::KilledBefore => self.dies(false).await,
            Fault::KilledBetween => self.dies(true).await,
            Fault::KilledAfter => {
                let seen = self.done(BACKOFF).await;
                self.world.restarts().await;
                seen
            }
            Fault::Stopped => self.stops().await,
            Fault::StoreGoneBefore => {
                let gone = self.world.store.goes().await;
                let seen = self.done(BACKOFF).await;
                self.world.clock.advance(GONE);
                gone.comes_back().await;
                seen
            }
            Fault::StoreGoneBetween => self.loses_store().await,
            Fault::CoreRefuses => {
                self.world.restarts().await;
                self.world.sandbox.core.drop_views().await.unwrap();
                let seen = self.done(BUDGET).await;
                self.world.sandbox.core.create_views().await.unwrap();
                seen
            }
            Fault::CoreSilent => {
                self.world.restarts().await;
                self.world.sandbox.core.lock_exclusively().await.unwrap();
                let seen = self.done(BUDGET).await;
                self.world.sandbox.core.unlock().await.unwrap();
                seen
            }
            Fault::Late => self.waits_for(LATE).await,
            Fault::Hangs => self.waits_for(VERY_LATE).await,
            Fault::Fails => self.asked(2, aws::Fault::FunctionError).await,
            Fault::ServerError => self.asked(2, aws::Fault::ServerError(500)).await,
            Fault::Garbage => self.asked(2, aws::Fault::Garbage).await,
            Fault::Throttled => self.asked(2, aws::Fault::Throttle).await,
            Fault::AnswerCut => self.asked(1, aws::Fault::CutAfterWork).await,
            Fault::Busy => self.met(CALLBACK, 2, busy(), AGAIN).await,
            Fault::Stumbles => self.met(CALLBACK, 2, RestFault::Status(500), AGAIN).await,
            Fault::NeverTaken => self.never_answers(RestFault::Status(500)).await,
            Fault::BusyForLong => self.never_answers(busy_for_long()).await,
            Fault::AnswerLost => self.met(CALLBACK, 1, RestFault::AnswerLost, AGAIN).await,
            Fault::EditBusy => self.edits(busy()).await,
            Fault::EditStumbles => self.edits(RestFault::Status(500)).await,
            Fault::EditNever => self.never_edits(RestFault::Status(500)).await,
            Fault::EditBusyForLong => self.never_edits(busy_for_long()).await,
            Fault::FollowUpLost => self.follows_up(1, RestFault::AnswerLost).await,
            Fault::FollowUpNever => self.follows_up(5, RestFault::Status(500)).await,
            Fault::SocketBefore => {
                self.world.sandbox.discord.faults().drop_sockets();
                self.done(BACKOFF).await
            }
            Fault::SocketOver => self.drops_over().await,
            Fault::ReplayedLate => self.replays().await,
            Fault::InvalidResumable => {
                self.world.sandbox.discord.faults().invalidate_sessions(true);
                self.done(BACKOFF).await
            }
            Fault::InvalidUnheard => self.goes_unheard().await,
            Fault::Twice => self.comes_twice().await,
        }
    }

    pub(super) fn aws(&self) -> Arc<Aws> {
        Arc::clone(&self.world.sandbox.aws)
    }

    pub(super) fn of(&self) -> &'static str {
        self.ask.expect("somebody is asked").of
    }

    /// Begins the step, which goes on by itself.
    pub(super) async fn begins(&self) -> JoinHandle<String> {
        let doing = self.step.act.prepared(self.world, self.who).await;
        tokio::spawn(doing.does(self.who.clone()))
    }

    /// Likewise, as far as the call that shall not get through yet: its function is held.
    pub(super) async fn begins_held(&self) -> (JoinHandle<String>, usize) {
        let aws = self.aws();
        let before = aws.calls_of(self.of()).len();
        let doing = self.step.act.prepared(self.world, self.who).await;
        aws.faults().hold(self.of());
        let doing = tokio::spawn(doing.does(self.who.clone()));
        aws.faults().arrived(self.of(), before + 1).await;
        (doing, before)
    }

    /// The whole step, over waits of this length, and what is seen after it.
    pub(super) async fn done(&self, over: Duration) -> String {
        // On PostgreSQL a lease is renewed meanwhile: moved on, the clock would run away from it.
        let over = if self.engine == Engine::Postgres { LOOK } else { over };
        let doing = self.begins().await;
        let page = self.world.dozing(over, doing).await.unwrap();
        let seen = self.world.dozing(over, self.who.sees()).await;
        format!("{page}\n{seen}").trim().to_owned()
    }

    /// What is seen once the step that was begun is done.
    pub(super) async fn ended(&self, doing: JoinHandle<String>) -> String {
        let page = doing.await.unwrap();
        format!("{page}\n{}", self.who.sees().await).trim().to_owned()
    }

    async fn dies(&mut self, done: bool) -> String {
        let (aws, of) = (self.aws(), self.of());
        let doing = if done {
            let before = aws.calls_of(of).len();
            let doing = self.step.act.prepared(self.world, self.who).await;
            aws.faults().always(of, aws::Fault::HangAfterWork);
            let doing = tokio::spawn(doing.does(self.who.clone()));
            aws.faults().worked(of, before + 1).await;
            doing
        } else {
            self.begins_held().await.0
        };
        doing.abort();
        self.world.crashes();
        aws.faults().clear(of);
        aws.faults().lose(of);
        self.world.clock.advance(TOO_LATE);
        self.world.sandbox.discord.connected(0).await;
        self.world.starts().await;
        let seen = self.who.sees().await;
        if self.step.act.is_on_page() { format!("{NO_PAGE}\n{seen}") } else { seen }
    }

    async fn stops(&mut self) -> String {
        let doing = if self.ask.is_some() {
            let (doing, _) = self.begins_held().await;
            self.world.asks_to_stop().await;
            self.aws().faults().release(self.of());
            doing
        } else {
            let late = RestFault::AnswerLate(Duration::from_secs(1));
            self.world.sandbox.discord.faults().next_calls_to(CALLBACK, 1, late);
            let doing = self.begins().await;
            self.world.sandbox.discord.faults().all_met().await;
            self.world.asks_to_stop().await;
            self.world.clock.advance(Duration::from_secs(1));
            doing
        };
        let seen = self.ended(doing).await;
        self.world.stops().await;
        self.world.starts().await;
        seen
    }

    async fn loses_store(&mut self) -> String {
        let (doing, _) = self.begins_held().await;
        let gone = self.world.store.goes().await;
        self.aws().faults().release(self.of());
        let seen = self.ended(doing).await;
        self.world.clock.advance(GONE);
        gone.comes_back().await;
        seen
    }

    /// The call takes this long; the SDK gives up when that is more than its own times.
    async fn waits_for(&mut self, time: Duration) -> String {
        let (aws, of, clock) = (self.aws(), self.of(), Arc::clone(&self.world.clock));
        let (mut doing, before) = self.begins_held().await;
        clock.advance(BUDGET);
        let mut page = None;
        if !self.step.act.is_on_page() {
            page = Some((&mut doing).await.unwrap());
        }
        let mut passed = BUDGET;
        for end in [ATTEMPT, CALL] {
            if time > end {
                clock.advance(end.checked_sub(passed).unwrap());
                passed = end;
            }
        }
        let mut seen = String::new();
        if time > CALL {
            // Nobody waits any longer.
            let page = match page.take() {
                Some(page) => page,
                None => (&mut doing).await.unwrap(),
            };
            seen = format!("{page}\n{}", self.who.sees().await);
        }
        clock.advance(time.checked_sub(passed).unwrap());
        aws.faults().release(of);
        aws.faults().worked(of, before + 1).await;
        if time <= CALL {
            let page = match page {
                Some(page) => page,
                None => doing.await.unwrap(),
            };
            seen = format!("{page}\n{}", self.who.sees().await);
        }
        seen.trim().to_owned()
    }

    /// So many calls meet this; what is left of them is forgotten when the step is done.
    async fn asked(&mut self, calls: usize, fault: aws::Fault) -> String {
        let (aws, of) = (self.aws(), self.of());
        let doing = self.step.act.prepared(self.world, self.who).await;
        aws.faults().next(of, calls, &fault);
        let doing = tokio::spawn(doing.does(self.who.clone()));
        let page = self.world.dozing(BACKOFF, doing).await.unwrap();
        let seen = self.world.dozing(BACKOFF, self.who.sees()).await;
        aws.faults().clear(of);
        format!("{page}\n{seen}").trim().to_owned()
    }
}
