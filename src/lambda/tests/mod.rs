//! The contract with the functions, requests and replies, against a stub.

mod access;

use std::time::Duration;

use commands::model::code::Code;
use commands::model::delivery::{BounceReason, MailState, MailStatus};
use commands::model::outcome::{CodeCheck, Denied, Sent};
use commands::model::time::Timestamp;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{Actor, Locale, Purpose};
use commands::ports::codes::{CodeRequest, Codes, Subject};
use commands::ports::function::Origin;
use commands::ports::messages::Messages;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::aws_stub::{AwsStub, StubReply, StubRequest};
use crate::clock::hand::ManualClock;

const CHANNEL: &str = "https://discord.com/channels/12/34";

async fn functions(
    reply: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static,
) -> (Functions, AwsStub) {
    let clock = ManualClock::at(1_700_000_000_000);
    let stub = AwsStub::start(reply).await;
    let hosts = AccessHosts::parse("shop.example.com").unwrap();
    let clocks = ServerClocks::new(clock);
    let sdk = stub.sdk_config_with(&clocks).await;
    (Functions::new(&sdk, Lambda::default(), hosts, Some(CHANNEL.to_owned()), clocks), stub)
}

async fn replying(body: Value) -> (Functions, AwsStub) {
    functions(move |_| StubReply::json(&body)).await
}

fn origin() -> Origin {
    Origin {
        request_id: "AAAAAAAAAAAAAAAAAAAAAA:send:customer_consent:1".to_owned(),
        session: "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        actor: Actor {
            discord_id: 1_200_000_000_000_000_101,
            agent_id: "sub-1".to_owned(),
            name: "Ana López".to_owned(),
            unknown: UnknownFields::NONE,
        },
        locale: Locale::Es,
    }
}

fn send(functions: &Functions) -> impl Future<Output = Answer<Sent>> {
    let code = CodeRequest {
        purpose: Purpose::CustomerConsent,
        subject: Subject::Customer("usr-1".to_owned()),
        ecosystem: Some(("eco-1".to_owned(), "Casa Luz".to_owned())),
        scope: Some(Scope::Verify),
        report_url: None,
    };
    functions.send(origin(), code)
}

/// Returns the reply to a code that was mailed.
fn sent() -> Value {
    json!({"ok": true, "challenge_id": "c1", "destination": "j•••@e•••.com", "expires_at": "2023-11-14T22:23:20Z", "resend_after_s": 60})
}

#[tokio::test]
async fn code_is_sent() {
    let (functions, stub) = replying(sent()).await;
    let answer = send(&functions).await.unwrap().unwrap();
    let expected = Sent {
        challenge_id: "c1".to_owned(),
        destination: "j•••@e•••.com".to_owned(),
        expires_at: Timestamp(1_700_000_600_000),
        resend_after: Duration::from_mins(1),
    };
    assert_eq!(answer, expected);
    let request = &stub.requests()[0];
    assert_eq!(
        (request.operation.as_str(), request.invocation_type.as_str()),
        ("/2015-03-31/functions/cs-otp-send%3Alive/invocations", "RequestResponse")
    );
    assert_eq!(
        request.body,
        json!({
            "v": 2,
            "request_id": "AAAAAAAAAAAAAAAAAAAAAA:send:customer_consent:1",
            "session_id": "AAAAAAAAAAAAAAAAAAAAAA",
            "actor": {"agent_id": "sub-1", "discord_id": "1200000000000000101", "name": "Ana López"},
            "locale": "es",
            "purpose": "customer_consent",
            "subject": {"type": "customer", "id": "usr-1"},
            "ecosystem": {"id": "eco-1", "name": "Casa Luz"},
            "scope": "verify",
        })
    );
}

