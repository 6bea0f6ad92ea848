//! Tests of the sandbox's validator: it refuses and records what a bot must not send.
//!
//! Every conversation test ends with an empty list of violations, which proves something only if
//! the validator works.

use std::time::Duration;

use sandbox::discord::{RestFault, Violation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::World;

/// Answers the newest interaction in place of the bot. Returns status and body of Discord's reply.
async fn answer(world: &World, body: &str) -> String {
    let path = world.sandbox.discord.newest_callback().unwrap();
    let url = world.sandbox.url();
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: DiscordBot (https://bot.example, 1.0)\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    format!("{} {body}", head.split(' ').nth(1).unwrap())
}

/// Returns the only violation and removes it, so that the test does not fail.
fn take_violation(world: &World) -> Violation {
    let mut violations = world.sandbox.discord.take_violations();
    assert_eq!(violations.len(), 1, "{violations:#?}");
    violations.remove(0)
}

/// Types a command and delays the bot's answer, so that the test can answer in its place.
async fn type_unanswered(world: &World, act: impl AsyncFnOnce()) {
    let ben = world.person("ben");
    let faults = world.sandbox.discord.faults();
    faults.next_calls_to("/callback", 1, RestFault::Late(Duration::from_hours(1)));
    tokio::join!(ben.types("/support technical email:julia@example.com"), async {
        faults.all_met().await;
        act().await;
    });
}

#[tokio::test]
async fn second_answer_is_refused_and_recorded() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        let reply =
            answer(world, r#"{"type": 4, "data": {"content": "me too", "flags": 64}}"#).await;
        assert!(reply.starts_with("400 ") && reply.contains("40060"), "{reply}");
        let violation = take_violation(world);
        assert!(
            violation.what.contains("40060") && violation.body.contains("me too"),
            "{violation:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn invalid_answer_is_refused_recorded_and_never_shown() {
    World::run(async |world| {
        let ben = world.person("ben");
        type_unanswered(world, async || {
            let six_rows: Vec<String> = (0..6)
                .map(|n| format!(r#"{{"type":1,"components":[{{"type":2,"style":1,"label":"x","custom_id":"{n}"}}]}}"#))
                .collect();
            let body = format!(r#"{{"type":4,"data":{{"content":"six rows","components":[{}]}}}}"#, six_rows.join(","));
            let reply = answer(world, &body).await;
            assert!(reply.starts_with("400 ") && reply.contains("50035"), "{reply}");
            assert!(take_violation(world).what.contains("50035"));

            let reply = answer(world, r#"{"type": 7, "data": {"content": "there is no message to update"}}"#).await;
            assert!(reply.starts_with("400 "), "{reply}");
            take_violation(world);
            assert_eq!(ben.reads(), "");

            let reply = answer(world, r#"{"type": 4, "data": {"content": "a legal one", "flags": 64}}"#).await;
            assert!(reply.starts_with("204"), "{reply}");
        })
        .await;
        world.restarts().await;
        assert_eq!(ben.sees().await, "a legal one");
    })
    .await;
}

#[tokio::test]
async fn late_answer_is_refused_and_recorded() {
    World::run(async |world| {
        let ben = world.person("ben");
        type_unanswered(world, async || {
            world.clock.advance(Duration::from_millis(3_001));
            let reply =
                answer(world, r#"{"type": 4, "data": {"content": "sorry", "flags": 64}}"#).await;
            assert!(reply.starts_with("404 ") && reply.contains("10062"), "{reply}");
            assert!(take_violation(world).what.contains("10062"));
        })
        .await;
        world.restarts().await;
        assert_eq!(ben.sees().await, "/support technical (This interaction failed)");
    })
    .await;
}
