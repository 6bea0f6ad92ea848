//! Places for the connections of a listener, so that no client can keep out the others.
//!
//! A client with no place left loses its oldest connection whose request has not arrived. If the
//! listener has no place left, the oldest such connection of all clients is closed. So half-sent
//! requests (Slowloris) from any number of addresses never keep a whole request out.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Maximum number of open connections. This is enough, because the page has few users and a
/// connection lasts seconds.
pub(super) const MAX_CONNECTIONS: usize = 256;
/// Maximum number of open connections of a client: a quarter of all. A proxy in front of the page
/// is one client too, and its connections last milliseconds.
pub(super) const MAX_PER_CLIENT: usize = 64;

/// Open connections in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Places {
    open: Mutex<VecDeque<Arc<State>>>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    client: IpAddr,
    request_arrived: AtomicBool,
    evicted: CancellationToken,
}

/// Place of one connection. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    state: Arc<State>,
    places: Arc<Places>,
}

impl Places {
    /// Takes a place for a connection of `client`; `None` if all its places have requests in
    /// flight. Waits while all places of the listener have requests in flight.
    pub(super) async fn take(self: &Arc<Self>, client: IpAddr) -> Option<Place> {
        loop {
            let freed = self.freed.notified();
            {
                let mut open = self.lock();
                let own = open.iter().filter(|state| state.client == client).count();
                if own >= MAX_PER_CLIENT {
                    evict_oldest(&mut open, |state| state.client == client)?;
                }
                if open.len() < MAX_CONNECTIONS || evict_oldest(&mut open, |_| true).is_some() {
                    let state = Arc::new(State {
                        client,
                        request_arrived: AtomicBool::new(false),
                        evicted: CancellationToken::new(),
                    });
                    open.push_back(Arc::clone(&state));
                    return Some(Place { state, places: Arc::clone(self) });
                }
            }
            freed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<State>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the oldest matching connection whose request has not arrived. Returns `None` if no
/// connection matches.
fn evict_oldest(open: &mut VecDeque<Arc<State>>, of: impl Fn(&State) -> bool) -> Option<()> {
    let waits = |state: &Arc<State>| !state.request_arrived.load(Ordering::Relaxed) && of(state);
    let oldest = open.remove(open.iter().position(waits)?)?;
    oldest.evicted.cancel();
    Some(())
}

impl Place {
    /// Returns a function that protects the place, because its request has arrived.
    pub(super) fn on_request(&self) -> impl Fn() + Send + Sync + use<> {
        let state = Arc::clone(&self.state);
        move || state.request_arrived.store(true, Ordering::Relaxed)
    }

    /// Waits until another connection gets the place.
    pub(super) async fn evicted(&self) {
        self.state.evicted.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().retain(|state| !Arc::ptr_eq(state, &self.state));
        self.places.freed.notify_one();
    }
}
