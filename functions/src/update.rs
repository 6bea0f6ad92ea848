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

impl Functions {
    /// Changes the state of a session.
    ///
    /// `decide` gets the newest state and the time. It runs again if another call was faster, so it
    /// must have no effect but its change of the state. A refusal saves nothing.
    pub(crate) async fn update<T>(
        &self,
        session_id: &str,
        mut decide: impl FnMut(&mut SessionState, i64) -> Result<T, Refusal> + Send,
    ) -> Result<T, Failure>
    where
        T: Send,
    {
        for _ in 0..TRIES {
            let (mut state, version) = self.ports.sessions.load(session_id).await?;
            let now = self.ports.clock.now();
            let decided = decide(&mut state, now)?;
            state.forget_old_answers(now);
            match self.ports.sessions.save(session_id, &state, version).await? {
                Saved::Done => return Ok(decided),
                Saved::Conflict => self.ports.clock.sleep(CONFLICT_PAUSE).await,
            }
        }
        Err(Failure::Fault(Fault("too many calls for one session at the same time")))
    }
}
