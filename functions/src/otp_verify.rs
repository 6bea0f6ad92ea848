//! `otp-verify`: checks a typed code and makes a proof.

use futures_util::future::try_join;
use secrecy::ExposeSecret;

use crate::contract::{
    CodeResult, Purpose, Refusal, RefusalCode, Request, Verified, VerifyRequest,
};
use crate::functions::{Failure, Function, Functions};
use crate::idempotency::Key;
use crate::secrets;
use crate::session_state::{Answer, Proof, SessionState};

/// Wrong codes that lock a challenge.
pub const ATTEMPTS: u32 = 5;
/// Lifetime of a proof, in milliseconds: the longest lifetime of a session.
pub const PROOF_LIFE: i64 = 60 * 60 * 1_000;

/// A typed code, hashed, and the hash of the proof that it earns if it is right.
struct Typed<'a> {
    request: &'a Request,
    own: &'a VerifyRequest,
    mac: String,
    proof_hash: String,
}

impl Functions {
    /// Checks a typed code.
    ///
    /// All hashes are made before the look-up, and the state is saved in every case, so that an
    /// unknown challenge takes as long as a wrong code.
    pub(crate) async fn verify_code(&self, request: &Request) -> Result<Verified, Failure> {
        let own: VerifyRequest = request.own()?;
        let code = own.code.expose_secret();
        if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::bad_request("code: not six digits").into());
        }
        let envelope = &request.envelope;
        let (session_id, mac) = (&envelope.session_id, &*self.ports.mac);
        let (typed, proof) = try_join(
            secrets::code_mac(mac, session_id, &own.challenge_id, own.purpose, code),
            secrets::proof(mac, session_id, &own.challenge_id),
        )
        .await?;
        let typed = Typed {
            request,
            own: &own,
            mac: typed,
            proof_hash: secrets::hash(proof.expose_secret()),
        };
        let key = Key::new(Function::OtpVerify, session_id, &envelope.request_id);
        let checked: Result<Answer, Refusal> = self
            .update_evenly(session_id, |state, now| {
                if let Some(answer) = key.answer(state) {
                    return Ok(answer.clone());
                }
                let answer = check(state, &typed, now)?;
                key.save_answer(state, answer.clone(), now);
                Ok(answer)
            })
            .await?;
        match checked? {
            Answer::Mismatch { attempts_left } => {
                Ok(reply(CodeResult::Mismatch, Some(attempts_left)))
            }
            Answer::Locked => Ok(reply(CodeResult::Locked, Some(0))),
            Answer::Expired => Ok(reply(CodeResult::Expired, None)),
            Answer::Verified { .. } if own.purpose == Purpose::AgentLink => {
                Ok(reply(CodeResult::Verified, None))
            }
            // The key names the challenge, so a repeated call derives the proof of the first.
            Answer::Verified { challenge_id } if challenge_id == own.challenge_id => {
                Ok(Verified { proof: Some(proof), ..reply(CodeResult::Verified, None) })
            }
            _ => Err(Refusal::bad_request("the key has another answer").into()),
        }
    }
}

fn reply(result: CodeResult, attempts_left: Option<u32>) -> Verified {
    Verified { result, attempts_left, proof: None }
}

/// Checks a typed code against the state, and counts a wrong one.
fn check(state: &mut SessionState, typed: &Typed<'_>, now: i64) -> Result<Answer, Refusal> {
    let VerifyRequest { purpose, challenge_id, .. } = typed.own;
    let is_current = state.current_challenge(*purpose).is_some_and(|last| last.id == *challenge_id);
    let ended = state.ended;
    let challenge = state
        .challenges
        .iter_mut()
        .find(|challenge| challenge.id == *challenge_id && challenge.purpose == *purpose)
        .ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
    if purpose.is_for_agent() && challenge.subject.id != typed.request.envelope.actor.agent_id {
        return Err(Refusal::bad_request("the actor is not the agent that the code was sent to"));
    }
    if challenge.wrong_codes >= ATTEMPTS {
        return Ok(Answer::Locked);
    }
    if ended || challenge.used || !is_current || now >= challenge.expires_at {
        return Ok(Answer::Expired);
    }
    // An ordinary comparison, because both are keyed hashes: its time does not reveal the code.
    if challenge.mac != typed.mac {
        challenge.wrong_codes += 1;
        let attempts_left = ATTEMPTS - challenge.wrong_codes;
        return Ok(match attempts_left {
            0 => Answer::Locked,
            _ => Answer::Mismatch { attempts_left },
        });
    }
    challenge.used = true;
    // A link code earns no proof, because it permits nothing else.
    let proof = (*purpose != Purpose::AgentLink).then(|| Proof {
        hash: typed.proof_hash.clone(),
        purpose: *purpose,
        subject_id: challenge.subject.id.clone(),
        ecosystem_id: challenge.ecosystem_id.clone(),
        scope: challenge.scope,
        expires_at: now + PROOF_LIFE,
    });
    state.proofs.extend(proof);
    Ok(Answer::Verified { challenge_id: challenge_id.clone() })
}
