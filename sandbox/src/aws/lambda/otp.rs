//! `cs-otp-send` and `cs-otp-verify`: sends codes, verifies them and issues proofs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::challenge::{Challenge, ChallengeState, Proof, Purpose};
use super::context::CallContext;
use super::memory::Lambda;
use super::refusal::Refusal;
use super::request::{Request, Subject, SubjectKind};
use crate::aws::mail_templates::{self, MailContext};
use crate::aws::wire;
use crate::random;

/// Lifetime of a code, in milliseconds: 10 minutes, NIST SP 800-63B-4 3.1.3.2.
pub const CODE_LIFE: i64 = 10 * 60 * 1000;
/// Seconds between two sends of one session and purpose.
pub const RESEND_AFTER_S: i64 = 60;
/// Wrong codes that lock a challenge.
pub const ATTEMPTS: u32 = 5;
/// Lifetime of a proof, in milliseconds: the longest lifetime of a session.
pub const PROOF_LIFE: i64 = 60 * 60 * 1000;
/// Prefix of every proof, by which leak tests find it.
pub const PROOF_MARKER: &str = "wzproof_";

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

/// Handles `cs-otp-send`.
pub(super) async fn send_code(
    lambda: &Lambda,
    context: &CallContext<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    let Send { purpose, subject, ecosystem } =
        request.parse_fields().map_err(Refusal::bad_request)?;
    let fits = match purpose {
        Purpose::AgentMfa | Purpose::AgentLink => {
            subject.kind == SubjectKind::Agent && subject.id == request.actor.agent_id
        }
        Purpose::CustomerConsent => subject.kind == SubjectKind::Customer && ecosystem.is_some(),
    };
    if !fits {
        return Err(Refusal::bad_request(
            "purpose, subject, actor and ecosystem do not fit together",
        ));
    }
    let recipient = context.find_recipient(&subject).await?.ok_or_else(Refusal::not_found)?;
    if let Some(Ecosystem { id, .. }) = &ecosystem {
        context
            .core
            .find_ecosystem_name(id)
            .await
            .map_err(Refusal::unavailable)?
            .ok_or_else(Refusal::not_found)?;
    }

    let now = context.now;
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
    let texts = MailContext {
        to: &recipient.email,
        name: &recipient.name,
        locale: recipient.locale.as_deref().unwrap_or(&request.locale),
        agent: &request.actor.name,
        discord_id: &request.actor.discord_id,
        ecosystem: ecosystem.as_ref().map(|ecosystem| ecosystem.name.as_str()),
    };
    let mut mail = match purpose {
        Purpose::AgentMfa => mail_templates::agent_code(&texts, &code),
        Purpose::AgentLink => mail_templates::link_code(&texts, &code),
        Purpose::CustomerConsent => mail_templates::customer_code(&texts, &code),
    };
    mail.request_id = Some(request.request_id.clone());
    context.mail.deliver(mail).map_err(|_| Refusal::new("DELIVERY_FAILED"))?;

    for older in state.challenges.iter_mut().filter(|challenge| same(challenge)) {
        older.state = ChallengeState::Over;
    }
    let id = random::id("chl");
    let answer = json!({
        "ok": true,
        "challenge_id": id,
        "destination": mask(&recipient.email),
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
        wrong_codes: 0,
        state: ChallengeState::Open,
    });
    Ok(answer)
}

/// Handles `cs-otp-verify`.
pub(super) fn verify_code(lambda: &Lambda, now: i64, request: &Request) -> Result<Value, Refusal> {
    let Verify { purpose, challenge_id, code } =
        request.parse_fields().map_err(Refusal::bad_request)?;
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::bad_request("a code has six digits"));
    }
    let mut state = lambda.state();
    let mine = |challenge: &&mut Challenge| {
        challenge.id == challenge_id
            && challenge.session_id == request.session_id
            && challenge.purpose == purpose
    };
    let challenge = state.challenges.iter_mut().find(mine).ok_or_else(Refusal::not_found)?;
    let is_agents = purpose != Purpose::CustomerConsent;
    if is_agents && challenge.subject.id != request.actor.agent_id {
        return Err(Refusal::bad_request("the actor is not the agent that the code was sent to"));
    }
    if challenge.state == ChallengeState::Locked {
        return Ok(json!({"ok": true, "result": "locked", "attempts_left": 0}));
    }
    if challenge.state == ChallengeState::Over || now >= challenge.sent_at + CODE_LIFE {
        return Ok(json!({"ok": true, "result": "expired"}));
    }
    if challenge.code != code {
        challenge.wrong_codes += 1;
        let left = ATTEMPTS - challenge.wrong_codes;
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

/// Masks an address, such as `j•••@e•••.com`.
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
    fn mask_keeps_initials_and_top_level_domain() {
        assert_eq!(mask("julia@example.com"), "j•••@e•••.com");
        assert_eq!(mask("ñu@mail.example.es"), "ñ•••@m•••.es");
    }
}
