//! Rate limits, and the breaker that stops all calls.

use std::time::Duration;

use commands::ports::clock::Clock as _;
use serde_json::json;

use super::stub::Reply;
use super::{Bench, words};
use crate::discord_api::breaker::{INVALID_WINDOW, MAX_INVALID};

/// A 429 of Discord. `headers`: lines that end with CRLF.
fn limited(headers: &'static str, retry_after: f64) -> Reply {
    let body = json!({ "message": "You are being rate limited.", "retry_after": retry_after });
    Reply::json(429, headers, &body)
}

/// A 429 of Cloudflare.
fn cloudflare(headers: &'static str) -> Reply {
    Reply::Full(429, headers, "error code: 1015".to_owned())
}

#[tokio::test]
async fn wait_that_fits_is_kept_exactly() {
    // A later call has 15 s. The try after the wait needs a part of them.
    let bench = Bench::new(vec![limited("retry-after: 15\r\n", 14.999)]).await;
    bench.edit().await.unwrap();
    assert_eq!((bench.clock.slept().as_str(), bench.stub.requests().len()), ("14999", 2));

    let bench = Bench::new(vec![limited("", 15.0)]).await;
    let why = words(bench.edit().await);
    assert!(why.ends_with("given up, it asks to wait 15.0 s"), "{why}");
    assert_eq!((bench.clock.slept().as_str(), bench.stub.requests().len()), ("", 1));
}

#[tokio::test]
async fn first_answer_waits_less_than_1900_ms() {
    let bench = Bench::new(vec![limited("", 1.899)]).await;
    bench.answer().await.unwrap();
    assert_eq!(bench.clock.slept(), "1899");
    let bench = Bench::new(vec![limited("", 1.9)]).await;
    words(bench.answer().await);
    assert_eq!(bench.stub.requests().len(), 1);
}

#[tokio::test]
async fn header_names_the_wait_without_a_body() {
    for (headers, slept) in [
        ("x-ratelimit-scope: user\r\nretry-after: 2\r\n", "2000"),
        ("x-ratelimit-scope: user\r\nretry-after: 0.3021\r\n", "303"),
        ("x-ratelimit-scope: user\r\nretry-after: 0\r\n", "50"),
        ("x-ratelimit-scope: user\r\nretry-after: -7\r\n", "1000"),
        ("x-ratelimit-scope: user\r\nretry-after: NaN\r\n", "1000"),
        ("x-ratelimit-scope: user\r\n", "1000"),
    ] {
        let bench = Bench::new(vec![Reply::Full(429, headers, String::new())]).await;
        bench.edit().await.unwrap();
        assert_eq!(bench.clock.slept(), slept, "{headers}");
    }
}

#[tokio::test]
async fn limit_holds_for_later_calls_of_its_scope() {
    // Each row: scope, waits of an edit of the same and of another interaction, and of a message.
    for (scope, same, other, message) in [
        ("", "20.0", "", ""),
        ("x-ratelimit-scope: user\r\n", "20.0", "", ""),
        ("x-ratelimit-scope: shared\r\n", "20.0", "20.0", ""),
        ("x-ratelimit-scope: global\r\n", "20.0", "20.0", ""),
    ] {
        let bench = Bench::new(vec![limited(scope, 20.0)]).await;
        words(bench.edit().await);
        let waits = [bench.edit().await.err(), bench.edit_with("other").await.err()];
        for (error, expected) in waits.into_iter().zip([same, other]) {
            let words = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(
                words.contains(expected) && words.is_empty() == expected.is_empty(),
                "{scope}: {words}"
            );
        }
        let sent = bench.follow_up().await.err();
        let sent = sent.map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(sent.contains("asks to wait"), !message.is_empty(), "{scope}: {sent}");
        // The limit ends with its time.
        bench.clock.advance(Duration::from_millis(19_999));
        bench.edit().await.unwrap();
        assert!(bench.clock.slept().ends_with('1'), "{scope}: {}", bench.clock.slept());
    }
}

