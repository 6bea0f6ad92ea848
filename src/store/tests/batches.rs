//! Batches: each commit gets its own result, and a refused one writes nothing.

use std::sync::Arc;
use std::time::Duration;

use commands::model::limit::{LimitUse, LockedSubject, Lockout, LockoutReason};
use commands::model::session::Session;
use commands::model::trail::kind;
use commands::model::words::{Limit, SessionId};
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use futures_util::future::join_all;

use crate::store::prepared::PreparedCommit;
use crate::store::testing::{
    NOON, chain_findings, closed, commit_of, count_rows, empty_commit, event, found, id, moved,
    on_both, prepare_new, save, saved, started,
};
use crate::store::{Database, batch, commit};

const HOUR: Duration = Duration::from_hours(1);

/// Prepares commits as the queue does.
pub(super) async fn prepare(database: &Database, commits: Vec<Commit>) -> Vec<PreparedCommit> {
    let mut prepared = Vec::new();
    for commit in commits {
        prepared.push(commit::prepare(database, commit).await.unwrap());
    }
    prepared
}

/// Writes commits in one transaction.
async fn write_batch(database: &Database, commits: Vec<Commit>) -> Vec<Committed> {
    let prepared = prepare(database, commits).await;
    let (batch, deferred) = batch::split(prepared.iter().collect(), |commit| *commit);
    assert!(deferred.is_empty());
    database.batches.writer.write_in_time(&batch).await.unwrap()
}

fn limit_use(subject: &str, allowed: u32) -> LimitUse {
    LimitUse {
        limit: Limit::Lookups,
        subject: subject.to_owned(),
        allowed,
        window: HOUR,
        replaces: None,
    }
}

fn read(session: Session) -> Session {
    Session { version: 1, ..session }
}

async fn texts(database: &Database, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&database.pools.reads).await.unwrap()
}

