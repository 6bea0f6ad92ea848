//! Many at once: exactly one wins, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use commands::error::Limit;
use commands::ports::{Claim, Commit, Committed, Hit, Store as _};
use commands::trail::what;
use tokio::task::JoinSet;

use crate::store::Database;
use crate::store::testing::{Bed, NOON, act, found, id, moved, nothing, of, on_both, started, store};

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
        let committed = all(&replicas(&bed).await, |_| Commit { claim: Claim::Whole(1), ..nothing(NOON) }).await;
        assert_eq!(winners(&committed), 1);
        assert_eq!(committed.iter().filter(|committed| **committed == Committed::Claimed).count(), usize::from(MANY) - 1);
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
        assert_eq!(committed.iter().filter(|committed| **committed == Committed::Taken).count(), usize::from(MANY) - 1);
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
        assert_eq!(committed.iter().filter(|committed| **committed == Committed::Stale).count(), usize::from(MANY) - 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_pass_a_limit_than_are_allowed() {
    on_both(async |bed| {
        // Crosswise: locked in that order they would wait for each other.
        let hit = |name: &str| Hit { limit: Limit::Sends, subject: name.to_owned(), allowed: 10, window: Duration::from_mins(1) };
        let committed = all(&replicas(&bed).await, |n| {
            let hits = if n % 3 == 0 { vec![hit("a"), hit("b")] } else { vec![hit("b"), hit("a")] };
            Commit { hits, ..nothing(NOON) }
        })
        .await;
        assert_eq!(winners(&committed), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chains_have_no_gaps_whoever_writes() {
    on_both(async |bed| {
        let replicas = replicas(&bed).await;
        store(&replicas[0], found(1, 7, "julia")).await;
        let committed = all(&replicas, |n| {
            let own = (n % 2 == 0).then(|| id(1));
            // Every third is refused after its events have their numbers' row locked, and must leave no gap.
            let claim = if n % 3 == 0 { Claim::Whole(1) } else { Claim::None };
            Commit { claim, acts: vec![act(own.as_ref(), what::REFUSED), act(None, what::REFUSED)], ..nothing(NOON) }
        })
        .await;
        let written = winners(&committed);
        assert!(written < usize::from(MANY));
        for chain in [id(1).as_str(), "discord:7"] {
            let seqs: Vec<i64> = sqlx::query_scalar("select seq from events where chain = $1 order by seq")
                .bind(chain)
                .fetch_all(&replicas[0].pools.reads)
                .await
                .unwrap();
            let expected: Vec<i64> = (1..=i64::try_from(seqs.len()).unwrap()).collect();
            assert_eq!(seqs, expected, "{chain}");
            assert!(!seqs.is_empty());
        }
    })
    .await;
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
