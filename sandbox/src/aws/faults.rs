//! Faults on request, and the record of what arrived.
//!
//! A test names a function (`cs-otp-send`) or a Cognito operation (`ForgotPassword`) and says what
//! its next calls meet: a refusal, a delay, silence. It can also stop calls at the door, crash the
//! product, and let them go on or be lost; and it can ask what was called with what.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// How long, in real time, a test waits for a call before it fails with what did arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a call meets instead of its ordinary answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A refusal without effect: a code of the contract for a function, an exception's name for
    /// Cognito.
    Refuse {
        /// `RATE_LIMITED`, `LimitExceededException`…
        code: String,
        /// Seconds, where the contract has room for it.
        retry_after_s: Option<u64>,
    },
    /// Status 200 with `X-Amz-Function-Error`; for Cognito an internal error.
    FunctionError,
    /// Status 200 with a body that is no JSON.
    Garbage,
    /// `TooManyRequestsException`.
    Throttle,
    /// The service's own failure, with this status.
    ServerError(u16),
    /// The ordinary answer, later by the sandbox's clock.
    Delay(Duration),
    /// Silence before the work; on release the work is done and answered.
    Hang,
    /// The work is done, then silence; on release it is answered.
    HangAfterWork,
    /// The work is done, then the connection breaks.
    CutAfterWork,
    /// The work is done and the answer of `access` or `otp-send` is changed on its way.
    Alter(Alteration),
}

impl Fault {
    /// A refusal without a waiting time.
    #[must_use]
    pub fn refuse(code: &str) -> Self {
        Self::Refuse { code: code.to_owned(), retry_after_s: None }
    }
}

/// What is changed in an answer of `access`, or of `otp-send` where it has that.
#[derive(Clone, Debug)]
pub enum Alteration {
    /// Another URL altogether.
    Url(String),
    /// Another host (and port) in the URL.
    Host(String),
    /// Another scheme of the URL.
    Scheme(String),
    /// Another end, in milliseconds since the epoch.
    ExpiresAt(i64),
    /// A URL of more than this many characters.
    LongerThan(usize),
    /// Another wait before the next code, in seconds; in an answer of `otp-send`.
    ResendAfter(i64),
}

/// A call that arrived.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The function's name without alias, or the Cognito operation's.
    pub function: String,
    /// The alias a function was called by.
    pub qualifier: Option<String>,
    /// The idempotency key, for functions.
    pub request_id: Option<String>,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// The whole request; it may carry codes and passwords, so it is for tests only.
    pub body: Value,
}

/// The call was given up by the test: it is neither worked on nor answered.
#[derive(Debug)]
pub(crate) struct Abandoned;

/// The faults asked for and the calls seen.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
    tick: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    plans: HashMap<String, Plan>,
    gates: HashMap<String, Gate>,
    calls: Vec<Call>,
    worked: HashMap<String, usize>,
    complaints: Vec<String>,
}

#[derive(Debug, Default)]
struct Plan {
    next: VecDeque<Fault>,
    always: Option<Fault>,
}

/// The door of one function or operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gate {
    held: bool,
    releases: u64,
    losses: u64,
}

impl Faults {
    /// The next `count` calls of `name` meet this fault, after those already planned.
    pub fn next(&self, name: &str, count: usize, fault: &Fault) {
        let mut state = self.state();
        let plan = state.plans.entry(name.to_owned()).or_default();
        plan.next.extend(std::iter::repeat_n(fault.clone(), count));
    }

    /// Every call of `name` meets this fault, until cleared.
    pub fn always(&self, name: &str, fault: Fault) {
        self.state().plans.entry(name.to_owned()).or_default().always = Some(fault);
    }

    /// Calls of `name` are ordinary again; those that hang stay so until released.
    pub fn clear(&self, name: &str) {
        self.state().plans.remove(name);
    }

    /// All calls are ordinary again, and none is held.
    pub fn clear_all(&self) {
        let mut state = self.state();
        state.plans.clear();
        for gate in state.gates.values_mut() {
            gate.held = false;
            gate.releases += 1;
        }
        drop(state);
        self.tick();
    }

