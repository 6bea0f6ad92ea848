//! Codes: mailed, resent, checked, locked and expired.

use functions::mail::MailKind;
use functions::ports::MailError;
use functions::{ATTEMPTS, CODE_LIFE, Function, RESEND_AFTER};
use serde_json::json;

use super::world::{World, other_than, refusal, send_fields};

#[tokio::test]
async fn code_mail_names_language_purpose_and_recipient() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    assert_eq!(
        sent,
        json!({
            "ok": true, "challenge_id": sent["challenge_id"], "destination": "a•••@w•••.example",
            "expires_at": "2026-06-01T10:10:00Z", "resend_after_s": 60,
        })
    );
    let mail = world.last_mail();
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::AgentCode, "ana@waizant.example"));
    for part in ["Su código", "No lo comparta con nadie", "Casa Luz", "Waizant", &world.code()] {
        assert!(mail.text.contains(part) || mail.subject.contains(part), "{part}: {}", mail.text);
    }
    let sofia = send_fields("customer_consent", "usr-sofia", "eco-herencia");
    world.call(Function::OtpSend, "c", sofia).await;
    let mail = world.last_mail();
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::CustomerCode, "sofia@example.com"));
    for part in ["Hello Sofia Marin", "read this code out", "Ana Ruiz"] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
}

#[tokio::test]
async fn customer_mail_says_what_the_code_permits() {
    let world = World::new();
    for (key, customer, scope, says, never) in [
        ("1", "usr-sofia", None, "asks for your consent to act in it", "does not sign in"),
        ("2", "usr-sofia", Some("act"), "asks for your consent to act in it", "does not sign in"),
        ("3", "usr-sofia", Some("verify"), "Our support does not sign in as you.", "consent"),
        ("4", "usr-julia", Some("verify"), "no inicia sesión en su nombre.", "consentimiento"),
        ("5", "usr-julia", Some("act"), "pide su consentimiento para actuar", "no inicia"),
    ] {
        let mut own = send_fields("customer_consent", customer, "eco-casa-luz");
        if let Some(scope) = scope {
            own["scope"] = json!(scope);
        }
        world.call(Function::OtpSend, key, own).await;
        let mail = world.last_mail();
        for text in [&mail.text, &mail.html] {
            assert!(text.contains(says) && !text.contains(never), "{key}: {text}");
        }
        world.advance(RESEND_AFTER);
    }
    let agent = send_fields("agent_mfa", "", "eco-casa-luz");
    world.call(Function::OtpSend, "6", agent).await;
    assert!(!world.last_mail().text.contains("inicia sesión"), "the agent's mail is as before");
}

#[tokio::test]
async fn agent_mail_leads_back_to_the_channel() {
    let world = World::new();
    let mut own = send_fields("agent_mfa", "", "eco-casa-luz");
    own["channel_url"] = json!("https://discord.com/channels/12/34");
    world.call(Function::OtpSend, "a", own).await;
    let mail = world.last_mail();
    assert!(mail.text.ends_with("Volver al canal de Discord:\nhttps://discord.com/channels/12/34"));
    assert!(mail.html.contains("<a href=\"https://discord.com/channels/12/34\">"));
}

#[tokio::test]
async fn repeated_key_gets_same_answer_without_second_mail() {
    let world = World::new();
    let first = world.send("k", "agent_mfa").await;
    assert_eq!(world.send("k", "agent_mfa").await, first);
    assert_eq!(world.mails(), 1);

    let proof = world.verify("v", "agent_mfa", &first, &world.code()).await;
    assert_eq!(proof["result"], "verified");
    assert_eq!(world.verify("v", "agent_mfa", &first, &world.code()).await, proof);
    let again = world.verify("v2", "agent_mfa", &first, &world.code()).await;
    assert_eq!(again, json!({"ok": true, "result": "expired"}), "a code works once");
}

#[tokio::test]
async fn early_resend_is_refused_and_resend_voids_code() {
    let world = World::new();
    let first = world.send("1", "agent_mfa").await;
    let old = world.code();
    world.advance(RESEND_AFTER - 1);
    let early = world.send("2", "agent_mfa").await;
    assert_eq!(early["error"], json!({"code": "RATE_LIMITED", "retry_after_s": 1}));
    world.advance(1);
    let second = world.send("2", "agent_mfa").await;
    assert_eq!(second["ok"], true, "a refusal is not kept under its key");
    assert_eq!(world.verify("v1", "agent_mfa", &first, &old).await["result"], "expired");
    let right = world.verify("v2", "agent_mfa", &second, &world.code()).await;
    assert_eq!(right["result"], "verified");
}

