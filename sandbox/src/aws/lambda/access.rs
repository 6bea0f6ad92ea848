//! `cs-access`: sign-in links into the company's own pages, and their end.

use serde::Deserialize;
use serde_json::{Value, json};

use super::otp::{self, Purpose};
use super::request::{Proofs, Request};
use super::{Lambda, Refusal, Surroundings};
use crate::aws::wire;
use crate::shop::{Target, Visit};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Access {
    Issue { target: Target, customer_id: String, ecosystem_id: String, proofs: Proofs },
    Revoke {},
}

/// `cs-access`.
pub(super) async fn access(
    lambda: &Lambda,
    around: &Surroundings<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    match request.own().map_err(Refusal::bad)? {
        Access::Revoke {} => {
            Ok(json!({"ok": true, "revoked": around.shop.revoke(&request.session_id)}))
        }
        Access::Issue { target, customer_id, ecosystem_id, proofs } => {
            check_proofs(lambda, around.now, request, &proofs, &customer_id, &ecosystem_id)?;
            let customer = around.core.find_user(&customer_id).await.map_err(Refusal::fault)?;
            let customer = customer
                .filter(|customer| customer.status == "active")
                .ok_or_else(Refusal::not_found)?;
            let ecosystem = around
                .core
                .find_ecosystem_name(&ecosystem_id)
                .await
                .map_err(Refusal::fault)?
                .ok_or_else(Refusal::not_found)?;
            may_enter(around, target, &customer_id, &ecosystem_id).await?;
            let link = around.shop.issue(Visit {
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

/// Both proofs, bound to this session, this agent and this customer in this ecosystem.
pub(super) fn check_proofs(
    lambda: &Lambda,
    now: i64,
    request: &Request,
    proofs: &Proofs,
    customer: &str,
    ecosystem: &str,
) -> Result<(), Refusal> {
    let state = lambda.state();
    let agent = otp::holds(
        &state.proofs,
        &proofs.agent,
        request,
        Purpose::AgentMfa,
        &request.actor.agent_id,
        ecosystem,
        now,
    );
    let consent = otp::holds(
        &state.proofs,
        &proofs.customer,
        request,
        Purpose::CustomerConsent,
        customer,
        ecosystem,
        now,
    );
    if agent && consent { Ok(()) } else { Err(Refusal::new("PROOF_INVALID")) }
}

/// The company's own check of what the bot has checked before: a store is the owner's, a succession
/// the successor's.
async fn may_enter(
    around: &Surroundings<'_>,
    target: Target,
    customer: &str,
    ecosystem: &str,
) -> Result<(), Refusal> {
    if target == Target::Successor {
        let successor =
            around.core.is_successor(ecosystem, customer).await.map_err(Refusal::fault)?;
        return if successor { Ok(()) } else { Err(Refusal::not_found()) };
    }
    let role = around
        .core
        .find_role(ecosystem, customer)
        .await
        .map_err(Refusal::fault)?
        .ok_or_else(Refusal::not_found)?;
    if target == Target::Store && role != "owner" {
        return Err(Refusal::bad("the store is for owners"));
    }
    Ok(())
}
