//! What is under way, so that a stop can wait for it and a test can tell when everything is at
//! rest.

use tokio::sync::watch;

/// Counts flights.
#[derive(Debug)]
pub(crate) struct Flights(watch::Sender<usize>);

impl Default for Flights {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Flights {
    /// One more, until the guard is dropped.
    pub(crate) fn begin(&self) -> Flight<'_> {
        self.0.send_modify(|count| *count += 1);
        Flight(self)
    }

    /// Resolves when there is none.
    pub(crate) async fn landed(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One flight.
#[derive(Debug)]
pub(crate) struct Flight<'a>(&'a Flights);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
