//! Tries, waits and repetitions of each call.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use commands::ports::chat::{Chat as _, ChatError, Post};
use commands::screens::screen::{Picture, Screen};
use serde_json::json;
use tokio::net::TcpSocket;

use super::stub::{Reply, Stub, TestClock};
use super::{APPLICATION, Bench, LEADS, TOKEN, screen, words};

fn post() -> Post {
    Post { screen: screen(), pings: None, replies_to: None }
}

fn error(status: u16, code: i64) -> Reply {
    Reply::json(status, "", &json!({ "message": "hush", "code": code }))
}

#[tokio::test]
async fn calls_have_their_routes_and_headers() {
    let bench = Bench::new(vec![
        Reply::status(204),
        Reply::status(200),
        Reply::status(200),
        Reply::json(200, "", &json!({ "id": "77" })),
        Reply::status(200),
        Reply::status(204),
    ])
    .await;
    bench.answer().await.unwrap();
    bench.edit().await.unwrap();
    bench.follow_up().await.unwrap();
    assert_eq!(bench.chat.post(LEADS, "key", post()).await.unwrap(), 77);
    bench.chat.edit_post(LEADS, 77, screen()).await.unwrap();
    bench.chat.delete_post(LEADS, 77).await.unwrap();
    assert_eq!(
        bench.stub.lines(),
        [
            "post /api/v10/interactions/5/hush-token/callback".to_owned(),
            format!("patch /api/v10/webhooks/{APPLICATION}/hush-token/messages/@original"),
            format!("post /api/v10/webhooks/{APPLICATION}/hush-token"),
            format!("post /api/v10/channels/{LEADS}/messages"),
            format!("patch /api/v10/channels/{LEADS}/messages/77"),
            format!("delete /api/v10/channels/{LEADS}/messages/77"),
        ]
    );
    let requests = bench.stub.requests();
    let agent = "user-agent: discordbot (https://discord.com/developers/applications/1234, ";
    assert!(requests.iter().all(|seen| seen.head.contains(agent)), "{requests:#?}");
    // Only messages in channels need the bot's token.
    let authorized = requests.iter().map(|seen| seen.head.contains("\r\nauthorization: bot "));
    assert!(authorized.eq([false, false, false, true, true, true]), "{requests:#?}");
    assert!(requests.iter().all(|seen| seen.connection == 0), "one connection for all calls");
}

#[tokio::test]
async fn token_cannot_change_the_path() {
    let bench = Bench::new(Vec::new()).await;
    bench.edit_with("a/../../b?c").await.unwrap();
    let path =
        format!("patch /api/v10/webhooks/{APPLICATION}/a%2f..%2f..%2fb%3fc/messages/@original");
    assert_eq!(bench.stub.lines(), [path]);
}

