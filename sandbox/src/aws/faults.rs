//! Fault injection, and the log of calls.
//!
//! A test names a function (`cs-otp-send`) or a Cognito operation (`ForgotPassword`) and plans a
//! fault for its next calls, such as a refusal or a delay. It can also hold calls before their
//! work, crash the bot, and then release or lose the held calls. The log has every call with its
//! body.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// Real time that a test waits for a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A fault of one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A refusal without effect.
    ///
    /// A code of the contract for a function, or the name of an exception for Cognito.
    Refuse {
        /// `RATE_LIMITED`, `LimitExceededException`…
        code: String,
        /// Seconds, if the contract has a field for it.
        retry_after_s: Option<u64>,
    },
    /// Status 200 with `X-Amz-Function-Error`, or an internal error of Cognito.
    FunctionError,
    /// Status 200 with a body that is not JSON.
    Garbage,
    /// `TooManyRequestsException`.
    Throttle,
    /// A server error with this status.
    ServerError(u16),
    /// The ordinary answer, delayed on the sandbox's clock.
    Delay(Duration),
    /// No answer and no work until release. Then the work is done and answered.
    Hang,
    /// The work is done. The answer waits for release.
    HangAfterWork,
    /// The work is done, then the connection breaks.
    CutAfterWork,
    /// The work is done. The answer of `cs-access` or `cs-otp-send` is changed.
    Alter(Alteration),
}

impl Fault {
    /// Returns a refusal without a time to retry after.
    pub fn refuse(code: &str) -> Self {
        Self::Refuse { code: code.to_owned(), retry_after_s: None }
    }
}

/// A change to an answer of `cs-access`, or of `cs-otp-send` if it has the field.
#[derive(Clone, Debug)]
pub enum Alteration {
    Url(String),
    /// Another host and port in the URL.
    Host(String),
    /// Another scheme in the URL.
    Scheme(String),
    /// Another end of the lifetime, in milliseconds since the epoch.
    ExpiresAt(i64),
    /// A URL of more than this many characters.
    LongerThan(usize),
    /// Another wait before the next code, in seconds. Only for `cs-otp-send`.
    ResendAfter(i64),
}

/// A logged call.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The name of the function, without alias, or of the Cognito operation.
    pub function: String,
    /// The alias that the function was called by.
    pub qualifier: Option<String>,
    /// The idempotency key of a function's call.
    pub request_id: Option<String>,
    /// Milliseconds since the epoch.
    pub at: i64,
    /// The whole request. For tests only, because it can contain codes and passwords.
    pub body: Value,
}

/// A call that the test lost: no work and no answer.
#[derive(Debug)]
pub(crate) struct Abandoned;

/// The planned faults and the log of calls.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    plans: HashMap<String, Plan>,
    gates: HashMap<String, Gate>,
    calls: Vec<Call>,
    worked: HashMap<String, usize>,
    contract_violations: Vec<String>,
}

#[derive(Debug, Default)]
struct Plan {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

/// The gate before the work of one function or operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gate {
    held: bool,
    releases: u64,
    losses: u64,
}

impl Faults {
    /// Plans this fault for `count` calls of `name`, after the faults already planned.
    pub fn next(&self, name: &str, count: usize, fault: &Fault) {
        let mut state = self.state();
        let plan = state.plans.entry(name.to_owned()).or_default();
        plan.next.extend(std::iter::repeat_n(fault.clone(), count));
    }

    /// Plans this fault for every call of `name`, until cleared.
    pub fn always(&self, name: &str, fault: Fault) {
        self.state().plans.entry(name.to_owned()).or_default().always = Some(fault);
    }

    /// Clears the planned faults of `name`. A hanging call hangs until released.
    pub fn clear(&self, name: &str) {
        self.state().plans.remove(name);
    }

    /// Clears all planned faults and releases all held calls.
    pub fn clear_all(&self) {
        let mut state = self.state();
        state.plans.clear();
        for gate in state.gates.values_mut() {
            gate.held = false;
            gate.releases += 1;
        }
        drop(state);
        self.notify();
    }

    /// Holds calls of `name` before any work, until released or lost.
    pub fn hold(&self, name: &str) {
        self.state().gates.entry(name.to_owned()).or_default().held = true;
    }

    /// Releases the held and hanging calls of `name`. Later ones pass.
    pub fn release(&self, name: &str) {
        let mut state = self.state();
        let gate = state.gates.entry(name.to_owned()).or_default();
        gate.held = false;
        gate.releases += 1;
        drop(state);
        self.notify();
    }

    /// Loses the held and hanging calls of `name`: no work and no answer. Later ones pass.
    pub fn lose(&self, name: &str) {
        let mut state = self.state();
        let gate = state.gates.entry(name.to_owned()).or_default();
        gate.held = false;
        gate.losses += 1;
        drop(state);
        self.notify();
    }

