//! Dispatches a call to its function.

use serde::Serialize;
use serde_json::{Value, json};

use crate::contract::{RedeemRequest, Refusal, RefusalCode, Request};
use crate::ports::{Fault, Ports};

/// One of the six functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    OtpSend,
    OtpVerify,
    Access,
    Message,
    Redeem,
    Delivery,
}

impl Function {
    pub const ALL: [Self; 6] =
        [Self::OtpSend, Self::OtpVerify, Self::Access, Self::Message, Self::Redeem, Self::Delivery];

    /// Returns the name, which is also the handler's name in a deployment.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtpSend => "otp-send",
            Self::OtpVerify => "otp-verify",
            Self::Access => "access",
            Self::Message => "message",
            Self::Redeem => "redeem",
            Self::Delivery => "delivery",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }
}

/// Settings of the company.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the company in mails.
    pub company: String,
    /// Beginning of an access link, up to the secret: `https://www.example.com/support#`.
    pub link_prefix: String,
    /// Beginning of an access link for the app: `waizant://support#`. `None`: as for the web.
    pub app_link_prefix: Option<String>,
    /// Beginning of the page "I did not ask for this": `https://desk.example.com/`. `None`: mails
    /// have no such page, and a request that names one is refused.
    pub report_prefix: Option<String>,
    /// The answer to a send for `agent_link` takes a multiple of this time, in milliseconds, so
    /// that its duration does not reveal if an account exists. 0: it takes as long as it takes.
    pub link_send_step: u64,
}

/// The six functions.
#[derive(Clone)]
pub struct Functions {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
}

/// Reply of a function.
pub struct Reply {
    pub body: Value,
    /// The refusal that `body` states. `None`: the function did its work.
    pub refusal: Option<Refusal>,
}

impl std::fmt::Debug for Reply {
    /// Shows no body, because it can hold a proof or a link.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.refusal.as_ref().map(|refusal| refusal.code);
        f.debug_struct("Reply").field("refusal", &code).finish_non_exhaustive()
    }
}

/// Reason why a function did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<RefusalCode> for Failure {
    fn from(code: RefusalCode) -> Self {
        Self::Refused(Refusal::new(code))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Functions {
    pub fn new(ports: Ports, settings: Settings) -> Self {
        Self { ports, settings }
    }

    /// Runs a function.
    ///
    /// A fault means that the work may be done. The caller repeats the call under the same key.
    pub async fn call(&self, function: Function, body: &[u8]) -> Result<Reply, Fault> {
        match self.run(function, body).await {
            Ok(body) => Ok(Reply { body, refusal: None }),
            Err(Failure::Refused(refusal)) => {
                Ok(Reply { body: refusal.as_json(), refusal: Some(refusal) })
            }
            Err(Failure::Fault(fault)) => Err(fault),
        }
    }

    async fn run(&self, function: Function, body: &[u8]) -> Result<Value, Failure> {
        match function {
            Function::OtpSend => {
                let request = Request::parse(body)?;
                if request.has("op") {
                    return Ok(success(&self.delivery_status(&request).await?));
                }
                Ok(success(&self.send_code(&request).await?))
            }
            Function::OtpVerify => Ok(success(&self.verify_code(&Request::parse(body)?).await?)),
            Function::Access => self.issue_or_revoke(&Request::parse(body)?).await,
            Function::Message => Ok(success(&self.send_message(&Request::parse(body)?).await?)),
            Function::Redeem => match RedeemRequest::parse(body)? {
                RedeemRequest::Redeem { token } => Ok(success(&self.redeem(&token).await?)),
                RedeemRequest::Alive { session_id } => Ok(success(&self.alive(&session_id).await?)),
            },
            Function::Delivery => Ok(success(&self.record_delivery(body).await?)),
        }
    }
}

/// Returns a reply with `ok: true`.
pub(crate) fn success(reply: &impl Serialize) -> Value {
    let mut body = json!(reply);
    body["ok"] = json!(true);
    body
}
