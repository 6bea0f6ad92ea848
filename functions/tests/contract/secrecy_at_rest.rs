//! The storage holds no code, proof or link in clear, and its reader cannot guess a code.

use functions::{Function, PROOF_MARKER};
use serde_json::json;

use super::world::{World, issue_fields, send_fields, token};

#[tokio::test]
async fn storage_holds_no_secret() {
    let world = World::new();
    let mut secrets = Vec::new();
    for purpose in ["agent_mfa", "customer_consent", "agent_link"] {
        let own = send_fields(purpose, "usr-sofia", "eco-herencia");
        let sent = world.call(Function::OtpSend, purpose, own).await;
        secrets.push(world.code());
        let verified = world.verify(purpose, purpose, &sent, &world.code()).await;
        secrets.extend(verified["proof"].as_str().map(str::to_owned));
    }
    let proofs = json!({"agent": secrets[1], "customer": secrets[3]});
    assert!(secrets[1].starts_with(PROOF_MARKER) && secrets[3].starts_with(PROOF_MARKER));
    let own = issue_fields("successor", "usr-sofia", "eco-herencia", &proofs);
    let link = world.call(Function::Access, "i", own).await;
    let token = token(&link);
    secrets.push(token.as_str().unwrap().split_once('.').unwrap().1.to_owned());
    let subject = json!({"type": "customer", "id": "usr-sofia"});
    let own = json!({"template": "successor_qr", "subject": subject, "ecosystem": {"id": "eco-herencia", "name": "Casa Herencia"}, "link_id": link["link_id"], "proofs": proofs});
    world.call(Function::Message, "m", own).await;

    let stored = world.stored();
    assert_eq!(secrets.len(), 6);
    for secret in &secrets {
        assert!(!stored.contains(secret.as_str()), "{secret} is stored");
    }
    for address in ["ana@waizant.example", "sofia@example.com", "Sofia Marin"] {
        assert!(!stored.contains(address), "{address} is stored");
    }
    assert!(stored.contains("eco-herencia"), "the search looks at the right place: {stored}");
}

#[tokio::test]
async fn nonce_of_a_code_disappears_with_the_answer() {
    let world = World::new();
    let own = send_fields("agent_mfa", "", "eco-casa-luz");
    world.call_stopped_at(8, Function::OtpSend, "k", own).await;
    assert!(world.stored().contains("\"nonce\""));
    world.advance(functions::LEASE);
    world.send("k", "agent_mfa").await;
    assert!(!world.stored().contains("nonce"), "{}", world.stored());
}

#[tokio::test]
async fn old_answers_are_forgotten() {
    let world = World::new();
    world.send("old", "agent_mfa").await;
    world.advance(functions::ANSWER_LIFE - 1);
    world.send("new", "customer_consent").await;
    assert!(world.stored().contains("otp-send old"));
    world.advance(1);
    world.send("newest", "agent_link").await;
    assert!(!world.stored().contains("otp-send old") && world.stored().contains("otp-send new"));
}