#[tokio::test]
async fn delivery_of_a_mail_is_asked_for() {
    let answer = json!({"ok": true, "state": "bounced", "at": "2023-11-14T22:13:27.500Z", "reason": "mailbox_full"});
    let (functions, stub) = replying(answer).await;
    let status = functions.status(origin(), "c1").await.unwrap().unwrap();
    let expected = MailStatus {
        state: MailState::Bounced,
        at: Timestamp(1_700_000_007_500),
        reason: Some(BounceReason::MailboxFull),
    };
    assert_eq!(status, expected);
    let body = &stub.requests()[0].body;
    assert_eq!((&body["op"], &body["challenge_id"]), (&json!("status"), &json!("c1")));
    for state in ["accepted", "delayed", "delivered", "complained"] {
        let answer = json!({"ok": true, "state": state, "at": "2023-11-14T22:13:27Z"});
        let (functions, _stub) = replying(answer).await;
        let status = functions.status(origin(), "c1").await.unwrap().unwrap();
        assert_eq!(format!("{:?}", status.state).to_lowercase(), state);
    }
}

#[tokio::test]
async fn malformed_delivery_is_a_fault() {
    for answer in [
        json!({"ok": true}),
        json!({"ok": true, "state": "read", "at": "2023-11-14T22:13:27Z"}),
        json!({"ok": true, "state": "delivered", "at": "soon"}),
        json!({"ok": true, "state": "delivered"}),
        json!({"ok": true, "state": "bounced", "at": "2023-11-14T22:13:27Z", "reason": "none"}),
    ] {
        let (functions, _stub) = replying(answer.clone()).await;
        let fault = functions.status(origin(), "c1").await.unwrap_err().to_string();
        assert!(fault.starts_with("asking for the delivery of a mail: "), "{answer}: {fault}");
    }
}

#[tokio::test]
async fn link_code_names_no_ecosystem_and_no_scope() {
    let (functions, stub) = replying(sent()).await;
    let code = CodeRequest {
        purpose: Purpose::AgentLink,
        subject: Subject::Agent("sub-1".to_owned()),
        ecosystem: None,
        scope: None,
        report_url: None,
    };
    functions.send(origin(), code).await.unwrap().unwrap();
    let body = &stub.requests()[0].body;
    assert_eq!(
        (&body["subject"], body.get("ecosystem"), body.get("scope")),
        (&json!({"type": "agent", "id": "sub-1"}), None, None)
    );
}

#[tokio::test]
async fn unmasked_address_is_masked() {
    let mut answer = sent();
    answer["destination"] = json!("julia@example.com");
    let (functions, _stub) = replying(answer).await;
    assert_eq!(send(&functions).await.unwrap().unwrap().destination, "j•••@e•••.com");
}

#[tokio::test]
async fn code_is_verified() {
    for (answer, expected) in [
        (json!({"ok": true, "result": "verified", "proof": "p-1"}), "Verified p-1"),
        (json!({"ok": true, "result": "mismatch", "attempts_left": 4}), "Mismatch"),
        (json!({"ok": true, "result": "expired"}), "Expired"),
        (json!({"ok": true, "result": "locked", "attempts_left": 0}), "Locked"),
        (json!({"ok": true, "result": "verified"}), "fault"),
        (json!({"ok": true, "result": "perhaps"}), "fault"),
    ] {
        let (functions, stub) = replying(answer).await;
        let code = Code::parse("123456").unwrap();
        let answer = functions.verify(origin(), Purpose::AgentMfa, "c1", &code).await;
        let got = match answer {
            Ok(Ok(CodeCheck::Verified(proof))) => format!("Verified {}", proof.expose_secret()),
            Ok(Ok(checked)) => format!("{checked:?}"),
            Ok(Err(denied)) => format!("{denied:?}"),
            Err(_) => "fault".to_owned(),
        };
        assert_eq!(got, expected);
        let body = &stub.requests()[0].body;
        assert_eq!(
            (&body["purpose"], &body["challenge_id"], &body["code"]),
            (&json!("agent_mfa"), &json!("c1"), &json!("123456"))
        );
    }
}

