//! Answering one interaction, in time: the first answer within Discord's three seconds, whatever the work behind it takes.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::ports::{ChatError, FirstAnswer, MessageRef, Ports, Ticket};
use crate::screen::{Form, Screen};

/// How long work may take before its answer is deferred: half of Discord's 3 s, the rest is for the wire.
pub(super) const BUDGET: Duration = Duration::from_millis(1500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Deferred,
    Answered,
}

/// The answer to one interaction.
pub(super) struct Reply<'a> {
    ports: &'a Ports,
    ticket: &'a Ticket,
    state: Mutex<State>,
}

impl<'a> Reply<'a> {
    pub(super) fn new(ports: &'a Ports, ticket: &'a Ticket) -> Self {
        Self { ports, ticket, state: Mutex::new(State::Open) }
    }

    /// Runs the work, and defers the answer when it takes longer than the budget. The work goes on while it is being deferred.
    pub(super) async fn within_budget<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.ports.clock.sleep(BUDGET) => {}
        }
        tokio::join!(self.defer(), work).1
    }

    /// Defers, unless it is answered.
    pub(super) async fn defer(&self) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            self.first(FirstAnswer::Defer).await;
            *state = State::Deferred;
        }
    }

    /// Shows the panel: in place of the message that was clicked, or as the answer to a command.
    pub(super) async fn panel(&self, screen: Screen) {
        let mut state = self.state.lock().await;
        let first = *state == State::Open;
        *state = State::Answered;
        if first {
            match self.ports.chat.answer(self.ticket, FirstAnswer::Panel(screen.clone())).await {
                // Somebody has deferred it: another replica, or we ourselves by an answer that was lost on its way.
                Err(ChatError::Answered) => {}
                result => return self.swallow(result),
            }
        }
        self.swallow(self.ports.chat.edit(&self.ticket.token, MessageRef::Panel, screen).await);
    }

    /// Says something beside the panel.
    pub(super) async fn note(&self, screen: Screen) {
        let mut state = self.state.lock().await;
        match *state {
            State::Open => self.first(FirstAnswer::Note(screen)).await,
            // A deferred command has an empty message waiting for it; a deferred click has its panel there already.
            State::Deferred if !self.ticket.from_message => {
                self.swallow(self.ports.chat.edit(&self.ticket.token, MessageRef::Panel, screen).await);
            }
            State::Deferred | State::Answered => {
                self.swallow(self.ports.chat.follow_up(&self.ticket.token, screen).await.map(drop));
            }
        }
        *state = State::Answered;
    }

    /// Opens a modal: it has to be the first answer.
    pub(super) async fn form(&self, form: Form) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            self.first(FirstAnswer::Form(form)).await;
            *state = State::Answered;
        }
    }

    async fn first(&self, answer: FirstAnswer) {
        self.swallow(self.ports.chat.answer(self.ticket, answer).await);
    }

    /// What cannot be drawn is not lost: the state stands, and the next click or `/support resume` draws it.
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
