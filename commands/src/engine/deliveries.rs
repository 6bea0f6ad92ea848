//! Codes whose mails are asked about.
//!
//! They are in memory only, because a question only reads: a restart ends them. There is at most
//! one a session. The sweeps ask the questions, so no task waits for their times.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::flows::step::Step;
use crate::flows::verify::delivery::asked_code;
use crate::model::delivery::STATUS_AT;
use crate::model::effect::Effect;
use crate::model::time::Timestamp;
use crate::model::words::{Purpose, SessionId};

/// A code whose mail is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailedCode {
    pub(crate) purpose: Purpose,
    /// Number of the attempt that mailed the code.
    pub(crate) nth: u32,
    /// Time at which the function had accepted the code.
    pub(crate) mailed_at: Timestamp,
    /// Number of the newest question. Missed ones count as asked.
    pub(crate) asked: usize,
}

impl MailedCode {
    /// Returns the number of questions that are due at this time.
    fn due(&self, now: Timestamp) -> usize {
        let age = now.since(self.mailed_at);
        STATUS_AT.iter().filter(|at| **at <= age).count()
    }
}

/// The newest code of each session whose mail is asked about.
#[derive(Debug, Default)]
pub(crate) struct Deliveries(Mutex<HashMap<SessionId, MailedCode>>);

impl Deliveries {
    /// Begins to ask about a code that `step` has recorded as mailed. A link code is not asked
    /// about. An older code of the session is forgotten.
    pub(crate) fn watch(&self, step: &Step, effect: &Effect) {
        let Effect::Send { purpose, nth } = *effect else { return };
        if asked_code(&step.session, purpose, nth, step.now).is_some() {
            let code = MailedCode { purpose, nth, mailed_at: step.now, asked: 0 };
            self.lock().insert(step.session.id.clone(), code);
        }
    }

    /// Removes the codes with a due question, and counts it.
    pub(crate) fn take_due(&self, now: Timestamp) -> Vec<(SessionId, MailedCode)> {
        let is_due = |_: &SessionId, code: &mut MailedCode| code.asked < code.due(now);
        let due = self.lock().extract_if(is_due).collect::<Vec<_>>();
        let asked = |code: MailedCode| MailedCode { asked: code.due(now), ..code };
        due.into_iter().map(|(session, code)| (session, asked(code))).collect()
    }

    /// Puts a code back for its next question, unless it has none or a newer code was mailed.
    pub(crate) fn put_back(&self, session: SessionId, code: MailedCode) {
        if code.asked < STATUS_AT.len() {
            self.lock().entry(session).or_insert(code);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, MailedCode>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
