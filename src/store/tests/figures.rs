//! Figures of started sessions, and of the mails with their customers' codes.

use std::time::{Duration, Instant};

use commands::model::pseudonym::Pseudonym;
use commands::model::report::Opened;
use commands::model::session::Session;
use commands::model::ticket::Ticket;
use commands::model::time::{Timestamp, minutes};
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::Target;
use commands::ports::figures::{AgentDays, CodeFigures, FigureFilter, FigureSource};
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _, SqlStr};

use crate::store::Database;
use crate::store::engine::Engine;
use crate::store::figures::{STARTED, agent_condition, codes_statement};
use crate::store::testing::{
    NOON, closed, empty_commit, event, found, on_both, pseudonym, recovering, save, saved, started,
};

const LAST: Timestamp = Timestamp(NOON.0 + 60_000);

fn hour(agent: Option<u64>) -> FigureFilter {
    FigureFilter { from: NOON, until: LAST, agent }
}

/// Saves a session that was started so many milliseconds after [`NOON`].
async fn starts(database: &Database, n: u8, agent: u64, millis: i64) -> Session {
    let session = found(n, agent, &format!("usr-{n}"));
    save(database, started(session, Timestamp(NOON.0 + millis))).await
}

#[tokio::test]
async fn started_sessions_of_the_time_are_read() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert_eq!(database.sessions(hour(None), 10).await.unwrap(), []);
        let (first, next) = (0, LAST.0 - NOON.0);
        let mut full = starts(&database, 1, 7, first).await;
        full.report_record_mut().agent_verified_at = Some(NOON + minutes(1));
        full.report_record_mut().customer_verified_at = Some(NOON + minutes(2));
        full.ticket = Some(Ticket::parse("zd-7").unwrap());
        for target in [Target::Web, Target::Store, Target::Web] {
            let opened = Opened { target, at: NOON, unknown: UnknownFields::NONE };
            full.report_record_mut().opened.push(opened);
        }
        let full = save(&database, full).await;
        save(&database, closed(full, NOON)).await;
        starts(&database, 2, 8, next - 1).await;
        // Before and after the time, before Start, and without a customer.
        starts(&database, 3, 7, first - 1).await;
        starts(&database, 4, 7, next).await;
        save(&database, found(5, 7, "usr-5")).await;
        save(&database, recovering(6, 7)).await;

        let all = database.sessions(hour(None), 10).await.unwrap();
        let agents: Vec<_> = all.iter().map(|session| session.discord_id).collect();
        assert_eq!(agents, [8, 7], "newest first");
        assert_eq!(database.count(hour(None)).await.unwrap(), 2);
        assert_eq!(database.count(hour(Some(8))).await.unwrap(), 1);
        assert_eq!(database.sessions(hour(None), 1).await.unwrap(), all[..1]);
        assert_eq!(database.sessions(hour(Some(7)), 10).await.unwrap(), all[1..]);
        assert_eq!(database.sessions(hour(Some(u64::MAX)), 10).await.unwrap(), []);
        let [open, done] = &all[..] else { panic!("two sessions") };
        assert_eq!((open.verified_at, &open.closed_why, &open.ticket), (None, &None, &None));
        assert_eq!((done.kind.as_str(), done.scope.as_deref()), ("technical", Some("act")));
        assert_eq!(done.agent_name, "Ana");
        assert_eq!(done.customer, Some(pseudonym("usr-1")));
        assert_eq!(done.verified_at, Some(NOON + minutes(2)));
        assert_eq!(done.closed_why.as_deref(), Some("finished"));
        assert_eq!(done.ticket.as_deref(), Some("ZD-7"));
        let opened: Vec<_> = done.opened.iter().map(|(to, count)| (to.as_str(), *count)).collect();
        assert_eq!(opened, [("store", 1), ("web", 2)]);
    })
    .await;
}

/// Adds an event about a mail to the chain of a session.
async fn records(
    database: &Database,
    session: &mut Session,
    kind: &'static str,
    (purpose, seconds): (&str, u64),
) {
    let mut event = event(Some(&session.id), kind);
    event.details = json!({ "purpose": purpose, "nth": 1, "seconds": seconds });
    let commit =
        Commit { session: Some(session.clone()), events: vec![event], ..empty_commit(NOON) };
    session.version += 1;
    assert_eq!(database.commit(commit).await.unwrap(), saved(session.version));
}

