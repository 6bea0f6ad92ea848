//! The judge judges: what a bot may not do is refused and recorded, so that "nothing illegal was
//! sent" means something.

use std::time::Duration;

use sandbox::discord::{RestFault, Violation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::World;

/// Answers the newest interaction in the bot's place; the status and body of what Discord says to
/// that.
async fn answers(world: &World, body: &str) -> String {
    let path = world.sandbox.discord.newest_callback().unwrap();
    let url = world.sandbox.url();
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    format!("{} {body}", head.split(' ').nth(1).unwrap())
}

/// The one violation so far, which is forgiven.
fn only_violation(world: &World) -> Violation {
    let mut violations = world.sandbox.discord.take_violations();
    assert_eq!(violations.len(), 1, "{violations:#?}");
    violations.remove(0)
}

/// Somebody types a command whose answer the bot cannot get through, so that a test can answer in
/// its place.
async fn types_unanswered(world: &World, act: impl AsyncFnOnce()) {
    let ben = world.person("ben");
    let faults = world.sandbox.discord.faults();
    faults.next_calls_to("/callback", 1, RestFault::Late(Duration::from_hours(1)));
    tokio::join!(ben.types("/support technical email:julia@example.com"), async {
        faults.all_met().await;
        act().await;
    });
}

#[tokio::test]
async fn a_second_answer_is_refused_and_recorded() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        let told =
            answers(world, r#"{"type": 4, "data": {"content": "me too", "flags": 64}}"#).await;
        assert!(told.starts_with("400 ") && told.contains("40060"), "{told}");
        let violation = only_violation(world);
        assert!(
            violation.what.contains("40060") && violation.body.contains("me too"),
            "{violation:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_illegal_answer_is_refused_and_recorded_and_shown_to_nobody() {
    World::run(async |world| {
        let ben = world.person("ben");
        types_unanswered(world, async || {
            let six_rows: Vec<String> = (0..6)
                .map(|n| format!(r#"{{"type":1,"components":[{{"type":2,"style":1,"label":"x","custom_id":"{n}"}}]}}"#))
                .collect();
            let body = format!(r#"{{"type":4,"data":{{"content":"six rows","components":[{}]}}}}"#, six_rows.join(","));
            let told = answers(world, &body).await;
            assert!(told.starts_with("400 ") && told.contains("50035"), "{told}");
            assert!(only_violation(world).what.contains("50035"));

            let told = answers(world, r#"{"type": 7, "data": {"content": "there is no message to update"}}"#).await;
            assert!(told.starts_with("400 "), "{told}");
            only_violation(world);
            assert_eq!(ben.reads(), "");

            let told = answers(world, r#"{"type": 4, "data": {"content": "a legal one", "flags": 64}}"#).await;
            assert!(told.starts_with("204"), "{told}");
        })
        .await;
        world.restarts().await;
        assert_eq!(ben.sees().await, "a legal one");
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_is_refused_and_recorded() {
    World::run(async |world| {
        let ben = world.person("ben");
        types_unanswered(world, async || {
            world.clock.advance(Duration::from_millis(3_001));
            let told =
                answers(world, r#"{"type": 4, "data": {"content": "sorry", "flags": 64}}"#).await;
            assert!(told.starts_with("404 ") && told.contains("10062"), "{told}");
            assert!(only_violation(world).what.contains("10062"));
        })
        .await;
        world.restarts().await;
        assert_eq!(ben.sees().await, "/support technical (This interaction failed)");
    })
    .await;
}
