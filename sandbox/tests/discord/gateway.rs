//! The gateway: identify, heartbeat, compression, resume, and the end of connections.

use std::time::Duration;

use sandbox::seed::BOT_TOKEN;
use serde_json::json;

use super::bot::Bot;
use super::{buttons, world};

#[tokio::test]
async fn silent_gateway_acknowledges_no_heartbeat() {
    let mut world = world().await;
    world.bot.send(1, &json!(world.bot.seq)).await;
    assert_eq!(world.bot.frame().await.unwrap()["op"], 11);

    world.sandbox.discord.faults().silence(true);
    assert_eq!(world.sandbox.discord.connections(), 0);
    world.bot.send(1, &json!(world.bot.seq)).await;
    world.sandbox.discord.faults().silence(false);
    world.sandbox.discord.faults().drop_sockets();
    assert_eq!(world.bot.frame().await, Err(0), "no acknowledgement before the end");
}

#[tokio::test]
async fn connection_without_compression_gets_text() {
    let world = world().await;
    let mut plain = Bot::connect(&world.sandbox.url(), false).await;
    plain.identify().await;
    world.sandbox.discord.connected(2).await;
}

#[tokio::test]
async fn wrong_or_refused_token_closes_with_4004() {
    let world = world().await;
    let identify = |token: &str| json!({ "token": token, "intents": 1, "properties": {} });
    let mut stranger = Bot::connect(&world.sandbox.url(), false).await;
    stranger.send(2, &identify("nonsense")).await;
    assert_eq!(stranger.frame().await, Err(4004));

    world.sandbox.discord.faults().refuse_token(true);
    let mut refused = Bot::connect(&world.sandbox.url(), false).await;
    refused.send(2, &identify(BOT_TOKEN)).await;
    assert_eq!(refused.frame().await, Err(4004));
    let (status, body) = world.bot.call("GET", "/users/@me", &json!(null)).await;
    assert_eq!((status, body), (401, json!({ "message": "401: Unauthorized", "code": 0 })));
    assert_eq!(world.violations(), [] as [String; 0], "the refusal was injected");
}

#[tokio::test]
async fn resume_replays_missed_events() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    world.sandbox.discord.faults().drop_sockets();
    assert_eq!(world.bot.frame().await, Err(0));
    world.sandbox.discord.connected(0).await;

    let (session, seq) = (world.bot.session.clone(), world.bot.seq);
    let url = world.sandbox.url();
    let resumed = async {
        let mut again = Bot::connect(&url, false).await;
        again.seq = seq;
        let resume = json!({ "token": BOT_TOKEN, "session_id": session, "seq": seq });
        again.send(6, &resume).await;
        let interaction = again.next("INTERACTION_CREATE").await;
        again.next("RESUMED").await;
        let answer = json!({ "type": 4, "data": { "content": "here I am", "flags": 64 } });
        assert_eq!(again.answer(&interaction, &answer).await.0, 204);
    };
    tokio::join!(ana.types("/support technical email:j@example.com"), resumed);
    assert_eq!(ana.sees().await, "here I am");
}

#[tokio::test]
async fn invalid_session_cannot_be_resumed() {
    let mut world = world().await;
    world.sandbox.discord.faults().invalidate_sessions(false);
    assert_eq!(world.bot.frame().await.unwrap(), json!({ "op": 9, "d": false }));
    let mut again = Bot::connect(&world.sandbox.url(), false).await;
    let resume =
        json!({ "token": BOT_TOKEN, "session_id": world.bot.session, "seq": world.bot.seq });
    again.send(6, &resume).await;
    assert_eq!(again.frame().await.unwrap(), json!({ "op": 9, "d": false }));
    again.identify().await;
}

#[tokio::test]
async fn second_answer_by_a_replica_is_excused() {
    let mut world = world().await;
    let mut replica = Bot::connect(&world.sandbox.url(), true).await;
    replica.identify().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let received = replica.next("INTERACTION_CREATE").await;
    assert_eq!(received["id"], interaction["id"]);
    let (status, body) = replica.answer(&received, &json!({ "type": 5 })).await;
    assert_eq!((status, &body["code"]), (400, &json!(40060)));
    assert_eq!(world.violations(), [] as [String; 0]);
    assert_eq!(world.sandbox.discord.excused_violations().len(), 1);
}

