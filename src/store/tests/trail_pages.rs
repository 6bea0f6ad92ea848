//! Pages of the leads' trail: stable, and read by an index.

use std::time::{Duration, Instant};

use commands::model::ticket::Ticket;
use commands::model::trail::TrailEvent;
use commands::model::trail_filter::{TrailAbout, TrailFilter, TrailTopic};
use commands::ports::trail_search::{TrailPart, TrailSearch as _};
use serde_json::json;
use sqlx::Row as _;

use super::trail_search::{act, filter, read, walk, write};
use crate::store::Database;
use crate::store::bound::bind_all;
use crate::store::engine::Engine;
use crate::store::testing::{id, on_both};
use crate::store::trail_selection::{Bounded, Selection};

/// Events of the large trail: as many as a file has lines.
const MANY: u32 = 10_000;

/// Longest time of a page, which takes a few milliseconds. The best of three tries counts, because
/// other tests share the machine.
const PAGE_TIME: Duration = Duration::from_millis(50);

#[tokio::test]
async fn pages_of_ten_thousand_events_are_stable_and_fast() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        for chunk in (0..MANY).collect::<Vec<_>>().chunks(500) {
            write(&database, chunk.iter().copied().map(act).collect()).await;
        }
        if database.pools.engine == Engine::Postgres {
            // As the server does by itself after a while.
            sqlx::query("analyze events").execute(&database.pools.writes).await.unwrap();
        }
        let all = filter(TrailAbout::Everything);
        let of_agent = filter(TrailAbout::Agent(3));
        let refusals = TrailFilter { topic: TrailTopic::Refusals, ..all.clone() };
        let leads = TrailFilter { topic: TrailTopic::Leads, ..all.clone() };
        for (filter, total, step) in
            [(&all, MANY, 1), (&of_agent, MANY / 10, 10), (&refusals, MANY, 1)]
        {
            for skipped in [0, total / 2, total - 10] {
                let mut best = Duration::MAX;
                let mut numbers = Vec::new();
                for _ in 0..3 {
                    let begun = Instant::now();
                    let page = read(&database, filter, skipped).await;
                    best = best.min(begun.elapsed());
                    assert_eq!(page.total, u64::from(total));
                    numbers = page.lines.iter().map(|line| line.details["n"].clone()).collect();
                }
                let newest = if step == 1 { MANY - 1 } else { MANY - 7 };
                let expected = (0..10).map(|nth| json!(newest - (skipped + nth) * step));
                assert_eq!(numbers, expected.collect::<Vec<_>>(), "{filter:?} {skipped}");
                assert!(best < PAGE_TIME, "{filter:?} {skipped}: {best:?}");
            }
        }
        // A count stops at its end, in each arm.
        for (filter, up_to) in [(&all, 7), (&of_agent, 7), (&refusals, 7), (&leads, 7)] {
            let least = u64::from(filter.topic != TrailTopic::Leads) * up_to;
            assert_eq!(database.count(filter, up_to).await.unwrap(), least, "{filter:?}");
        }
        // An event after the view was opened moves no page.
        let middle = read(&database, &all, 5_000).await;
        let late = TrailEvent { at: all.end, ..act(3) };
        write(&database, vec![late]).await;
        assert_eq!(read(&database, &all, 5_000).await, middle);
    }))
    .await;
}

#[tokio::test]
async fn few_events_are_read_by_their_index() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        let (julia, _) = walk(&database).await;
        for chunk in (0..2_000_u32).collect::<Vec<_>>().chunks(500) {
            write(&database, chunk.iter().copied().map(act).collect()).await;
        }
        let rare = |n| TrailEvent { actor: "discord:77".to_owned(), ..act(n) };
        write(&database, (0..5).map(rare).collect()).await;
        let ticket = Ticket::parse("zd-1").unwrap();
        let leads = TrailFilter { topic: TrailTopic::Leads, ..filter(TrailAbout::Everything) };
        let codes = TrailFilter { topic: TrailTopic::Codes, ..leads.clone() };
        for (filter, index) in [
            (filter(TrailAbout::Session(id(1))), "events_session"),
            (filter(TrailAbout::Customer(julia)), "events_customer"),
            (filter(TrailAbout::Ticket(ticket)), "events_session"),
            (filter(TrailAbout::Agent(77)), "events_actor"),
            (leads, "events_by_lead"),
            (codes, "events_kind"),
        ] {
            for plan in plans(&database, &filter).await {
                assert!(plan.contains(index), "{plan}");
                // SQLite reads the rows of the arms as a table of this name.
                let scans = |word: &str| plan.matches(word).count();
                assert_eq!(scans("SCAN events"), scans("CO-ROUTINE events"), "{plan}");
                assert!(!plan.contains("Seq Scan on events"), "{plan}");
            }
        }
    }))
    .await;
}

/// Returns how the engine reads a page, and how SQLite counts the events. PostgreSQL counts so few
/// by a scan.
async fn plans(database: &Database, filter: &TrailFilter) -> Vec<String> {
    let part = TrailPart { is_oldest_first: false, skipped: 0, limit: 10, opens: true };
    let selection = Selection::of(filter);
    let mut page = selection.part(part);
    page.sql = format!("select events.seq {}", page.sql);
    let mut connection = database.pools.writes.acquire().await.unwrap();
    let mut statements = vec![page];
    let word = match database.pools.engine {
        Engine::Sqlite => {
            statements.push(selection.count(11));
            "explain query plan"
        }
        Engine::Postgres => {
            for table in ["events", "sessions"] {
                let analyze = sqlx::AssertSqlSafe(format!("analyze {table}"));
                sqlx::query(analyze).execute(&mut *connection).await.unwrap();
            }
            "explain"
        }
    };
    let mut plans = Vec::new();
    for Bounded { sql, values } in statements {
        let query = sqlx::query(sqlx::AssertSqlSafe(format!("{word} {sql}")));
        let rows = bind_all(query, &values).fetch_all(&mut *connection).await.unwrap();
        let line = |row: &sqlx::any::AnyRow| {
            row.try_get::<String, _>("detail").unwrap_or_else(|_| row.get::<String, _>(0))
        };
        plans.push(rows.iter().map(line).collect::<Vec<_>>().join("\n") + "\n");
    }
    plans
}
