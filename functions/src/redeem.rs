//! `redeem`: the company's backend spends an access link and learns whom it signs in.

use secrecy::{ExposeSecret, SecretString};

use crate::contract::{Alive, Redeemed, Refusal, RefusalCode, is_session_id};
use crate::functions::{Failure, Functions};
use crate::secrets;
use crate::session_state::Link;

impl Functions {
    /// Spends an access link.
    ///
    /// An unknown, expired, spent or revoked link is `NOT_FOUND`: a visitor learns no difference.
    /// A refusal saves nothing, so a visitor cannot fill the storage.
    pub(crate) async fn redeem(&self, token: &SecretString) -> Result<Redeemed, Failure> {
        let parts = token.expose_secret().split_once('.').filter(|(id, _)| is_session_id(id));
        let (session_id, secret) = parts.ok_or(RefusalCode::NotFound)?;
        let hash = secrets::hash(secret);
        let call = secrets::random_text(&*self.ports.random);
        self.update(session_id, |state, now| {
            let ended = state.ended;
            let link = state
                .links
                .iter_mut()
                .find(|link| link.hash.as_ref() == Some(&hash))
                .filter(|link| !ended && is_open(link, &call, now))
                .ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
            link.redeemed_by = Some(call.clone());
            Ok(Redeemed {
                customer_id: link.customer_id.clone(),
                ecosystem_id: link.ecosystem_id.clone(),
                target: link.target,
                agent: link.agent.clone(),
                session_id: session_id.to_owned(),
            })
        })
        .await
    }

    /// Returns true if a session still permits access: it was not revoked, and a proof is valid.
    pub(crate) async fn alive(&self, session_id: &str) -> Result<Alive, Failure> {
        if !is_session_id(session_id) {
            return Err(Refusal::bad_field("session_id", "not an id").into());
        }
        let (state, _) = self.ports.sessions.load(session_id).await?;
        let now = self.ports.clock.now();
        let alive = !state.ended && state.proofs.iter().any(|proof| now < proof.expires_at);
        Ok(Alive { alive })
    }
}

/// Returns true if `call` may redeem the link. It has redeemed it already if the storage took its
/// change, but the answer was lost.
fn is_open(link: &Link, call: &str, now: i64) -> bool {
    now < link.expires_at && link.redeemed_by.as_ref().is_none_or(|by| by == call)
}
