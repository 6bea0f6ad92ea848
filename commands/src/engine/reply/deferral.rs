//! The deferral: a first answer without a result, while the work goes on.

use std::sync::atomic::Ordering;

use super::{Reply, State};
use crate::engine::panel;
use crate::engine::picture::with_qr;
use crate::ports::chat::{ChatError, FirstAnswer};
use crate::screens::screen::Screen;

impl Reply<'_> {
    /// Defers the answer, unless one was given.
    pub(crate) async fn defer(&self) {
        let mut state = self.state.lock().await;
        if *state == State::Open {
            *state = self.send_deferral().await;
        }
    }

    async fn send_deferral(&self) -> State {
        let mut answered = match self.progress() {
            Some(screen) => {
                self.shows_progress.store(true, Ordering::Relaxed);
                self.answer_first(FirstAnswer::Progress(screen)).await
            }
            None => self.answer_first(FirstAnswer::Defer).await,
        };
        if matches!(answered, Err(ChatError::Refused(_))) {
            self.log(answered);
            self.shows_progress.store(false, Ordering::Relaxed);
            answered = self.answer_first(FirstAnswer::Defer).await;
        }
        match answered {
            Err(error @ (ChatError::Answered | ChatError::Gone)) => {
                self.log(Err(error));
                self.shows_progress.store(false, Ordering::Relaxed);
                State::Overtaken
            }
            result => {
                self.log(result);
                State::Deferred
            }
        }
    }

    /// Returns the clicked panel while its effect is pending.
    fn progress(&self) -> Option<Screen> {
        let handle = self.clicked.get().filter(|_| self.interaction.reply.from_message)?;
        let (session, record) = (handle.session(), handle.customer_record());
        // Another click can have begun this effect. The agent of this click may have lost the right
        // to see its panel since.
        let effect = session.blocking_effect()?;
        if effect.requested_by != Some(self.interaction.id()) {
            return None;
        }
        let (page, now) = (handle.page(session.generation), self.ports.clock.now());
        let screen = panel::render_progress(&session, record.as_deref(), page, now)?;
        Some(with_qr(self.ports, &session, screen))
    }
}
