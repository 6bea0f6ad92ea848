//! Calls of the Lambda functions: codes by mail, access links, messages.
//!
//! Each function is invoked synchronously with JSON, by the types of `functions::contract`. The
//! functions resolve addresses, make and check codes, and repeat their reply to an idempotency key,
//! except to a revocation. The bot never holds a code that was not just typed, nor a customer's
//! tokens.

pub mod answers;
mod call;
mod links;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use commands::model::code::Code;
use commands::model::delivery::MailStatus;
use commands::model::outcome::{CodeCheck, Sent};
use commands::model::proof::AccessGrant;
use commands::model::scope::Scope;
use commands::model::time::Timestamp;
use commands::model::words::{Purpose, Target};
use commands::ports::access::{Access, IssuedLink};
use commands::ports::codes::{self, CodeRequest, Codes};
use commands::ports::function::{Answer, Origin};
use commands::ports::messages::{Messages, Visit};
use functions::contract::{
    self, AccessRequest, Ecosystem, IssueRequest, MessageRequest, OpenedLink, Proofs, SendRequest,
    StatusOp, StatusRequest, Subject, SubjectKind, SuccessorQr, SupportVisit, VerifyRequest,
};
use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;

use crate::calls::Call;
use crate::config::{AccessHosts, Lambda};
use crate::server_clocks::ServerClocks;

use call::envelope;

/// Adapter for the four functions that the bot calls.
#[derive(Clone)]
pub struct Functions {
    client: Client,
    names: Lambda,
    hosts: AccessHosts,
    channel_url: Option<String>,
    clocks: Arc<ServerClocks>,
}

impl Functions {
    /// Creates the adapter.
    ///
    /// An access link that points to none of `hosts` is a fault. Mails to agents link to the
    /// support channel at `channel_url`.
    pub fn new(
        sdk: &SdkConfig,
        names: Lambda,
        hosts: AccessHosts,
        channel_url: Option<String>,
        clocks: Arc<ServerClocks>,
    ) -> Self {
        Self { client: Client::new(sdk), names, hosts, channel_url, clocks }
    }

    /// Mails a message whose address nobody reads.
    async fn send_notice(&self, origin: &Origin, request: MessageRequest) -> Answer<()> {
        Ok(self.send_message(Call::MessageNotice, origin, request).await?.map(drop))
    }

    /// Mails a message and returns the masked address.
    async fn send_message(
        &self,
        call: Call,
        origin: &Origin,
        request: MessageRequest,
    ) -> Answer<String> {
        let parse = |payload: &[u8]| answers::parse_message_reply(call.doing(), payload);
        self.call(call, &self.names.message, &envelope(origin, request), parse).await
    }
}

/// Codes by mail: the functions `otp-send` and `otp-verify`.
#[async_trait]
impl Codes for Functions {
    async fn send(&self, origin: Origin, code: CodeRequest) -> Answer<Sent> {
        let subject = match code.subject {
            codes::Subject::Agent(id) => agent(id),
            codes::Subject::Customer(id) => customer(id),
        };
        let is_for_agent = subject.kind == SubjectKind::Agent;
        let request = SendRequest {
            purpose: contract_purpose(code.purpose),
            subject,
            ecosystem: code.ecosystem.map(|(id, name)| ecosystem(&id, &name)),
            scope: code.scope.map(contract_scope),
            channel_url: self.channel_url.clone().filter(|_| is_for_agent),
            report_url: code.report_url.map(exposed),
        };
        let request = envelope(&origin, request);
        let answer =
            self.call(Call::OtpSend, &self.names.otp_send, &request, answers::parse_send_reply);
        let local = |sent: Sent| Sent { expires_at: self.clocks.from_aws(sent.expires_at), ..sent };
        Ok(answer.await?.map(local))
    }

