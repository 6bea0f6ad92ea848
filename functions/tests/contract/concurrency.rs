//! Calls at the same time: one mail, one proof, one redemption.

use std::collections::HashSet;

use functions::{ATTEMPTS, Function};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{World, other_than, refusal, send_fields, token};

/// Calls at the same time, as the contract's tests demand.
const CALLS: usize = 32;

/// Runs 32 calls in tasks of their own, on several threads.
async fn at_once<F>(call: impl Fn(usize) -> F) -> Vec<Value>
where
    F: Future<Output = Value> + Send + 'static,
{
    let calls = (0..CALLS).map(|n| tokio::spawn(call(n)));
    join_all(calls).await.into_iter().map(Result::unwrap).collect()
}

fn results(answers: &[Value], result: &str) -> usize {
    answers.iter().filter(|answer| answer["result"] == result).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_under_one_key_mail_once_and_answer_alike() {
    let world = World::new();
    let answers = at_once(|_| {
        let world = world.clone();
        async move { world.send("k", "agent_mfa").await }
    })
    .await;
    assert_eq!(world.mails(), 1);
    let different: HashSet<String> = answers.iter().map(Value::to_string).collect();
    assert_eq!(different.len(), 1, "{different:?}");
    assert_eq!(answers[0]["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_under_different_keys_mail_one_code() {
    let world = World::new();
    let answers = at_once(|n| {
        let world = world.clone();
        async move { world.send(&format!("k{n}"), "agent_mfa").await }
    })
    .await;
    assert_eq!(world.mails(), 1);
    let limited = answers.iter().filter(|answer| answer["ok"] == false).map(|no| refusal(no));
    assert!(limited.clone().all(|code| code == "RATE_LIMITED"));
    assert_eq!(limited.count(), CALLS - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_codes_at_once_verify_once() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    let code = world.code();
    let answers = at_once(|n| {
        let (world, sent, code) = (world.clone(), sent.clone(), code.clone());
        async move { world.verify(&format!("v{n}"), "agent_mfa", &sent, &code).await }
    })
    .await;
    assert_eq!((results(&answers, "verified"), results(&answers, "expired")), (1, CALLS - 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_check_at_once_under_one_key_earns_one_proof() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    let code = world.code();
    let answers = at_once(|_| {
        let (world, sent, code) = (world.clone(), sent.clone(), code.clone());
        async move { world.verify("v", "agent_mfa", &sent, &code).await }
    })
    .await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer["result"] == "verified"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_at_once_lock_after_five() {
    let world = World::new();
    let sent = world.send("a", "agent_mfa").await;
    let code = world.code();
    let answers = at_once(|n| {
        let (world, sent, wrong) = (world.clone(), sent.clone(), other_than(&code));
        async move { world.verify(&format!("v{n}"), "agent_mfa", &sent, wrong).await }
    })
    .await;
    assert_eq!(results(&answers, "mismatch"), ATTEMPTS as usize - 1);
    assert_eq!(results(&answers, "locked"), CALLS + 1 - ATTEMPTS as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_is_redeemed_once_by_many_visitors() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let link = world.issue("i", "web", &proofs).await;
    let answers = at_once(|_| {
        let (world, token) = (world.clone(), token(&link));
        async move { world.redeem(json!({"op": "redeem", "token": token})).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer["ok"] == true).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_is_added_after_the_end_of_a_session() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let first = world.issue("first", "web", &proofs).await;
    let answers = at_once(|n| {
        let (world, proofs) = (world.clone(), proofs.clone());
        async move {
            if n == CALLS / 2 {
                return world.revoke().await;
            }
            world.issue(&format!("i{n}"), "web", &proofs).await
        }
    })
    .await;
    let issued = 1 + answers.iter().filter(|answer| answer["url"].is_string()).count();
    let revoked = answers.iter().find_map(|answer| answer["revoked"].as_u64()).unwrap();
    assert_eq!(issued as u64, revoked, "each link that was issued was there to be revoked");
    for link in answers.iter().chain([&first]).filter(|answer| answer["url"].is_string()) {
        let redeemed = world.redeem(json!({"op": "redeem", "token": token(link)})).await;
        assert_eq!(refusal(&redeemed), "NOT_FOUND");
    }
}

#[tokio::test]
async fn second_call_under_a_busy_key_is_told_to_come_again() {
    let world = World::new();
    let own = send_fields("agent_mfa", "", "eco-casa-luz");
    // Stopped while it mails: the lease is taken.
    let stopped = world.call_stopped_at(8, Function::OtpSend, "k", own).await;
    assert_eq!((stopped, world.take_trace().last()), (None, Some(&"mail")));
    world.services.virtual_sleep.store(true, std::sync::atomic::Ordering::SeqCst);
    let begin = functions::ports::Clock::now(&*world.services);
    let busy = world.send("k", "agent_mfa").await;
    let waited = functions::ports::Clock::now(&*world.services) - begin;
    assert_eq!(u64::try_from(waited).unwrap(), functions::WAIT_FOR_ANSWER);
    assert_eq!(busy["error"], json!({"code": "IN_PROGRESS", "retry_after_s": 1}));
}
