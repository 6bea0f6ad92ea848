//! Sessions as leads list and search them: pages without a scan, and what a lead types.

use std::time::Duration;

use commands::model::session::Session;
use commands::model::ticket::Ticket;
use commands::model::time::{Timestamp, minutes};
use commands::ports::session_search::{
    SearchSpan, SessionEvent, SessionFilter, SessionPage, SessionSearch as _,
};
use commands::ports::sessions::{Commit, Sessions as _};
use futures_util::future::join_all;
use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::store::Database;
use crate::store::bound::{Bound, bind_all};
use crate::store::engine::Engine;
use crate::store::session_search::List;
use crate::store::testing::{
    NOON, closed, event, found, id, moved, on_both, recovering, save, started,
};

const OPEN: SessionFilter = SessionFilter { span: SearchSpan::OpenAt(NOON), agent: None };

fn day(agent: Option<u64>) -> SessionFilter {
    SessionFilter { span: SearchSpan::Opened(NOON - minutes(24 * 60), NOON), agent }
}

/// Returns the last two characters of each id, which [`id`] makes.
fn numbers(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| &session.id.as_str()[20..]).collect()
}

async fn page(database: &Database, filter: SessionFilter, skipped: u32) -> SessionPage {
    database.page(filter, skipped, 10).await.unwrap()
}

#[tokio::test]
async fn open_sessions_are_sorted_by_end() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(page(&database, OPEN, 0).await.total, 0);
        let older = NOON - minutes(5);
        let first = save(&database, found(1, 7, "usr-1")).await;
        let mut second = found(2, 8, "usr-2");
        second.clocks.active_at = older;
        let second = save(&database, second).await;
        // Linking and recovery have no customer.
        save(&database, recovering(3, 7)).await;
        let ended = save(&database, found(4, 7, "usr-4")).await;
        save(&database, closed(ended, NOON)).await;
        let found_both = page(&database, OPEN, 0).await;
        assert_eq!((numbers(&found_both.sessions), found_both.total), (vec!["02", "01"], 2));
        assert_eq!(found_both.sessions[0].work, second.work, "the masked customer is read");

        // A click moves the end. The absolute end counts from Start.
        save(&database, started(second, NOON + minutes(1))).await;
        assert_eq!(numbers(&page(&database, OPEN, 0).await.sessions), ["01", "02"]);
        let of_ana = SessionFilter { agent: Some(7), ..OPEN };
        let of_ana = page(&database, of_ana, 0).await;
        assert_eq!((numbers(&of_ana.sessions), of_ana.total), (vec!["01"], 1));
        // No sweep has closed it yet.
        let later = SessionFilter { span: SearchSpan::OpenAt(first.clocks.end()), agent: None };
        assert_eq!(numbers(&page(&database, later, 0).await.sessions), ["02"]);
        save(&database, moved(first, NOON + minutes(2))).await;
        assert_eq!(numbers(&page(&database, later, 0).await.sessions), ["02", "01"]);
    })
    .await;
}

#[tokio::test]
async fn pages_of_a_thousand_sessions_follow_an_index() {
    on_both(async |bed| {
        let database = bed.open().await;
        let commits = (0..1_000_u32).map(|n| {
            let mut session = found(1, u64::from(n % 5), &format!("usr-{n}"));
            session.id = format!("{n:04}{:018}", 0).parse().unwrap();
            session.clocks.active_at = NOON + Duration::from_secs(n.into());
            session.clocks.opened_at = NOON - Duration::from_secs(n.into());
            database.commit(Commit { now: NOON, session: Some(session), ..Commit::default() })
        });
        for committed in join_all(commits).await {
            committed.unwrap();
        }
        add_closed(&database).await;
        let ids = |page: &SessionPage| {
            let first = |session: &Session| session.id.as_str()[..4].to_owned();
            (page.sessions.first().map(first), page.sessions.len(), page.total)
        };
        let first = |n: &str| Some(n.to_owned());
        assert_eq!(ids(&page(&database, OPEN, 0).await), (first("0000"), 10, 1_000));
        assert_eq!(ids(&page(&database, OPEN, 990).await), (first("0990"), 10, 1_000));
        assert_eq!(ids(&page(&database, OPEN, 1_000).await), (None, 0, 1_000));
        assert_eq!(ids(&page(&database, day(None), 10).await), (first("0010"), 10, 1_000));
        assert_eq!(ids(&page(&database, day(Some(3)), 0).await), (first("0003"), 10, 200));
        for (filter, index) in [(OPEN, "sessions_ends"), (day(None), "sessions_opened")] {
            let plan = plan_of_page(&database, filter).await;
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
        }
        let of_agent = SessionFilter { agent: Some(3), ..OPEN };
        for filter in [OPEN, day(None), of_agent, day(Some(3))] {
            let page = plan_of_page(&database, filter).await;
            let List { condition, values, .. } = List::of(filter);
            let count = format!("select count(*) from sessions where {condition}");
            for plan in [page, plan(&database, &count, &values).await] {
                assert!(plan.contains("sessions_"), "an index: {plan}");
                assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
            }
        }
    })
    .await;
}

/// Closed sessions of a year, older than a day.
const CLOSED: i64 = 20_000;