    /// Waits until `count` calls of `name` have arrived since the start.
    ///
    /// # Panics
    /// After ten seconds of real time.
    pub async fn arrived(&self, name: &str, count: usize) {
        self.wait_until(|state| calls_of(state, name) >= count).await.unwrap_or_else(|_| {
            panic!("expected {count} calls of {name}, got {}", calls_of(&self.state(), name));
        });
    }

    /// Waits until the work of `count` calls of `name` is done, answered or not.
    ///
    /// Calls under a repeated key count too.
    ///
    /// # Panics
    /// After ten seconds of real time.
    pub async fn worked(&self, name: &str, count: usize) {
        self.wait_until(|state| worked_of(state, name) >= count).await.unwrap_or_else(|_| {
            panic!("expected {count} effects of {name}, got {}", worked_of(&self.state(), name));
        });
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    pub(crate) fn contract_violations(&self) -> Vec<String> {
        self.state().contract_violations.clone()
    }

    /// Records how a request broke the contract. The refusal carries only a code.
    pub(crate) fn record_contract_violation(&self, why: String) {
        self.state().contract_violations.push(why);
    }

    pub(crate) fn log_call(&self, call: Call) {
        self.state().calls.push(call);
        self.notify();
    }

    /// Takes the fault that is planned for the next call of `name`.
    pub(crate) fn take(&self, name: &str) -> Option<Fault> {
        let mut state = self.state();
        let plan = state.plans.get_mut(name)?;
        plan.next.pop_front().or_else(|| plan.always.clone())
    }

    pub(crate) fn count_work(&self, name: &str) {
        *self.state().worked.entry(name.to_owned()).or_default() += 1;
        self.notify();
    }

    /// Returns the state of the gate.
    ///
    /// A call takes it before a test can see the call, so that every later release counts.
    pub(crate) fn gate(&self, name: &str) -> Gate {
        // Inserted, so that `clear_all` finds the gate.
        *self.state().gates.entry(name.to_owned()).or_default()
    }

    /// Waits while calls of `name` are held.
    pub(crate) async fn pass(&self, name: &str, before: Gate) -> Result<(), Abandoned> {
        self.wait(name, before, |gate| !gate.held).await
    }

    /// Waits until calls of `name` are released.
    pub(crate) async fn hang(&self, name: &str, before: Gate) -> Result<(), Abandoned> {
        self.wait(name, before, |_| false).await
    }

    async fn wait(
        &self,
        name: &str,
        before: Gate,
        may_pass: impl Fn(Gate) -> bool,
    ) -> Result<(), Abandoned> {
        let mut changes = self.changes.subscribe();
        loop {
            let gate = self.gate(name);
            if gate.losses != before.losses {
                return Err(Abandoned);
            }
            if gate.releases != before.releases || may_pass(gate) {
                return Ok(());
            }
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

    async fn wait_until(
        &self,
        reached: impl Fn(&State) -> bool,
    ) -> Result<(), tokio::time::error::Elapsed> {
        let mut changes = self.changes.subscribe();
        let waiting = async {
            while !reached(&self.state()) {
                let _ = changes.changed().await;
            }
        };
        tokio::time::timeout(CALL_TIMEOUT, waiting).await
    }

    fn notify(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn calls_of(state: &State, name: &str) -> usize {
    state.calls.iter().filter(|call| call.function == name).count()
}

fn worked_of(state: &State, name: &str) -> usize {
    state.worked.get(name).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn planned_faults_precede_the_standing_fault() {
        let faults = Faults::default();
        faults.next("a", 2, &Fault::Throttle);
        faults.always("a", Fault::Garbage);
        assert!(matches!(faults.take("a"), Some(Fault::Throttle)));
        assert!(matches!(faults.take("a"), Some(Fault::Throttle)));
        assert!(matches!(faults.take("a"), Some(Fault::Garbage)));
        faults.clear("a");
        assert!(faults.take("a").is_none());
        assert!(faults.take("b").is_none());
    }

    #[tokio::test]
    async fn held_calls_wait_for_release_or_loss() {
        let faults = Faults::default();
        faults.pass("a", faults.gate("a")).await.unwrap();
        faults.hold("a");
        let mut held = Box::pin(faults.pass("a", faults.gate("a")));
        assert!(held.as_mut().now_or_never().is_none());
        faults.pass("b", faults.gate("b")).await.unwrap();
        faults.release("a");
        held.await.unwrap();
        faults.pass("a", faults.gate("a")).await.unwrap();

        let mut hanging = Box::pin(faults.hang("a", faults.gate("a")));
        assert!(hanging.as_mut().now_or_never().is_none());
        faults.lose("a");
        assert!(hanging.await.is_err());

        let early = faults.gate("a");
        faults.release("a");
        faults.hang("a", early).await.unwrap();
    }
}
