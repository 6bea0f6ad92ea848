//! What the metrics count of commits.

use std::time::Duration;

use commands::model::limit::{LimitUse, Lockout, LockoutReason};
use commands::model::trail::kind;
use commands::model::words::Limit;
use commands::ports::claims::{Claim, Claims as _};
use commands::ports::sessions::{Commit, Sessions as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, found, id, on_both, save,
};

/// Records the metrics of this thread while the guard lives.
fn record() -> (PrometheusHandle, metrics::LocalRecorderGuard<'static>) {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    (recorder.handle(), metrics::set_default_local_recorder(recorder))
}

/// Panics unless each of the lines is in the metrics, without the prefix `support_desk_`.
fn assert_counts(metrics: &PrometheusHandle, lines: &[&str]) {
    let text = metrics.render();
    for line in lines {
        let line = format!("support_desk_{line}");
        assert!(text.lines().any(|other| other == line), "no {line} in {text}");
    }
}

#[tokio::test]
async fn saved_commit_counts_codes_close_and_lockout() {
    on_both(async |bed| {
        let (metrics, _recording) = record();
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "a")).await;
        let at = NOON + Duration::from_secs(90);
        let code = |kind| {
            let details = json!({ "purpose": "agent_mfa", "nth": 1 });
            commands::model::trail::TrailEvent { details, ..event(Some(&id(1)), kind) }
        };
        let lockout = Lockout {
            subject: "agent:sub-7".to_owned(),
            until: at,
            reason: LockoutReason::WrongCodes,
        };
        let commit = Commit {
            claim: Claim::Whole(5),
            lockouts: vec![lockout],
            events: vec![code(kind::CODE_WRONG), event(Some(&id(1)), kind::CLOSED)],
            ..commit_of(closed(session, at))
        };
        database.commit(commit.clone()).await.unwrap();
        let counted = [
            "claims_total{how=\"first\"} 1",
            "codes_total{purpose=\"agent_mfa\",event=\"wrong\"} 1",
            "codes_total{purpose=\"agent_mfa\",event=\"locked\"} 1",
            "lockouts_total{reason=\"wrong_codes\"} 1",
            "sessions_closed_total{kind=\"technical\",reason=\"finished\"} 1",
            "session_seconds_sum{kind=\"technical\",reason=\"finished\"} 90",
            "trail_events_total 2",
            "store_batch_size_sum 2",
        ];
        assert_counts(&metrics, &counted);
        // Another process, or the same click again: nothing is counted twice.
        database.commit(commit).await.unwrap();
        assert_counts(&metrics, &counted[..7]);
        assert_counts(&metrics, &["claims_total{how=\"lost\"} 1"]);
    })
    .await;
}

#[tokio::test]
async fn session_closed_from_the_start_is_no_close() {
    on_both(async |bed| {
        let (metrics, _recording) = record();
        let database = bed.open().await;
        let session = closed(found(1, 7, "a"), NOON);
        assert_eq!(session.version, 0);
        let events = vec![event(Some(&id(1)), kind::CLOSED)];
        database.commit(Commit { events, ..commit_of(session) }).await.unwrap();
        let text = metrics.render();
        assert!(!text.contains("support_desk_sessions_closed_total"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn refused_use_counts_for_its_limit() {
    on_both(async |bed| {
        let (metrics, _recording) = record();
        let database = bed.open().await;
        let limit_use = LimitUse {
            limit: Limit::AgentSends,
            subject: "agent:sub-7".to_owned(),
            allowed: 1,
            window: Duration::from_mins(1),
            replaces: None,
        };
        for _ in 0..2 {
            let commit = Commit { limit_uses: vec![limit_use.clone()], ..empty_commit(NOON) };
            database.commit(commit).await.unwrap();
        }
        assert_counts(&metrics, &["limited_total{which=\"agent_sends\"} 1"]);
    })
    .await;
}

#[tokio::test]
async fn claim_of_a_dead_process_counts_as_taken_over() {
    on_both(async |bed| {
        let (metrics, _recording) = record();
        let (dead, other) = (bed.open().await, bed.open().await);
        let commit = Commit { claim: Claim::Begin(5), ..empty_commit(NOON) };
        dead.commit(commit).await.unwrap();
        bed.clock.advance(Duration::from_secs(3));
        assert!(other.take_over(5).await.unwrap());
        assert!(!dead.take_over(6).await.unwrap(), "nobody has this claim");
        assert_counts(
            &metrics,
            &["claims_total{how=\"first\"} 1", "claims_total{how=\"taken_over\"} 1"],
        );
    })
    .await;
}