#[tokio::test]
async fn code_locks_after_five_wrong_codes() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    let right = world.code();
    for left in (1..ATTEMPTS).rev() {
        let key = format!("v{left}");
        let answer = world.verify(&key, "agent_mfa", &sent, other_than(&right)).await;
        assert_eq!(answer, json!({"ok": true, "result": "mismatch", "attempts_left": left}));
        assert_eq!(world.verify(&key, "agent_mfa", &sent, other_than(&right)).await, answer);
    }
    let last = world.verify("v0", "agent_mfa", &sent, other_than(&right)).await;
    assert_eq!(last["result"], "locked");
    assert_eq!(world.verify("right", "agent_mfa", &sent, &right).await["result"], "locked");
}

#[tokio::test]
async fn code_expires_after_ten_minutes() {
    for (wait, result) in [(CODE_LIFE - 1, "verified"), (CODE_LIFE, "expired")] {
        let world = World::new();
        let sent = world.send("a", "customer_consent").await;
        world.advance(wait);
        let answer = world.verify("v", "customer_consent", &sent, &world.code()).await;
        assert_eq!(answer["result"], result, "{wait}");
    }
}

#[tokio::test]
async fn challenge_is_bound_to_session_purpose_and_agent() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    let code = world.code();
    assert_eq!(refusal(&world.verify("1", "agent_link", &sent, &code).await), "NOT_FOUND");
    let own = json!({"purpose": "agent_mfa", "challenge_id": sent["challenge_id"], "code": code});
    let foreign = world.call_in("s2", Function::OtpVerify, "2", own.clone()).await;
    assert_eq!(refusal(&foreign), "NOT_FOUND");
    let mut other = own;
    other["actor"] = json!({"agent_id": "another", "discord_id": "1", "name": "Eve"});
    assert_eq!(refusal(&world.call(Function::OtpVerify, "3", other).await), "BAD_REQUEST");
    assert_eq!(world.verify("4", "agent_mfa", &sent, &code).await["result"], "verified");
}

#[tokio::test]
async fn link_code_earns_no_proof() {
    let world = World::new();
    let sent = world.send("l", "agent_link").await;
    let answer = world.verify("v", "agent_link", &sent, &world.code()).await;
    assert_eq!(answer, json!({"ok": true, "result": "verified"}));
}

#[tokio::test]
async fn unknown_recipient_is_not_found_and_keeps_no_lease() {
    let world = World::new();
    let own = send_fields("customer_consent", "usr-unknown", "eco-casa-luz");
    assert_eq!(refusal(&world.call(Function::OtpSend, "c1", own).await), "NOT_FOUND");
    assert_eq!(world.send("c2", "customer_consent").await["ok"], true);
}

#[tokio::test]
async fn refused_mail_costs_no_wait() {
    let world = World::new();
    for (error, code) in
        [(MailError::Refused, "DELIVERY_FAILED"), (MailError::Throttled, "UNAVAILABLE")]
    {
        *world.services.mail_error.lock().unwrap() = Some(error);
        assert_eq!(refusal(&world.send("a1", "agent_mfa").await), code);
    }
    *world.services.mail_error.lock().unwrap() = None;
    assert_eq!(world.send("a2", "agent_mfa").await["ok"], true, "another key, at once");
    assert_eq!(world.mails(), 1);
}

#[tokio::test]
async fn silent_directory_is_unavailable() {
    let world = World::new();
    world.services.directory_fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let expected = json!({"code": "UNAVAILABLE", "retry_after_s": 5});
    assert_eq!(world.send("a", "agent_mfa").await["error"], expected);
    assert_eq!(refusal(&world.send("c", "customer_consent").await), "UNAVAILABLE");
}

#[tokio::test]
async fn status_tells_that_the_mail_was_accepted() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    world.advance(5_000);
    let status = |challenge: &serde_json::Value| json!({"op": "status", "challenge_id": challenge});
    let answer = world.call(Function::OtpSend, "st", status(&sent["challenge_id"])).await;
    assert_eq!(answer, json!({"ok": true, "state": "accepted", "at": "2026-06-01T10:00:00Z"}));
    let unknown = world.call(Function::OtpSend, "st2", status(&json!("chl-x"))).await;
    assert_eq!(refusal(&unknown), "NOT_FOUND");
    let foreign = status(&sent["challenge_id"]);
    assert_eq!(refusal(&world.call_in("s2", Function::OtpSend, "st", foreign).await), "NOT_FOUND");
}
