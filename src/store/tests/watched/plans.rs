use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use commands::ports::watched::WatchedGroup;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row as _, SqlStr};

use crate::store::Database;
use crate::store::engine::Engine;
use crate::store::testing::{NOON, event, found, on_both};
use crate::store::watched::GroupQuery;
use crate::store::watched_events::{MAILS, UNKNOWN_LOOKUPS, WRONG_CODES};
use crate::trail::overdue::FIRST_EVENT;

/// Saves a thousand sessions, one a minute, with one event each.
async fn fill(database: &Database) {
    let commits = (0..1_000_u32).map(|n| {
        let mut session = found(1, u64::from(n % 20), &format!("usr-{n}"));
        session.id = format!("{n:04}{:018}", 0).parse().unwrap();
        let at = NOON - Duration::from_mins(n.into());
        session.clocks.opened_at = at;
        let kind = if n % 100 == 0 { kind::CODE_WRONG } else { kind::LOOKED_UP };
        let details = json!({ "purpose": "customer_consent", "nth": 1, "found": true });
        let own = TrailEvent { at, details, ..event(Some(&session.id), kind) };
        let (now, session) = (NOON, Some(session));
        database.commit(Commit { now, session, events: vec![own], ..Commit::default() })
    });
    for committed in join_all(commits).await {
        committed.unwrap();
    }
}

/// Returns how the engine runs a statement.
async fn plan(database: &Database, statement: SqlStr, values: &[i64]) -> String {
    let mut connection = database.pools.writes.acquire().await.unwrap();
    let explain = match database.pools.engine {
        Engine::Sqlite => "explain query plan",
        Engine::Postgres => {
            for table in ["sessions", "events"] {
                let analyze = AssertSqlSafe(format!("analyze {table}"));
                sqlx::query(analyze).execute(&mut *connection).await.unwrap();
            }
            "explain"
        }
    };
    let query = sqlx::query(AssertSqlSafe(format!("{explain} {}", statement.as_str())));
    let query = values.iter().fold(query, |query, value| query.bind(*value));
    let rows = query.fetch_all(&mut *connection).await.unwrap();
    let column = if database.pools.engine == Engine::Sqlite { 3 } else { 0 };
    let lines: Vec<String> = rows.iter().map(|row| row.get(column)).collect();
    lines.join("\n")
}

#[tokio::test]
async fn the_queries_of_the_watch_follow_indexes() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        fill(&database).await;
        let (opened_after, recent_after) =
            (NOON - Duration::from_hours(1), NOON - Duration::from_mins(30));
        let below = Duration::from_secs(8);
        let groups = [
            WatchedGroup::OfAgents { opened_after, at_least: 8 },
            WatchedGroup::OfCustomers { opened_after, at_least: 3 },
            WatchedGroup::WithFastCodes { opened_after, recent_after, below },
            WatchedGroup::WithLinks { opened_after, recent_after },
            WatchedGroup::WithColleagues { opened_after },
        ];
        let mut plans = Vec::new();
        for group in groups {
            let query = GroupQuery::of(group);
            let (statement, values) = query.statement(database.pools.engine);
            plans.push((format!("{group:?}"), plan(&database, statement, values).await));
        }
        let after = [(NOON - Duration::from_mins(30)).0];
        let until = [Timestamp(after[0]).0, NOON.0];
        for (rest, values) in [
            (UNKNOWN_LOOKUPS, &after[..]),
            (WRONG_CODES, &after),
            (MAILS, &after),
            (FIRST_EVENT, &until),
        ] {
            let statement = AssertSqlSafe(format!("select events.at {rest}"));
            let statement = sqlx::SqlSafeStr::into_sql_str(statement);
            plans.push((rest.to_owned(), plan(&database, statement, values).await));
        }
        for (query, plan) in plans {
            assert!(plan.to_lowercase().contains("index"), "{query}\n{plan}");
            for scan in ["SCAN sessions", "SCAN events", "Seq Scan"] {
                assert!(!plan.contains(scan), "{query}\n{plan}");
            }
        }
    }))
    .await;
}