#[tokio::test]
async fn file_is_sent_under_its_number() {
    let bench = Bench::new(Vec::new()).await;
    let picture =
        Picture { name: "qr.png", description: "Scan it".to_owned(), bytes: b"png!".to_vec() };
    let screen = Screen { picture: Some(picture), ..screen() };
    bench.chat.edit(&TOKEN.into(), screen).await.unwrap();
    let body = &bench.stub.requests()[0].body;
    for part in [
        "name=\"payload_json\"\r\nContent-Type: application/json",
        r#""attachments":[{"id":0,"filename":"qr.png","description":"Scan it"}]"#,
        "name=\"files[0]\"; filename=\"qr.png\"\r\nContent-Type: image/png\r\n\r\npng!\r\n",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn first_answer_takes_1850_ms_on_dead_connections() {
    let bench = Bench::new(vec![Reply::Silent; 9]).await;
    let why = words(bench.answer().await);
    assert_eq!(why, "answering an interaction: Discord did not answer in time");
    // The wait of 500 ms would exceed the 1.9 s that are left of Discord's 3 s.
    assert_eq!(bench.clock.slept(), "(900) 50 (900)");
    assert_eq!(bench.stub.requests().len(), 2);
}

#[tokio::test]
async fn retry_uses_a_new_connection() {
    let bench = Bench::new(vec![Reply::status(204), Reply::Silent]).await;
    bench.answer().await.unwrap();
    bench.answer().await.unwrap();
    let connections = bench.stub.requests().into_iter().map(|seen| seen.connection);
    assert_eq!(connections.collect::<Vec<_>>(), [0, 0, 1]);
}

#[tokio::test]
async fn answered_retry_counts_only_after_an_unknown_result() {
    let answered = || error(400, 40060);
    for (first, log) in
        [(Reply::Silent, "(900) 50"), (Reply::Cut, "50"), (Reply::status(502), "50")]
    {
        let bench = Bench::new(vec![first, answered()]).await;
        bench.answer().await.unwrap();
        assert_eq!(bench.clock.slept(), log);
    }
    let bench = Bench::new(vec![answered()]).await;
    assert!(matches!(bench.answer().await, Err(ChatError::Answered)));
    // A 429 was not processed, so the answer is of another process.
    let limited = Reply::json(429, "", &json!({ "retry_after": 0.2 }));
    let bench = Bench::new(vec![limited, answered()]).await;
    assert!(matches!(bench.answer().await, Err(ChatError::Answered)));
}

#[tokio::test]
async fn failing_server_gets_three_answers_and_five_edits() {
    let bench = Bench::new(vec![Reply::status(500); 9]).await;
    let why = words(bench.answer().await);
    assert!(why.ends_with("Discord refused it with status 500 and no code"), "{why}");
    assert_eq!((bench.clock.slept().as_str(), bench.stub.requests().len()), ("50 500", 3));
    let bench = Bench::new(vec![Reply::status(500); 9]).await;
    words(bench.edit().await);
    assert_eq!(
        (bench.clock.slept().as_str(), bench.stub.requests().len()),
        ("50 500 2000 5000", 5)
    );
}

#[tokio::test]
async fn silent_edit_ends_after_fifteen_seconds() {
    let bench = Bench::new(vec![Reply::Silent; 9]).await;
    words(bench.edit().await);
    assert_eq!(bench.clock.slept(), "(5000) 50 (5000) 500 (4450)");
}

#[tokio::test]
async fn message_with_unknown_result_is_sent_once() {
    for unknown in [Reply::Silent, Reply::Cut, Reply::status(500), Reply::CutShort(502)] {
        let bench = Bench::new(vec![unknown.clone()]).await;
        words(bench.follow_up().await);
        assert_eq!(bench.stub.requests().len(), 1, "{unknown:?}");
    }
    // A status of 200 means that Discord has posted the message, even if the body is cut short.
    for posted in [Reply::CutShort(200), Reply::SilentAfter(200), Reply::status(200)] {
        let bench = Bench::new(vec![posted.clone()]).await;
        bench.follow_up().await.unwrap();
        assert_eq!(bench.stub.requests().len(), 1, "{posted:?}");
    }
}

#[tokio::test]
async fn message_is_repeated_if_nothing_was_posted() {
    let limited = Reply::json(429, "", &json!({ "retry_after": 1.5 }));
    let bench = Bench::new(vec![limited, Reply::status(200)]).await;
    bench.follow_up().await.unwrap();
    assert_eq!(bench.clock.slept(), "1500");

    let clock = TestClock::new();
    let bench = Bench::calling(Stub::absent().await, clock);
    let why = words(bench.follow_up().await);
    assert_eq!(why, "sending a message: Discord could not be reached");
    assert_eq!(bench.clock.slept(), "50 500 2000 5000");
}

#[tokio::test]
async fn status_decides_if_the_body_is_missing() {
    for reply in
        [Reply::CutShort(200), Reply::SilentAfter(200), Reply::Full(200, "", "<html>".into())]
    {
        let bench = Bench::new(vec![reply.clone()]).await;
        bench.edit().await.unwrap();
        assert_eq!(bench.stub.requests().len(), 1, "{reply:?}");
    }
    for reply in
        [Reply::CutShort(502), Reply::SilentAfter(502), Reply::Full(520, "", "<html>".into())]
    {
        let bench = Bench::new(vec![reply.clone()]).await;
        bench.edit().await.unwrap();
        assert_eq!(bench.stub.requests().len(), 2, "{reply:?}");
    }
}

#[tokio::test]
async fn refused_call_is_not_repeated() {
    for (status, code) in [(401, 50027), (404, 10062), (404, 10015), (404, 10008)] {
        let bench = Bench::new(vec![error(status, code)]).await;
        assert!(matches!(bench.edit().await, Err(ChatError::Gone)), "{code}");
        assert_eq!(bench.stub.requests().len(), 1);
    }
    for (status, code) in [(302, 0), (401, 0), (403, 50001), (403, 50013), (405, 0)] {
        let bench = Bench::new(vec![error(status, code)]).await;
        let why = words(bench.edit().await);
        let expected =
            format!("editing a message: Discord refused it with status {status} and code {code}");
        assert_eq!(why, expected);
        assert_eq!(bench.stub.requests().len(), 1);
    }
}

#[tokio::test]
async fn post_names_its_message_or_a_missing_permission() {
    let message = serde_json::json!({ "id": "1200000000000000123" });
    for (reply, expected) in [
        (Reply::json(200, "", &message), "Ok(1200000000000000123)"),
        (error(403, 50001), "Err(Forbidden"),
        (error(403, 50013), "Err(Forbidden"),
        (error(403, 0), "Err(Fault"),
        (Reply::json(200, "", &serde_json::json!({})), "Err(Fault"),
    ] {
        let bench = Bench::new(vec![reply]).await;
        let posted = format!("{:?}", bench.chat.post(88, "launcher", post()).await);
        assert!(posted.starts_with(expected), "{posted}");
        assert!(bench.stub.lines()[0].contains("/channels/88/messages"));
    }
}

#[tokio::test]
async fn connection_attempt_ends_after_half_a_second() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Fills the queue of a server that accepts nothing, until the kernel drops the next attempt.
    let short = Duration::from_millis(100);
    let mut queued = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, short) {
        queued.push(stream);
    }
    let clock = TestClock::new();
    let bench = Bench::calling(Stub::at(&address.to_string()), clock);
    let started_at = Instant::now();
    let why = words(bench.answer().await);
    assert_eq!(why, "answering an interaction: Discord could not be reached");
    // Three attempts. The kernel itself would give up after two minutes.
    let took = started_at.elapsed();
    assert!(took >= 3 * Duration::from_millis(500), "{took:?}");
    assert!(took < Duration::from_mins(1), "{took:?}");
}
