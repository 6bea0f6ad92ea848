//! The functions with the services that they use, for their tests.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::aws::cognito::Pool;
use crate::aws::lambda::{CallContext, Lambda};
use crate::changed::Changed;
use crate::clock::{Clock, ManualClock};
use crate::core_db::Core;
use crate::mail::{Mail, Mailbox};
use crate::seed::Seed;
use crate::shop::Shop;

pub(super) const ANA: &str = "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001";

pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) pool: Mutex<Pool>,
    pub(super) core: Core,
    pub(super) mail: Mailbox,
    pub(super) shop: Shop,
    pub(super) lambda: Lambda,
    pub(super) calls: std::cell::Cell<u32>,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = ManualClock::at(1_780_308_000_000);
        let seed = Seed::demo();
        Self {
            pool: Mutex::new(Pool::new(&seed.staff)),
            core: Core::create("sqlite::memory:", &seed).await.unwrap(),
            mail: Mailbox::new(clock.clone(), Changed::new(0)),
            shop: Shop::new(clock.clone(), "http://127.0.0.1:8400".to_owned(), Changed::new(0)),
            lambda: Lambda::default(),
            calls: std::cell::Cell::new(0),
            clock,
        }
    }

    /// Calls a function under a new key.
    pub(super) async fn call(&self, function: &str, own: Value) -> Value {
        self.calls.set(self.calls.get() + 1);
        self.call_as(&format!("r{}", self.calls.get()), "s1", function, own).await
    }

    pub(super) async fn call_as(
        &self,
        key: &str,
        session: &str,
        function: &str,
        own: Value,
    ) -> Value {
        let mut body = json!({
            "v": 1, "request_id": key, "session_id": session, "locale": "es-ES",
            "actor": {"agent_id": ANA, "discord_id": "1200000000000000100", "name": "Ana Ruiz"},
        });
        body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let context = CallContext {
            now: self.clock.now(),
            pool: &self.pool,
            core: &self.core,
            mail: &self.mail,
            shop: &self.shop,
        };
        self.lambda.run(function, &context, body).await.0
    }

    pub(super) async fn send(&self, purpose: &str) -> Value {
        self.call("cs-otp-send", send_fields(purpose, "usr-julia", "eco-casa-luz")).await
    }

    pub(super) async fn verify(&self, purpose: &str, challenge: &Value, code: &str) -> Value {
        self.call(
            "cs-otp-verify",
            json!({"purpose": purpose, "challenge_id": challenge["challenge_id"], "code": code}),
        )
        .await
    }

    /// Earns both proofs for a customer in an ecosystem.
    pub(super) async fn proofs(&self, customer: &str, email: &str, ecosystem: &str) -> Value {
        let agent = self.send("agent_mfa").await;
        let agent = self.verify("agent_mfa", &agent, &self.code("ana@waizant.example")).await;
        let consent =
            self.call("cs-otp-send", send_fields("customer_consent", customer, ecosystem)).await;
        let consent = self.verify("customer_consent", &consent, &self.code(email)).await;
        json!({"agent": agent["proof"], "customer": consent["proof"]})
    }

    pub(super) async fn issue(
        &self,
        target: &str,
        customer: &str,
        ecosystem: &str,
        proofs: &Value,
    ) -> Value {
        self.call("cs-access", issue_fields(target, customer, ecosystem, proofs)).await
    }

    pub(super) fn code(&self, email: &str) -> String {
        self.mail.last_code_for(email).unwrap()
    }

    pub(super) fn last_mail(&self) -> Mail {
        self.mail.all().pop().unwrap()
    }
}

pub(super) fn send_fields(purpose: &str, customer: &str, ecosystem: &str) -> Value {
    let subject = if purpose == "customer_consent" {
        json!({"type": "customer", "id": customer})
    } else {
        json!({"type": "agent", "id": ANA})
    };
    json!({"purpose": purpose, "subject": subject, "ecosystem": {"id": ecosystem, "name": "Casa Luz"}})
}

pub(super) fn issue_fields(target: &str, customer: &str, ecosystem: &str, proofs: &Value) -> Value {
    json!({"op": "issue", "target": target, "customer_id": customer, "ecosystem_id": ecosystem, "proofs": proofs})
}

pub(super) fn refusal(answer: &Value) -> &str {
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"]["code"].as_str().unwrap()
}

pub(super) fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}
