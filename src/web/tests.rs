//! The listeners over real sockets.

use crate::health::{
    GATEWAY_GRACE, GatewayState, Health, RETENTION_OVERDUE, STORE_LIFE, StoreLoad, StoreStatus,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clock::hand::ManualClock;

/// Position of the revocations in the load of the store.
const REVOKE: usize = 4;

struct World {
    clock: Arc<ManualClock>,
    health: Arc<Health>,
    store_answers: Arc<AtomicBool>,
    /// Number of questions to the store.
    asked: Arc<AtomicUsize>,
}

fn world() -> World {
    let clock = ManualClock::at(1_000);
    let store_answers = Arc::new(AtomicBool::new(true));
    let answers = Arc::clone(&store_answers);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let health = Health::new(
        clock.clone(),
        Box::new(move || {
            let answers = answers.load(Ordering::SeqCst);
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                let mut load = StoreLoad::default();
                load.effects[REVOKE] = (1, Some(Timestamp(400)));
                let oldest_pending = Some(Timestamp(400));
                let status =
                    StoreStatus { load: Some(load), oldest_pending, ..StoreStatus::default() };
                if answers { Ok(status) } else { Err(Fault::new("pinging", "disk on fire")) }
            })
        }),
    );
    World { clock, health, store_answers, asked }
}

