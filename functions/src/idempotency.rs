//! Idempotency of calls that mail.
//!
//! A mail cannot be taken back, so a call that mails works in three steps: it takes a lease on its
//! key, mails, and saves the answer. A second call under the key waits for that answer. If the
//! function died, the next call takes the lease over and mails the same code, because the lease
//! keeps the nonce that the code derives from.
//!
//! Calls without a mail need no lease: they save their effect and their answer in one step. Where
//! the company's own API issues access links, its idempotency key takes the place of a lease.

use crate::contract::{Purpose, Refusal, RefusalCode};
use crate::functions::{Failure, Function, Functions};
use crate::secrets;
use crate::session_state::{Answer, CODE_LIFE, CallRecord, Nonce, SessionState};

/// Lifetime of a lease, in milliseconds: longer than a function may run (11 s in the template), so
/// that its owner is dead when another call takes over.
pub const LEASE: i64 = 15_000;
/// Time for which a call that takes a lease over mails the code of the first, in milliseconds: half
/// the lifetime of a code, which begins with the first.
pub const NONCE_LIFE: i64 = CODE_LIFE / 2;
/// Time that a second call waits for the answer of the first, in milliseconds.
pub const WAIT_FOR_ANSWER: u64 = 6_000;
/// Pause between two looks for the answer, in milliseconds.
const LOOK_PAUSE: u64 = 100;

/// An idempotency key within a session.
pub(crate) struct Key<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) name: String,
}

/// Result of the try to get the lease on a key.
pub(crate) enum Acquired {
    /// This call has the lease.
    Lease(Lease),
    /// The call was answered before.
    Answered(Answer),
}

/// The right of one call to work under a key.
#[derive(Clone)]
pub(crate) struct Lease {
    holder: String,
    pub(crate) nonce: Nonce,
    /// When the nonce was made, in milliseconds since the epoch.
    pub(crate) since: i64,
    /// This call made the nonce.
    is_first: bool,
}

enum Attempt {
    Acquired(Acquired),
    Busy,
}

impl<'a> Key<'a> {
    pub(crate) fn new(function: Function, session_id: &'a str, request_id: &str) -> Self {
        Self { session_id, name: format!("{} {request_id}", function.name()) }
    }

    /// Returns the answer that was saved under this key.
    pub(crate) fn answer<'s>(&self, state: &'s SessionState) -> Option<&'s Answer> {
        match state.calls.get(&self.name)? {
            CallRecord::Answered { answer, .. } => Some(answer),
            CallRecord::Working { .. } => None,
        }
    }

    /// Saves the answer to repeat.
    pub(crate) fn save_answer(&self, state: &mut SessionState, answer: Answer, now: i64) {
        state.calls.insert(self.name.clone(), CallRecord::Answered { answer, at: now });
    }
}

impl Functions {
    /// Takes the lease on a key, or returns the answer that another call gave.
    ///
    /// `permit` decides on the state before the lease is taken. `purpose` is the purpose whose next
    /// send the lease occupies.
    pub(crate) async fn begin(
        &self,
        key: &Key<'_>,
        purpose: Option<Purpose>,
        permit: impl Fn(&SessionState, i64) -> Result<(), Refusal> + Send + Sync,
    ) -> Result<Acquired, Failure> {
        let holder = secrets::random_text(&*self.ports.random);
        let fresh = Nonce(secrets::random_text(&*self.ports.random));
        let mut looks = WAIT_FOR_ANSWER / LOOK_PAUSE;
        loop {
            let attempt = self
                .update(key.session_id, |state, now| {
                    let (nonce, since) = match state.calls.get(&key.name) {
                        Some(CallRecord::Answered { answer, .. }) => {
                            return Ok(Attempt::Acquired(Acquired::Answered(answer.clone())));
                        }
                        // The holder is this call if the storage took the lease, but its answer
                        // was lost.
                        Some(CallRecord::Working { until, holder: other, .. })
                            if now < *until && *other != holder =>
                        {
                            return Ok(Attempt::Busy);
                        }
                        Some(CallRecord::Working { nonce, since, .. })
                            if now < *since + NONCE_LIFE =>
                        {
                            (nonce.clone(), *since)
                        }
                        Some(CallRecord::Working { .. }) | None => (fresh.clone(), now),
                    };
                    permit(state, now)?;
                    let working = CallRecord::Working {
                        holder: holder.clone(),
                        nonce: nonce.clone(),
                        since,
                        until: now + LEASE,
                        purpose,
                    };
                    state.calls.insert(key.name.clone(), working);
                    let is_first = nonce == fresh;
                    let lease = Lease { holder: holder.clone(), nonce, since, is_first };
                    Ok(Attempt::Acquired(Acquired::Lease(lease)))
                })
                .await?;
            match attempt {
                Attempt::Acquired(acquired) => return Ok(acquired),
                Attempt::Busy if looks == 0 => {
                    let mut refusal = Refusal::new(RefusalCode::InProgress);
                    refusal.retry_after_s = Some(1);
                    return Err(refusal.into());
                }
                Attempt::Busy => {
                    looks -= 1;
                    self.ports.clock.sleep(LOOK_PAUSE).await;
                }
            }
        }
    }

    /// Ends a lease without an answer, unless another call has taken it over.
    ///
    /// After a refusal the key is free. After a fault it keeps its nonce, because the mail may be
    /// sent: a repeated call must mail the same code. A nonce of another call stays, too.
    pub(crate) async fn abandon(
        &self,
        key: &Key<'_>,
        lease: &Lease,
        failure: &Failure,
    ) -> Result<(), Failure> {
        self.update(key.session_id, |state, now| {
            let Some(CallRecord::Working { holder, until, .. }) = state.calls.get_mut(&key.name)
            else {
                return Ok(());
            };
            match failure {
                _ if *holder != lease.holder => {}
                Failure::Refused(_) if lease.is_first => drop(state.calls.remove(&key.name)),
                Failure::Refused(_) | Failure::Fault(_) => *until = now,
            }
            Ok(())
        })
        .await
    }
}
