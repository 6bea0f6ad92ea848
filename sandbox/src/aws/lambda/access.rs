//! `cs-access`: issues and revokes access links to the company's own pages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::challenge::{Purpose, RequiredProof};
use super::context::CallContext;
use super::memory::Lambda;
use super::refusal::Refusal;
use super::request::{Proofs, Request};
use crate::aws::wire;
use crate::shop::{LinkScope, Target};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Access {
    Issue { target: Target, customer_id: String, ecosystem_id: String, proofs: Proofs },
    Revoke {},
}

/// Returns true for a request to revoke. It is never answered from memory, because a session that
/// was open again must be revoked again.
pub(super) fn is_revocation(request: &Request) -> bool {
    matches!(request.parse_fields(), Ok(Access::Revoke {}))
}

/// A case that a request claims to have both proofs for.
pub(super) struct ProvenCase<'a> {
    pub(super) proofs: &'a Proofs,
    pub(super) customer_id: &'a str,
    pub(super) ecosystem_id: &'a str,
}

/// Handles `cs-access`.
pub(super) async fn issue_or_revoke(
    lambda: &Lambda,
    context: &CallContext<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    match request.parse_fields().map_err(Refusal::bad_request)? {
        Access::Revoke {} => {
            lambda.state().revoke(&request.session_id);
            Ok(json!({"ok": true, "revoked": context.shop.revoke(&request.session_id)}))
        }
        Access::Issue { target, customer_id, ecosystem_id, proofs } => {
            let case = ProvenCase {
                proofs: &proofs,
                customer_id: &customer_id,
                ecosystem_id: &ecosystem_id,
            };
            verify_proofs(lambda, context.now, request, &case)?;
            let customer =
                context.core.find_user(&customer_id).await.map_err(Refusal::unavailable)?;
            let customer = customer
                .filter(|customer| customer.status == "active")
                .ok_or_else(Refusal::not_found)?;
            let ecosystem = context
                .core
                .find_ecosystem_name(&ecosystem_id)
                .await
                .map_err(Refusal::unavailable)?
                .ok_or_else(Refusal::not_found)?;
            require_role(context, target, &customer_id, &ecosystem_id).await?;
            // The session can have been revoked while the function read Core.
            verify_proofs(lambda, context.now, request, &case)?;
            let link = context.shop.issue(LinkScope {
                target,
                session_id: request.session_id.clone(),
                agent: request.actor.name.clone(),
                customer_id,
                customer: customer.name,
                locale: customer.locale,
                ecosystem_id,
                ecosystem,
            });
            Ok(
                json!({"ok": true, "url": link.url, "link_id": link.id, "expires_at": wire::rfc3339(link.expires_at)}),
            )
        }
    }
}

/// Verifies the agent's and the customer's proof for this session and case.
pub(super) fn verify_proofs(
    lambda: &Lambda,
    now: i64,
    request: &Request,
    case: &ProvenCase<'_>,
) -> Result<(), Refusal> {
    require_not_revoked(lambda, request)?;
    let state = lambda.state();
    let holds = |token: &str, purpose, subject_id| {
        let required = RequiredProof {
            session_id: &request.session_id,
            purpose,
            subject_id,
            ecosystem_id: case.ecosystem_id,
        };
        state.proofs.iter().any(|proof| proof.token == token && proof.satisfies(&required, now))
    };
    let agent = holds(&case.proofs.agent, Purpose::AgentMfa, &request.actor.agent_id);
    let consent = holds(&case.proofs.customer, Purpose::CustomerConsent, case.customer_id);
    if agent && consent { Ok(()) } else { Err(Refusal::new("PROOF_INVALID")) }
}

/// Refuses a request that needs proofs if its session was revoked.
pub(super) fn require_not_revoked(lambda: &Lambda, request: &Request) -> Result<(), Refusal> {
    if lambda.state().revoked_sessions.contains(&request.session_id) {
        return Err(Refusal::new("PROOF_INVALID"));
    }
    Ok(())
}

/// Requires the role that a target needs: owner for the store, successor for the succession.
///
/// The bot has checked this before. The company checks it again, because it does not trust the bot.
async fn require_role(
    context: &CallContext<'_>,
    target: Target,
    customer: &str,
    ecosystem: &str,
) -> Result<(), Refusal> {
    if target == Target::Successor {
        let successor =
            context.core.is_successor(ecosystem, customer).await.map_err(Refusal::unavailable)?;
        return if successor { Ok(()) } else { Err(Refusal::not_found()) };
    }
    let role = context
        .core
        .find_role(ecosystem, customer)
        .await
        .map_err(Refusal::unavailable)?
        .ok_or_else(Refusal::not_found)?;
    if target == Target::Store && role != "owner" {
        return Err(Refusal::bad_request("the store is for owners"));
    }
    Ok(())
}
