//! The company's Lambda functions: codes by mail, access links, messages.
//!
//! Each function is invoked synchronously with JSON. The functions resolve addresses, make and
//! check codes, and remember their reply to each idempotency key. The bot never holds a code that
//! was not just typed, nor a customer's tokens.

pub mod answers;
mod call;
mod links;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use commands::model::code::Code;
use commands::model::outcome::{CodeCheck, Sent};
use commands::model::proof::AccessGrant;
use commands::model::words::{Purpose, Target};
use commands::ports::access::{Access, IssuedLink};
use commands::ports::codes::{Codes, Subject};
use commands::ports::function::{Answer, Origin};
use commands::ports::messages::Messages;
use serde_json::{Value, json};

use crate::calls::Call;
use crate::config::{AccessHosts, Lambda};
use crate::server_clocks::ServerClocks;

use call::envelope;

/// Adapter for the four functions.
#[derive(Clone)]
pub struct Functions {
    client: Client,
    names: Lambda,
    hosts: AccessHosts,
    clocks: Arc<ServerClocks>,
}

impl Functions {
    /// Creates the adapter. An access link that points to none of `hosts` is a fault.
    pub fn new(
        sdk: &SdkConfig,
        names: Lambda,
        hosts: AccessHosts,
        clocks: Arc<ServerClocks>,
    ) -> Self {
        Self { client: Client::new(sdk), names, hosts, clocks }
    }

    async fn notify_agent(&self, origin: &Origin, template: &str, agent_id: &str) -> Answer<()> {
        let request = json!({"template": template, "subject": {"type": "agent", "id": agent_id}});
        Ok(self.send_message(Call::MessageNotice, origin, request).await?.map(drop))
    }

    /// Mails a message and returns the masked address.
    async fn send_message(&self, call: Call, origin: &Origin, request: Value) -> Answer<String> {
        let parse = |payload: &[u8]| answers::parse_message_reply(call.doing(), payload);
        self.call(call, &self.names.message, &envelope(origin, request), parse).await
    }
}

/// Codes by mail: the functions `otp-send` and `otp-verify`.
#[async_trait]
impl Codes for Functions {
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent> {
        let (kind, id) = match subject {
            Subject::Agent(id) => ("agent", id),
            Subject::Customer(id) => ("customer", id),
        };
        let mut request = json!({"purpose": purpose.name(), "subject": {"type": kind, "id": id}});
        if let Some((id, name)) = ecosystem {
            request["ecosystem"] = json!({"id": id, "name": name});
        }
        let request = envelope(&origin, request);
        let answer =
            self.call(Call::OtpSend, &self.names.otp_send, &request, answers::parse_send_reply);
        let local = |sent: Sent| Sent { expires_at: self.clocks.from_aws(sent.expires_at), ..sent };
        Ok(answer.await?.map(local))
    }

    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck> {
        let request =
            json!({"purpose": purpose.name(), "challenge_id": challenge_id, "code": code.expose()});
        let parse = |payload: &[u8]| answers::parse_verify_reply(payload, purpose);
        self.call(Call::OtpVerify, &self.names.otp_verify, &envelope(&origin, request), parse).await
    }
}

/// Access links that sign in as the customer: the function `access`.
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
            "customer_id": grant.case().customer.id,
            "ecosystem_id": grant.case().ecosystem,
            "proofs": {"agent": grant.agent().expose(), "customer": grant.customer().expose()},
        });
        let parse = |payload: &[u8]| {
            answers::parse_issue_reply(payload, target, &self.hosts, self.clocks.aws_now())
        };
        let request = envelope(&origin, request);
        let answer = self.call(Call::AccessIssue, &self.names.access, &request, parse).await?;
        Ok(answer
            .map(|link| IssuedLink { expires_at: self.clocks.from_aws(link.expires_at), ..link }))
    }

    async fn revoke(&self, origin: Origin) -> Answer<u32> {
        let request = envelope(&origin, json!({"op": "revoke"}));
        self.call(Call::AccessRevoke, &self.names.access, &request, answers::parse_revoke_reply)
            .await
    }
}

/// Messages by mail: the function `message`.
#[async_trait]
impl Messages for Functions {
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notify_agent(&origin, "account_linked", agent_id).await
    }

    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        self.notify_agent(&origin, "password_changed", agent_id).await
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String> {
        let request = json!({
            "template": "successor_qr",
            "subject": {"type": "customer", "id": grant.case().customer.id},
            "link_id": link_id,
            "proofs": {"agent": grant.agent().expose(), "customer": grant.customer().expose()},
        });
        self.send_message(Call::MessageQr, &origin, request).await
    }
}

#[cfg(test)]
mod tests;
