//! `access`: issues access links, and ends them with their session.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::contract::{
    AccessRequest, IssueRequest, Issued, Proofs, Purpose, Refusal, RefusalCode, Request, Revoked,
    Scope, Target, date_time,
};
use crate::functions::{Failure, Function, Functions, success};
use crate::idempotency::Key;
use crate::ports::{LinkApiError, LinkOrder};
use crate::recipients::unavailable;
use crate::secrets;
use crate::session_state::{Answer, Link, SessionState};

/// Lifetime of an access link, in milliseconds: 60 s, by the product's rules.
pub const LINK_LIFE: i64 = 60 * 1_000;

impl Functions {
    pub(crate) async fn issue_or_revoke(&self, request: &Request) -> Result<Value, Failure> {
        match request.own()? {
            AccessRequest::Issue(own) => Ok(success(&self.issue(request, &own).await?)),
            AccessRequest::Revoke {} => Ok(success(&self.revoke(request).await?)),
        }
    }

    async fn issue(&self, request: &Request, own: &IssueRequest) -> Result<Issued, Failure> {
        let envelope = &request.envelope;
        let session_id = &envelope.session_id;
        // The commit below decides. The company's API must not be asked without proofs.
        if self.ports.link_api.is_some() {
            let (state, _) = self.ports.sessions.load(session_id).await?;
            require_proofs(&state, &ProvenCase::of(request, own), self.ports.clock.now())?;
        }
        let key = Key::new(Function::Access, session_id, &envelope.request_id);
        let (new, new_url) = self.prepare_link(request, own).await?;
        let committed = self
            .update(session_id, |state, now| {
                require_proofs(state, &ProvenCase::of(request, own), now)?;
                if let Some(Answer::Issued { link_id }) = key.answer(state) {
                    let issued = state.links.iter().find(|link| link.id == *link_id);
                    return issued.cloned().ok_or_else(|| Refusal::new(RefusalCode::NotFound));
                }
                state.links.push(new.clone());
                key.save_answer(state, Answer::Issued { link_id: new.id.clone() }, now);
                Ok(new.clone())
            })
            .await;
        let link = match committed {
            Ok(link) => link,
            Err(Failure::Refused(refusal)) => {
                // The session ended, or a proof expired, while the company's API worked.
                self.revoke_by_api(session_id).await?;
                return Err(refusal.into());
            }
            Err(fault) => return Err(fault),
        };
        let url =
            if link.id == new.id { new_url } else { self.link_url(session_id, &link).await? };
        Ok(Issued { url, link_id: link.id, expires_at: date_time(link.expires_at) })
    }

    /// Makes a link that is not saved yet, and its address.
    async fn prepare_link(
        &self,
        request: &Request,
        own: &IssueRequest,
    ) -> Result<(Link, SecretString), Failure> {
        let session_id = &request.envelope.session_id;
        let mut link = Link {
            id: secrets::random_id(&*self.ports.random, "lnk"),
            hash: None,
            request_id: request.envelope.request_id.clone(),
            target: own.target,
            customer_id: own.customer_id.clone(),
            ecosystem_id: own.ecosystem_id.clone(),
            agent: request.envelope.actor.clone(),
            expires_at: self.ports.clock.now() + LINK_LIFE,
            redeemed_by: None,
        };
        if let Some(api) = &self.ports.link_api {
            let issued = api.issue(&order(session_id, &link)).await.map_err(from_api)?;
            link.expires_at = issued.expires_at;
            return Ok((link, issued.url));
        }
        let secret = secrets::link(&*self.ports.mac, session_id, &link.id).await?;
        link.hash = Some(secrets::hash(secret.expose_secret()));
        let url = self.exchange_url(session_id, link.target, &secret);
        Ok((link, url))
    }