/// Sends a GET over a new connection and returns the whole answer in lower case.
async fn get(router: Router, path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let (_, routers) = watch::channel(router);
    let server = tokio::spawn(serve(listener, routers, ManualClock::at(0), shutdown.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
        )
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    shutdown.cancel();
    server.await.unwrap().unwrap();
    answer.to_lowercase()
}

#[tokio::test]
async fn public_health_tells_only_up_or_down() {
    let world = world();
    let health = || get(public_router(Arc::clone(&world.health), None, None), "/health");
    assert!(health().await.starts_with("http/1.1 503"), "not connected yet");
    world.health.set_gateway(GatewayState::Connected);
    let answer = health().await;
    assert!(answer.starts_with("http/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
    for header in [
        "content-security-policy: default-src 'none'",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "referrer-policy: same-origin",
    ] {
        assert!(answer.contains(header), "{header} in {answer}");
    }
    world.store_answers.store(false, Ordering::SeqCst);
    world.clock.advance(STORE_LIFE);
    let answer = health().await;
    assert!(answer.starts_with("http/1.1 503") && !answer.contains("fire"), "{answer}");
    assert!(
        get(public_router(Arc::clone(&world.health), None, None), "/metrics")
            .await
            .starts_with("http/1.1 404")
    );
}

#[tokio::test]
async fn admin_health_names_the_reason() {
    let world = world();
    world.clock.advance(Duration::from_secs(1));
    world.health.set_gateway(GatewayState::Connected);
    world.store_answers.store(false, Ordering::SeqCst);
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    ::metrics::with_local_recorder(&recorder, || ::metrics::counter!("scrapes").increment(3));
    let router = admin_router(Arc::clone(&world.health), recorder.handle());
    let answer = get(router.clone(), "/health").await;
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(
        answer.contains(r#""gateway":"connected","gateway_since":2000,"guild":"joined","heartbeat_age_ms":1000,"last_event_at":null,"#)
            && answer.contains(r#""store":"pinging: disk on fire","oldest_pending_ms":null,"#)
            && answer.contains(r#""checkpoint_age_ms":1000,"verified_ago_ms":null,"trail_findings":null,"retention_overdue":false,"clock":"unknown","clock_offset_ms":null,"started_at":1000"#),
        "{answer}"
    );
    assert!(get(router, "/metrics").await.contains("scrapes 3"));
}

#[tokio::test]
async fn retention_is_overdue_after_two_days() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    for (removes, waits, expected) in [
        (false, RETENTION_OVERDUE, "false"),
        (true, RETENTION_OVERDUE.saturating_sub(Duration::from_millis(1)), "false"),
        (true, RETENTION_OVERDUE, "true"),
    ] {
        let world = world();
        world.health.set_retention(removes);
        world.clock.advance(waits);
        let router = admin_router(Arc::clone(&world.health), recorder.handle());
        let answer = get(router, "/health").await;
        assert!(answer.contains(&format!(r#""retention_overdue":{expected}"#)), "{answer}");
    }
}

#[tokio::test]
async fn checkpoint_age_counts_from_start_or_checkpoint() {
    let world = world();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _recorder_guard = ::metrics::set_default_local_recorder(&recorder);
    let router = admin_router(Arc::clone(&world.health), recorder.handle());
    world.clock.advance(Duration::from_mins(1));
    assert!(get(router.clone(), "/health").await.contains(r#""checkpoint_age_ms":60000"#));
    let metric = async || get(router.clone(), "/metrics").await;
    assert!(metric().await.contains("support_desk_checkpoint_age_seconds 60\n"), "since the start");
    world.health.set_checkpoint(Some(world.clock.now()));
    for seconds in [90, 3_600] {
        world.clock.advance(Duration::from_secs(seconds));
    }
    assert!(get(router.clone(), "/health").await.contains(r#""checkpoint_age_ms":3690000"#));
    assert!(metric().await.contains("support_desk_checkpoint_age_seconds 3690\n"));
}

#[tokio::test]
async fn gateway_outage_counts_after_grace_period() {
    let world = world();
    world.health.set_gateway(GatewayState::Connected);
    world.health.set_gateway(GatewayState::Reconnecting);
    world.clock.advance(GATEWAY_GRACE.checked_sub(Duration::from_millis(1)).unwrap());
    world.health.set_gateway(GatewayState::Reconnecting);
    assert!(world.health.report().await.up);
    world.clock.advance(Duration::from_millis(1));
    assert!(!world.health.report().await.up);
    world.health.set_gateway(GatewayState::Connected);
    assert!(world.health.report().await.up);
    world.health.set_gateway(GatewayState::Stopped);
    assert!(!world.health.report().await.up);
}

#[tokio::test]
async fn probes_tell_alive_ready_and_useful_apart() {
    let world = world();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let public = public_router(Arc::clone(&world.health), None, None);
    let admin = admin_router(Arc::clone(&world.health), recorder.handle());
    let statuses = async || {
        let mut statuses = Vec::new();
        for router in [&public, &admin] {
            for path in ["/live", "/ready", "/health"] {
                let answer = get(router.clone(), path).await;
                statuses.push(answer["http/1.1 ".len()..][..3].to_owned());
            }
        }
        assert_eq!(statuses[..3], statuses[3..], "both listeners agree");
        statuses[..3].join(" ")
    };
    assert_eq!(statuses().await, "200 200 503", "not connected yet");
    world.health.set_gateway(GatewayState::Connected);
    assert_eq!(statuses().await, "200 200 200");
    world.health.set_gateway(GatewayState::Reconnecting);
    world.clock.advance(GATEWAY_GRACE);
    assert_eq!(statuses().await, "200 200 503", "Discord is away");
    world.health.set_gateway(GatewayState::Connected);
    world.store_answers.store(false, Ordering::SeqCst);
    world.clock.advance(STORE_LIFE);
    assert_eq!(statuses().await, "200 503 503", "the store is away");
    world.store_answers.store(true, Ordering::SeqCst);
    world.health.set_gateway(GatewayState::Stopped);
    world.clock.advance(STORE_LIFE);
    assert_eq!(statuses().await, "200 503 503", "stopping");
}

#[tokio::test]
async fn store_is_asked_once_a_second() {
    let world = world();
    for _ in 0..20 {
        tokio::join!(world.health.report(), world.health.report());
    }
    assert_eq!(world.asked.load(Ordering::SeqCst), 1);
    world.clock.advance(STORE_LIFE.checked_sub(Duration::from_millis(1)).unwrap());
    world.health.report().await;
    assert_eq!(world.asked.load(Ordering::SeqCst), 1, "0.999 s");
    world.clock.advance(Duration::from_millis(1));
    world.health.report().await;
    assert_eq!(world.asked.load(Ordering::SeqCst), 2, "1 s");
}

/// Returns a health whose store never answers, and the signal of each question to it. Counts the
/// questions in `asked`.
fn with_silent_store(
    clock: &Arc<ManualClock>,
    asked: &Arc<AtomicUsize>,
) -> (Arc<Health>, Arc<Notify>) {
    let (count, arrived) = (Arc::clone(asked), Arc::new(Notify::new()));
    let signal = Arc::clone(&arrived);
    let ping = move || {
        count.fetch_add(1, Ordering::SeqCst);
        signal.notify_one();
        Box::pin(std::future::pending()) as _
    };
    (Health::new(clock.clone(), Box::new(ping)), arrived)
}

#[tokio::test]
async fn probes_wait_for_one_question() {
    let (clock, asked) = (ManualClock::at(1_000), Arc::new(AtomicUsize::new(0)));
    let (health, arrived) = with_silent_store(&clock, &asked);
    let ask = || {
        let health = Arc::clone(&health);
        tokio::spawn(async move { health.report().await.store })
    };
    let abandoned = ask();
    arrived.notified().await;
    abandoned.abort();
    let probes: Vec<_> = (0..20).map(|_| ask()).collect();
    clock.sleeps(1).await;
    clock.advance(Duration::from_secs(2));
    for probe in probes {
        assert_eq!(probe.await.unwrap(), "no answer in time");
    }
    assert_eq!(ask().await.unwrap(), "no answer in time", "kept for a second after the answer");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn abandoned_probe_leaves_no_old_answer() {
    let (clock, asked) = (ManualClock::at(1_000), Arc::new(AtomicUsize::new(0)));
    let (health, arrived) = with_silent_store(&clock, &asked);
    let ask = || {
        let health = Arc::clone(&health);
        tokio::spawn(async move { health.report().await.store })
    };
    let abandoned = ask();
    arrived.notified().await;
    abandoned.abort();
    clock.sleeps(1).await;
    clock.advance(Duration::from_secs(2));
    // The tasks of the question run now, on the only thread.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    clock.advance(STORE_LIFE);
    let later = ask();
    arrived.notified().await;
    assert_eq!(asked.load(Ordering::SeqCst), 2, "the store is asked again");
    later.abort();
}

#[tokio::test]
async fn oldest_pending_effect_is_reported() {
    let world = world();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _recorder_guard = ::metrics::set_default_local_recorder(&recorder);
    let router = admin_router(Arc::clone(&world.health), recorder.handle());
    assert!(get(router.clone(), "/health").await.contains(r#""oldest_pending_ms":600,"#));
    let metrics = async || get(router.clone(), "/metrics").await;
    let up = metrics().await;
    assert!(up.contains("support_desk_effects_oldest_seconds{kind=\"revoke\"} 0.6\n"), "{up}");
    assert!(up.contains("support_desk_store_up 1\n"), "{up}");
    world.store_answers.store(false, Ordering::SeqCst);
    world.clock.advance(STORE_LIFE);
    let down = metrics().await;
    assert!(
        down.contains("support_desk_effects_oldest_seconds{kind=\"revoke\"} 0.6\n"),
        "unknown: unchanged"
    );
    assert!(down.contains("support_desk_store_up 0\n"), "{down}");
}

#[tokio::test]
async fn stopped_calls_to_discord_are_reported() {
    let world = world();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _recorder_guard = ::metrics::set_default_local_recorder(&recorder);
    let router = admin_router(Arc::clone(&world.health), recorder.handle());
    world.health.set_gateway(GatewayState::Connected);
    let health = async || get(router.clone(), "/health").await;
    let metrics = async || get(router.clone(), "/metrics").await;
    let answer = health().await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains(r#""discord_stopped_until":null,"#), "{answer}");
    assert!(metrics().await.contains("support_desk_discord_stopped 0\n"));

    world.health.discord_breaker.stop_for(Duration::from_mins(1));
    let answer = health().await;
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(answer.contains(r#""discord_stopped_until":61000,"#), "{answer}");
    let stopped = metrics().await;
    assert!(stopped.contains("support_desk_discord_stopped 1\n"), "{stopped}");
    let stops = "support_desk_discord_stops_total{why=\"address_limited\"} 1\n";
    assert!(stopped.contains(stops), "{stopped}");
}