    async fn status(&self, origin: Origin, challenge_id: &str) -> Answer<MailStatus> {
        let request = StatusRequest { op: StatusOp::Status, challenge_id: challenge_id.to_owned() };
        let request = envelope(&origin, request);
        let answer =
            self.call(Call::OtpStatus, &self.names.otp_send, &request, answers::parse_status_reply);
        let local =
            |status: MailStatus| MailStatus { at: self.clocks.from_aws(status.at), ..status };
        Ok(answer.await?.map(local))
    }

    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck> {
        let request = VerifyRequest {
            purpose: contract_purpose(purpose),
            challenge_id: challenge_id.to_owned(),
            code: code.expose().into(),
        };
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
        let request = AccessRequest::Issue(IssueRequest {
            target: contract_target(target),
            customer_id: grant.case().customer.id.clone(),
            ecosystem_id: grant.case().ecosystem.clone(),
            proofs: proofs(grant),
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
        let request = envelope(&origin, AccessRequest::Revoke {});
        self.call(Call::AccessRevoke, &self.names.access, &request, answers::parse_revoke_reply)
            .await
    }
}

/// Messages by mail: the function `message`.
#[async_trait]
impl Messages for Functions {
    async fn account_linked(
        &self,
        origin: Origin,
        agent_id: &str,
        report_url: Option<SecretString>,
    ) -> Answer<()> {
        let (subject, report_url) = (agent(agent_id.to_owned()), report_url.map(exposed));
        let request = MessageRequest::AccountLinked { subject, report_url };
        self.send_notice(&origin, request).await
    }

    async fn account_unlinked(&self, origin: Origin, agent_id: &str) -> Answer<()> {
        let subject = agent(agent_id.to_owned());
        self.send_notice(&origin, MessageRequest::AccountUnlinked { subject }).await
    }

    async fn password_changed(
        &self,
        origin: Origin,
        agent_id: &str,
        report_url: Option<SecretString>,
    ) -> Answer<()> {
        let (subject, report_url) = (agent(agent_id.to_owned()), report_url.map(exposed));
        let request = MessageRequest::PasswordChanged { subject, report_url };
        self.send_notice(&origin, request).await
    }

    async fn support_visit(&self, origin: Origin, visit: Visit<'_>) -> Answer<()> {
        let opened = visit.opened.iter().map(|opened| OpenedLink {
            target: contract_target(opened.target),
            at: contract_time(self.clocks.to_aws(opened.at)),
        });
        let request = MessageRequest::SupportVisit(SupportVisit {
            subject: customer(visit.case.customer.id.clone()),
            ecosystem: ecosystem(&visit.case.ecosystem, &visit.case.ecosystem_name),
            opened: opened.collect(),
            report_url: visit.report_url.map(exposed),
        });
        self.send_notice(&origin, request).await
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String> {
        let request = MessageRequest::SuccessorQr(SuccessorQr {
            subject: customer(grant.case().customer.id.clone()),
            ecosystem: ecosystem(&grant.case().ecosystem, &grant.case().ecosystem_name),
            link_id: link_id.to_owned(),
            proofs: proofs(grant),
        });
        self.send_message(Call::MessageQr, &origin, request).await
    }
}

fn agent(id: String) -> Subject {
    Subject { kind: SubjectKind::Agent, id }
}

fn customer(id: String) -> Subject {
    Subject { kind: SubjectKind::Customer, id }
}

/// Returns a secret that a mail shows.
#[expect(clippy::needless_pass_by_value, reason = "it is used up")]
fn exposed(secret: SecretString) -> String {
    secret.expose_secret().to_owned()
}

/// Returns an ecosystem with a name that the contract allows.
fn ecosystem(id: &str, name: &str) -> Ecosystem {
    Ecosystem { id: id.to_owned(), name: shortened(name) }
}

/// Returns a name that the contract allows: one line, cut off at the limit. Core and Cognito allow
/// longer ones.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(contract::MAX_NAME).collect()
}

fn proofs(grant: &AccessGrant<'_>) -> Proofs {
    Proofs { agent: grant.agent().expose().into(), customer: grant.customer().expose().into() }
}

fn contract_purpose(purpose: Purpose) -> contract::Purpose {
    match purpose {
        Purpose::AgentMfa => contract::Purpose::AgentMfa,
        Purpose::CustomerConsent => contract::Purpose::CustomerConsent,
        Purpose::AgentLink => contract::Purpose::AgentLink,
    }
}

fn contract_scope(scope: Scope) -> contract::Scope {
    match scope {
        Scope::Verify => contract::Scope::Verify,
        Scope::Act => contract::Scope::Act,
    }
}

fn contract_target(target: Target) -> contract::Target {
    match target {
        Target::Store => contract::Target::Store,
        Target::Web => contract::Target::Web,
        Target::App => contract::Target::App,
        Target::Successor => contract::Target::Successor,
    }
}

/// Returns a time as the contract writes it. One that it cannot write is the epoch.
fn contract_time(at: Timestamp) -> OffsetDateTime {
    let nanoseconds = i128::from(at.0) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
