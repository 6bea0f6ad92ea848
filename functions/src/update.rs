//! Load, decide, save: one step of a session's state.

use crate::contract::Refusal;
use crate::functions::{Failure, Functions};
use crate::ports::{Fault, Saved};
use crate::session_state::SessionState;

/// Tries of a step. Each conflict means that another call made its step, so 64 tries are enough for
/// 64 calls at the same time.
pub(crate) const TRIES: u32 = 64;
/// Pause after a conflict, in milliseconds.
const CONFLICT_PAUSE: u64 = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Save {
    IfChanged,
    Always,
}

impl Functions {
    /// Changes the state of a session, and saves it if it changed.
    ///
    /// `decide` gets the newest state and the time. It runs again if another call was faster, so it
    /// must have no effect but its change of the state. A refusal saves nothing.
    pub(crate) async fn update<T: Send>(
        &self,
        session_id: &str,
        decide: impl FnMut(&mut SessionState, i64) -> Result<T, Refusal> + Send,
    ) -> Result<T, Failure> {
        self.update_with(session_id, Save::IfChanged, decide).await
    }

    /// Changes the state of a session, as [`update`](Self::update) does, and saves it in any case,
    /// so that the duration does not reveal the decision.
    pub(crate) async fn update_evenly<T: Send>(
        &self,
        session_id: &str,
        mut decide: impl FnMut(&mut SessionState, i64) -> T + Send,
    ) -> Result<T, Failure> {
        self.update_with(session_id, Save::Always, |state, now| Ok(decide(state, now))).await
    }

    async fn update_with<T: Send>(
        &self,
        session_id: &str,
        save: Save,
        mut decide: impl FnMut(&mut SessionState, i64) -> Result<T, Refusal> + Send,
    ) -> Result<T, Failure> {
        for _ in 0..TRIES {
            let (old, version) = self.ports.sessions.load(session_id).await?;
            let now = self.ports.clock.now();
            let mut state = old.clone();
            let decided = decide(&mut state, now)?;
            if save == Save::IfChanged && state == old {
                return Ok(decided);
            }
            state.forget_old_calls(now);
            match self.ports.sessions.save(session_id, &state, version).await? {
                Saved::Done => return Ok(decided),
                Saved::Conflict => self.ports.clock.sleep(CONFLICT_PAUSE).await,
            }
        }
        Err(Failure::Fault(Fault("too many calls for one session at the same time")))
    }
}
