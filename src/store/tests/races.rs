//! Concurrent commits: exactly one wins, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use commands::model::limit::LimitUse;
use commands::model::session::Session;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::Limit;
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use tokio::task::JoinSet;

use crate::store::testing::{
    NOON, TestBed, commit_of, count_rows, empty_commit, event, findings, found, id, moved, on_both,
    save, started,
};
use crate::store::{Database, transaction};

/// Number of concurrent commits.
const MANY: u8 = 32;

/// Two replicas on one database.
async fn replicas(bed: &TestBed) -> [Arc<Database>; 2] {
    [bed.open().await, bed.open().await]
}

/// Runs commits concurrently, alternating between both replicas.
async fn commit_on_both(
    replicas: &[Arc<Database>; 2],
    commit: impl Fn(u8) -> Commit,
) -> Vec<Committed> {
    let mut tasks = JoinSet::new();
    for n in 0..MANY {
        let (database, commit) = (Arc::clone(&replicas[usize::from(n % 2)]), commit(n));
        tasks.spawn(async move { database.commit(commit).await.unwrap() });
    }
    tasks.join_all().await
}

fn winners(committed: &[Committed]) -> usize {
    committed.iter().filter(|committed| matches!(committed, Committed::Saved { .. })).count()
}

/// Returns an event of the agent who owns the n-th session.
fn own_event(n: u8, kind: &'static str) -> TrailEvent {
    TrailEvent { actor: format!("discord:{n}"), ..event(Some(&id(n)), kind) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_claims_wins() {
    on_both(async |bed| {
        let committed = commit_on_both(&replicas(&bed).await, |_| Commit {
            claim: Claim::Whole(1),
            ..empty_commit(NOON)
        })
        .await;
        assert_eq!(winners(&committed), 1);
        assert_eq!(
            committed.iter().filter(|committed| **committed == Committed::Claimed).count(),
            usize::from(MANY) - 1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_agents_attends_the_customer() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY {
            save(&replicas[0], found(n, u64::from(n), "julia")).await;
        }
        let committed = commit_on_both(&replicas, |n| {
            let mut session = found(n, u64::from(n), "julia");
            session.version = 1;
            commit_of(started(session, NOON))
        })
        .await;
        assert_eq!(winners(&committed), 1);
        assert_eq!(
            committed.iter().filter(|committed| **committed == Committed::CustomerTaken).count(),
            usize::from(MANY) - 1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_transitions_counts() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        let session = save(&replicas[0], found(1, 7, "julia")).await;
        let committed =
            commit_on_both(&replicas, |_| commit_of(moved(session.clone(), NOON))).await;
        assert_eq!(winners(&committed), 1);
        assert_eq!(
            committed.iter().filter(|committed| **committed == Committed::Stale).count(),
            usize::from(MANY) - 1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limit_holds_under_concurrency() {
    on_both(async |bed| {
        // In opposite orders, which would deadlock if the store did not sort them.
        let limit_use = |name: &str| LimitUse {
            limit: Limit::Sends,
            subject: name.to_owned(),
            allowed: 10,
            window: Duration::from_mins(1),
            replaces: None,
        };
        let committed = commit_on_both(&replicas(&bed).await, |n| {
            let limit_uses = if n % 3 == 0 {
                vec![limit_use("a"), limit_use("b")]
            } else {
                vec![limit_use("b"), limit_use("a")]
            };
            Commit { limit_uses, ..empty_commit(NOON) }
        })
        .await;
        assert_eq!(winners(&committed), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chains_stay_intact_under_concurrency() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY / 2 {
            save(&replicas[0], found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = commit_on_both(&replicas, |n| {
            // Two commits for each session. Every third is refused after its chain was locked, and
            // must leave no gap.
            let claim = if n % 3 == 0 { Claim::Whole(1) } else { Claim::None };
            let session = found(n / 2, u64::from(n / 2), &(n / 2).to_string());
            let events = vec![
                own_event(n / 2, kind::STAYED),
                event(None, kind::REFUSED),
                own_event(n / 2, kind::STAYED),
            ];
            let events = if n % 4 == 0 { events } else { vec![events[0].clone()] };
            Commit { claim, events, ..commit_of(moved(Session { version: 1, ..session }, NOON)) }
        })
        .await;
        let written = winners(&committed);
        assert!((2..=usize::from(MANY / 2)).contains(&written), "{committed:?}");
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
        assert!(count_rows(&replicas[0], "events").await >= i64::try_from(written).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_click_is_answered_by_one_replica() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY {
            save(&replicas[0], found(n, u64::from(n), &n.to_string())).await;
        }
        for turn in 0..8_u8 {
            let click = |n: u8| {
                let session = found(n, u64::from(n), &n.to_string());
                let claim = Claim::Whole(u64::from(turn) * 100 + u64::from(n));
                let events = vec![own_event(n, kind::STAYED)];
                Commit {
                    claim,
                    events,
                    ..commit_of(moved(Session { version: 1 + i64::from(turn), ..session }, NOON))
                }
            };
            let (one, other) =
                tokio::join!(commit_all(&replicas[0], click), commit_all(&replicas[1], click));
            for (n, pair) in one.iter().zip(&other).enumerate() {
                let saved = Committed::Saved { counts: vec![], version: 2 + i64::from(turn) };
                assert!(
                    [(&saved, &Committed::Claimed), (&Committed::Claimed, &saved)].contains(&pair),
                    "{n}: {pair:?}"
                );
            }
        }
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn interaction_moves_one_session_in_a_batch() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..MANY {
            save(&database, found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = commit_all(&database, |n| {
            let session = found(n, u64::from(n), &n.to_string());
            Commit {
                claim: Claim::Whole(1),
                ..commit_of(moved(Session { version: 1, ..session }, NOON))
            }
        })
        .await;
        assert_eq!(winners(&committed), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn waiting_commits_share_transactions() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..MANY {
            save(&database, found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = commit_all(&database, |n| {
            let session = found(n, u64::from(n), &n.to_string());
            let events = vec![own_event(n, kind::STAYED)];
            Commit {
                claim: Claim::Whole(u64::from(n)),
                events,
                ..commit_of(moved(Session { version: 1, ..session }, NOON))
            }
        })
        .await;
        assert_eq!(winners(&committed), usize::from(MANY));
        // Only PostgreSQL shows which transaction wrote a row.
        if bed.url.starts_with("postgres:") {
            let transactions: i64 =
                sqlx::query_scalar("select count(distinct cast(xmin as text)) from events")
                    .fetch_one(&database.pools.reads)
                    .await
                    .unwrap();
            assert!(
                transactions < i64::from(MANY),
                "{transactions} transactions for {MANY} commits"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writer_survives_a_panic() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        // More often than there are writers, so that a lost writer would show.
        for _ in 0..3 {
            let fatal = Commit {
                claim: Claim::Whole(transaction::PANICS),
                ..commit_of(moved(session.clone(), NOON))
            };
            let fault = database.commit(fatal).await.unwrap_err();
            assert_eq!(fault.to_string(), "saving: the store's writer panicked");
        }
        let events = vec![event(Some(&id(1)), kind::STAYED)];
        let next = Commit { claim: Claim::Whole(1), events, ..commit_of(moved(session, NOON)) };
        assert_eq!(
            database.commit(next).await.unwrap(),
            Committed::Saved { counts: vec![], version: 2 }
        );
        assert_eq!(
            (count_rows(&database, "claims").await, count_rows(&database, "events").await),
            (1, 1)
        );
    })
    .await;
}

/// Runs commits concurrently on one replica. Returns the results in order.
async fn commit_all(database: &Arc<Database>, commit: impl Fn(u8) -> Commit) -> Vec<Committed> {
    futures_util::future::join_all((0..MANY).map(|n| database.commit(commit(n))))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_finds_share_one_handle() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        save(&replicas[0], found(1, 7, "julia")).await;
        let mut tasks = JoinSet::new();
        for _ in 0..MANY {
            let database = Arc::clone(&replicas[1]);
            tasks.spawn(async move { database.find(&id(1)).await.unwrap().unwrap() });
        }
        let handles = tasks.join_all().await;
        assert!(handles.iter().all(|handle| Arc::ptr_eq(handle, &handles[0])));
    })
    .await;
}
