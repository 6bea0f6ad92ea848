//! The functions' memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::challenge::{Challenge, ChallengeState, Proof};

/// Challenges, proofs and answers of all functions.
#[derive(Default)]
pub(in crate::aws) struct Lambda {
    state: Mutex<State>,
    /// One slot for each function and key. The first call locks it while it works, so a second call
    /// under the same key waits for its answer.
    answers: Mutex<HashMap<(String, String), Slot>>,
}

pub(super) type Slot = Arc<tokio::sync::Mutex<Option<Value>>>;

#[derive(Default)]
pub(super) struct State {
    pub(super) challenges: Vec<Challenge>,
    pub(super) proofs: Vec<Proof>,
    /// Revoked sessions. Their proofs are invalid.
    pub(super) revoked_sessions: HashSet<String>,
}

impl State {
    /// Ends the proofs and challenges of a session.
    pub(super) fn revoke(&mut self, session_id: &str) {
        self.revoked_sessions.insert(session_id.to_owned());
        self.proofs.retain(|proof| proof.session_id != session_id);
        for challenge in &mut self.challenges {
            if challenge.session_id == session_id {
                challenge.state = ChallengeState::Over;
            }
        }
    }
}

impl Lambda {
    pub(super) fn slot(&self, function: &str, request_id: &str) -> Slot {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry((function.to_owned(), request_id.to_owned())).or_default())
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
