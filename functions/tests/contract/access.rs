//! Access links: proofs, lifetimes, revocation.

use functions::{Function, LINK_LIFE, PROOF_LIFE};
use serde_json::json;

use super::world::{World, issue_fields, refusal, send_fields};

#[tokio::test]
async fn link_leads_to_web_or_app() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let store = world.issue("i1", "store", &proofs).await;
    let url = store["url"].as_str().unwrap();
    assert!(url.starts_with("https://www.example.com/support#s1.wzlink_"), "{url}");
    assert_eq!(store["expires_at"], "2026-06-01T10:01:00Z");
    let app = world.issue("i2", "app", &proofs).await;
    assert!(app["url"].as_str().unwrap().starts_with("waizant://support#s1.wzlink_"), "{app}");
    let world = World::with(|settings| settings.app_link_prefix = None);
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let app = world.issue("i", "app", &proofs).await;
    assert!(app["url"].as_str().unwrap().starts_with("https://"), "{app}");
}

#[tokio::test]
async fn repeated_key_gets_the_same_link() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let first = world.issue("i", "web", &proofs).await;
    world.advance(1_000);
    assert_eq!(world.issue("i", "web", &proofs).await, first);
    assert_ne!(world.issue("i2", "web", &proofs).await["url"], first["url"]);
}

#[tokio::test]
async fn proofs_of_another_case_are_refused() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let swapped = json!({"agent": proofs["customer"], "customer": proofs["agent"]});
    for (why, customer, ecosystem, proofs) in [
        ("swapped", "usr-julia", "eco-casa-luz", &swapped),
        ("another ecosystem", "usr-julia", "eco-taller-sol", &proofs),
        ("another customer", "usr-sofia", "eco-casa-luz", &proofs),
        ("made up", "usr-julia", "eco-casa-luz", &json!({"agent": "wzproof_x", "customer": ""})),
    ] {
        let own = issue_fields("web", customer, ecosystem, proofs);
        assert_eq!(
            refusal(&world.call(Function::Access, "k", own).await),
            "PROOF_INVALID",
            "{why}"
        );
    }
    let own = issue_fields("web", "usr-julia", "eco-casa-luz", &proofs);
    let stolen = world.call_in("s2", Function::Access, "i", own.clone()).await;
    assert_eq!(refusal(&stolen), "PROOF_INVALID", "another session");
    let mut other = own;
    other["actor"] = json!({"agent_id": "another", "discord_id": "1", "name": "Eve"});
    assert_eq!(refusal(&world.call(Function::Access, "i", other).await), "PROOF_INVALID");
}

#[tokio::test]
async fn proof_expires_after_sixty_minutes() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    world.advance(PROOF_LIFE - 1);
    assert_eq!(world.issue("i1", "web", &proofs).await["ok"], true);
    world.advance(1);
    assert_eq!(refusal(&world.issue("i2", "web", &proofs).await), "PROOF_INVALID");
}

#[tokio::test]
async fn proof_to_verify_opens_nothing() {
    let world = World::new();
    let mut proofs = json!({});
    for (field, purpose) in [("agent", "agent_mfa"), ("customer", "customer_consent")] {
        let mut own = send_fields(purpose, "usr-julia", "eco-casa-luz");
        own["scope"] = json!("verify");
        let sent = world.call(Function::OtpSend, purpose, own).await;
        let verified = world.verify(field, purpose, &sent, &world.code()).await;
        assert_eq!(verified["result"], "verified");
        proofs[field] = verified["proof"].clone();
    }
    assert_eq!(refusal(&world.issue("i", "web", &proofs).await), "PROOF_INVALID");
}

#[tokio::test]
async fn revocation_ends_links_proofs_and_challenges() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let web = world.issue("i", "web", &proofs).await;
    world.issue("i2", "app", &proofs).await;
    world.advance(LINK_LIFE);
    world.issue("i3", "web", &proofs).await;
    let sent = world.send("late", "agent_mfa").await;
    let code = world.code();
    assert_eq!(world.revoke().await, json!({"ok": true, "revoked": 1}), "two were over");
    assert_eq!(world.revoke().await, json!({"ok": true, "revoked": 0}), "not from memory");
    assert_eq!(*world.services.ended.lock().unwrap(), ["s1", "s1"]);

    // Under a key that was answered before, and under a new one.
    for key in ["i", "i4"] {
        assert_eq!(refusal(&world.issue(key, "web", &proofs).await), "PROOF_INVALID", "{key}");
    }
    let redeemed = world.redeem(json!({"op": "redeem", "token": super::world::token(&web)})).await;
    assert_eq!(refusal(&redeemed), "NOT_FOUND");
    assert_eq!(world.verify("v", "agent_mfa", &sent, &code).await["result"], "expired");
}

#[tokio::test]
async fn ended_session_gets_no_code() {
    let world = World::new();
    assert_eq!(world.revoke().await["revoked"], 0, "an unknown session");
    assert_eq!(refusal(&world.send("a", "agent_mfa").await), "PROOF_INVALID");
    assert_eq!(world.mails(), 0);
}

#[tokio::test]
async fn code_of_a_session_that_ended_meanwhile_is_expired() {
    let world = World::new();
    let (started, go_on) = world.services.hold_next_mail();
    let sending = tokio::spawn({
        let world = world.clone();
        async move { world.send("a", "agent_mfa").await }
    });
    started.await.unwrap();
    world.revoke().await;
    go_on.send(true).unwrap();
    let sent = sending.await.unwrap();
    assert_eq!(world.verify("v", "agent_mfa", &sent, &world.code()).await["result"], "expired");
}

#[tokio::test]
async fn lost_answer_of_the_storage_keeps_the_count() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    world.issue("i", "web", &proofs).await;
    world.services.lose_next_save.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.revoke().await["revoked"], 1);
}

#[tokio::test]
async fn redeemed_link_counts_as_ended_by_revocation() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let web = world.issue("i", "web", &proofs).await;
    world.redeem(json!({"op": "redeem", "token": super::world::token(&web)})).await;
    world.advance(LINK_LIFE);
    assert_eq!(world.revoke().await["revoked"], 1, "its sign-in can be alive");
}
