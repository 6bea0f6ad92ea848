//! Ways in as the customer: the function `access`.

use async_trait::async_trait;
use commands::model::proof::AccessGrant;
use commands::model::words::Target;
use commands::ports::access::{Access, IssuedLink};
use commands::ports::function::{Answer, Origin};
use serde_json::json;

use super::{Functions, answers};

#[async_trait]
impl Access for Functions {
    async fn issue(
        &self,
        origin: Origin,
        target: Target,
        grant: &AccessGrant<'_>,
    ) -> Answer<IssuedLink> {
        let request = json!({
            "op": "issue",
            "target": target.name(),
            "customer_id": grant.case.customer.id,
            "ecosystem_id": grant.case.ecosystem,
            "proofs": {"agent": grant.agent.expose(), "customer": grant.customer.expose()},
        });
        let read = |payload: &[u8]| answers::issued(payload, target, &self.hosts, self.clock.now());
        self.call(answers::OPENING, &self.names.access, &origin, request, read).await
    }

    async fn revoke(&self, origin: Origin) -> Answer<u32> {
        self.call(
            answers::REVOKING,
            &self.names.access,
            &origin,
            json!({"op": "revoke"}),
            answers::revoked,
        )
        .await
    }
}
