//! Notices by mail: the function `message`.

use async_trait::async_trait;
use commands::ports::{Answer, Messages, Origin};
use serde::Deserialize;
use serde_json::json;

use super::Functions;

/// Where it went and under which id is not needed here, but an answer without them is none.
#[derive(Deserialize)]
struct MessageAnswer {
    #[serde(rename = "destination")]
    _destination: String,
    #[serde(rename = "message_id")]
    _message_id: String,
}

#[async_trait]
impl Messages for Functions {
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notice(&origin, "account_linked", agent_id).await
    }

    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notice(&origin, "password_changed", agent_id).await
    }
}

impl Functions {
    async fn notice(&self, origin: &Origin, template: &str, agent_id: &str) -> Answer<()> {
        let request = json!({"template": template, "subject": {"type": "agent", "id": agent_id}});
        let answer = self.call("mailing a notice", &self.names.message, origin, request).await?;
        Ok(answer.map(|_: MessageAnswer| ()))
    }
}
