//! Proofs: results of correct codes, and the only way to act on them.
//!
//! A [`StoredProof`] is data in a session. A [`Proof`] is the permission to act. Only [`proofs`]
//! makes one, after checking session, subject and age. The port that issues access links takes an
//! [`AccessGrant`], which holds one of each kind, so acting without both verifications does not
//! compile.

use std::marker::PhantomData;

use secrecy::{ExposeSecret, SecretString};

use crate::model::customer::Case;
use crate::model::flow_state::SupportState;
use crate::model::outcome::{Denied, EffectError};
use crate::model::pseudonym::Pseudonym;
use crate::model::scope::Scope;
use crate::model::session::{Secrets, Session, Work};
use crate::model::time::Timestamp;
use crate::model::timers::ABSOLUTE_CLOSE;
use crate::model::unknown_fields::UnknownFields;
use crate::model::verification::{ProofBinding, StoredProof};
use crate::model::words::Purpose;

/// Marker of the agent's proof.
#[derive(Debug)]
pub enum ByAgent {}

/// Marker of the customer's proof.
#[derive(Debug)]
pub enum ByCustomer {}

/// Permission that one verification gives.
#[must_use]
#[derive(Debug)]
pub struct Proof<By> {
    value: SecretString,
    by: PhantomData<By>,
}

impl<By> Proof<By> {
    fn of(stored: &StoredProof) -> Self {
        Self { value: stored.value.clone(), by: PhantomData }
    }

    /// Returns the token for the Lambda function.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }
}

/// Stores the proof of a correct code. A link code leaves none.
pub fn store_proof(
    session: &mut Session,
    purpose: Purpose,
    value: SecretString,
    subject: String,
    now: Timestamp,
) {
    let bound = ProofBinding {
        session: session.id.clone(),
        subject,
        until: now + ABSOLUTE_CLOSE,
        unknown: UnknownFields::NONE,
    };
    let stored = Some(Box::new(StoredProof { value, bound, unknown: UnknownFields::NONE }));
    match purpose {
        Purpose::AgentMfa => session.secrets.agent_proof = stored,
        Purpose::CustomerConsent => session.secrets.customer_proof = stored,
        Purpose::AgentLink => {}
    }
}

/// Returns both proofs of a session in the state *acting*. `None` if one is missing, expired or
/// bound to another session or subject.
pub fn proofs(session: &Session, now: Timestamp) -> Option<(Proof<ByAgent>, Proof<ByCustomer>)> {
    if !matches!(session.work, Work::Support(_, SupportState::Acting { .. })) {
        return None;
    }
    let valid = |stored: &StoredProof, purpose| {
        stored.bound.session == session.id
            && stored.bound.subject == subject(session, purpose)
            && now < stored.bound.until
    };
    let agent = session.secrets.agent_proof.as_ref().filter(|p| valid(p, Purpose::AgentMfa))?;
    let customer =
        session.secrets.customer_proof.as_ref().filter(|p| valid(p, Purpose::CustomerConsent))?;
    Some((Proof::of(agent), Proof::of(customer)))
}

/// Returns the time at which both proofs have ended at the latest. The close at the absolute end of
/// the session ends them, too. `None` if one is missing.
pub fn ends_at(session: &Session) -> Option<Timestamp> {
    let Secrets { agent_proof, customer_proof, .. } = &session.secrets;
    let end = agent_proof.as_ref()?.bound.until.min(customer_proof.as_ref()?.bound.until);
    Some(session.clocks.absolute_end().map_or(end, |absolute| absolute.min(end)))
}

/// Returns the subject under which attempts and lockouts are counted.
pub fn subject(session: &Session, purpose: Purpose) -> String {
    match purpose {
        Purpose::AgentMfa => format!("agent:{}", session.actor.agent_id),
        Purpose::CustomerConsent => {
            let pseudonym = session.pseudonym.as_ref().map(Pseudonym::as_str);
            format!("customer:{}", pseudonym.unwrap_or_default())
        }
        // A lockout must not reveal that the typed address has an account. So the Discord account
        // is locked out.
        Purpose::AgentLink => format!("discord:{}", session.actor.discord_id),
    }
}

/// Permission to issue an access link. [`access_grant`] is its only constructor.
#[must_use]
pub struct AccessGrant<'a> {
    case: &'a Case,
    agent: Proof<ByAgent>,
    customer: Proof<ByCustomer>,
}

impl AccessGrant<'_> {
    pub fn case(&self) -> &Case {
        self.case
    }

    pub fn agent(&self) -> &Proof<ByAgent> {
        &self.agent
    }

    pub fn customer(&self) -> &Proof<ByCustomer> {
        &self.customer
    }
}

/// Returns the permission to issue an access link now.
///
/// After a crash it can be missing: the proofs can have expired, or the session can be too close to
/// its absolute end.
pub fn access_grant(session: &Session, now: Timestamp) -> Result<AccessGrant<'_>, EffectError> {
    let (Work::Support(_, SupportState::Acting { case }), Some((agent, customer))) =
        (&session.work, proofs(session, now))
    else {
        return Err(EffectError::Denied(Denied::ProofInvalid));
    };
    if session.scope != Scope::Act {
        return Err(EffectError::Denied(Denied::ProofInvalid));
    }
    if session.clocks.may_issue(now) {
        Ok(AccessGrant { case, agent, customer })
    } else {
        Err(EffectError::Interrupted)
    }
}
