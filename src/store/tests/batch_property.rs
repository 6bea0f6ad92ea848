//! A batch has the same results and leaves the same rows as its commits written one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use commands::model::account::AccountLink;
use commands::model::limit::{LimitUse, Lockout, LockoutReason};
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::model::words::Limit;
use commands::ports::claims::Claim;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sqlx::AssertSqlSafe;

use super::batches::prepare;
use crate::store::prepared::PreparedCommit;
use crate::store::testing::{
    NOON, chain_findings, closed, commit_of, empty_commit, event, found, id, moved, on_both,
    started,
};
use crate::store::transaction::Abort;
use crate::store::{Database, batch};

const BATCHES: usize = 16;
const SUBJECTS: [&str; 3] = ["a", "b", "customer:c"];
/// Sessions that exist before a batch. The first half attends its customer.
const EXISTING: u8 = 8;

/// Columns that do not depend on the process or on random bytes.
const ROWS: [(&str, &str); 7] = [
    ("claims", "interaction, lease_until, outcome, claimed_at"),
    ("sessions", "id, version, generation, state, attending, next_at, closed_at, trail_seq"),
    ("account_links", "discord_id, agent_id, linked_at"),
    ("limit_uses", "kind, subject, times, newest"),
    ("lockouts", "subject, until, barred_until, reason"),
    ("events", "chain, seq, session_id, kind"),
    ("chains", "chain, seq"),
];

fn subject() -> impl Strategy<Value = String> {
    prop::sample::select(SUBJECTS.to_vec()).prop_map(str::to_owned)
}

fn limit() -> impl Strategy<Value = Limit> {
    prop::sample::select(vec![Limit::Lookups, Limit::WrongCodes])
}

fn limit_use() -> impl Strategy<Value = LimitUse> {
    let window = Duration::from_millis(5);
    (limit(), subject(), 1..5_u32).prop_map(move |(limit, subject, allowed)| LimitUse {
        limit,
        subject,
        allowed,
        window,
        replaces: None,
    })
}

fn lockout() -> impl Strategy<Value = Lockout> {
    let reasons = vec![LockoutReason::WrongCodes, LockoutReason::Report];
    (subject(), -3..5_i64, prop::sample::select(reasons)).prop_map(|(subject, ms, reason)| {
        Lockout { subject, until: Timestamp(NOON.0 + ms), reason }
    })
}

fn account_link() -> impl Strategy<Value = AccountLink> {
    (1..4_u64, 1..4_u8).prop_map(|(discord_id, agent)| AccountLink {
        discord_id,
        agent_id: format!("sub-{agent}"),
        name: "Ana".to_owned(),
        email: "a•••@w•••.example".to_owned(),
        email_mac: "mac".to_owned(),
        linked_at: NOON,
    })
}

fn claim() -> impl Strategy<Value = Claim> {
    // The interactions 1 to 6 are claimed before the batch, and the first two have an outcome.
    (0..10_u8, 1..20_u64).prop_map(|(kind, interaction)| match kind {
        0 | 1 => Claim::Begin(interaction),
        2 | 3 => Claim::Whole(interaction),
        4 => Claim::Done(interaction % 8),
        5 => Claim::Unanswered(interaction % 8),
        _ => Claim::None,
    })
}

/// Returns the look-up of session `n`. Three sessions have one customer, and two have one agent.
fn found_by(n: u8) -> Session {
    found(n, u64::from(n % 6), &format!("c{}", n % (EXISTING / 2)))
}

/// A commit without limits, links and lockouts.
fn plain() -> impl Strategy<Value = Commit> {
    let session = (0..8_u8, 0..EXISTING + 4, 0..8_i64, 0..3_u32);
    (claim(), session, 0..3_usize, 0..2_usize).prop_map(|(claim, session, own, others)| {
        let (kind, n, version, most) = session;
        let mut commit = Commit { claim, ..empty_commit(NOON) };
        let mut session = found_by(n);
        // Most copies are not stale.
        session.version = match version {
            0 => 5,
            1 => 0,
            _ => i64::from(n < EXISTING),
        };
        let events = |session, count| std::iter::repeat_n(event(session, kind::STAYED), count);
        commit.events = events(Some(&id(n)), own).chain(events(None, others)).collect();
        commit.session = match kind {
            0..=2 => None,
            3 => Some(closed(session, NOON)),
            4 | 5 => {
                commit.open_sessions = Some(most);
                Some(started(session, NOON))
            }
            _ => Some(moved(session, NOON)),
        };
        commit
    })
}

