//! Places for the connections of each client, so that one client cannot keep out the others.
//!
//! A client with no place left loses its oldest connection whose request has not arrived. So a
//! client with many half-sent requests (Slowloris) only hurts itself, and its next whole request is
//! answered.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Maximum number of open connections of a client: a quarter of all. A proxy in front of the page
/// is one client too, and its connections last milliseconds.
pub(super) const MAX_PER_CLIENT: usize = 64;

/// Open connections by client.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<IpAddr, VecDeque<Arc<State>>>>);

#[derive(Debug, Default)]
struct State {
    request_arrived: AtomicBool,
    evicted: CancellationToken,
}

/// Place of one connection. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    client: IpAddr,
    state: Arc<State>,
    places: Arc<Places>,
}

impl Places {
    /// Takes a place for a connection of `client`; `None` if all its places have requests in
    /// flight.
    pub(super) fn take(self: &Arc<Self>, client: IpAddr) -> Option<Place> {
        let state = Arc::new(State::default());
        let mut places = self.lock();
        let own = places.entry(client).or_default();
        if own.len() >= MAX_PER_CLIENT {
            let is_waiting = |state: &Arc<State>| !state.request_arrived.load(Ordering::Relaxed);
            let oldest = own.remove(own.iter().position(is_waiting)?)?;
            oldest.evicted.cancel();
        }
        own.push_back(Arc::clone(&state));
        Some(Place { client, state, places: Arc::clone(self) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, VecDeque<Arc<State>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Returns a function that protects the place, because its request has arrived.
    pub(super) fn on_request(&self) -> impl Fn() + Send + Sync + use<> {
        let state = Arc::clone(&self.state);
        move || state.request_arrived.store(true, Ordering::Relaxed)
    }

    /// Waits until another connection of the client gets the place.
    pub(super) async fn evicted(&self) {
        self.state.evicted.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.places.lock();
        if let Some(own) = places.get_mut(&self.client) {
            own.retain(|state| !Arc::ptr_eq(state, &self.state));
            if own.is_empty() {
                places.remove(&self.client);
            }
        }
    }
}
