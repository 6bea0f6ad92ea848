//! Many at once: exactly one wins, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use commands::model::limit::LimitUse;
use commands::model::session::Session;
use commands::model::trail::kind;
use commands::model::words::Limit;
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use tokio::task::JoinSet;

use crate::store::testing::{
    Bed, NOON, act, findings, found, id, moved, nothing, of, on_both, rows, started, store,
};
use crate::store::{Database, batch};

/// How many try at once.
const MANY: u8 = 32;

/// Two replicas on one database.
async fn replicas(bed: &Bed) -> [Arc<Database>; 2] {
    [bed.open().await, bed.open().await]
}

/// Has both replicas make many commits at once.
async fn all(replicas: &[Arc<Database>; 2], commit: impl Fn(u8) -> Commit) -> Vec<Committed> {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_claims_wins() {
    on_both(async |bed| {
        let committed =
            all(&replicas(&bed).await, |_| Commit { claim: Claim::Whole(1), ..nothing(NOON) })
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
async fn one_of_many_agents_gets_the_customer() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY {
            store(&replicas[0], found(n, u64::from(n), "julia")).await;
        }
        let committed = all(&replicas, |n| {
            let mut session = found(n, u64::from(n), "julia");
            session.version = 1;
            of(started(session, NOON))
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
async fn one_of_many_moves_of_the_same_version_counts() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        let session = store(&replicas[0], found(1, 7, "julia")).await;
        let committed = all(&replicas, |_| of(moved(session.clone(), NOON))).await;
        assert_eq!(winners(&committed), 1);
        assert_eq!(
            committed.iter().filter(|committed| **committed == Committed::Stale).count(),
            usize::from(MANY) - 1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_pass_a_limit_than_are_allowed() {
    on_both(async |bed| {
        // Crosswise: locked in that order they would wait for each other.
        let limit_use = |name: &str| LimitUse {
            limit: Limit::Sends,
            subject: name.to_owned(),
            allowed: 10,
            window: Duration::from_mins(1),
        };
        let committed = all(&replicas(&bed).await, |n| {
            let limit_uses = if n % 3 == 0 {
                vec![limit_use("a"), limit_use("b")]
            } else {
                vec![limit_use("b"), limit_use("a")]
            };
            Commit { limit_uses, ..nothing(NOON) }
        })
        .await;
        assert_eq!(winners(&committed), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chains_fit_together_whoever_writes() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY / 2 {
            store(&replicas[0], found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = all(&replicas, |n| {
            // Two of each session, and every third is refused after its chain was locked: it must
            // leave no gap.
            let claim = if n % 3 == 0 { Claim::Whole(1) } else { Claim::None };
            let (own, session) = (id(n / 2), found(n / 2, u64::from(n / 2), &(n / 2).to_string()));
            let events = vec![
                act(Some(&own), kind::STAYED),
                act(None, kind::REFUSED),
                act(Some(&own), kind::STAYED),
            ];
            let events = if n % 4 == 0 { events } else { vec![events[0].clone()] };
            Commit { claim, events, ..of(moved(Session { version: 1, ..session }, NOON)) }
        })
        .await;
        let written = winners(&committed);
        assert!((2..=usize::from(MANY / 2)).contains(&written), "{committed:?}");
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
        assert!(rows(&replicas[0], "events").await >= i64::try_from(written).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_replicas_that_get_the_same_clicks_one_answers_each() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        for n in 0..MANY {
            store(&replicas[0], found(n, u64::from(n), &n.to_string())).await;
        }
        for turn in 0..8_u8 {
            let click = |n: u8| {
                let session = found(n, u64::from(n), &n.to_string());
                let claim = Claim::Whole(u64::from(turn) * 100 + u64::from(n));
                let events = vec![act(Some(&id(n)), kind::STAYED)];
                Commit {
                    claim,
                    events,
                    ..of(moved(Session { version: 1 + i64::from(turn), ..session }, NOON))
                }
            };
            let (one, other) = tokio::join!(each(&replicas[0], click), each(&replicas[1], click));
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
async fn one_interaction_moves_one_session_also_in_one_batch() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..MANY {
            store(&database, found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = each(&database, |n| {
            let session = found(n, u64::from(n), &n.to_string());
            Commit { claim: Claim::Whole(1), ..of(moved(Session { version: 1, ..session }, NOON)) }
        })
        .await;
        assert_eq!(winners(&committed), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn moves_that_wait_together_share_transactions() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..MANY {
            store(&database, found(n, u64::from(n), &n.to_string())).await;
        }
        let committed = each(&database, |n| {
            let session = found(n, u64::from(n), &n.to_string());
            let events = vec![act(Some(&id(n)), kind::STAYED)];
            Commit {
                claim: Claim::Whole(u64::from(n)),
                events,
                ..of(moved(Session { version: 1, ..session }, NOON))
            }
        })
        .await;
        assert_eq!(winners(&committed), usize::from(MANY));
        // Only PostgreSQL tells which transaction wrote a row.
        if bed.url.starts_with("postgres:") {
            let transactions: i64 =
                sqlx::query_scalar("select count(distinct cast(xmin as text)) from events")
                    .fetch_one(&database.pools.reads)
                    .await
                    .unwrap();
            assert!(transactions < i64::from(MANY), "{transactions} transactions for {MANY} moves");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_writer_that_panics_writes_the_next_batch() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = store(&database, found(1, 7, "julia")).await;
        // More often than there are writers: none is lost.
        for _ in 0..3 {
            let fatal =
                Commit { claim: Claim::Whole(batch::PANICS), ..of(moved(session.clone(), NOON)) };
            let fault = database.commit(fatal).await.unwrap_err();
            assert_eq!(fault.to_string(), "saving: the store's writer panicked");
        }
        let events = vec![act(Some(&id(1)), kind::STAYED)];
        let next = Commit { claim: Claim::Whole(1), events, ..of(moved(session, NOON)) };
        assert_eq!(
            database.commit(next).await.unwrap(),
            Committed::Saved { counts: vec![], version: 2 }
        );
        assert_eq!((rows(&database, "claims").await, rows(&database, "events").await), (1, 1));
    })
    .await;
}

/// Has one replica make all commits at once; answers in their order.
async fn each(database: &Arc<Database>, commit: impl Fn(u8) -> Commit) -> Vec<Committed> {
    futures_util::future::join_all((0..MANY).map(|n| database.commit(commit(n))))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_who_look_for_a_session_find_the_same() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        store(&replicas[0], found(1, 7, "julia")).await;
        let mut tasks = JoinSet::new();
        for _ in 0..MANY {
            let database = Arc::clone(&replicas[1]);
            tasks.spawn(async move { database.find(&id(1)).await.unwrap().unwrap() });
        }
        let lives = tasks.join_all().await;
        assert!(lives.iter().all(|live| Arc::ptr_eq(live, &lives[0])));
    })
    .await;
}