fn any_commit() -> impl Strategy<Value = Commit> {
    let rest = (
        vec(limit_use(), 0..3),
        vec((limit(), subject()), 0..2),
        vec((limit(), subject()), 0..2),
        vec(subject(), 0..2),
        vec(lockout(), 0..2),
        prop::option::weighted(0.3, account_link().prop_map(Box::new)),
    );
    (plain(), prop::option::weighted(0.7, rest), 0..3_i64).prop_map(|(mut commit, rest, ms)| {
        commit.now.0 += ms;
        if let Some(rest) = rest {
            (commit.limit_uses, commit.refunds, commit.resets, ..) = (rest.0, rest.1, rest.2);
            (commit.requires_unlocked, commit.lockouts, commit.account_link) =
                (rest.3, rest.4, rest.5);
        }
        commit
    })
}

/// Empties the database and writes the rows that exist before a batch.
async fn reset(database: &Database) {
    for (table, _) in ROWS {
        let sql = AssertSqlSafe(format!("delete from {table}"));
        sqlx::query(sql).execute(&database.pools.writes).await.unwrap();
    }
    let sessions = (0..EXISTING).map(|n| {
        let session = found_by(n);
        commit_of(if n < EXISTING / 2 { started(session, NOON) } else { session })
    });
    let claim = |claim| Commit { claim, ..empty_commit(NOON) };
    let begun = (1..7).map(|interaction| claim(Claim::Begin(interaction)));
    let lockout = Lockout {
        subject: SUBJECTS[0].to_owned(),
        until: Timestamp(NOON.0 + 1),
        reason: LockoutReason::WrongCodes,
    };
    let locked_out = Commit { lockouts: vec![lockout], ..empty_commit(NOON) };
    let done = (1..3).map(|interaction| claim(Claim::Done(interaction)));
    for commits in [sessions.chain(begun).chain([locked_out]).collect::<Vec<_>>(), done.collect()] {
        let results = join_all(commits.into_iter().map(|commit| database.commit(commit))).await;
        assert!(results.iter().all(|result| matches!(result, Ok(Committed::Saved { .. }))));
    }
}

/// Returns all rows as text.
async fn rows(database: &Database) -> Vec<String> {
    let mut rows = Vec::new();
    for (table, columns) in ROWS {
        let texts =
            columns.split(", ").map(|column| format!("coalesce(cast({column} as text), '-')"));
        let row = texts.collect::<Vec<_>>().join(" || ' ' || ");
        let sql = AssertSqlSafe(format!("select '{table} ' || {row} from {table}"));
        let texts: Vec<String> =
            sqlx::query_scalar(sql).fetch_all(&database.pools.reads).await.unwrap();
        rows.extend(texts);
    }
    rows.sort();
    rows
}

/// Writes a batch, and its commits one by one if it fails.
async fn write(database: &Database, commits: &[&PreparedCommit]) -> Vec<Committed> {
    match database.batches.writer.write_in_time(commits).await {
        Ok(results) => results,
        Err(Abort::LostRace) => write_one_by_one(database, commits).await,
        Err(abort) => panic!("{abort:?}"),
    }
}

async fn write_one_by_one(database: &Database, commits: &[&PreparedCommit]) -> Vec<Committed> {
    let mut results = Vec::new();
    for commit in commits {
        results.push(database.batches.write_alone(commit).await.unwrap());
    }
    results
}

#[tokio::test]
async fn batch_equals_its_commits_one_by_one() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut runner = TestRunner::deterministic();
        let batches = vec(any_commit(), 10..40);
        let mut seen = BTreeMap::<String, usize>::new();
        for _ in 0..BATCHES {
            let commits = batches.new_tree(&mut runner).unwrap().current();
            reset(&database).await;
            let prepared = prepare(&database, commits.clone()).await;
            let (batch, _) = batch::split(prepared.iter().collect(), |commit| *commit);
            let expected = write_one_by_one(&database, &batch).await;
            let expected_rows = rows(&database).await;
            reset(&database).await;
            assert_eq!(write(&database, &batch).await, expected, "{commits:#?}");
            assert_eq!(rows(&database).await, expected_rows, "{commits:#?}");
            assert_eq!(chain_findings(&database).await, [""; 0]);
            for result in &expected {
                let name = format!("{result:?}");
                *seen.entry(name.split(['(', ' ']).next().unwrap().to_owned()).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), 8, "each result occurs: {seen:?}");
    })
    .await;
}
