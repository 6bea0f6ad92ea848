//! The company's backend redeems a link and asks if its session is alive.

use functions::{Function, LINK_LIFE, PROOF_LIFE};
use serde_json::json;

use super::world::{ANA, World, refusal, token};

#[tokio::test]
async fn link_is_redeemed_once() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let link = world.issue("i", "store", &proofs).await;
    let redeemed = world.redeem(json!({"op": "redeem", "token": token(&link)})).await;
    assert_eq!(
        redeemed,
        json!({
            "ok": true, "customer_id": "usr-julia", "ecosystem_id": "eco-casa-luz", "target": "store",
            "agent": {"agent_id": ANA, "discord_id": "1200000000000000100", "name": "Ana Ruiz"},
            "session_id": "s1",
        })
    );
    let again = world.redeem(json!({"op": "redeem", "token": token(&link)})).await;
    assert_eq!(refusal(&again), "NOT_FOUND");
}

#[tokio::test]
async fn link_works_for_sixty_seconds() {
    for (wait, ok) in [(LINK_LIFE - 1, true), (LINK_LIFE, false)] {
        let world = World::new();
        let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
        let link = world.issue("i", "web", &proofs).await;
        world.advance(wait);
        let redeemed = world.redeem(json!({"op": "redeem", "token": token(&link)})).await;
        assert_eq!(redeemed["ok"], ok, "{wait}");
    }
}

#[tokio::test]
async fn wrong_token_is_not_found_and_stores_nothing() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let link = world.issue("i", "web", &proofs).await;
    let right = token(&link);
    let right = right.as_str().unwrap();
    let before = world.stored();
    let long = format!("{}.wzlink_x", "ñ".repeat(900));
    for wrong in [
        "",
        "x",
        &long,
        ".wzlink_x",
        "s2.wzlink_x",
        "s1.",
        &format!("{right}x"),
        &right.replace("s1.", "s2."),
    ] {
        let answer = world.redeem(json!({"op": "redeem", "token": wrong})).await;
        assert_eq!(refusal(&answer), "NOT_FOUND", "{wrong}");
    }
    assert_eq!(world.stored(), before);
    assert_eq!(world.redeem(json!({"op": "redeem", "token": right})).await["ok"], true);
}

#[tokio::test]
async fn session_is_alive_between_proof_and_end() {
    let world = World::new();
    let alive = async || world.redeem(json!({"op": "alive", "session_id": "s1"})).await;
    assert_eq!(alive().await, json!({"ok": true, "alive": false}), "unknown");
    world.proofs("usr-julia", "eco-casa-luz").await;
    assert_eq!(alive().await["alive"], true);
    world.advance(PROOF_LIFE - 1);
    assert_eq!(alive().await["alive"], true);
    world.advance(1);
    assert_eq!(alive().await["alive"], false, "no proof is valid");

    let world = World::new();
    world.proofs("usr-julia", "eco-casa-luz").await;
    world.revoke().await;
    let answer = world.redeem(json!({"op": "alive", "session_id": "s1"})).await;
    assert_eq!(answer["alive"], false);
}

#[tokio::test]
async fn lost_answer_of_the_storage_keeps_the_link() {
    let world = World::new();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let link = world.issue("i", "web", &proofs).await;
    world.services.lose_next_save.store(true, std::sync::atomic::Ordering::SeqCst);
    let redeem = json!({"op": "redeem", "token": token(&link)});
    assert_eq!(world.redeem(redeem.clone()).await["ok"], true);
    assert_eq!(refusal(&world.redeem(redeem).await), "NOT_FOUND");
}

#[tokio::test]
async fn session_id_of_alive_must_be_an_id() {
    let world = World::new();
    let answer = world.redeem(json!({"op": "alive", "session_id": "ñ".repeat(900)})).await;
    assert_eq!(refusal(&answer), "BAD_REQUEST");
}

#[tokio::test]
async fn bot_requests_are_not_for_redeem() {
    let world = World::new();
    let body = super::world::request("s1", "k", &json!({"op": "alive"})).to_string();
    let reply = world.functions.call(Function::Redeem, body.as_bytes()).await.unwrap();
    assert_eq!(refusal(&reply.body), "BAD_REQUEST");
}
