//! Answering one interaction, in time: the first answer within Discord's three seconds, whatever
//! the work behind it takes.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::ports::Ports;
use crate::ports::chat::{ChatError, FirstAnswer, MessageRef, ReplyHandle};
use crate::screens::screen::{Form, Screen};

/// How long work may take before its answer is deferred: half of Discord's 3 s, the rest is for the
/// wire.
pub(crate) const BUDGET: Duration = Duration::from_millis(1500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Deferred,
    /// Our deferral was not the first answer: another process has given that, or it came too late.
    Overtaken,
    Answered,
    /// Another process has the interaction.
    Elsewhere {
        /// Whether we had deferred it before we saw that.
        deferred: bool,
    },
}

/// The answer to one interaction.
pub(crate) struct Reply<'a> {
    ports: &'a Ports,
    handle: &'a ReplyHandle,
    state: Mutex<State>,
    /// Whether every process answers it alike, as nobody claims it.
    alike: AtomicBool,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(ports: &'a Ports, handle: &'a ReplyHandle) -> Self {
        Self { ports, handle, state: Mutex::new(State::Open), alike: AtomicBool::new(false) }
    }

    /// Runs the work, and defers the answer when it takes longer than the budget. The work goes on
    /// while it is being deferred.
    pub(crate) async fn within_budget<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.ports.clock.sleep(BUDGET) => {}
        }
        tokio::join!(self.defer(), work).1
    }

    /// Leaves the answer to another process, which has claimed the interaction: from now on not
    /// even deferring it is our business.
    pub(crate) async fn yield_reply(&self) {
        let mut state = self.state.lock().await;
        *state = State::Elsewhere { deferred: *state != State::Open };
    }

    /// The other process died over it. Most of the three seconds is over, so the first thing is to
    /// defer.
    pub(crate) async fn take_over_reply(&self) {
        let mut state = self.state.lock().await;
        if let State::Elsewhere { deferred } = *state {
            *state = if deferred { State::Deferred } else { State::Open };
        }
        drop(state);
        self.defer().await;
    }

    /// Defers, to see whether the first answer is ours. `false` when another process has given it,
    /// or nobody can any more.
    pub(crate) async fn takes(&self) -> bool {
        self.defer().await;
        matches!(*self.state.lock().await, State::Deferred | State::Answered)
    }

    /// Nobody claims this interaction, and every process answers it alike: an answer of another one
    /// is as good as ours.
    pub(crate) fn allow_duplicate(&self) {
        self.alike.store(true, Ordering::Relaxed);
    }

    /// Defers, unless it is answered.
    pub(crate) async fn defer(&self) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            *state = self.deferral().await;
        }
    }

    async fn deferral(&self) -> State {
        match self.ports.chat.answer(self.handle, FirstAnswer::Defer).await {
            Err(error @ (ChatError::Answered | ChatError::Gone)) => {
                self.swallow(Err(error));
                State::Overtaken
            }
            result => {
                self.swallow(result);
                State::Deferred
            }
        }
    }

    /// Shows the panel: in place of the message that was clicked, or as the answer to a command.
    pub(crate) async fn panel(&self, screen: Screen) {
        let mut state = self.state.lock().await;
        match *state {
            State::Elsewhere { .. } => return,
            State::Open if self.first(FirstAnswer::Panel(screen.clone())).await => {}
            // Another process has deferred it, before it saw that the interaction is ours; or we
            // have.
            State::Open | State::Deferred | State::Overtaken | State::Answered => {
                self.swallow(
                    self.ports.chat.edit(&self.handle.token, MessageRef::Panel, screen).await,
                );
            }
        }
        *state = State::Answered;
    }

    /// Says something beside the panel.
    pub(crate) async fn note(&self, screen: Screen) {
        let mut state = self.state.lock().await;
        match *state {
            State::Elsewhere { .. } => return,
            State::Open if self.first(FirstAnswer::Note(screen.clone())).await => {}
            // A deferred command has an empty message waiting for it; a deferred click has its
            // panel there already.
            State::Open | State::Deferred | State::Overtaken if !self.handle.from_message => {
                self.swallow(
                    self.ports.chat.edit(&self.handle.token, MessageRef::Panel, screen).await,
                );
            }
            State::Open | State::Deferred | State::Overtaken | State::Answered => {
                self.swallow(self.ports.chat.follow_up(&self.handle.token, screen).await.map(drop));
            }
        }
        *state = State::Answered;
    }

    /// Opens a modal: it has to be the first answer.
    pub(crate) async fn form(&self, form: Form) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            self.first(FirstAnswer::Form(form)).await;
            *state = State::Answered;
        }
    }

    /// Gives the first answer. `false` when another process has given one that leaves ours to be
    /// said.
    async fn first(&self, answer: FirstAnswer) -> bool {
        match self.ports.chat.answer(self.handle, answer).await {
            Err(ChatError::Answered) if !self.alike.load(Ordering::Relaxed) => return false,
            result => self.swallow(result),
        }
        true
    }

    /// What cannot be drawn is not lost: the state stands, and the next click or `/support resume`
    /// draws it.
    fn swallow(&self, result: Result<(), ChatError>) {
        match result {
            Ok(()) => {}
            Err(ChatError::Answered) => tracing::debug!("the interaction was answered before"),
            Err(ChatError::Gone) => tracing::warn!("an answer came too late for Discord"),
            Err(ChatError::Fault(fault)) => {
                tracing::error!(reference = self.ports.keys.reference(), "{fault}");
            }
        }
    }
}
