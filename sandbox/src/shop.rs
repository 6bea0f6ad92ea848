//! The company's shop front, which access links lead to.
//!
//! It is the first client of the function `redeem`. Opening a link (GET) shows a page with a
//! button, because previews and mail scanners open links too. Its secret is behind the `#`, so it
//! never reaches a server's log. Pressing the button (POST) redeems the link, signs in and
//! redirects. The end of the session also ends its sign-ins.

mod front;
mod links;
mod pages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use functions::contract::Issued;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use crate::changed::Changed;
use crate::clock::Clock;

pub use front::{Front, router};
pub use functions::LINK_MARKER;
pub use functions::contract::Target;
pub use links::{AccessLink, LinkState, SIGN_IN_LIFE};

/// The shop front's links and sign-ins.
pub struct Shop {
    clock: Arc<dyn Clock>,
    url: String,
    changed: Changed,
    ledger: Mutex<links::Ledger>,
}

impl Shop {
    /// Returns a shop front at `url`, such as `http://127.0.0.1:8400`, without a final slash.
    pub fn new(clock: Arc<dyn Clock>, url: String, changed: Changed) -> Self {
        Self { clock, url, changed, ledger: Mutex::default() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns every link that was issued with its present state, oldest first.
    pub fn links(&self) -> Vec<AccessLink> {
        self.ledger().all(self.clock.now())
    }

    /// Returns the links of one support session that can be opened or keep a sign-in alive.
    pub fn open_links(&self, session_id: &str) -> Vec<AccessLink> {
        let is_open = |link: &AccessLink| {
            link.session_id == session_id && matches!(link.state, LinkState::Open | LinkState::Used)
        };
        self.links().into_iter().filter(is_open).collect()
    }

    /// Records a link from a request of `cs-access` and its answer. Ignores every other call.
    pub(crate) fn record_issue(&self, request: &Value, answer: &Value) {
        let Ok(issued) = Issued::deserialize(answer) else {
            return;
        };
        let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
        let Ok(target) = Target::deserialize(&request["target"]) else {
            return;
        };
        self.ledger().record(AccessLink {
            id: issued.link_id,
            target,
            session_id: text("session_id"),
            customer_id: text("customer_id"),
            ecosystem_id: text("ecosystem_id"),
            url: issued.url.expose_secret().to_owned(),
            expires_at: issued.expires_at.unix_timestamp() * 1_000
                + i64::from(issued.expires_at.millisecond()),
            state: LinkState::Open,
        });
        self.bump();
    }

    pub(crate) fn end_session(&self, session_id: &str) {
        self.ledger().end(session_id, self.clock.now());
        self.bump();
    }

    fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn ledger(&self) -> MutexGuard<'_, links::Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
