//! Recorder of first answers, as the sandbox times them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sandbox::discord::Person;

use crate::pace::Slot;
use crate::report::{Latencies, Recorded};

/// Latencies of one load, shared by its workers.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

/// A click got no answer within Discord's three seconds, or a control never appeared: the load is
/// too high for the machine.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BrokenOff(String);

impl Recorder {
    /// Records the latency of the answer to the last click of `person`.
    pub fn record(&self, kind: &'static str, person: &Person, slot: Slot) -> anyhow::Result<()> {
        let Some((sent, arrived)) = person.last_exchange() else {
            return Err(self.break_off(format!("{kind}: no answer within three seconds")));
        };
        let latency = arrived.saturating_duration_since(slot.due.unwrap_or(sent));
        let mut recorded = self.lock();
        if let Some((_, latencies)) = recorded.kinds.iter_mut().find(|(name, _)| *name == kind) {
            latencies.record(latency);
        } else {
            let mut latencies = Latencies::default();
            latencies.record(latency);
            recorded.kinds.push((kind, latencies));
        }
        if let Some(due) = slot.due {
            recorded.lag.record(sent.saturating_duration_since(due));
        }
        Ok(())
    }

    /// Counts a click or session that cannot continue. Prints the reason of the first one.
    pub fn break_off(&self, reason: String) -> anyhow::Error {
        let mut recorded = self.lock();
        recorded.broken_off += 1;
        if recorded.broken_off == 1 {
            eprintln!("  broken off: {reason}");
        }
        BrokenOff(reason).into()
    }

    /// Takes all records and leaves the recorder empty.
    pub fn take(&self) -> Recorded {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
