//! Rate limits, invalid requests and the block that follows them.

use std::time::Duration;

use sandbox::discord::{RestFault, Scope};
use sandbox::seed::LEADS_CHANNEL_ID;
use serde_json::json;

use super::bot::{Answer, Bot};
use super::{World, buttons, world};

const NO_VIOLATION: [String; 0] = [];

/// Sends follow-ups until this many have arrived. Returns the last answer.
async fn follow_up(world: &World, interaction: &serde_json::Value, times: usize) -> Answer {
    let path = Bot::webhook(interaction, "");
    let mut last = None;
    for number in 0..times {
        let body = json!({ "content": format!("note {number}"), "flags": 64 });
        last = Some(world.bot.full_answer("POST", &path, &body).await);
    }
    last.unwrap()
}

#[tokio::test]
async fn sixth_follow_up_in_two_seconds_is_limited() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let fifth = follow_up(&world, &interaction, 5).await;
    assert_eq!(fifth.status, 200);
    assert_eq!(
        ["limit", "remaining", "reset", "reset-after"]
            .map(|name| fifth.header(&format!("x-ratelimit-{name}")).to_owned()),
        ["5", "0", "1785585602.000", "2.000"]
    );
    assert!(!fifth.header("x-ratelimit-bucket").is_empty());

    world.clock.advance(Duration::from_millis(1_300));
    let sixth = follow_up(&world, &interaction, 1).await;
    assert_eq!((sixth.status, sixth.header("x-ratelimit-scope")), (429, "user"));
    assert_eq!(sixth.header("retry-after"), "1", "whole seconds, rounded up");
    assert_eq!(
        sixth.json(),
        json!({ "message": "You are being rate limited.", "retry_after": 0.7, "global": false }),
        "there is no code"
    );
    assert_eq!(world.violations(), NO_VIOLATION, "a first 429 is no violation");
    world.clock.advance(Duration::from_millis(700));
    assert_eq!(follow_up(&world, &interaction, 1).await.status, 200);
    assert_eq!(world.violations(), NO_VIOLATION, "it has waited long enough");
    let ana = world.sandbox.discord.person("ana");
    assert_eq!(ana.messages().len(), 7, "the panel and six notes");
}

#[tokio::test]
async fn channel_limit_is_shared_and_no_invalid_request() {
    let mut world = world().await;
    let mut interactions = Vec::new();
    for _ in 0..7 {
        interactions.push(world.panel(&buttons(&["Go"])).await);
    }
    for interaction in &interactions[..6] {
        assert_eq!(follow_up(&world, interaction, 5).await.status, 200);
    }
    let answer = follow_up(&world, &interactions[6], 1).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-scope")), (429, "shared"));
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(world.sandbox.discord.invalid_requests(), 0);
    world.advance(60);
    assert_eq!(follow_up(&world, &interactions[6], 1).await.status, 200);
}

#[tokio::test]
async fn global_limit_spares_interactions() {
    let mut world = world().await;
    // The registration was the first call.
    for _ in 1..50 {
        assert_eq!(world.bot.call("GET", "/users/@me", &json!(null)).await.0, 200);
    }
    let path = format!("/channels/{LEADS_CHANNEL_ID}/messages");
    let alert = world.bot.full_answer("POST", &path, &json!({ "content": "locked" })).await;
    assert_eq!((alert.status, alert.header("x-ratelimit-scope")), (429, "global"));
    assert_eq!(alert.header("x-ratelimit-global"), "true");
    assert_eq!(alert.json()["global"], true);
    assert_eq!(world.sandbox.discord.invalid_requests(), 1);
    world.panel(&buttons(&["Go"])).await;
    world.advance(1);
    assert_eq!(world.bot.call("POST", &path, &json!({ "content": "locked" })).await.0, 200);
}

