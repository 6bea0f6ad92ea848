//! Proofs: what a right code leaves behind, and the only way to act on it.
//!
//! A [`StoredProof`] is data in a session. A [`Proof`] is the leave to act, made in one place only,
//! [`proofs`], which checks that both are there, belong to this session and its subjects, and are
//! not too old. The port that opens things for a customer takes two of them: acting without both
//! verifications does not compile.

use std::marker::PhantomData;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::subject;
use crate::session::{ABSOLUTE_CLOSE, Purpose, Session, SessionId, Work};
use crate::support::State;
use crate::time::Timestamp;

/// Marks the agent's proof.
#[derive(Debug)]
pub enum ByAgent {}

/// Marks the customer's proof.
#[derive(Debug)]
pub enum ByCustomer {}

/// The leave to act that one verification gives.
#[derive(Debug)]
pub struct Proof<By> {
    value: SecretString,
    by: PhantomData<By>,
}

impl<By> Proof<By> {
    fn of(stored: &StoredProof) -> Self {
        Self { value: stored.value.clone(), by: PhantomData }
    }

    /// What the Lambda wants to see.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }
}

/// A proof as a session keeps it, sealed at rest.
#[derive(Clone, Debug)]
pub struct StoredProof {
    /// The Lambda's token.
    pub value: SecretString,
    /// The session that it was given to, and who was verified.
    pub bound: Bound,
}

/// What a proof is bound to (ASVS 6.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The session.
    pub session: SessionId,
    /// Who was verified.
    pub subject: String,
    /// From then on it is worth nothing: it lives as long as a session can.
    pub until: Timestamp,
}

/// Keeps the proof of a right code. Linking leaves none.
pub(super) fn keep(
    session: &mut Session,
    purpose: Purpose,
    value: SecretString,
    subject: String,
    now: Timestamp,
) {
    let bound = Bound { session: session.id.clone(), subject, until: now + ABSOLUTE_CLOSE };
    let stored = Some(Box::new(StoredProof { value, bound }));
    match purpose {
        Purpose::AgentMfa => session.secrets.agent_proof = stored,
        Purpose::CustomerConsent => session.secrets.customer_proof = stored,
        Purpose::AgentLink => {}
    }
}

/// Both proofs of a session in which the customer has agreed; `None` when either is missing,
/// somebody else's or too old.
#[must_use]
pub fn proofs(session: &Session, now: Timestamp) -> Option<(Proof<ByAgent>, Proof<ByCustomer>)> {
    if !matches!(session.work, Work::Support(_, State::Acting { .. })) {
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
