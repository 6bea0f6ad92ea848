//! The duration of an answer does not reveal if an account or a challenge exists.

use functions::Function;
use serde_json::json;

use super::world::{World, other_than, refusal, request, send_fields};

#[tokio::test]
async fn unknown_challenge_makes_the_same_calls_as_a_wrong_code() {
    let world = World::new();
    let sent = world.send("l", "agent_link").await;
    let wrong = other_than(&world.code());
    world.take_trace();
    assert_eq!(world.verify("v1", "agent_link", &sent, wrong).await["result"], "mismatch");
    let known = world.take_trace();
    let made_up = json!({"challenge_id": "none"});
    assert_eq!(refusal(&world.verify("v2", "agent_link", &made_up, wrong).await), "NOT_FOUND");
    assert_eq!(world.take_trace(), known);

    // Also in a session of which nothing is stored.
    let own = json!({"purpose": "agent_link", "challenge_id": "none", "code": wrong});
    let unknown = world.call_in("s2", Function::OtpVerify, "v", own).await;
    assert_eq!((refusal(&unknown), world.take_trace()), ("NOT_FOUND", known));
}

#[tokio::test]
async fn link_send_takes_whole_steps() {
    let world = World::with(|settings| settings.link_send_step = 1_000);
    world.services.virtual_sleep.store(true, std::sync::atomic::Ordering::SeqCst);
    let now = || functions::ports::Clock::now(&*world.services);
    let begin = now();
    world.send("l", "agent_link").await;
    assert_eq!(now() - begin, 1_000, "an account");

    let mut own = send_fields("agent_link", "", "");
    own["subject"]["id"] = json!("unknown");
    let mut body = request("s2", "l", &own);
    body["actor"]["agent_id"] = json!("unknown");
    let begin = now();
    let reply = world.functions.call(Function::OtpSend, body.to_string().as_bytes()).await.unwrap();
    assert_eq!((refusal(&reply.body), now() - begin), ("NOT_FOUND", 1_000), "no account");

    for (work, taken) in [(1_000, 1_000), (1_001, 2_000)] {
        let (started, go_on) = world.services.hold_next_mail();
        let begin = now();
        let sending = tokio::spawn({
            let (world, key) = (world.clone(), format!("l{work}"));
            async move {
                let own = send_fields("agent_link", "", "");
                world.call_in(&format!("s{work}"), Function::OtpSend, &key, own).await
            }
        });
        started.await.unwrap();
        world.advance(work);
        go_on.send(true).unwrap();
        sending.await.unwrap();
        assert_eq!(now() - begin, taken, "{work}");
    }

    let begin = now();
    world.send("a", "agent_mfa").await;
    assert_eq!(now() - begin, 0, "another purpose");
}
