//! The functions, as the bot and the company's backend call them.

use std::sync::Arc;

use functions::mail::Mail;
use functions::ports::{LinkApi, Ports};
use functions::system::SystemRandom;
use functions::{Function, Functions, Settings};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::services::Services;

pub const ANA: &str = "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001";
/// 1 June 2026, 10:00 UTC.
pub const START: i64 = 1_780_308_000_000;

/// The functions, and what they use.
#[derive(Clone)]
pub struct World {
    pub functions: Functions,
    pub services: Arc<Services>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// Returns a world with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::build(change, None)
    }

    /// Returns a world whose access links the company's own API issues.
    pub fn with_company(company: Arc<dyn LinkApi>) -> Self {
        Self::build(|_| (), Some(company))
    }

    fn build(change: impl FnOnce(&mut Settings), link_api: Option<Arc<dyn LinkApi>>) -> Self {
        let services = Arc::new(Services::new());
        let ports = Ports {
            sessions: services.clone(),
            mac: services.clone(),
            mailer: services.clone(),
            accounts: services.clone(),
            customers: services.clone(),
            events: services.clone(),
            link_api,
            clock: services.clone(),
            random: Arc::new(SystemRandom),
        };
        let mut settings = Settings {
            company: "Waizant".to_owned(),
            link_prefix: "https://www.example.com/support#".to_owned(),
            app_link_prefix: Some("waizant://support#".to_owned()),
            report_prefix: Some("https://desk.example.com/".to_owned()),
            link_send_step: 0,
        };
        change(&mut settings);
        Self { functions: Functions::new(ports, settings), services }
    }

    pub fn advance(&self, ms: i64) {
        self.services.advance(ms);
    }

    /// Calls a function under a key of session `s1`. Returns the reply's body.
    pub async fn call(&self, function: Function, key: &str, own: Value) -> Value {
        self.call_in("s1", function, key, own).await
    }

    pub async fn call_in(&self, session: &str, function: Function, key: &str, own: Value) -> Value {
        let body = request(session, key, &own).to_string();
        self.functions.call(function, body.as_bytes()).await.unwrap().body
    }

    /// Calls a function and stops it at the point `n`. Returns its reply if it has fewer points.
    pub async fn call_stopped_at(
        &self,
        n: i64,
        function: Function,
        key: &str,
        own: Value,
    ) -> Option<Value> {
        self.services.stop_at(n);
        let reply = tokio::select! {
            reply = self.call(function, key, own) => Some(reply),
            () = self.services.stopped() => None,
        };
        self.services.stop_at(-1);
        reply
    }

    /// Calls `redeem`.
    pub async fn redeem(&self, own: Value) -> Value {
        let mut body = own;
        body["v"] = json!(2);
        self.functions.call(Function::Redeem, body.to_string().as_bytes()).await.unwrap().body
    }

    pub async fn send(&self, key: &str, purpose: &str) -> Value {
        self.call(Function::OtpSend, key, send_fields(purpose, "usr-julia", "eco-casa-luz")).await
    }

    pub async fn verify(&self, key: &str, purpose: &str, sent: &Value, code: &str) -> Value {
        let own = json!({"purpose": purpose, "challenge_id": sent["challenge_id"], "code": code});
        self.call(Function::OtpVerify, key, own).await
    }

    /// Earns both proofs for a customer in an ecosystem, in session `s1`.
    pub async fn proofs(&self, customer: &str, ecosystem: &str) -> Value {
        let agent = self.send("pa", "agent_mfa").await;
        let agent = self.verify("pav", "agent_mfa", &agent, &self.code()).await;
        let own = send_fields("customer_consent", customer, ecosystem);
        let consent = self.call(Function::OtpSend, "pc", own).await;
        let consent = self.verify("pcv", "customer_consent", &consent, &self.code()).await;
        json!({"agent": agent["proof"], "customer": consent["proof"]})
    }

    pub async fn issue(&self, key: &str, target: &str, proofs: &Value) -> Value {
        let own = issue_fields(target, "usr-julia", "eco-casa-luz", proofs);
        self.call(Function::Access, key, own).await
    }

    pub async fn revoke(&self) -> Value {
        self.call(Function::Access, "revoke", json!({"op": "revoke"})).await
    }

    pub fn last_mail(&self) -> Mail {
        self.services.mails.lock().unwrap().last().unwrap().clone()
    }

    pub fn mails(&self) -> usize {
        self.services.mails.lock().unwrap().len()
    }

    /// Returns the code in the newest mail.
    pub fn code(&self) -> String {
        self.last_mail().code.unwrap().expose_secret().to_owned()
    }

    /// Returns the codes of all mails, each once.
    pub fn codes(&self) -> Vec<String> {
        let mails = self.services.mails.lock().unwrap();
        let mut codes: Vec<String> = mails
            .iter()
            .filter_map(|mail| mail.code.as_ref().map(|code| code.expose_secret().to_owned()))
            .collect();
        codes.dedup();
        codes
    }

    pub fn stored(&self) -> String {
        self.services.stored()
    }

    /// Returns the port calls since the last time.
    pub fn take_trace(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.services.trace.lock().unwrap())
    }
}

/// Returns a request of Ana with these fields of its function.
pub fn request(session: &str, key: &str, own: &Value) -> Value {
    let mut body = json!({
        "v": 2, "request_id": key, "session_id": session, "locale": "es",
        "actor": {"agent_id": ANA, "discord_id": "1200000000000000100", "name": "Ana Ruiz"},
    });
    body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    body
}

pub fn send_fields(purpose: &str, customer: &str, ecosystem: &str) -> Value {
    let subject = match purpose {
        "customer_consent" => json!({"type": "customer", "id": customer}),
        _ => json!({"type": "agent", "id": ANA}),
    };
    match purpose {
        "agent_link" => json!({"purpose": purpose, "subject": subject}),
        _ => {
            json!({"purpose": purpose, "subject": subject, "ecosystem": {"id": ecosystem, "name": "Casa Luz"}})
        }
    }
}

pub fn issue_fields(target: &str, customer: &str, ecosystem: &str, proofs: &Value) -> Value {
    json!({"op": "issue", "target": target, "customer_id": customer, "ecosystem_id": ecosystem, "proofs": proofs})
}

/// Returns the code of a refusal.
#[track_caller]
pub fn refusal(answer: &Value) -> &str {
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"]["code"].as_str().unwrap()
}

pub fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// Returns the token in a link's address.
pub fn token(issued: &Value) -> Value {
    json!(issued["url"].as_str().unwrap().split_once('#').unwrap().1)
}
