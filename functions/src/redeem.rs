//! `redeem`: the company's backend spends an access link and learns whom it signs in.

use secrecy::{ExposeSecret, SecretString};

use crate::contract::{Alive, Redeemed, Refusal, RefusalCode};
use crate::functions::{Failure, Functions};
use crate::secrets;

impl Functions {
    /// Spends an access link.
    ///
    /// An unknown, expired, spent or revoked link is `NOT_FOUND`: a visitor learns no difference.
    /// A refusal saves nothing, so a visitor cannot fill the storage.
    pub(crate) async fn redeem(&self, token: &SecretString) -> Result<Redeemed, Failure> {
        let (session_id, secret) =
            token.expose_secret().split_once('.').ok_or(RefusalCode::NotFound)?;
        let hash = secrets::hash(secret);
        self.update(session_id, |state, now| {
            let ended = state.ended;
            let link = state
                .links
                .iter_mut()
                .find(|link| link.hash.as_ref() == Some(&hash))
                .filter(|link| !ended && !link.redeemed && now < link.expires_at)
                .ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
            link.redeemed = true;
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

    /// Tells if a session still permits access: it was not revoked, and a proof is still valid.
    pub(crate) async fn alive(&self, session_id: &str) -> Result<Alive, Failure> {
        let (state, _) = self.ports.sessions.load(session_id).await?;
        let now = self.ports.clock.now();
        let alive = !state.ended && state.proofs.iter().any(|proof| now < proof.expires_at);
        Ok(Alive { alive })
    }
}
