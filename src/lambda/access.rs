//! Ways in as the customer: the function `access`.

use async_trait::async_trait;
use commands::error::Fault;
use commands::ports::{Access, Answer, Link, Origin};
use commands::session::Target;
use commands::time::Timestamp;
use commands::verify::{ByAgent, ByCustomer, Proof};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::Functions;
use super::call::rfc3339;
use super::links;

#[derive(Deserialize)]
struct IssueAnswer {
    url: SecretString,
    link_id: String,
    #[serde(deserialize_with = "rfc3339")]
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct RevokeAnswer {
    revoked: u32,
}

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
    ) -> Answer<Link> {
        let doing = "opening a way in";
        let request = json!({
            "op": "issue",
            "target": target.name(),
            "customer_id": customer,
            "ecosystem_id": ecosystem,
            "proofs": {"agent": agent.expose(), "customer": consent.expose()},
        });
        let answer: IssueAnswer = match self.call(doing, &self.names.access, &origin, request).await? {
            Ok(answer) => answer,
            Err(denied) => return Ok(Err(denied)),
        };
        let link = Link { id: answer.link_id, url: answer.url, expires_at: answer.expires_at };
        links::check(&link, target, &self.hosts, self.clock.now()).map_err(|wrong| Fault::new(doing, wrong))?;
        Ok(Ok(link))
    }

    async fn revoke(&self, origin: Origin) -> Answer<u32> {
        let answer = self.call("revoking what a session opened", &self.names.access, &origin, json!({"op": "revoke"})).await?;
        Ok(answer.map(|answer: RevokeAnswer| answer.revoked))
    }
}