#[tokio::test]
async fn click_delivered_twice_is_answered_once() {
    let mut world = world().await;
    world.panel(&buttons(&["Go"])).await;
    let ana = world.sandbox.discord.person("ana");
    world.sandbox.discord.faults().deliver_twice();
    let update = json!({ "type": 7, "data": { "content": "done", "components": [] } });
    let first = world.exchange(async { ana.presses("Go").await }, &update).await;
    let second = world.bot.next("INTERACTION_CREATE").await;
    assert_eq!(first, second);
    assert_eq!(world.bot.answer(&second, &update).await.0, 400);
    assert_eq!(world.violations(), [] as [String; 0]);
}

#[tokio::test]
async fn session_survives_close_code_4000() {
    let mut world = world().await;
    world.sandbox.discord.faults().close_sockets(4000);
    assert_eq!(world.bot.frame().await, Err(4000));
    let mut again = Bot::connect(&world.sandbox.url(), false).await;
    again.seq = world.bot.seq;
    let resume =
        json!({ "token": BOT_TOKEN, "session_id": world.bot.session, "seq": world.bot.seq });
    again.send(6, &resume).await;
    again.next("RESUMED").await;
}

#[tokio::test]
async fn second_resume_at_the_first_address_fails() {
    let mut world = world().await;
    let url = world.sandbox.url();
    for nth in 1..=3 {
        world.sandbox.discord.faults().drop_sockets();
        assert_eq!(world.bot.frame().await, Err(0));
        world.sandbox.discord.connected(0).await;
        let (session, seq) = (world.bot.session.clone(), world.bot.seq);
        world.bot = match nth {
            1 => Bot::connect(&url, false).await,
            2 => Bot::connect_to_resume(&url).await,
            _ => Bot::connect(&url, true).await,
        };
        world.bot.session.clone_from(&session);
        world.bot.resume(&session, seq).await;
        if nth == 3 {
            assert_eq!(world.bot.frame().await.unwrap(), json!({ "op": 9, "d": false }));
        } else {
            world.bot.next("RESUMED").await;
        }
    }
}

#[tokio::test]
async fn session_that_begins_too_early_is_invalid() {
    let world = world().await;
    world.sandbox.discord.faults().space_sessions(true);
    let mut early = Bot::connect(&world.sandbox.url(), false).await;
    early.send(2, &json!({ "token": BOT_TOKEN, "intents": 0, "properties": {} })).await;
    assert_eq!(early.frame().await.unwrap(), json!({ "op": 9, "d": false }));
    world.sandbox.discord.faults().space_sessions(false);
    early.identify().await;
}

#[tokio::test]
async fn frame_121_of_a_minute_closes_with_4008() {
    let mut world = world().await;
    // IDENTIFY was the first.
    for _ in 0..119 {
        world.bot.send(1, &json!(world.bot.seq)).await;
        assert_eq!(world.bot.frame().await.unwrap()["op"], 11);
    }
    world.bot.send(1, &json!(world.bot.seq)).await;
    assert_eq!(world.bot.frame().await, Err(4008));
    assert_eq!(world.violations(), [] as [String; 0]);
}

#[tokio::test]
async fn heartbeat_without_sequence_is_a_violation() {
    let mut world = world().await;
    for (sequence, violations) in
        [(json!(1), 0), (json!(world.bot.seq), 0), (json!(null), 1), (json!(99), 1)]
    {
        world.bot.send(1, &sequence).await;
        assert_eq!(world.bot.frame().await.unwrap()["op"], 11);
        assert_eq!(world.violations().len(), violations, "{sequence}");
    }
}

#[tokio::test]
async fn reconnect_is_asked_after_each_interval() {
    let mut world = world().await;
    world.sandbox.discord.faults().ask_to_reconnect_every(Duration::from_hours(2));
    for _ in 0..2 {
        world.advance(2 * 60 * 60 - 1);
        world.bot.send(1, &json!(world.bot.seq)).await;
        assert_eq!(world.bot.frame().await.unwrap()["op"], 11, "too early");
        world.advance(1);
        assert_eq!(world.bot.frame().await.unwrap(), json!({ "op": 7, "d": null }));
    }
}

#[tokio::test]
async fn only_large_frames_are_compressed() {
    let mut world = world().await;
    let large = world.bot.compressed;
    assert!(large > 0, "GUILD_CREATE is large");
    world.bot.send(1, &json!(world.bot.seq)).await;
    assert_eq!(world.bot.frame().await.unwrap()["op"], 11);
    assert_eq!(world.bot.compressed, large, "an acknowledgement is small");
}
