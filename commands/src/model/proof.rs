//! Proofs: what a right code leaves behind, and the only way to act on it.
//!
//! A [`StoredProof`] is data in a session. A [`Proof`] is the leave to act, made in one place only,
//! [`proofs`], which checks that both are there, belong to this session and its subjects, and are
//! not too old. The port that opens things for a customer takes two of them: acting without both
//! verifications does not compile.

use std::marker::PhantomData;

use secrecy::{ExposeSecret, SecretString};

use crate::model::customer::Case;
use crate::model::flow_state::SupportState;
use crate::model::outcome::{Denied, EffectError};
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::timers::ABSOLUTE_CLOSE;
use crate::model::verification::{Bound, StoredProof};
use crate::model::words::Purpose;

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

/// Keeps the proof of a right code. Linking leaves none.
pub fn keep(
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

/// Under which name a subject is counted and rests.
#[must_use]
pub fn subject(session: &Session, purpose: Purpose) -> String {
    match purpose {
        Purpose::AgentMfa => format!("agent:{}", session.actor.agent_id),
        Purpose::CustomerConsent => {
            format!("customer:{}", session.customer_id.as_deref().unwrap_or_default())
        }
        // Whether the typed address has an account must not show in who rests, so it is the Discord
        // account that does.
        Purpose::AgentLink => format!("discord:{}", session.actor.discord_id),
    }
}

/// Permission to issue an access link. [`access_grant`] is its only constructor.
pub struct AccessGrant<'a> {
    pub case: &'a Case,
    pub agent: Proof<ByAgent>,
    pub customer: Proof<ByCustomer>,
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
    if session.clocks.may_open(now) {
        Ok(AccessGrant { case, agent, customer })
    } else {
        Err(EffectError::Interrupted)
    }
}