#[tokio::test]
async fn mails_of_customers_codes_are_counted() {
    on_both(async |bed| {
        let database = bed.open().await;
        let mut of_seven = starts(&database, 1, 7, 0).await;
        let mut of_eight = starts(&database, 2, 8, 0).await;
        let mut earlier = starts(&database, 3, 7, -1).await;
        let customer = |seconds| ("customer_consent", seconds);
        for session in [&mut of_seven, &mut of_eight, &mut earlier] {
            records(&database, session, "code_sent", customer(0)).await;
        }
        let seven = &mut of_seven;
        records(&database, seven, "code_sent", ("agent_mfa", 0)).await;
        records(&database, seven, "code_delivered", ("agent_mfa", 1)).await;
        records(&database, seven, "code_delivered", customer(30)).await;
        records(&database, seven, "code_sent", customer(0)).await;
        records(&database, seven, "code_delivered", customer(31)).await;
        records(&database, &mut of_eight, "code_bounced", customer(4)).await;
        let all = CodeFigures { mailed: 3, delivered: 2, fast: 1, bounced: 1 };
        assert_eq!(database.codes(hour(None)).await.unwrap(), all);
        let of_eight = CodeFigures { mailed: 1, bounced: 1, ..CodeFigures::default() };
        assert_eq!(database.codes(hour(Some(8))).await.unwrap(), of_eight);
    })
    .await;
}

#[tokio::test]
async fn sessions_of_an_agent_are_counted() {
    on_both(async |bed| {
        let database = bed.open().await;
        let before = Timestamp(NOON.0 - 1);
        assert_eq!(database.agent_days(7, before).await.unwrap(), AgentDays::default());
        let mut verified = starts(&database, 1, 7, 0).await;
        verified.report_record_mut().customer_verified_at = Some(NOON);
        save(&database, verified).await;
        starts(&database, 2, 7, 0).await;
        // Looked up: still open, and closed.
        save(&database, found(3, 7, "usr-3")).await;
        let abandoned = save(&database, found(4, 7, "usr-4")).await;
        save(&database, closed(abandoned, NOON)).await;
        starts(&database, 5, 8, 0).await;
        save(&database, recovering(6, 7)).await;
        let expected = AgentDays { started: 2, verified: 1, abandoned: 1 };
        assert_eq!(database.agent_days(7, before).await.unwrap(), expected);
        assert_eq!(database.agent_days(7, NOON).await.unwrap(), AgentDays::default());
    })
    .await;
}

/// Sessions of a year, one every 40 minutes or so, by 20 agents.
const MANY: i64 = 12_000;
const YEAR: i64 = 365 * 24 * 3_600_000;

/// Writes sessions without their states, which figures do not read: so many in the time before
/// [`NOON`].
async fn fill_sessions(database: &Database, many: i64, time: i64) {
    let customer = Pseudonym::from_bytes([7; Pseudonym::BYTES]);
    let statement = format!(
        "with recursive n(i) as (select cast(1 as bigint) union all
             select i + 1 from n where i < {many})
         insert into sessions (id, kind, discord_id, agent_id, agent_name, customer, generation,
             version, state, pending_since, opened_at, trail_seq, mac, started_at, customer_at,
             closed_at, closed_why, opened)
         select 'many' || cast(i as text), 'technical', i % 20, 'sub', 'Ana', '{customer}', 1, 1,
             '', 0, {noon} - i * {step}, 0, '', {noon} - i * {step}, {noon} - i * {step} + 60000,
             {noon}, 'finished', '{{\"web\":1}}' from n",
        noon = NOON.0,
        step = time / many,
    );
    sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
}

#[tokio::test]
async fn thousands_of_sessions_are_read_along_an_index() {
    on_both(async |bed| {
        let database = bed.open().await;
        fill_sessions(&database, MANY, YEAR).await;
        let week = FigureFilter { from: NOON - minutes(7 * 24 * 60), until: NOON, agent: None };
        let count = u64::try_from(MANY * 7 / 365).unwrap();
        assert!(database.count(week).await.unwrap().abs_diff(count) <= 1);
        let quarter = FigureFilter { from: NOON - minutes(90 * 24 * 60), ..week };
        let sessions = database.sessions(quarter, u32::MAX).await.unwrap();
        assert_eq!(u64::try_from(sessions.len()).unwrap(), database.count(quarter).await.unwrap());
        assert!(sessions.len() > 2_900, "{}", sessions.len());
        let newest = database.sessions(quarter, 100).await.unwrap();
        assert_eq!(newest, sessions[..100]);

        for (select, filter) in [
            ("select started_at from sessions", week),
            ("select count(*) from sessions", week),
            ("select count(*) from sessions", FigureFilter { agent: Some(7), ..week }),
        ] {
            let agent = agent_condition(filter);
            let statement = AssertSqlSafe(format!("{select} where {STARTED}{agent}"));
            follows_indexes(&database, statement.into_sql_str(), filter).await;
        }
    })
    .await;
}

