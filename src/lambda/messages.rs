//! Messages by mail: the function `message`.

use async_trait::async_trait;
use commands::model::proof::AccessGrant;
use commands::ports::function::{Answer, Origin};
use commands::ports::messages::Messages;
use serde_json::{Value, json};

use super::{Functions, answers};

#[async_trait]
impl Messages for Functions {
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notice(&origin, "account_linked", agent_id).await
    }

    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notice(&origin, "password_changed", agent_id).await
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String> {
        let request = json!({
            "template": "successor_qr",
            "subject": {"type": "customer", "id": grant.case.customer.id},
            "link_id": link_id,
            "proofs": {"agent": grant.agent.expose(), "customer": grant.customer.expose()},
        });
        self.message("mailing a QR", &origin, request).await
    }
}

impl Functions {
    async fn notice(&self, origin: &Origin, template: &str, agent_id: &str) -> Answer<()> {
        let request = json!({"template": template, "subject": {"type": "agent", "id": agent_id}});
        Ok(self.message("mailing a notice", origin, request).await?.map(drop))
    }

    /// The masked address that it went to.
    async fn message(
        &self,
        doing: &'static str,
        origin: &Origin,
        request: Value,
    ) -> Answer<String> {
        self.call(doing, &self.names.message, origin, request, |payload| {
            answers::mailed(doing, payload)
        })
        .await
    }
}
