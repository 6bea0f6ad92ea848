//! Calls of the deployed functions without the bot: the whole contract once, and calls at the same
//! time.

use std::sync::Arc;
use std::time::Instant;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use functions::contract::{self, Actor, Envelope, RedeemRequest};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support_desk::config::AwsSource;
use support_desk::server_clocks::ServerClocks;

use super::Stack;
use super::mails::Mails;

const CUSTOMER: &str = "usr-sofia";
const MAILBOX: &str = "sofia@example.com";
const ECOSYSTEM: &str = "eco-herencia";
/// Calls at the same time.
const CALLS: usize = 32;
/// Calls of each kind whose durations are compared.
const TIMED: usize = 24;

/// The functions, called as the bot and as the company's backend.
#[derive(Clone)]
pub struct Calls {
    bot: Client,
    backend: Client,
    agent: Actor,
    mails: Mails,
}

/// Result of a call: the answer, or the code of a refusal, or the word `fault`.
pub type Answer = Result<Value, String>;

impl Calls {
    pub async fn new(stack: &Stack, mails: Mails) -> Self {
        let agent = Actor {
            agent_id: stack.subs["backoffice-eva"].clone(),
            discord_id: "1200000000000000102".to_owned(),
            name: "Eva Lindqvist".to_owned(),
        };
        let bot = Client::new(&sdk(stack.endpoint(), &stack.bot).await);
        let backend = Client::new(&sdk(stack.endpoint(), &stack.backend).await);
        Self { bot, backend, agent, mails }
    }

    /// Calls `redeem`, as the backend.
    pub async fn redeem(&self, request: RedeemRequest) -> Answer {
        let mut body = json!(request);
        body["v"] = json!(contract::VERSION);
        invoke(&self.backend, "cs-redeem:live", &body).await
    }

    /// Calls a function, as the bot.
    async fn call(&self, function: &str, session: &str, key: &str, own: Value) -> Answer {
        let envelope = Envelope {
            request_id: format!("{session}:{key}"),
            session_id: session.to_owned(),
            actor: self.agent.clone(),
            locale: contract::Locale::En,
        };
        invoke(&self.bot, &format!("{function}:live"), &envelope.request(own)).await
    }

    fn send_fields(&self, purpose: &str) -> Value {
        let subject = match purpose {
            "customer_consent" => json!({"type": "customer", "id": CUSTOMER}),
            _ => json!({"type": "agent", "id": self.agent.agent_id}),
        };
        json!({"purpose": purpose, "subject": subject, "ecosystem": {"id": ECOSYSTEM, "name": "Casa Herencia"}})
    }

    /// Mails a code and checks it. Returns the proof.
    async fn proof(&self, session: &str, purpose: &str, mailbox: &str) -> Result<Value, String> {
        let sent = self.call("cs-otp-send", session, purpose, self.send_fields(purpose)).await?;
        let code = self.mails.code(mailbox).await;
        let own = json!({"purpose": purpose, "challenge_id": sent["challenge_id"], "code": code});
        let checked = self.call("cs-otp-verify", session, &format!("v-{purpose}"), own).await?;
        match checked["result"].as_str() {
            Some("verified") => Ok(checked["proof"].clone()),
            other => Err(format!("{other:?}")),
        }
    }

    /// Mails a code to the agent. Returns the challenge.
    pub async fn mails_code(&self, session: &str) -> Answer {
        let own = self.send_fields("agent_mfa");
        let sent = self.call("cs-otp-send", session, "mailed", own).await?;
        Ok(sent["challenge_id"].clone())
    }

    /// Asks what became of the mail of a code.
    pub async fn delivery(&self, session: &str, challenge: &Value) -> Answer {
        let own = json!({"op": "status", "challenge_id": challenge});
        self.call("cs-otp-send", session, "status", own).await
    }