    /// Calls of `name` stop at the door, before any work, until released or lost.
    pub fn hold(&self, name: &str) {
        self.state().gates.entry(name.to_owned()).or_default().held = true;
    }

    /// Calls of `name` that are held or hang go on, and later ones pass.
    pub fn release(&self, name: &str) {
        let mut state = self.state();
        let gate = state.gates.entry(name.to_owned()).or_default();
        gate.held = false;
        gate.releases += 1;
        drop(state);
        self.tick();
    }

    /// Calls of `name` that are held or hang end without work and without answer, as if they had
    /// never arrived; later ones pass.
    pub fn lose(&self, name: &str) {
        let mut state = self.state();
        let gate = state.gates.entry(name.to_owned()).or_default();
        gate.held = false;
        gate.losses += 1;
        drop(state);
        self.tick();
    }

    /// Waits until `count` calls of `name` have arrived since the start.
    ///
    /// # Panics
    /// When they have not after ten seconds of real time.
    pub async fn arrived(&self, name: &str, count: usize) {
        self.until(|state| calls_of(state, name) >= count).await.unwrap_or_else(|_| {
            panic!("{count} calls of {name} expected, {} arrived", calls_of(&self.state(), name));
        });
    }

    /// Waits until `count` calls of `name` have had their effect since the start, answered or not;
    /// repeated keys count too.
    ///
    /// # Panics
    /// When they have not after ten seconds of real time.
    pub async fn worked(&self, name: &str, count: usize) {
        self.until(|state| worked_of(state, name) >= count).await.unwrap_or_else(|_| {
            panic!(
                "{count} effects of {name} expected, {} happened",
                worked_of(&self.state(), name)
            );
        });
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        self.state().complaints.clone()
    }

    /// Keeps why a request broke the contract, which the refusal's code alone does not say.
    pub(crate) fn complain(&self, why: String) {
        self.state().complaints.push(why);
    }

    pub(crate) fn record(&self, call: Call) {
        self.state().calls.push(call);
        self.tick();
    }

    /// Takes the fault planned for this call.
    pub(crate) fn take(&self, name: &str) -> Option<Fault> {
        let mut state = self.state();
        let plan = state.plans.get_mut(name)?;
        plan.next.pop_front().or_else(|| plan.always.clone())
    }

    pub(crate) fn note_work(&self, name: &str) {
        *self.state().worked.entry(name.to_owned()).or_default() += 1;
        self.tick();
    }

    /// The door as it is before a test can know of the call: a release that comes after counts,
    /// however early.
    pub(crate) fn gate(&self, name: &str) -> Gate {
        // Entered, so that `clear_all` finds it.
        *self.state().gates.entry(name.to_owned()).or_default()
    }

    /// Passes the door at once, unless calls of `name` are held.
    pub(crate) async fn pass(&self, name: &str, before: Gate) -> Result<(), Abandoned> {
        self.wait(name, before, |gate| !gate.held).await
    }

    /// Stays until calls of `name` are released.
    pub(crate) async fn hang(&self, name: &str, before: Gate) -> Result<(), Abandoned> {
        self.wait(name, before, |_| false).await
    }

    async fn wait(
        &self,
        name: &str,
        before: Gate,
        may_pass: impl Fn(Gate) -> bool,
    ) -> Result<(), Abandoned> {
        let mut tick = self.tick.subscribe();
        loop {
            let gate = self.gate(name);
            if gate.losses != before.losses {
                return Err(Abandoned);
            }
            if gate.releases != before.releases || may_pass(gate) {
                return Ok(());
            }
            // The sender lives as long as `self`.
            let _ = tick.changed().await;
        }
    }

    async fn until(
        &self,
        reached: impl Fn(&State) -> bool,
    ) -> Result<(), tokio::time::error::Elapsed> {
        let mut tick = self.tick.subscribe();
        let wait = async {
            while !reached(&self.state()) {
                let _ = tick.changed().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await
    }

    fn tick(&self) {
        self.tick.send_modify(|count| *count += 1);
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
    fn planned_faults_come_in_order_and_then_the_standing_one() {
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
    async fn held_calls_wait_and_are_released_or_lost() {
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
