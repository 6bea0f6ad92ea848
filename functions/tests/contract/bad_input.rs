//! Input that breaks the contract gets its refusal, and changes nothing.

use functions::Function;
use serde_json::{Value, json};

use super::world::{ANA, World, issue_fields, refusal, request, send_fields};

async fn raw(world: &World, function: Function, body: &[u8]) -> Value {
    world.functions.call(function, body).await.unwrap().body
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let world = World::new();
    let deep = "[".repeat(5_000);
    let large = format!("{{\"v\":2,\"x\":\"{}\"}}", "x".repeat(20_000));
    for function in Function::ALL {
        for body in ["", "null", "{}", "[]", "{\"v\":2}", "\u{feff}{}", &deep, &large] {
            assert_eq!(refusal(&raw(&world, function, body.as_bytes()).await), "BAD_REQUEST");
        }
        assert_eq!(refusal(&raw(&world, function, &[0xff, 0xfe]).await), "BAD_REQUEST");
    }
    assert_eq!(world.stored(), "");
}

#[tokio::test]
async fn every_field_of_a_send_is_checked() {
    let world = World::new();
    let valid = send_fields("agent_mfa", "", "eco-casa-luz");
    for (field, value) in [
        ("purpose", json!("other")),
        ("purpose", json!(1)),
        ("subject", json!({"type": "customer", "id": "usr-julia"})),
        ("subject", json!({"type": "agent", "id": "another"})),
        ("subject", json!({"type": "agent", "id": ANA, "extra": 1})),
        ("ecosystem", json!(null)),
        ("ecosystem", json!({"id": "e"})),
        ("scope", json!("everything")),
        ("channel_url", json!("https://evil.example/")),
        ("report_url", json!("javascript:alert(1)")),
        ("report_url", json!("https://evil.example/")),
        ("ecosystem", json!({"id": "e", "name": "two\nlines"})),
        ("extra", json!(1)),
        ("v", json!(1)),
        ("locale", json!("fr")),
        ("request_id", json!("x".repeat(257))),
    ] {
        let mut own = valid.clone();
        own[field] = value.clone();
        let answer = world.call(Function::OtpSend, "k", own).await;
        assert_eq!(refusal(&answer), "BAD_REQUEST", "{field}: {value}");
    }
    let mut link = send_fields("agent_link", "", "");
    link["scope"] = json!("act");
    assert_eq!(refusal(&world.call(Function::OtpSend, "k", link).await), "BAD_REQUEST");
    let mut consent = send_fields("customer_consent", "usr-julia", "eco-casa-luz");
    consent["channel_url"] = json!("https://discord.com/channels/1/2");
    let answer = world.call(Function::OtpSend, "k", consent).await;
    assert_eq!(refusal(&answer), "BAD_REQUEST", "a customer has no channel");
    assert_eq!((world.mails(), world.stored().as_str()), (0, ""));
}

#[tokio::test]
async fn codes_have_six_digits() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    for code in ["", "12345", "1234567", "12345a", "１２３４５６", " 12345"] {
        let answer = world.verify("v", "agent_mfa", &sent, code).await;
        assert_eq!(refusal(&answer), "BAD_REQUEST", "{code}");
    }
    let own =
        json!({"purpose": "agent_mfa", "challenge_id": sent["challenge_id"], "code": 123_456});
    assert_eq!(refusal(&world.call(Function::OtpVerify, "v", own).await), "BAD_REQUEST");
}

#[tokio::test]
async fn unknown_operations_and_templates_are_refused() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let subject = json!({"type": "agent", "id": ANA});
    let issue = |target| issue_fields(target, "usr-julia", "eco-casa-luz", &proofs);
    let visit = json!({"template": "support_visit", "subject": {"type": "customer", "id": "usr-julia"}, "ecosystem": {"id": "e", "name": "E"}, "opened": vec![json!({"target": "web", "at": "2026-06-01T10:00:00Z"}); 21]});
    for (function, own) in [
        (Function::Access, json!({"op": "other"})),
        (Function::Access, json!({"op": "revoke", "extra": 1})),
        (Function::Access, issue("bank")),
        (Function::OtpSend, json!({"op": "other", "challenge_id": "c"})),
        (Function::Message, json!({"template": "other", "subject": subject})),
        (
            Function::Message,
            json!({"template": "account_unlinked", "subject": subject, "report_url": "https://a.example/"}),
        ),
        (Function::Message, visit),
    ] {
        let answer = world.call(function, "k", own.clone()).await;
        assert_eq!(refusal(&answer), "BAD_REQUEST", "{own}");
    }
}

#[tokio::test]
async fn key_of_another_kind_of_call_is_refused() {
    let world = World::new();
    let sent = world.send("k", "agent_mfa").await;
    // The same key in another function is another key.
    let checked = world.verify("k", "agent_mfa", &sent, &world.code()).await;
    assert_eq!(checked["result"], "verified");
    // The same key for another challenge.
    world.advance(60_000);
    let second = world.send("k2", "agent_mfa").await;
    let answer = world.verify("k", "agent_mfa", &second, &world.code()).await;
    assert_eq!(refusal(&answer), "BAD_REQUEST");
}

#[tokio::test]
async fn violation_names_the_field_for_the_sandbox_only() {
    let world = World::new();
    let body = request("s1", "k", &json!({"op": "revoke", "extra": 1})).to_string();
    let reply = world.functions.call(Function::Access, body.as_bytes()).await.unwrap();
    assert!(reply.refusal.unwrap().violation.unwrap().detail.contains("extra"));
    assert_eq!(reply.body, json!({"ok": false, "error": {"code": "BAD_REQUEST"}}));
}
