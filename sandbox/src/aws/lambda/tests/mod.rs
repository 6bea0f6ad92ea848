//! The contract of the functions.

mod world;

use std::time::Duration;

use serde_json::json;

use self::world::{ANA, World, issue_fields, other_than, refusal, send_fields};
use crate::mail::MailKind;
use crate::shop::LinkState;

#[tokio::test]
async fn code_mail_names_language_purpose_and_recipient() {
    let world = World::new().await;
    let sent = world.send("agent_mfa").await;
    assert_eq!(sent["destination"], "a•••@w•••.example");
    assert_eq!(
        (sent["expires_at"].as_str().unwrap(), &sent["resend_after_s"]),
        ("2026-06-01T10:10:00Z", &json!(60))
    );
    let mail = world.last_mail();
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::AgentCode, "ana@waizant.example"));
    assert!(
        mail.text.contains("No lo comparta con nadie")
            && mail.text.contains("Casa Luz")
            && mail.text.contains("Waizant"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains(mail.code.as_deref().unwrap()));

    world
        .core
        .execute("update sandbox_core_users set locale = 'en' where user_id = 'usr-julia'")
        .await
        .unwrap();
    world.send("customer_consent").await;
    let mail = world.last_mail();
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::CustomerCode, "julia@example.com"));
    assert!(
        mail.text.contains("read this code out") && mail.text.contains("Ana Ruiz"),
        "{}",
        mail.text
    );
}

#[tokio::test]
async fn repeated_key_gets_same_answer_without_second_mail() {
    let world = World::new().await;
    let first =
        world.call_as("k", "s1", "cs-otp-send", send_fields("agent_mfa", "", "eco-casa-luz")).await;
    let second =
        world.call_as("k", "s1", "cs-otp-send", send_fields("agent_mfa", "", "eco-casa-luz")).await;
    assert_eq!(first, second);
    assert_eq!(world.mail.for_request("k").len(), 1);

    let code = world.code("ana@waizant.example");
    let typed =
        json!({"purpose": "agent_mfa", "challenge_id": first["challenge_id"], "code": code});
    let proof = world.call_as("v", "s1", "cs-otp-verify", typed.clone()).await;
    assert_eq!(proof["result"], "verified");
    assert_eq!(world.call_as("v", "s1", "cs-otp-verify", typed.clone()).await, proof);
    assert_eq!(
        world.call_as("v2", "s1", "cs-otp-verify", typed).await["result"],
        "expired",
        "single use"
    );
}

#[tokio::test]
async fn early_resend_is_refused_and_resend_voids_code() {
    let world = World::new().await;
    let first = world.send("agent_mfa").await;
    let old = world.code("ana@waizant.example");
    world.clock.advance(Duration::from_millis(59_001));
    let early = world
        .call_as("again", "s1", "cs-otp-send", send_fields("agent_mfa", "", "eco-casa-luz"))
        .await;
    assert_eq!((refusal(&early), &early["error"]["retry_after_s"]), ("RATE_LIMITED", &json!(1)));
    world.clock.advance(Duration::from_secs(1));
    let second = world
        .call_as("again", "s1", "cs-otp-send", send_fields("agent_mfa", "", "eco-casa-luz"))
        .await;
    assert_eq!(second["ok"], true, "a refusal is not kept under its key");
    assert_eq!(world.verify("agent_mfa", &first, &old).await["result"], "expired");
    assert_eq!(
        world.verify("agent_mfa", &second, &world.code("ana@waizant.example")).await["result"],
        "verified"
    );
}

#[tokio::test]
async fn code_locks_after_five_attempts_expires_after_minutes() {
    let world = World::new().await;
    let sent = world.send("agent_mfa").await;
    let right = world.code("ana@waizant.example");
    for left in (1..5).rev() {
        let answer = world.verify("agent_mfa", &sent, other_than(&right)).await;
        assert_eq!(
            (&answer["result"], &answer["attempts_left"]),
            (&json!("mismatch"), &json!(left))
        );
    }
    assert_eq!(world.verify("agent_mfa", &sent, other_than(&right)).await["result"], "locked");
    assert_eq!(world.verify("agent_mfa", &sent, &right).await["result"], "locked");

    let sent = world.send("customer_consent").await;
    world.clock.advance(Duration::from_mins(10));
    assert_eq!(
        world.verify("customer_consent", &sent, &world.code("julia@example.com")).await["result"],
        "expired"
    );
}

