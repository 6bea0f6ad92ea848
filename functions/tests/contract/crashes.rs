//! A function that is killed at any point: no second code, no code that works twice.

use functions::ports::{Fault, MailError};
use functions::{CODE_LIFE, Function, LEASE, NONCE_LIFE};
use serde_json::{Value, json};

use super::world::{World, issue_fields, send_fields, token};

/// More points than any function has.
const MAX_POINTS: i64 = 60;

/// Runs `test` with a call that is killed at each of its points, and with one that passes them all.
async fn killed_everywhere(points: i64, test: impl AsyncFn(&World, i64) -> Option<Value>) {
    for n in 0..MAX_POINTS {
        let world = World::new();
        if test(&world, n).await.is_some() {
            assert_eq!(n, points, "points of the call");
            return;
        }
    }
    panic!("the call has more than {MAX_POINTS} points");
}

#[tokio::test]
async fn killed_send_mails_the_same_code_again() {
    killed_everywhere(13, async |world, n| {
        let own = send_fields("agent_mfa", "", "eco-casa-luz");
        let killed = world.call_stopped_at(n, Function::OtpSend, "k", own).await;
        world.advance(LEASE);
        let sent = world.send("k", "agent_mfa").await;
        assert_eq!(sent["ok"], true, "{n}: {sent}");
        assert_eq!(world.codes().len(), 1, "{n}: two codes under one key");
        let code = world.code();
        assert_eq!(world.verify("v", "agent_mfa", &sent, &code).await["result"], "verified");
        assert_eq!(world.verify("w", "agent_mfa", &sent, &code).await["result"], "expired");
        killed
    })
    .await;
}

#[tokio::test]
async fn send_under_a_new_key_voids_the_killed_one() {
    killed_everywhere(13, async |world, n| {
        let own = send_fields("agent_mfa", "", "eco-casa-luz");
        let killed = world.call_stopped_at(n, Function::OtpSend, "k1", own).await;
        let first = world.codes().pop();
        world.advance(60_000);
        let sent = world.send("k2", "agent_mfa").await;
        assert_eq!(sent["ok"], true, "{n}: {sent}");
        if let Some(first) = first.filter(|first| *first != world.code()) {
            let old = world.verify("v1", "agent_mfa", &sent, &first).await;
            assert_eq!(old["result"], "mismatch", "{n}: the older code works");
        }
        let new = world.verify("v2", "agent_mfa", &sent, &world.code()).await;
        assert_eq!(new["result"], "verified");
        killed
    })
    .await;
}

#[tokio::test]
async fn killed_check_earns_one_proof() {
    killed_everywhere(6, async |world, n| {
        let sent = world.send("a", "agent_mfa").await;
        let code = world.code();
        let own =
            json!({"purpose": "agent_mfa", "challenge_id": sent["challenge_id"], "code": code});
        let killed = world.call_stopped_at(n, Function::OtpVerify, "v", own).await;
        let again = world.verify("v", "agent_mfa", &sent, &code).await;
        assert_eq!(again["result"], "verified", "{n}");
        assert_eq!(world.verify("w", "agent_mfa", &sent, &code).await["result"], "expired", "{n}");
        killed
    })
    .await;
}

#[tokio::test]
async fn killed_issue_leaves_one_link() {
    killed_everywhere(5, async |world, n| {
        let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
        let own = issue_fields("web", "usr-julia", "eco-casa-luz", &proofs);
        let killed = world.call_stopped_at(n, Function::Access, "i", own).await;
        let link = world.issue("i", "web", &proofs).await;
        let redeem = json!({"op": "redeem", "token": token(&link)});
        assert_eq!(world.redeem(redeem).await["ok"], true, "{n}");
        assert_eq!(world.revoke().await["revoked"], 1, "{n}: more than one link");
        killed
    })
    .await;
}

#[tokio::test]
async fn killed_revocation_is_finished_by_the_next() {
    killed_everywhere(6, async |world, n| {
        let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
        let link = world.issue("i", "web", &proofs).await;
        let own = json!({"op": "revoke"});
        let killed = world.call_stopped_at(n, Function::Access, "revoke", own).await;
        assert_eq!(world.revoke().await["ok"], true);
        let redeem = json!({"op": "redeem", "token": token(&link)});
        assert_eq!(world.redeem(redeem).await["ok"], false, "{n}");
        assert!(!world.services.ended.lock().unwrap().is_empty(), "{n}: no event");
        killed
    })
    .await;
}

#[tokio::test]
async fn killed_message_mails_the_same_link_again() {
    killed_everywhere(14, async |world, n| {
        let proofs = world.proofs("usr-sofia", "eco-herencia").await;
        let own = issue_fields("successor", "usr-sofia", "eco-herencia", &proofs);
        let link = world.call(Function::Access, "i", own).await;
        let own = json!({
            "template": "successor_qr", "subject": {"type": "customer", "id": "usr-sofia"},
            "ecosystem": {"id": "eco-herencia", "name": "Casa Herencia"},
            "link_id": link["link_id"], "proofs": proofs,
        });
        let before = world.mails();
        let killed = world.call_stopped_at(n, Function::Message, "m", own.clone()).await;
        world.advance(LEASE);
        assert_eq!(world.call(Function::Message, "m", own).await["ok"], true, "{n}");
        let mails = world.services.mails.lock().unwrap();
        let url = link["url"].as_str().unwrap();
        assert!(mails.len() - before <= 2, "{n}");
        assert!(mails[before..].iter().all(|mail| mail.text.contains(url)), "{n}");
        killed
    })
    .await;
}

