//! Ways in as the customer: the function `access`.

use async_trait::async_trait;
use commands::model::proof::{ByAgent, ByCustomer, Proof};
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
        customer: &str,
        ecosystem: &str,
        agent: &Proof<ByAgent>,
        consent: &Proof<ByCustomer>,
    ) -> Answer<IssuedLink> {
        let request = json!({
            "op": "issue",
            "target": target.name(),
            "customer_id": customer,
            "ecosystem_id": ecosystem,
            "proofs": {"agent": agent.expose(), "customer": consent.expose()},
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