/// Code events of the test of their time, four for each session.
const CODE_EVENTS: i64 = 100_000;

/// Most time for the figures of a quarter, in a debug build beside other tests. A release build
/// takes a fiftieth.
const FIGURES_TIME: Duration = Duration::from_secs(5);

/// Writes sessions of a quarter with their code events.
async fn fill_quarter(database: &Database) {
    fill_sessions(database, CODE_EVENTS / 4, 90 * 24 * 3_600_000).await;
    let details = "'{\"nth\":1,\"purpose\":\"customer_consent\",\"seconds\":'
        || cast(discord_id + 20 as text) || '}'";
    for (seq, kind) in
        ["code_sent", "code_delivered", "code_sent", "code_delivered"].into_iter().enumerate()
    {
        let statement = format!(
            "insert into events (chain, seq, at, actor, session_id, kind, details, key, signature)
             select id, {seq}, opened_at, 'clock', id, '{kind}', {details}, '', '' from sessions"
        );
        sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
    }
}

#[tokio::test]
async fn codes_of_a_quarter_are_counted() {
    Box::pin(on_both(async |bed| {
        let database = bed.open().await;
        fill_quarter(&database).await;
        let (from, until) = (NOON - minutes(90 * 24 * 60), NOON);
        let quarter = FigureFilter { from, until, agent: None };
        // For more sessions, PostgreSQL rather reads a table of this size as a whole.
        let hours = FigureFilter { from: NOON - minutes(6 * 60), ..quarter };
        for filter in [hours, FigureFilter { agent: Some(7), ..hours }] {
            let statement = codes_statement(database.pools.engine, filter);
            follows_indexes(&database, statement, filter).await;
        }
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            let codes = database.codes(quarter).await.unwrap();
            best = best.min(begun.elapsed());
            let half = u32::try_from(CODE_EVENTS / 2).unwrap();
            assert_eq!((codes.mailed, codes.delivered), (half, half));
            // Eleven of the twenty agents' codes came within 30 s.
            assert_eq!((codes.fast, codes.bounced), (half / 20 * 11, 0));
        }
        assert!(best < FIGURES_TIME, "{:?}: {best:?}", database.pools.engine);
        let of_seven = database.codes(FigureFilter { agent: Some(7), ..quarter }).await.unwrap();
        assert_eq!(i64::from(of_seven.mailed), CODE_EVENTS / 2 / 20);
    }))
    .await;
}

/// Asserts that the engine reads only the sessions of the time, and their events, along an index.
async fn follows_indexes(database: &Database, statement: SqlStr, filter: FigureFilter) {
    let plan = plan(database, statement.as_str(), filter).await;
    let by_time = plan.contains("sessions_started") || plan.contains("sessions_agent_opened");
    assert!(by_time, "{plan}");
    assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN"), "{plan}");
}

/// Returns how the engine runs a statement.
async fn plan(database: &Database, statement: &str, filter: FigureFilter) -> String {
    let mut connection = database.pools.writes.acquire().await.unwrap();
    let explain = match database.pools.engine {
        Engine::Sqlite => format!("explain query plan {statement}"),
        Engine::Postgres => {
            for table in ["sessions", "events"] {
                let analyze = AssertSqlSafe(format!("analyze {table}"));
                sqlx::query(analyze).execute(&mut *connection).await.unwrap();
            }
            format!("explain {statement}")
        }
    };
    let query = sqlx::query(AssertSqlSafe(explain)).bind(filter.from.0).bind(filter.until.0);
    let rows = query.fetch_all(&mut *connection).await.unwrap();
    let line = |row: &AnyRow| {
        row.try_get::<String, _>("detail").unwrap_or_else(|_| row.get::<String, _>(0))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