fn names(ids: &[SessionId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn mixed_batch_gives_each_commit_its_result() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 1..=6 {
            save(&database, found(n, u64::from(n), &format!("c{n}"))).await;
        }
        let attending = found(7, 70, "julia");
        save(&database, started(save(&database, attending).await, NOON)).await;
        let lockout = Lockout {
            subject: "customer:c5".to_owned(),
            until: NOON + HOUR,
            reason: LockoutReason::WrongCodes,
        };
        let before = Commit {
            lockouts: vec![lockout.clone()],
            claim: Claim::Begin(100),
            ..empty_commit(NOON)
        };
        assert_eq!(database.commit(before).await.unwrap(), saved(0));

        let click = |n: u8, session: Session| Commit {
            claim: Claim::Whole(u64::from(n)),
            events: vec![event(Some(&session.id), kind::STAYED), event(None, kind::REFUSED)],
            ..commit_of(session)
        };
        let next = |n: u8| moved(read(found(n, u64::from(n), &format!("c{n}"))), NOON);
        let commits = vec![
            click(1, next(1)),
            // Counts one use, and the next one exceeds the limit.
            Commit { limit_uses: vec![limit_use("agent:1", 1)], ..click(2, next(2)) },
            Commit {
                limit_uses: vec![limit_use("agent:2", 5), limit_use("agent:1", 1)],
                lockouts: vec![Lockout {
                    subject: "agent:3".to_owned(),
                    until: NOON + HOUR,
                    reason: LockoutReason::WrongCodes,
                }],
                ..click(3, next(3))
            },
            click(4, Session { version: 2, ..next(4) }),
            Commit {
                requires_unlocked: vec![lockout.subject.clone()],
                limit_uses: vec![limit_use("agent:5", 5)],
                ..click(5, next(5))
            },
            Commit { claim: Claim::Done(100), ..click(6, next(6)) },
            Commit { limit_uses: vec![limit_use("agent:8", 5)], ..click(8, found(8, 8, "c8")) },
            Commit { open_sessions: Some(3), ..click(9, started(found(9, 9, "julia"), NOON)) },
            Commit {
                claim: Claim::Whole(10),
                events: vec![event(None, kind::REFUSED)],
                ..empty_commit(NOON)
            },
        ];
        let counted = |version| Committed::Saved { counts: vec![1], version };
        assert_eq!(
            write_batch(&database, commits).await,
            [
                saved(2),
                counted(2),
                Committed::Limited(Limit::Lookups, NOON + HOUR),
                Committed::Stale,
                Committed::LockedOut(
                    LockedSubject::Customer,
                    NOON + HOUR,
                    LockoutReason::WrongCodes
                ),
                saved(2),
                counted(1),
                Committed::CustomerTaken,
                saved(0),
            ]
        );

        let moved = texts(&database, "select id from sessions where version > 1 order by id").await;
        assert_eq!(moved, names(&[id(1), id(2), id(6), id(7)]));
        assert_eq!(count_rows(&database, "sessions").await, 8);
        let claims = "select cast(interaction as text) || coalesce(outcome, '-') from claims
                      order by interaction";
        assert_eq!(
            texts(&database, claims).await,
            ["1done", "2done", "8done", "10done", "100done"]
        );
        let limits = "select subject || ' ' || times from limit_uses order by subject";
        let once = |subject: &str| format!("{subject} {}", NOON.0);
        assert_eq!(texts(&database, limits).await, [once("agent:1"), once("agent:8")]);
        let locked_out = texts(&database, "select subject from lockouts").await;
        assert_eq!(locked_out, [lockout.subject]);
        let chains = texts(&database, "select distinct chain from events order by chain").await;
        let mut expected = names(&[id(1), id(2), id(6), id(8)]);
        expected.insert(0, "discord:7".to_owned());
        assert_eq!(chains, expected);
        assert_eq!(count_rows(&database, "events").await, 4 + 5);
        assert_eq!(chain_findings(&database).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn last_allowed_use_and_first_refused_share_a_batch() {
    on_both(async |bed| {
        let database = bed.open().await;
        let commit = || Commit { limit_uses: vec![limit_use("a", 4)], ..empty_commit(NOON) };
        let within = |count| Committed::Saved { counts: vec![count], version: 0 };
        let limited = || Committed::Limited(Limit::Lookups, NOON + HOUR);
        assert_eq!(database.commit(commit()).await.unwrap(), within(1));
        let refund =
            Commit { refunds: vec![(Limit::Lookups, "a".to_owned())], ..empty_commit(NOON) };
        let commits = vec![commit(), commit(), commit(), commit(), refund, commit(), commit()];
        assert_eq!(
            write_batch(&database, commits).await,
            [within(2), within(3), within(4), limited(), saved(0), within(4), limited()]
        );
        let reset = Commit { resets: vec![(Limit::Lookups, "a".to_owned())], ..empty_commit(NOON) };
        assert_eq!(write_batch(&database, vec![commit(), reset]).await, [limited(), saved(0)]);
        assert_eq!(count_rows(&database, "limit_uses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn refused_outcome_leaves_its_claim_open() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        let begin = Commit { claim: Claim::Begin(1), ..empty_commit(NOON) };
        database.commit(begin).await.unwrap();
        let stale = Commit {
            claim: Claim::Done(1),
            ..commit_of(moved(Session { version: 9, ..session }, NOON))
        };
        let other = Commit { claim: Claim::Whole(2), ..empty_commit(NOON) };
        assert_eq!(write_batch(&database, vec![stale, other]).await, [Committed::Stale, saved(0)]);
        assert_eq!(database.find_claim(1).await.unwrap().unwrap().outcome, None);
        assert!(database.find_claim(2).await.unwrap().unwrap().outcome.is_some());
    })
    .await;
}

#[tokio::test]
async fn lockout_of_a_batch_refuses_the_next_commit() {
    on_both(async |bed| {
        let database = bed.open().await;
        let lockout = Lockout {
            subject: "agent:1".to_owned(),
            until: NOON + HOUR,
            reason: LockoutReason::WrongCodes,
        };
        let wrong = Commit { lockouts: vec![lockout], ..empty_commit(NOON) };
        let start = Commit { requires_unlocked: vec!["agent:1".to_owned()], ..empty_commit(NOON) };
        let refused =
            Committed::LockedOut(LockedSubject::Own, NOON + HOUR, LockoutReason::WrongCodes);
        assert_eq!(
            write_batch(&database, vec![start.clone(), wrong, start]).await,
            [saved(0), saved(0), refused]
        );
    })
    .await;
}

#[tokio::test]
async fn start_beyond_the_open_sessions_is_refused() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 1..=3 {
            save(&database, found(n, 7, &format!("c{n}"))).await;
        }
        let start = |n: u8| {
            let session = read(found(n, 7, &format!("c{n}")));
            Commit { open_sessions: Some(2), ..commit_of(started(session, NOON)) }
        };
        assert_eq!(database.commit(start(1)).await.unwrap(), saved(2));
        // The Starts of one agent follow each other in separate batches.
        let results = join_all([start(2), start(3)].map(|commit| database.commit(commit))).await;
        let mut results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        results.sort_by_key(|result| *result == Committed::TooManyOpen);
        assert_eq!(results, [saved(2), Committed::TooManyOpen]);
        let first = Session { version: 2, ..found(1, 7, "c1") };
        assert_eq!(database.commit(commit_of(closed(first, NOON))).await.unwrap(), saved(3));
        let taken = [start(2), start(3)].map(|commit| database.commit(commit));
        let mut taken: Vec<_> = join_all(taken).await.into_iter().map(Result::unwrap).collect();
        taken.sort_by_key(|result| *result == Committed::Stale);
        assert_eq!(taken, [saved(2), Committed::Stale]);
        assert_eq!(count_rows(&database, "limit_uses").await, 0, "the lock leaves no row");
    })
    .await;
}

#[test]
fn commit_with_a_taken_key_is_deferred() {
    let claim = |n| Commit { claim: Claim::Whole(n), ..empty_commit(NOON) };
    let commits: Vec<_> = [
        claim(1),
        claim(1),
        commit_of(found(1, 7, "julia")),
        commit_of(found(1, 8, "tom")),
        commit_of(found(2, 7, "sofia")),
        commit_of(found(3, 9, "julia")),
        // Only its deferred predecessor has this agent.
        commit_of(found(4, 8, "many")),
        commit_of(found(5, 10, "ana")),
        claim(2),
        empty_commit(NOON),
        empty_commit(NOON),
    ]
    .into_iter()
    .map(prepare_new)
    .enumerate()
    .collect();
    let (batch, deferred) = batch::split(commits, |(_, commit)| commit);
    let numbers =
        |commits: Vec<(usize, _)>| commits.into_iter().map(|(n, _)| n).collect::<Vec<_>>();
    assert_eq!(numbers(batch), [0, 2, 7, 8, 9, 10]);
    assert_eq!(numbers(deferred), [1, 3, 4, 5, 6]);
}

/// Commits whose rows cross each other, from two replicas at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crossing_batches_of_replicas_count_exactly() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        for n in 0..64 {
            save(&replicas[0], found(n, u64::from(n), &format!("c{n}"))).await;
        }
        let commit = |replica: usize, n: u8| {
            let mut subjects = ["a", "b", "c"];
            subjects.rotate_left(usize::from(n) % 3);
            let number = if replica == 0 { n } else { 63 - n };
            let own = id(number);
            let session = found(number, u64::from(number), &format!("c{number}"));
            Commit {
                limit_uses: subjects.map(|subject| limit_use(subject, 20)).to_vec(),
                events: vec![event(Some(&own), kind::STAYED), event(None, kind::ALERTED)],
                lockouts: subjects
                    .map(|subject| Lockout {
                        subject: subject.to_owned(),
                        until: NOON + HOUR,
                        reason: LockoutReason::WrongCodes,
                    })
                    .to_vec(),
                ..commit_of(moved(read(session), NOON))
            }
        };
        let commit_all = |replica: usize| {
            let database = Arc::clone(&replicas[replica]);
            join_all((0..32).map(move |n| {
                let (database, commit) = (Arc::clone(&database), commit(replica, n));
                async move { database.commit(commit).await.unwrap() }
            }))
        };
        let (one, other) = tokio::join!(commit_all(0), commit_all(1));
        let results: Vec<_> = one.into_iter().chain(other).collect();
        let saved = results.iter().filter(|result| matches!(result, Committed::Saved { .. }));
        assert_eq!(saved.count(), 20, "{results:?}");
        let limited = Committed::Limited(Limit::Lookups, NOON + HOUR);
        assert_eq!(results.iter().filter(|result| **result == limited).count(), 64 - 20);
        assert_eq!(count_rows(&replicas[0], "events").await, 40);
        assert_eq!(chain_findings(&replicas[0]).await, [""; 0]);
        if bed.url.starts_with("postgres:") {
            // A connection reports its statistics when it ends.
            join_all(replicas.iter().map(|database| database.close())).await;
            let deadlocks = "select cast(deadlocks as text) from pg_stat_database
                             where datname = current_database()";
            assert_eq!(texts(&*bed.open().await, deadlocks).await, ["0"]);
        }
    })
    .await;
}