#[tokio::test]
async fn challenge_is_bound_to_session_and_purpose() {
    let world = World::new().await;
    let sent = world.send("agent_mfa").await;
    let code = world.code("ana@waizant.example");
    assert_eq!(refusal(&world.verify("agent_link", &sent, &code).await), "NOT_FOUND");
    let typed = json!({"purpose": "agent_mfa", "challenge_id": sent["challenge_id"], "code": code});
    assert_eq!(refusal(&world.call_as("x", "another", "cs-otp-verify", typed).await), "NOT_FOUND");
    assert_eq!(refusal(&world.verify("agent_mfa", &sent, "12345").await), "BAD_REQUEST");
}

#[tokio::test]
async fn send_to_wrong_subject_or_bouncing_address_fails() {
    let world = World::new().await;
    let mut other = send_fields("agent_mfa", "", "eco-casa-luz");
    other["subject"]["id"] = json!("0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002");
    assert_eq!(refusal(&world.call("cs-otp-send", other).await), "BAD_REQUEST");
    assert_eq!(
        refusal(
            &world
                .call("cs-otp-send", send_fields("customer_consent", "usr-unknown", "eco-casa-luz"))
                .await
        ),
        "NOT_FOUND"
    );
    world.mail.set_bouncing("julia@example.com", true);
    assert_eq!(refusal(&world.send("customer_consent").await), "DELIVERY_FAILED");
    world.pool.lock().unwrap().by_email("ana@waizant.example").unwrap().staff_mut().enabled = false;
    assert_eq!(refusal(&world.send("agent_mfa").await), "NOT_FOUND");
}

#[tokio::test]
async fn access_requires_both_proofs_of_the_case() {
    let world = World::new().await;
    let proofs = world.proofs("usr-julia", "julia@example.com", "eco-casa-luz").await;
    let store = world.issue("store", "usr-julia", "eco-casa-luz", &proofs).await;
    assert!(
        store["url"].as_str().unwrap().starts_with("http://127.0.0.1:8400/shop/enter?token="),
        "{store}"
    );
    assert_eq!(store["expires_at"], "2026-06-01T10:01:00Z");
    let app = world.issue("app", "usr-julia", "eco-casa-luz", &proofs).await;
    assert!(app["url"].as_str().unwrap().starts_with("waizant://open?token="));

    let swapped = json!({"agent": proofs["customer"], "customer": proofs["agent"]});
    assert_eq!(
        refusal(&world.issue("web", "usr-julia", "eco-casa-luz", &swapped).await),
        "PROOF_INVALID"
    );
    assert_eq!(
        refusal(&world.issue("web", "usr-julia", "eco-taller-sol", &proofs).await),
        "PROOF_INVALID"
    );
    assert_eq!(
        refusal(&world.issue("web", "usr-tom", "eco-casa-luz", &proofs).await),
        "PROOF_INVALID"
    );
    let stolen = issue_fields("web", "usr-julia", "eco-casa-luz", &proofs);
    assert_eq!(refusal(&world.call_as("x", "another", "cs-access", stolen).await), "PROOF_INVALID");
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(
        refusal(&world.issue("web", "usr-julia", "eco-casa-luz", &proofs).await),
        "PROOF_INVALID"
    );
}

#[tokio::test]
async fn member_and_suspended_customer_are_denied() {
    let world = World::new().await;
    let proofs = world.proofs("usr-tom", "tom@example.com", "eco-casa-luz").await;
    assert_eq!(
        refusal(&world.issue("store", "usr-tom", "eco-casa-luz", &proofs).await),
        "BAD_REQUEST"
    );
    assert_eq!(
        refusal(&world.issue("successor", "usr-tom", "eco-casa-luz", &proofs).await),
        "NOT_FOUND"
    );
    assert_eq!(world.issue("web", "usr-tom", "eco-casa-luz", &proofs).await["ok"], true);
    world.core.set_status("tom@example.com", "suspended").await.unwrap();
    assert_eq!(refusal(&world.issue("web", "usr-tom", "eco-casa-luz", &proofs).await), "NOT_FOUND");
}