#[tokio::test]
async fn killed_redemption_signs_in_once() {
    for n in 0..MAX_POINTS {
        let world = World::new();
        let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
        let link = world.issue("i", "web", &proofs).await;
        let redeem = json!({"op": "redeem", "token": token(&link)});
        world.services.stop_at(n);
        let killed = tokio::select! {
            reply = world.redeem(redeem.clone()) => Some(reply),
            () = world.services.stopped() => None,
        };
        world.services.stop_at(-1);
        let answers = [
            killed.clone().unwrap_or_default(),
            world.redeem(redeem.clone()).await,
            world.redeem(redeem).await,
        ];
        let redeemed = answers.iter().filter(|answer| answer["ok"] == true).count();
        assert!(redeemed <= 1, "{n}: {answers:?}");
        if killed.is_some() {
            assert_eq!((n, redeemed), (4, 1), "two port calls with a point before and after each");
            return;
        }
    }
    panic!("the call has more than {MAX_POINTS} points");
}

#[tokio::test]
async fn unknown_result_of_a_mail_keeps_the_code() {
    let world = World::new();
    *world.services.mail_error.lock().unwrap() = Some(MailError::Fault(Fault("no answer")));
    let own = send_fields("agent_mfa", "", "eco-casa-luz");
    let body = super::world::request("s1", "k", &own).to_string();
    world.functions.call(Function::OtpSend, body.as_bytes()).await.unwrap_err();
    *world.services.mail_error.lock().unwrap() = None;
    assert_eq!(world.send("k", "agent_mfa").await["ok"], true, "at once, under the same key");
    assert_eq!((world.mails(), world.codes().len()), (2, 1));
}

#[tokio::test]
async fn lost_answer_of_the_storage_changes_nothing() {
    let world = World::new();
    let lose = || world.services.lose_next_save.store(true, std::sync::atomic::Ordering::SeqCst);
    lose();
    let sent = world.send("a", "agent_mfa").await;
    assert_eq!((&sent["ok"], world.mails()), (&json!(true), 1));
    lose();
    let checked = world.verify("v", "agent_mfa", &sent, &world.code()).await;
    assert_eq!(checked["result"], "verified");
}

#[tokio::test]
async fn code_of_a_killed_send_is_not_mailed_for_long() {
    for (wait, codes, life) in
        [(NONCE_LIFE - 1, 1, CODE_LIFE - NONCE_LIFE + 1), (NONCE_LIFE, 2, CODE_LIFE)]
    {
        let world = World::new();
        *world.services.mail_error.lock().unwrap() = Some(MailError::Fault(Fault("no answer")));
        let own = send_fields("agent_mfa", "", "eco-casa-luz");
        let body = super::world::request("s1", "k", &own).to_string();
        world.functions.call(Function::OtpSend, body.as_bytes()).await.unwrap_err();
        *world.services.mail_error.lock().unwrap() = None;
        world.advance(wait);
        let sent = world.send("k", "agent_mfa").await;
        assert_eq!(world.codes().len(), codes, "{wait}");
        // Its life began with the first mail.
        let last = World::clone(&world);
        world.advance(life - 1);
        let answer = last.verify("v", "agent_mfa", &sent, super::world::other_than(&world.code()));
        assert_eq!(answer.await["result"], "mismatch");
        world.advance(1);
        let answer = world.verify("w", "agent_mfa", &sent, &world.code()).await;
        assert_eq!(answer["result"], "expired");
    }
}

#[tokio::test]
async fn call_that_outlived_its_lease_does_not_free_the_key() {
    let world = World::new();
    // The first call hangs in the mail service, which refuses it only after the lease.
    let (first_started, first_mail) = world.services.hold_next_mail();
    let first = spawn_send(&world);
    first_started.await.unwrap();
    world.advance(LEASE);
    let (second_started, second_mail) = world.services.hold_next_mail();
    let second = spawn_send(&world);
    second_started.await.unwrap();
    first_mail.send(false).unwrap();
    assert_eq!(first.await.unwrap()["error"]["code"], "DELIVERY_FAILED");
    assert!(world.stored().contains("nonce"), "the second call has lost its lease");
    second_mail.send(true).unwrap();
    assert_eq!(second.await.unwrap()["ok"], true);
}

fn spawn_send(world: &World) -> tokio::task::JoinHandle<Value> {
    let world = world.clone();
    tokio::spawn(async move { world.send("k", "agent_mfa").await })
}

#[tokio::test]
async fn refusal_after_a_fault_keeps_the_code() {
    let world = World::new();
    *world.services.mail_error.lock().unwrap() = Some(MailError::Fault(Fault("no answer")));
    let own = send_fields("agent_mfa", "", "eco-casa-luz");
    let body = super::world::request("s1", "k", &own).to_string();
    world.functions.call(Function::OtpSend, body.as_bytes()).await.unwrap_err();
    *world.services.mail_error.lock().unwrap() = Some(MailError::Throttled);
    assert_eq!(world.send("k", "agent_mfa").await["error"]["code"], "UNAVAILABLE");
    *world.services.mail_error.lock().unwrap() = None;
    assert_eq!(world.send("k", "agent_mfa").await["ok"], true);
    assert_eq!((world.mails(), world.codes().len()), (2, 1));
}

#[tokio::test]
async fn lease_ends_after_fifteen_seconds() {
    for (wait, ok) in [(LEASE - 1, false), (LEASE, true)] {
        let world = World::new();
        let own = send_fields("agent_mfa", "", "eco-casa-luz");
        world.call_stopped_at(8, Function::OtpSend, "k", own).await;
        world.advance(wait);
        // Another key is refused while the lease occupies the purpose.
        assert_eq!(world.send("k2", "agent_mfa").await["ok"], ok, "{wait}");
    }
}