    /// Returns the address of a link. It is derived or asked for again, because it is not stored.
    pub(crate) async fn link_url(
        &self,
        session_id: &str,
        link: &Link,
    ) -> Result<SecretString, Failure> {
        if let Some(api) = &self.ports.link_api {
            return Ok(api.issue(&order(session_id, link)).await.map_err(from_api)?.url);
        }
        let secret = secrets::link(&*self.ports.mac, session_id, &link.id).await?;
        Ok(self.exchange_url(session_id, link.target, &secret))
    }

    fn exchange_url(
        &self,
        session_id: &str,
        target: Target,
        secret: &SecretString,
    ) -> SecretString {
        let prefix = match (target, &self.settings.app_link_prefix) {
            (Target::App, Some(prefix)) => prefix,
            _ => &self.settings.link_prefix,
        };
        format!("{prefix}{session_id}.{}", secret.expose_secret()).into()
    }

    /// Ends a session. Every call is carried out, also a repeated one.
    async fn revoke(&self, request: &Request) -> Result<Revoked, Failure> {
        let session_id = &request.envelope.session_id;
        let mut ended = 0;
        self.update(session_id, |state, now| {
            // A second run counts nothing if the answer of the storage to the first was lost.
            ended = ended.max(state.end(now));
            Ok(())
        })
        .await?;
        self.ports.events.ended(session_id).await?;
        self.revoke_by_api(session_id).await?;
        Ok(Revoked { revoked: u32::try_from(ended).unwrap_or(u32::MAX) })
    }

    async fn revoke_by_api(&self, session_id: &str) -> Result<(), Failure> {
        match &self.ports.link_api {
            Some(api) => api.revoke(session_id).await.map_err(from_api),
            None => Ok(()),
        }
    }
}

fn order<'a>(session_id: &'a str, link: &'a Link) -> LinkOrder<'a> {
    LinkOrder {
        key: &link.request_id,
        session_id,
        target: link.target,
        customer_id: &link.customer_id,
        ecosystem_id: &link.ecosystem_id,
        agent_id: &link.agent.agent_id,
    }
}

fn from_api(error: LinkApiError) -> Failure {
    match error {
        LinkApiError::Refused => unavailable(),
        LinkApiError::Fault(fault) => Failure::Fault(fault),
    }
}

/// A case that a request claims to have both proofs for.
pub(crate) struct ProvenCase<'a> {
    pub(crate) proofs: &'a Proofs,
    pub(crate) agent_id: &'a str,
    pub(crate) customer_id: &'a str,
    pub(crate) ecosystem_id: &'a str,
}

impl<'a> ProvenCase<'a> {
    fn of(request: &'a Request, own: &'a IssueRequest) -> Self {
        Self {
            proofs: &own.proofs,
            agent_id: &request.envelope.actor.agent_id,
            customer_id: &own.customer_id,
            ecosystem_id: &own.ecosystem_id,
        }
    }
}

/// Refuses a case without both proofs of this session: right subjects and ecosystem, in time,
/// and with the scope to act.
pub(crate) fn require_proofs(
    state: &SessionState,
    case: &ProvenCase<'_>,
    now: i64,
) -> Result<(), Refusal> {
    let has = |secret: &SecretString, purpose, subject: &str| {
        let hash = secrets::hash(secret.expose_secret());
        state.proofs.iter().any(|proof| {
            proof.hash == hash
                && proof.purpose == purpose
                && proof.subject_id == subject
                // An agent verifies for the session, a customer for one ecosystem.
                && (purpose == Purpose::AgentMfa
                    || proof.ecosystem_id.as_deref() == Some(case.ecosystem_id))
                && proof.scope == Scope::Act
                && now < proof.expires_at
        })
    };
    let agent = has(&case.proofs.agent, Purpose::AgentMfa, case.agent_id);
    let customer = has(&case.proofs.customer, Purpose::CustomerConsent, case.customer_id);
    if state.ended || !agent || !customer {
        return Err(Refusal::new(RefusalCode::ProofInvalid));
    }
    Ok(())
}