#[tokio::test]
async fn revocation_ends_all_links_of_the_session() {
    let world = World::new().await;
    let proofs = world.proofs("usr-julia", "julia@example.com", "eco-casa-luz").await;
    let opened = issue_fields("web", "usr-julia", "eco-casa-luz", &proofs);
    let first = world.call_as("i", "s1", "cs-access", opened.clone()).await;
    assert_eq!(world.call_as("i", "s1", "cs-access", opened).await, first, "one link a key");
    world.issue("app", "usr-julia", "eco-casa-luz", &proofs).await;
    let revoked = world.call_as("end", "s1", "cs-access", json!({"op": "revoke"})).await;
    assert_eq!(revoked, json!({"ok": true, "revoked": 2}));
    let again = world.call_as("end", "s1", "cs-access", json!({"op": "revoke"})).await;
    assert_eq!(again, json!({"ok": true, "revoked": 0}), "it is not answered from memory");
    assert!(world.shop.links().iter().all(|link| link.state == LinkState::Revoked));
}

#[tokio::test]
async fn revoked_session_has_no_proofs() {
    let world = World::new().await;
    let proofs = world.proofs("usr-sofia", "sofia@example.com", "eco-herencia").await;
    world.clock.advance(Duration::from_mins(1));
    let agent = world.send("agent_mfa").await;
    let agent_code = world.code("ana@waizant.example");
    let issue = issue_fields("successor", "usr-sofia", "eco-herencia", &proofs);
    let link = world.call_as("i", "s1", "cs-access", issue.clone()).await;
    let mail = json!({"template": "successor_qr", "subject": {"type": "customer", "id": "usr-sofia"}, "link_id": link["link_id"], "proofs": proofs});
    world.call_as("m", "s1", "cs-message", mail.clone()).await;
    world.call("cs-access", json!({"op": "revoke"})).await;
    let mails = world.mail.all().len();
    // Under a new key, and under one that was answered before.
    for (key, function, own) in [
        ("i", "cs-access", &issue),
        ("i2", "cs-access", &issue),
        ("m", "cs-message", &mail),
        ("m2", "cs-message", &mail),
    ] {
        let answer = world.call_as(key, "s1", function, own.clone()).await;
        assert_eq!(refusal(&answer), "PROOF_INVALID", "{key}");
    }
    assert_eq!(world.mail.all().len(), mails);
    // The revocation also voids older challenges.
    let late = world.verify("agent_mfa", &agent, &agent_code).await;
    assert_eq!(late["result"], "expired");
    // A notice needs no proof.
    let notice = json!({"template": "password_changed", "subject": {"type": "agent", "id": ANA}});
    assert_eq!(world.call("cs-message", notice).await["ok"], true);
}

#[tokio::test]
async fn successor_qr_is_mailed() {
    let world = World::new().await;
    let proofs = world.proofs("usr-sofia", "sofia@example.com", "eco-herencia").await;
    let link = world.issue("successor", "usr-sofia", "eco-herencia", &proofs).await;
    let message = json!({"template": "successor_qr", "subject": {"type": "customer", "id": "usr-sofia"}, "link_id": link["link_id"], "proofs": proofs});
    let sent = world.call("cs-message", message.clone()).await;
    assert_eq!(sent["destination"], "s•••@e•••.com");
    let mail = world.last_mail();
    assert!(
        mail.text.contains(link["url"].as_str().unwrap()) && mail.text.contains("Casa Herencia"),
        "{}",
        mail.text
    );
    assert!(mail.attachments[0].bytes.starts_with(b"\x89PNG") && mail.html.contains("cid:qr.png"));
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(refusal(&world.call("cs-message", message).await), "NOT_FOUND");
}

#[tokio::test]
async fn notices_are_mailed_to_the_agent() {
    let world = World::new().await;
    for (template, kind) in [
        ("password_changed", MailKind::PasswordChanged),
        ("account_linked", MailKind::AccountLinked),
    ] {
        let sent = world
            .call(
                "cs-message",
                json!({"template": template, "subject": {"type": "agent", "id": ANA}}),
            )
            .await;
        assert_eq!(sent["ok"], true, "{sent}");
        assert_eq!(
            (world.last_mail().kind, world.last_mail().to.as_str()),
            (kind, "ana@waizant.example")
        );
    }
    assert_eq!(
        refusal(&world.call("cs-message", json!({"template": "other"})).await),
        "BAD_REQUEST"
    );
}