#[tokio::test]
async fn cloudflare_stops_all_calls_for_its_time() {
    let bench = Bench::new(vec![cloudflare("retry-after: 3600\r\n")]).await;
    let why = words(bench.edit().await);
    assert_eq!(why, "editing a message: calls to Discord are stopped");
    let until = bench.clock.now() + Duration::from_hours(1);
    assert_eq!(bench.breaker.stopped_until(), Some(until));
    bench.clock.advance(Duration::from_millis(3_599_999));
    assert_eq!(
        words(bench.answer().await),
        "answering an interaction: calls to Discord are stopped"
    );
    words(bench.follow_up().await);
    assert_eq!(bench.stub.requests().len(), 1);
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.breaker.stopped_until(), None);
    bench.answer().await.unwrap();
}

#[tokio::test]
async fn wait_of_cloudflare_has_a_default_and_a_maximum() {
    for (headers, stopped_for) in [
        ("", Duration::from_mins(1)),
        ("retry-after: soon\r\n", Duration::from_mins(1)),
        ("retry-after: 86400\r\n", Duration::from_hours(24)),
        ("retry-after: 1e300\r\n", Duration::from_hours(24)),
    ] {
        let bench = Bench::new(vec![cloudflare(headers)]).await;
        words(bench.edit().await);
        assert_eq!(
            bench.breaker.stopped_until(),
            Some(bench.clock.now() + stopped_for),
            "{headers}"
        );
    }
}

#[tokio::test]
async fn discords_429_does_not_stop_other_calls() {
    for reply in [
        limited("", 20.0),
        // JSON that was cut short.
        Reply::Full(429, "content-type: application/json\r\n", "{\"mess".to_owned()),
        Reply::Full(429, "x-ratelimit-scope: shared\r\n", String::new()),
    ] {
        let bench = Bench::new(vec![reply.clone()]).await;
        drop(bench.edit().await);
        assert_eq!(bench.breaker.stopped_until(), None, "{reply:?}");
    }
}

#[tokio::test]
async fn invalid_requests_stop_all_calls_at_their_maximum() {
    let bench = Bench::new(Vec::new()).await;
    for _ in 1..MAX_INVALID {
        bench.breaker.count_invalid();
    }
    bench.edit().await.unwrap();
    bench.breaker.count_invalid();
    words(bench.edit().await);
    let until = bench.clock.now() + INVALID_WINDOW;
    assert_eq!(bench.breaker.stopped_until(), Some(until));
    bench.clock.advance(INVALID_WINDOW);
    bench.edit().await.unwrap();
    // Four replicas stay below Discord's limit.
    const { assert!(MAX_INVALID * 4 < 10_000) };
}

#[tokio::test]
async fn old_invalid_requests_do_not_count() {
    let bench = Bench::new(Vec::new()).await;
    bench.breaker.count_invalid();
    bench.clock.advance(INVALID_WINDOW);
    for _ in 1..MAX_INVALID {
        bench.breaker.count_invalid();
    }
    assert_eq!(bench.breaker.stopped_until(), None);
}

#[tokio::test]
async fn refused_and_limited_calls_are_invalid_requests() {
    let error = |status| Reply::json(status, "", &json!({ "code": 0 }));
    for (reply, is_invalid) in [
        (error(401), true),
        (error(403), true),
        (limited("x-ratelimit-scope: shared\r\n", 60.0), true),
        (error(400), false),
        (error(404), false),
        (Reply::status(204), false),
    ] {
        let bench = Bench::new(vec![reply.clone()]).await;
        for _ in 1..MAX_INVALID {
            bench.breaker.count_invalid();
        }
        drop(bench.edit().await);
        assert_eq!(bench.breaker.stopped_until().is_some(), is_invalid, "{reply:?}");
    }
}
