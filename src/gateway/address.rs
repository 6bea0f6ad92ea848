//! Address of the next connection to the gateway.
//!
//! Discord names an address for resumes in READY, and disconnects more often elsewhere. serenity
//! always connects to one address, so it is exchanged: a session's own while the session lasts, and
//! the first one for a new session.

use std::sync::{Arc, Mutex as SyncMutex, OnceLock, PoisonError};

use serenity::all::Client;
use tokio::sync::Mutex;
use url::Url;

use crate::config;

/// Address of the next connection.
pub struct GatewayAddress {
    /// Answer of `GET /gateway`.
    first: String,
    /// Address at which the newest session can be resumed.
    resume: SyncMutex<Option<String>>,
    /// serenity's copy, which it reads before each connection.
    next: OnceLock<Arc<Mutex<String>>>,
}

impl GatewayAddress {
    pub fn new(first: String) -> Self {
        Self { first, resume: SyncMutex::default(), next: OnceLock::new() }
    }

    /// Makes `client` connect to the first address. Its builder has requested the address again,
    /// and falls back to the real Discord's.
    pub(super) async fn apply_to(&self, client: &Client) {
        self.next.get_or_init(|| Arc::clone(&client.ws_url));
        self.reset().await;
    }

    /// Keeps the address of a session that begins, for its resumes.
    pub(super) async fn begin_session(&self, resume: String) {
        let usable = is_confidential(&resume);
        if !usable {
            tracing::warn!("the gateway's address for resumes is not wss: not used");
        }
        *self.resume.lock().unwrap_or_else(PoisonError::into_inner) = usable.then_some(resume);
        self.follow_session().await;
    }

    /// Uses the session's address for the next connection.
    pub(super) async fn follow_session(&self) {
        let resume = self.resume.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.set(resume.unwrap_or_else(|| self.first.clone())).await;
    }

    /// Uses the first address for the next connection, which begins a session.
    pub(super) async fn reset(&self) {
        self.set(self.first.clone()).await;
    }

    async fn set(&self, address: String) {
        if let Some(next) = self.next.get() {
            *next.lock().await = address;
        }
    }
}

/// Returns true if no other machine can read what is sent to the gateway, which includes the token.
pub(super) fn is_confidential(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "wss" || config::is_confidential(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_is_wss_or_on_this_machine() {
        for (url, allowed) in [
            ("wss://gateway.discord.gg", true),
            ("ws://127.0.0.1:8400/gateway", true),
            ("ws://localhost:8400", true),
            ("ws://gateway.example.com", false),
            ("ws://10.0.0.7:8400", false),
            ("gateway.discord.gg", false),
        ] {
            assert_eq!(is_confidential(url), allowed, "{url}");
        }
    }

    #[tokio::test]
    async fn session_has_its_own_address() {
        let address = GatewayAddress::new("wss://first".to_owned());
        let next = Arc::clone(address.next.get_or_init(Arc::default));
        let now = async || next.lock().await.clone();
        address.reset().await;
        assert_eq!(now().await, "wss://first");
        address.begin_session("wss://resume".to_owned()).await;
        assert_eq!(now().await, "wss://resume");
        // The session was resumed after all.
        address.reset().await;
        address.follow_session().await;
        assert_eq!(now().await, "wss://resume");
        // The token would cross the network in clear.
        address.begin_session("ws://resume.example.com".to_owned()).await;
        assert_eq!(now().await, "wss://first");
    }
}
