//! Messages by mail: the function `message`.

use async_trait::async_trait;
use commands::email::mask_email;
use commands::ports::{Answer, Messages, Origin};
use commands::verify::{ByAgent, ByCustomer, Proof};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Functions;

/// Under which id it went is not needed here, but an answer without one is none.
#[derive(Deserialize)]
struct MessageAnswer {
    destination: String,
    #[serde(rename = "message_id")]
    _message_id: String,
}

#[async_trait]
impl Messages for Functions {
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        let request = json!({"template": "account_linked", "subject": {"type": "agent", "id": agent_id}});
        Ok(self.message("mailing a notice", &origin, request).await?.map(drop))
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        customer: &str,
        link_id: &str,
        agent: &Proof<ByAgent>,
        consent: &Proof<ByCustomer>,
    ) -> Answer<String> {
        let request = json!({
            "template": "successor_qr",
            "subject": {"type": "customer", "id": customer},
            "link_id": link_id,
            "proofs": {"agent": agent.expose(), "customer": consent.expose()},
        });
        self.message("mailing a QR", &origin, request).await
    }
}

impl Functions {
    /// The masked address that it went to.
    async fn message(&self, doing: &'static str, origin: &Origin, request: Value) -> Answer<String> {
        let answer = self.call(doing, &self.names.message, origin, request).await?;
        Ok(answer.map(|answer: MessageAnswer| mask_email(&answer.destination)))
    }
}