#[tokio::test]
async fn every_error_code_is_mapped() {
    for (error, expected) in [
        (
            json!({"code": "RATE_LIMITED", "retry_after_s": 90}),
            Denied::RateLimited(Some(Duration::from_secs(90))),
        ),
        (json!({"code": "RATE_LIMITED"}), Denied::RateLimited(None)),
        (json!({"code": "NOT_FOUND"}), Denied::NotFound),
        (json!({"code": "DELIVERY_FAILED"}), Denied::DeliveryFailed),
        (json!({"code": "PROOF_INVALID"}), Denied::ProofInvalid),
        (
            json!({"code": "UNAVAILABLE", "retry_after_s": 5}),
            Denied::Unavailable(Some(Duration::from_secs(5))),
        ),
    ] {
        let (functions, stub) = replying(json!({"ok": false, "error": error})).await;
        assert_eq!(send(&functions).await.unwrap().unwrap_err(), expected);
        assert_eq!(stub.requests().len(), 1, "a denial is not retried");
    }
}

#[tokio::test]
async fn malformed_reply_is_a_fault_without_quotes() {
    let bodies = [
        json!({"ok": false, "error": {"code": "BAD_REQUEST"}}).to_string(),
        json!({"ok": false, "error": {"code": "hush"}}).to_string(),
        json!({"ok": false}).to_string(),
        json!({"ok": "hush", "challenge_id": "hush"}).to_string(),
        json!({"ok": true, "challenge_id": "hush", "destination": "hush", "expires_at": "hush", "resend_after_s": 60})
            .to_string(),
        json!({"ok": true, "challenge_id": 7, "destination": "hush"}).to_string(),
        "hush".to_owned(),
        String::new(),
    ];
    for body in bodies {
        let (functions, _stub) = functions({
            let body = body.clone();
            move |_| StubReply { status: 200, headers: Vec::new(), body: body.clone() }
        })
        .await;
        let fault = send(&functions).await.unwrap_err().to_string();
        assert!(
            fault.starts_with("sending a code: ") && !fault.contains("hush"),
            "{fault} for {body}"
        );
    }
}

#[tokio::test]
async fn function_error_is_a_fault_despite_valid_payload() {
    let (functions, stub) = functions(|_| StubReply {
        status: 200,
        headers: vec![("x-amz-function-error", "Unhandled".to_owned())],
        body: sent().to_string(),
    })
    .await;
    let fault = send(&functions).await.unwrap_err();
    assert_eq!(fault.to_string(), "sending a code: the function failed");
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn service_error_is_named_by_code_only() {
    let (functions, _stub) =
        functions(|_| StubReply::error(404, "ResourceNotFoundException")).await;
    let fault = send(&functions).await.unwrap_err();
    assert_eq!(fault.to_string(), "sending a code: the service answered ResourceNotFoundException");
}

#[tokio::test]
async fn notices_are_mailed() {
    let (functions, stub) =
        replying(json!({"ok": true, "destination": "a•••@w•••.example", "message_id": "m1"})).await;
    let page = "https://desk.example.com/report/s.n.mac";
    let pages = || Some(page.into());
    functions.account_linked(origin(), "sub-1", pages()).await.unwrap().unwrap();
    functions.password_changed(origin(), "sub-1", pages()).await.unwrap().unwrap();
    for (request, template) in stub.requests().iter().zip(["account_linked", "password_changed"]) {
        assert!(request.operation.contains("cs-message"));
        assert_eq!(
            (&request.body["template"], &request.body["subject"]),
            (&json!(template), &json!({"type": "agent", "id": "sub-1"}))
        );
        assert_eq!(request.body["report_url"], page);
    }
}

#[tokio::test]
async fn dry_run_invokes_no_function() {
    let (functions, stub) =
        functions(|_| StubReply { status: 204, headers: Vec::new(), body: String::new() }).await;
    functions.dry_run("cs-access:live").await.unwrap();
    assert_eq!(stub.requests()[0].invocation_type, "DryRun");
}

#[test]
fn names_are_cut_off_at_the_limit_of_the_contract() {
    let longest = "ñ".repeat(contract::MAX_NAME);
    assert_eq!(shortened(&longest), longest);
    assert_eq!(shortened(&format!("{longest}x")), longest);
    assert_eq!(shortened("Ana\n\u{85}Ruiz"), "AnaRuiz");
}