#[tokio::test]
async fn call_before_retry_after_is_a_violation() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let edit = json!({ "content": "edited" });
    for scope in [Scope::User, Scope::Global, Scope::Shared] {
        let limited = RestFault::Limited { scope, retry_after: Duration::from_millis(300) };
        world.sandbox.discord.faults().next_calls_to("PATCH", 1, limited);
        assert_eq!(world.bot.edit(&interaction, &edit).await.0, 429);
        world.clock.advance(Duration::from_millis(299));
        world.bot.edit(&interaction, &edit).await;
        assert_eq!(world.violations(), ["called 1 ms before its Retry-After"]);
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(world.bot.edit(&interaction, &edit).await.0, 200);
        assert_eq!(world.violations(), NO_VIOLATION);
    }
}

#[tokio::test]
async fn planned_limit_refuses_early_calls() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let limited = RestFault::TooMany { retry_after: Duration::from_mins(20) };
    world.sandbox.discord.faults().next_calls_to("PATCH", 1, limited);
    let edit = json!({ "content": "edited" });
    assert_eq!(world.bot.edit(&interaction, &edit).await.0, 429);
    let (status, body) = world.bot.edit(&interaction, &edit).await;
    assert_eq!((status, &body["retry_after"]), (429, &json!(1_200.0)));
    assert_eq!(world.violations().len(), 1);
    world.sandbox.discord.faults().clear();
    assert_eq!(world.bot.edit(&interaction, &edit).await.0, 200);
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn too_many_invalid_requests_block_every_route() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let discord = world.sandbox.discord.clone();
    discord.faults().block_after(3);
    discord.faults().refuse_token(true);
    for count in 1..=3 {
        assert_eq!(world.bot.call("GET", "/users/@me", &json!(null)).await.0, 401);
        assert_eq!(discord.invalid_requests(), count);
    }
    discord.faults().refuse_token(false);
    let edit = json!({ "content": "edited" });
    let path = Bot::webhook(&interaction, "/messages/@original");
    let blocked = world.bot.full_answer("PATCH", &path, &edit).await;
    assert_eq!((blocked.status, blocked.header("retry-after")), (429, "3600"));
    assert_eq!(blocked.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(blocked.header("x-ratelimit-scope"), "", "it is not Discord who answers");
    assert!(blocked.body.contains("cloudflare"));
    assert_eq!(world.violations(), NO_VIOLATION, "another process can have caused the block");
    assert_eq!(discord.excused_violations().len(), 1);
    assert_eq!(world.bot.edit(&interaction, &edit).await.0, 429);
    assert_eq!(world.violations(), ["called 3600000 ms before its Retry-After"]);
    // The calls during the block are invalid requests, too, and the token lives 15 minutes.
    world.advance(3_600);
    assert_eq!(world.bot.call("GET", "/users/@me", &json!(null)).await.0, 200);
}

#[tokio::test]
async fn planned_block_concerns_every_route() {
    let world = world().await;
    let blocked = RestFault::Blocked { retry_after: Duration::from_secs(10) };
    world.sandbox.discord.faults().next_calls_to("GET", 1, blocked);
    let answer = world.bot.full_answer("GET", "/users/@me", &json!(null)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "10"));
    world.advance(9);
    assert_eq!(
        world.bot.full_answer("GET", "/gateway", &json!(null)).await.header("retry-after"),
        "1"
    );
    world.advance(1);
    assert_eq!(world.bot.call("GET", "/gateway", &json!(null)).await.0, 200);
}

#[tokio::test]
async fn foreign_user_agent_is_refused() {
    let world = world().await;
    let answer = world.bot.request("GET", "/gateway", "User-Agent: curl/8\r\n", b"").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json(), json!({ "message": "internal network error", "code": 40333 }));
    assert_eq!(world.bot.request("GET", "/gateway", "", b"").await.status, 403);
    assert_eq!(world.violations().len(), 2);

    // discord.py names its HTTP client only, in calls with a token in their path.
    let library = "User-Agent: Python/3.11 aiohttp/3.14\r\nContent-Type: application/json\r\n";
    let curl = "User-Agent: curl/8\r\nContent-Type: application/json\r\n";
    let callback = "/interactions/1/none/callback";
    assert_eq!(world.bot.request("GET", "/gateway", library, b"").await.status, 403);
    assert_eq!(world.bot.request("POST", callback, curl, b"{}").await.status, 403);
    assert_ne!(world.bot.request("POST", callback, library, b"{}").await.status, 403);
}
