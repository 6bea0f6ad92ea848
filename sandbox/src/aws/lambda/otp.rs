//! `cs-otp-send` and `cs-otp-verify`: the codes, and the proofs that right ones earn.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{Request, Subject, SubjectKind};
use super::{Lambda, Refusal, Surroundings};
use crate::aws::letters::{self, Asking};
use crate::aws::{random, wire};

/// How long a code is good, in milliseconds: 10 minutes, NIST SP 800-63B-4 3.1.3.2.
pub const CODE_LIFE: i64 = 10 * 60 * 1000;
/// Seconds between two sends of one session and purpose.
pub const RESEND_AFTER_S: i64 = 60;
/// Wrong codes before a challenge is locked.
pub const ATTEMPTS: u32 = 5;
/// How long a proof is good, in milliseconds: as long as a session can last.
pub const PROOF_LIFE: i64 = 60 * 60 * 1000;
/// Every proof begins with this, so that leak tests find it.
pub const PROOF_MARKER: &str = "wzproof_";

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// The internal verification.
    AgentMfa,
    /// The customer's consent.
    CustomerConsent,
    /// Linking a Discord account.
    AgentLink,
}

/// A code that was sent.
pub(super) struct Challenge {
    id: String,
    session_id: String,
    purpose: Purpose,
    subject: Subject,
    ecosystem_id: Option<String>,
    code: String,
    sent_at: i64,
    wrong: u32,
    state: ChallengeState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChallengeState {
    Open,
    /// Used, or a newer code was sent.
    Over,
    Locked,
}

/// That a subject agreed, in one session, for one purpose.
pub(super) struct Proof {
    token: String,
    session_id: String,
    purpose: Purpose,
    subject: Subject,
    ecosystem_id: Option<String>,
    expires_at: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    purpose: Purpose,
    subject: Subject,
    ecosystem: Option<Ecosystem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ecosystem {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    purpose: Purpose,
    challenge_id: String,
    code: String,
}

/// `cs-otp-send`.
pub(super) async fn send(
    lambda: &Lambda,
    around: &Surroundings<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    let Send { purpose, subject, ecosystem } = request.own().map_err(Refusal::bad)?;
    let fits = match purpose {
        Purpose::AgentMfa | Purpose::AgentLink => {
            subject.kind == SubjectKind::Agent && subject.id == request.actor.agent_id
        }
        Purpose::CustomerConsent => subject.kind == SubjectKind::Customer && ecosystem.is_some(),
    };
    if !fits {
        return Err(Refusal::bad("purpose, subject, actor and ecosystem do not fit together"));
    }
    let person = around.find_person(&subject).await?.ok_or_else(Refusal::not_found)?;
    if let Some(Ecosystem { id, .. }) = &ecosystem {
        around
            .core
            .find_ecosystem_name(id)
            .await
            .map_err(Refusal::fault)?
            .ok_or_else(Refusal::not_found)?;
    }

    let now = around.now;
    let mut state = lambda.state();
    let same = |challenge: &Challenge| {
        challenge.session_id == request.session_id && challenge.purpose == purpose
    };
    let last = state
        .challenges
        .iter()
        .filter(|challenge| same(challenge))
        .map(|challenge| challenge.sent_at)
        .max();
    let wait = last.map_or(0, |at| at + RESEND_AFTER_S * 1000 - now);
    if wait > 0 {
        return Err(Refusal {
            code: "RATE_LIMITED".to_owned(),
            retry_after_s: u64::try_from(wait).ok().map(|ms| ms.div_ceil(1000)),
            why: None,
        });
    }

    let code = random::code();
    let asking = Asking {
        to: &person.email,
        name: &person.name,
        locale: person.locale.as_deref().unwrap_or(&request.locale),
        agent: &request.actor.name,
        discord: &request.actor.discord_id,
        ecosystem: ecosystem.as_ref().map(|ecosystem| ecosystem.name.as_str()),
    };
    let mut letter = match purpose {
        Purpose::AgentMfa => letters::agent_code(&asking, &code),
        Purpose::AgentLink => letters::link_code(&asking, &code),
        Purpose::CustomerConsent => letters::customer_code(&asking, &code),
    };
    letter.request_id = Some(request.request_id.clone());
    around.mail.deliver(letter).map_err(|_| Refusal::new("DELIVERY_FAILED"))?;

    for older in state.challenges.iter_mut().filter(|challenge| same(challenge)) {
        older.state = ChallengeState::Over;
    }
    let id = random::id("chl");
    let answer = json!({
        "ok": true,
        "challenge_id": id,
        "destination": mask(&person.email),
        "expires_at": wire::rfc3339(now + CODE_LIFE),
        "resend_after_s": RESEND_AFTER_S,
    });
    state.challenges.push(Challenge {
        id,
        session_id: request.session_id.clone(),
        purpose,
        subject,
        ecosystem_id: ecosystem.map(|ecosystem| ecosystem.id),
        code,
        sent_at: now,
        wrong: 0,
        state: ChallengeState::Open,
    });
    Ok(answer)
}

/// `cs-otp-verify`.
pub(super) fn verify(lambda: &Lambda, now: i64, request: &Request) -> Result<Value, Refusal> {
    let Verify { purpose, challenge_id, code } = request.own().map_err(Refusal::bad)?;
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::bad("a code has six digits"));
    }
    let mut state = lambda.state();
    let mine = |challenge: &&mut Challenge| {
        challenge.id == challenge_id
            && challenge.session_id == request.session_id
            && challenge.purpose == purpose
    };
    let challenge = state.challenges.iter_mut().find(mine).ok_or_else(Refusal::not_found)?;
    if challenge.state == ChallengeState::Locked {
        return Ok(json!({"ok": true, "result": "locked", "attempts_left": 0}));
    }
    if challenge.state == ChallengeState::Over || now >= challenge.sent_at + CODE_LIFE {
        return Ok(json!({"ok": true, "result": "expired"}));
    }
    if challenge.code != code {
        challenge.wrong += 1;
        let left = ATTEMPTS - challenge.wrong;
        if left == 0 {
            challenge.state = ChallengeState::Locked;
        }
        return Ok(
            json!({"ok": true, "result": if left == 0 { "locked" } else { "mismatch" }, "attempts_left": left}),
        );
    }
    challenge.state = ChallengeState::Over;
    let proof = Proof {
        token: random::token(PROOF_MARKER),
        session_id: request.session_id.clone(),
        purpose,
        subject: challenge.subject.clone(),
        ecosystem_id: challenge.ecosystem_id.clone(),
        expires_at: now + PROOF_LIFE,
    };
    let answer = json!({"ok": true, "result": "verified", "proof": proof.token});
    state.proofs.push(proof);
    Ok(answer)
}

/// Whether a proof holds for this session, purpose and subject; a customer's also for the ecosystem
/// it was given for.
pub(super) fn holds(
    proofs: &[Proof],
    token: &str,
    request: &Request,
    purpose: Purpose,
    subject_id: &str,
    ecosystem_id: &str,
    now: i64,
) -> bool {
    proofs.iter().any(|proof| {
        proof.token == token
            && proof.session_id == request.session_id
            && proof.purpose == purpose
            && proof.subject.id == subject_id
            && (purpose != Purpose::CustomerConsent
                || proof.ecosystem_id.as_deref() == Some(ecosystem_id))
            && now < proof.expires_at
    })
}

/// `j•••@e•••.com`.
pub(super) fn mask(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let end = domain.rsplit_once('.').map_or("", |(_, end)| end);
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}•••@{}•••.{end}", first(local), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked_but_for_three_hints() {
        assert_eq!(mask("julia@example.com"), "j•••@e•••.com");
        assert_eq!(mask("ñu@mail.example.es"), "ñ•••@m•••.es");
    }
}