    /// Uses everything that the bot and the backend can do, in a session of its own.
    pub async fn everything(&self, session: &str) -> Result<(), String> {
        let mailbox = "eva@waizant.example";
        let agent = self.proof(session, "agent_mfa", mailbox).await?;
        let customer = self.proof(session, "customer_consent", MAILBOX).await?;
        let proofs = json!({"agent": agent, "customer": customer});
        let issue = json!({"op": "issue", "target": "successor", "customer_id": CUSTOMER, "ecosystem_id": ECOSYSTEM, "proofs": proofs});
        let link = self.call("cs-access", session, "issue", issue).await?;
        let subject = json!({"type": "customer", "id": CUSTOMER});
        let ecosystem = json!({"id": ECOSYSTEM, "name": "Casa Herencia"});
        let qr = json!({"template": "successor_qr", "subject": subject, "ecosystem": ecosystem, "link_id": link["link_id"], "proofs": proofs});
        self.call("cs-message", session, "qr", qr).await?;
        let subject = json!({"type": "agent", "id": self.agent.agent_id});
        let notice = json!({"template": "account_unlinked", "subject": subject});
        self.call("cs-message", session, "notice", notice).await?;
        let token = link["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        self.redeem(RedeemRequest::Redeem { token: token.into() }).await?;
        self.call("cs-access", session, "revoke", json!({"op": "revoke"})).await?;
        Ok(())
    }
}

/// 32 calls under one key mail once and answer alike, and 32 right codes verify once.
pub async fn race(calls: &Calls) {
    let mailbox = "eva@waizant.example";
    let before = calls.mails.to(mailbox).await.len();
    let own = calls.send_fields("agent_mfa");
    // 32 processes start at the same time, so some may still be at work when others give up.
    let send_once = async || loop {
        match calls.call("cs-otp-send", "race", "send", own.clone()).await {
            Err(code) if code == "IN_PROGRESS" => {}
            answer => break answer,
        }
    };
    let sent = join_all((0..CALLS).map(|_| send_once())).await;
    assert!(sent.iter().all(|answer| *answer == sent[0] && answer.is_ok()), "{sent:#?}");
    assert_eq!(calls.mails.to(mailbox).await.len(), before + 1);

    let challenge = &sent[0].as_ref().unwrap()["challenge_id"];
    let own = json!({"purpose": "agent_mfa", "challenge_id": challenge, "code": calls.mails.code(mailbox).await});
    let checks = (0..CALLS).map(|n| {
        let (own, key) = (own.clone(), format!("verify-{n}"));
        async move { calls.call("cs-otp-verify", "race", &key, own).await }
    });
    let checked = join_all(checks).await;
    let count = |result: &str| {
        let is = |answer: &&Answer| answer.as_ref().is_ok_and(|answer| answer["result"] == result);
        checked.iter().filter(is).count()
    };
    assert_eq!((count("verified"), count("expired")), (1, CALLS - 1), "{checked:#?}");
}

/// The check of an unknown challenge takes as long as that of a wrong code: the median of the
/// differences is small. `functions/tests/contract/timing.rs` compares the calls themselves.
pub async fn takes_as_long_for_an_unknown_challenge(calls: &Calls) {
    let own =
        json!({"purpose": "agent_link", "subject": {"type": "agent", "id": calls.agent.agent_id}});
    let mut wrong = Vec::new();
    let mut unknown = Vec::new();
    for n in 0..TIMED {
        // A session for each code, because five wrong ones lock it.
        let session = format!("timed-{n}");
        let sent = calls.call("cs-otp-send", &session, "send", own.clone()).await.unwrap();
        let right: u32 = calls.mails.code("eva@waizant.example").await.parse().unwrap();
        let code = format!("{:06}", (right + 1) % 1_000_000);
        let check = |challenge: &Value| json!({"purpose": "agent_link", "challenge_id": challenge, "code": code});
        // In turn, so that the load of the machine is the same for both.
        let begin = Instant::now();
        let answer = calls.call("cs-otp-verify", &session, "v", check(&sent["challenge_id"])).await;
        wrong.push(begin.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(answer.unwrap()["result"], "mismatch");
        let begin = Instant::now();
        let answer =
            calls.call("cs-otp-verify", &format!("none-{n}"), "v", check(&json!("none"))).await;
        unknown.push(begin.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(answer.unwrap_err(), "NOT_FOUND");
    }
    let difference = median(wrong.iter().zip(&unknown).map(|(a, b)| a - b).collect());
    let (wrong, unknown) = (median(wrong), median(unknown));
    eprintln!("ms, medians: wrong {wrong:.1}, unknown {unknown:.1}, difference {difference:.1}");
    assert!(difference.abs() < wrong / 5.0, "{wrong}, {unknown}: {difference}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(super) async fn sdk(endpoint: &str, [key, secret]: &[String; 2]) -> SdkConfig {
    let source = AwsSource::Fixed {
        endpoint_url: endpoint.to_owned(),
        region: "eu-west-1".to_owned(),
        access_key_id: key.clone(),
        secret_access_key: secret.clone().into(),
    };
    let clock = Arc::new(support_desk::clock::WallClock);
    support_desk::aws::load_config(&source, &ServerClocks::new(clock)).await
}

async fn invoke(client: &Client, function: &str, body: &Value) -> Answer {
    let call = client.invoke().function_name(function).payload(Blob::new(body.to_string()));
    let output = call.send().await.map_err(|_| "fault".to_owned())?;
    if output.function_error().is_some() {
        return Err("fault".to_owned());
    }
    let answer: Value = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
    match answer["ok"].as_bool() {
        Some(true) => Ok(answer),
        _ => Err(answer["error"]["code"].as_str().unwrap_or_default().to_owned()),
    }
}
