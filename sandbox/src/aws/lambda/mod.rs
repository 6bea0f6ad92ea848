//! The company's four functions, as the contract names them.
//!
//! They resolve addresses, make and check codes, open and close sign-ins, and send mails; the bot
//! does none of that itself. A call under a key that was answered before gets that answer again and
//! has no second effect.

mod access;
mod message;
mod otp;
mod request;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::cognito::Pool;
use crate::core::{Core, CoreError};
use crate::mail::Mailbox;
use crate::shop::Shop;

pub use otp::{ATTEMPTS, CODE_LIFE, PROOF_LIFE, PROOF_MARKER, RESEND_AFTER_S};

use request::{Request, Subject, SubjectKind};

/// The names of the functions.
pub const FUNCTIONS: [&str; 4] = ["cs-otp-send", "cs-otp-verify", "cs-access", "cs-message"];

/// What the functions remember.
#[derive(Default)]
pub(super) struct Lambda {
    state: Mutex<State>,
    /// One slot a function and key, locked while the first call works, so that a second one waits
    /// for its answer.
    answers: Mutex<HashMap<(String, String), Slot>>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Value>>>;

#[derive(Default)]
struct State {
    challenges: Vec<otp::Challenge>,
    proofs: Vec<otp::Proof>,
}

/// What a function works with, at one moment.
pub(super) struct Surroundings<'a> {
    pub(super) now: i64,
    pub(super) pool: &'a Mutex<Pool>,
    pub(super) core: &'a Core,
    pub(super) mail: &'a Mailbox,
    pub(super) shop: &'a Shop,
}

/// Somebody who gets mail.
struct Person {
    email: String,
    name: String,
    /// A customer's language; an agent's comes with the request.
    locale: Option<String>,
}

/// A refusal of the contract.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) retry_after_s: Option<u64>,
    /// What broke the contract, for the sandbox's own record.
    pub(super) why: Option<String>,
}

impl Refusal {
    fn new(code: &str) -> Self {
        Self { code: code.to_owned(), retry_after_s: None, why: None }
    }

    fn not_found() -> Self {
        Self::new("NOT_FOUND")
    }

    fn bad(why: impl Into<String>) -> Self {
        Self { code: "BAD_REQUEST".to_owned(), retry_after_s: None, why: Some(why.into()) }
    }

    /// By value for `map_err`.
    #[expect(clippy::needless_pass_by_value, reason = "a function to hand to map_err")]
    fn fault(error: CoreError) -> Self {
        Self { code: "UNAVAILABLE".to_owned(), retry_after_s: None, why: Some(error.to_string()) }
    }

    pub(super) fn as_json(&self) -> Value {
        let mut error = json!({"code": self.code});
        if let Some(seconds) = self.retry_after_s {
            error["retry_after_s"] = json!(seconds);
        }
        json!({"ok": false, "error": error})
    }
}

impl Surroundings<'_> {
    /// Where a subject gets mail; `None` when nobody has the id, or the account is disabled.
    async fn find_person(&self, subject: &Subject) -> Result<Option<Person>, Refusal> {
        match subject.kind {
            SubjectKind::Agent => {
                let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
                let staff = pool.find(&subject.id).filter(|staff| staff.enabled);
                Ok(staff.map(|staff| Person {
                    email: staff.email.clone(),
                    name: staff.name.clone(),
                    locale: None,
                }))
            }
            SubjectKind::Customer => {
                let user = self.core.find_user(&subject.id).await.map_err(Refusal::fault)?;
                Ok(user.map(|user| Person {
                    email: user.email,
                    name: user.name,
                    locale: Some(user.locale),
                }))
            }
        }
    }
}

impl Lambda {
    /// Runs a function once a key; answers what it answers, and why when the contract was broken.
    pub(super) async fn run(
        &self,
        function: &str,
        around: &Surroundings<'_>,
        body: Value,
    ) -> (Value, Option<String>) {
        let request = match Request::read(body) {
            Ok(request) => request,
            Err(why) => {
                let refusal = Refusal::bad(why);
                return (refusal.as_json(), refusal.why);
            }
        };
        let slot = self.slot(function, &request.request_id);
        let mut answer = slot.lock().await;
        if let Some(answer) = &*answer {
            return (answer.clone(), None);
        }
        let done = match function {
            "cs-otp-send" => otp::send(self, around, &request).await,
            "cs-otp-verify" => otp::verify(self, around.now, &request),
            "cs-access" => access::access(self, around, &request).await,
            _ => message::message(self, around, &request).await,
        };
        match done {
            Ok(value) => {
                *answer = Some(value.clone());
                (value, None)
            }
            // A refusal had no effect, so the same key may try again.
            Err(refusal) => (refusal.as_json(), refusal.why),
        }
    }

    fn slot(&self, function: &str, request_id: &str) -> Slot {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry((function.to_owned(), request_id.to_owned())).or_default())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