/// Writes closed sessions without their states, which no list of open sessions reads.
async fn add_closed(database: &Database) {
    let statement = format!(
        "with recursive n(i) as (select cast(1 as bigint) union all
             select i + 1 from n where i < {CLOSED})
         insert into sessions (id, kind, discord_id, agent_id, agent_name, customer, generation,
             version, state, pending_since, opened_at, trail_seq, mac, closed_at, closed_why)
         select 'closed' || cast(i as text), 'technical', i % 5, 'sub', 'Ana', 'customer', 1, 1,
             '', 0, {before} - i * {step}, 0, '', {before}, 'finished' from n",
        before = (NOON - minutes(2 * 24 * 60)).0,
        step = minutes(365 * 24 * 60).as_millis() / u128::from(CLOSED.unsigned_abs()),
    );
    let mut connection = database.pools.writes.acquire().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
}

/// Returns how the engine reads a page.
async fn plan_of_page(database: &Database, filter: SessionFilter) -> String {
    let List { condition, order, values } = List::of(filter);
    let select = format!("select id from sessions where {condition} order by {order} limit 10");
    plan(database, &select, &values).await
}

/// Returns how the engine reads what a statement selects.
async fn plan(database: &Database, select: &str, values: &[Bound]) -> String {
    let mut connection = database.pools.writes.acquire().await.unwrap();
    let explain = match database.pools.engine {
        Engine::Sqlite => format!("explain query plan {select}"),
        Engine::Postgres => {
            sqlx::query("analyze sessions").execute(&mut *connection).await.unwrap();
            format!("explain {select}")
        }
    };
    let query = bind_all(sqlx::query(sqlx::AssertSqlSafe(explain)), values);
    let rows = query.fetch_all(&mut *connection).await.unwrap();
    let line = |row: &AnyRow| {
        row.try_get::<String, _>("detail").unwrap_or_else(|_| row.get::<String, _>(0))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn typed_text_finds_id_name_and_ticket() {
    on_both(async |bed| {
        let database = bed.open().await;
        let named = |n: u8, id: &str, name: &str, ticket: Option<&str>| {
            let mut session = found(n, 7, &format!("usr-{n}"));
            session.id = format!("{id}{n:016}").parse().unwrap();
            name.clone_into(&mut session.actor.name);
            session.ticket = ticket.map(|ticket| Ticket::parse(ticket).unwrap());
            session.clocks.opened_at = NOON + Duration::from_secs(n.into());
            session
        };
        let one = save(&database, named(1, "ryVfbh", "Ben Carter", Some("zd-12"))).await;
        save(&database, named(2, "RYvfb_", "Ana Ruiz", None)).await;
        save(&database, named(3, "xw7Zk0", "Ben 100%", Some("ZD-13"))).await;
        save(&database, named(4, "Alv4r0", "Álvaro Ñu", None)).await;
        save(&database, closed(one, NOON)).await;
        let old = NOON - minutes(24 * 60);
        let find = async |text: &str| {
            let found = database.containing(text, old, 25).await.unwrap();
            found.iter().map(|session| session.id.as_str()[..6].to_owned()).collect::<Vec<_>>()
        };
        // Open ones come first, then the newest.
        assert_eq!(find("").await, ["Alv4r0", "xw7Zk0", "RYvfb_", "ryVfbh"]);
        assert_eq!(find("ryv").await, ["RYvfb_", "ryVfbh"]);
        assert_eq!(find("ben").await, ["xw7Zk0", "ryVfbh"]);
        assert_eq!(find("Zd-1").await, ["xw7Zk0", "ryVfbh"]);
        assert_eq!(find("zd-12").await, ["ryVfbh"]);
        assert_eq!(find("Álv").await, ["Alv4r0"], "a letter that SQLite does not lower");
        // Wildcards of a pattern match only themselves.
        assert_eq!(find("100%").await, ["xw7Zk0"]);
        assert_eq!(find("b_").await, ["RYvfb_"]);
        assert_eq!(find("%").await, ["xw7Zk0"]);
        assert_eq!(find("!").await, [""; 0]);
        // Only the first six characters of an id are searched, because people see no more.
        assert_eq!(find("00000").await, [""; 0]);
        assert_eq!(database.containing("", old, 2).await.unwrap().len(), 2);
        assert_eq!(database.containing("", NOON + minutes(1), 25).await.unwrap().len(), 0);

        let begins = async |text: &str| {
            let found = database.beginning_with(text, old, 25).await.unwrap();
            found.iter().map(|session| session.id.as_str()[..6].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(begins("ryvfb").await, ["RYvfb_", "ryVfbh"]);
        assert_eq!(begins("ryVfb_").await, ["RYvfb_"]);
        assert_eq!(begins("yvfb").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn events_and_last_close_are_read() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(database.last_close().await.unwrap(), None);
        let session = save(&database, found(1, 7, "usr-1")).await;
        let mut colleague = event(Some(&session.id), "looked_up");
        colleague.details = json!({ "colleague": true });
        let other = event(Some(&session.id), "stayed");
        let commit = Commit {
            now: NOON,
            session: Some(session.clone()),
            events: vec![colleague, other],
            ..Commit::default()
        };
        database.commit(commit).await.unwrap();
        let session = database.find(&session.id).await.unwrap().unwrap().session();
        save(&database, closed(session.as_ref().clone(), Timestamp(NOON.0 + 7))).await;
        let ids = [id(1), id(2)];
        let events = database.events(&ids, &["looked_up", "code_right"]).await.unwrap();
        let expected = SessionEvent {
            session: id(1),
            at: NOON,
            actor: "discord:7".to_owned(),
            kind: "looked_up".to_owned(),
            details: json!({ "colleague": true }),
        };
        assert!(events.contains(&expected), "{events:?}");
        assert!(events.iter().all(|event| event.kind == "looked_up"));
        assert_eq!(database.events(&[], &["looked_up"]).await.unwrap(), []);
        assert_eq!(database.last_close().await.unwrap(), Some(Timestamp(NOON.0 + 7)));
    })
    .await;
}
