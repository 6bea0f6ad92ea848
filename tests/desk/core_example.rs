//! The SQL in `deploy/core`, with which a company's administrators give the bot its access to Core.
//!
//! Each test has a database of its own, and roles of its own names, because roles belong to the
//! whole server and the tests run at the same time.

use commands::model::customer::{CustomerRecord, Period, Plan, PlanStatus, Role, Status};
use commands::model::email::{Email, SPELLINGS};
use commands::model::succession::StepStatus;
use commands::model::time::Timestamp;
use commands::model::words::{Locale, SupportKind};
use commands::ports::directory::{CustomerMatch, Directory as _};
use secrecy::SecretString;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use support_desk::core_db::views::VIEWS;
use support_desk::core_db::{Core, QUERIES};
use url::Url;

use crate::installation::Installation;
use crate::replicas::postgres::Postgres;

const TABLES_SQL: &str = include_str!("../../deploy/core/example_tables.sql");
const ACCESS_SQL: &str = include_str!("../../deploy/core/postgres.sql");
/// Name of the bot's role in the script. The name of the other role begins with it.
const BOT: &str = "support_desk";
/// Tables that grow with the number of customers.
const TABLES: [&str; 6] =
    ["users", "ecosystems", "subscriptions", "memberships", "successions", "succession_steps"];
/// Code of PostgreSQL's error `insufficient_privilege`.
const DENIED: &str = "42501";

/// Rows for 5,000 customers: a quarter of the successions is open.
const MANY_ROWS: &str = "
    insert into users (id, email, first_name, last_name, state)
        select md5('user' || n)::uuid, 'Customer' || n || '@example.com', 'First', 'Last', 'active'
        from generate_series(1, 5000) n;
    insert into ecosystems (id, name)
        select md5('ecosystem' || n)::uuid, 'Ecosystem ' || n from generate_series(1, 5000) n;
    insert into subscriptions (ecosystem_id, plan_id, state, price, currency, period)
        select md5('ecosystem' || n)::uuid, 2, 'active', 49.9, 'EUR', 'monthly'
        from generate_series(1, 5000) n;
    insert into memberships (ecosystem_id, user_id, role)
        select md5('ecosystem' || n)::uuid, md5('user' || (n * k % 5000 + 1))::uuid, 'guest'
        from generate_series(1, 5000) n, generate_series(1, 3) k on conflict do nothing;
    insert into successions (id, ecosystem_id, successor_id, state)
        select md5('succession' || n)::uuid, md5('ecosystem' || n)::uuid, md5('user' || n)::uuid,
            case when n % 4 = 0 then 'open' else 'completed' end::succession_state
        from generate_series(1, 4000) n;
    insert into succession_steps (succession_id, position, title, summary, instructions)
        select md5('succession' || n)::uuid, k, 'Title', 'Summary', repeat('Instructions. ', 20)
        from generate_series(1, 4000) n, generate_series(1, 3) k;
    ";

/// A database with the example, and the two roles.
struct Example {
    postgres: Postgres,
    /// Name of the bot's role.
    bot: String,
    /// Name of the role of the Lambda functions.
    functions: String,
}

impl Example {
    /// Creates the example's tables with `more` rows, and runs the script for the access twice,
    /// because it can run again.
    async fn new(more: &'static str) -> Self {
        let postgres = Postgres::new().await;
        let (_, database) = postgres.url.rsplit_once('/').unwrap();
        let bot = database.to_owned();
        let functions = format!("{bot}_functions");
        let example = Self { postgres, bot, functions };
        let mut admin = example.connect_admin().await;
        run(&mut admin, TABLES_SQL).await.unwrap();
        run(&mut admin, more).await.unwrap();
        // A company's tables have statistics already. The new indexes do not.
        run(&mut admin, "analyze").await.unwrap();
        let access = ACCESS_SQL.replace(BOT, &example.bot);
        for _ in 0..2 {
            run(&mut admin, &access).await.unwrap();
        }
        for role in [&example.bot, &example.functions] {
            run(&mut admin, &format!("alter role {role} password 'hush'")).await.unwrap();
        }
        example
    }

    async fn drops(self) {
        let roles = format!("{}, {}", self.bot, self.functions);
        let mut admin = self.connect_admin().await;
        run(&mut admin, &format!("drop owned by {roles}; drop role {roles}")).await.unwrap();
        self.postgres.drops().await;
    }

    fn url(&self, role: &str) -> String {
        let mut url = Url::parse(&self.postgres.url).unwrap();
        url.set_username(role).unwrap();
        url.set_password(Some("hush")).unwrap();
        url.into()
    }

    async fn connect_admin(&self) -> AnyConnection {
        AnyConnection::connect(&self.postgres.url).await.unwrap()
    }

    async fn connect(&self, role: &str) -> AnyConnection {
        AnyConnection::connect(&self.url(role)).await.unwrap()
    }

    /// Looks up an address as the bot does.
    async fn find(&self, address: &str, kind: SupportKind) -> CustomerRecord {
        let core = Core::open(&SecretString::from(self.url(&self.bot))).unwrap();
        let found = core.find(&Email::parse(address).unwrap(), kind).await.unwrap();
        let CustomerMatch::One(record) = found else { panic!("{address}: {found:?}") };
        // The bot reads this customer again, by id, before each action.
        assert!(core.read(&record.user_id, kind).await.unwrap().as_ref() == Some(&*record));
        *record
    }
}

async fn run(connection: &mut AnyConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

/// Returns the first column of the rows that a statement selects.
async fn texts(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Asserts that the server denies a statement because the role lacks the right.
async fn denied(connection: &mut AnyConnection, sql: &str) {
    let error = run(connection, sql).await.expect_err(sql);
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    assert_eq!(code.as_deref(), Some(DENIED), "{sql}: {error}");
}

/// Returns the lines of a query's plan, as the server makes it for a prepared statement.
async fn plan(connection: &mut AnyConnection, query: &str, email: &Email, id: &str) -> Vec<String> {
    let by_email = query.contains(&format!("${SPELLINGS}"));
    let values = if by_email { email.spellings().to_vec() } else { vec![id.to_owned()] };
    let types = vec!["text"; values.len()].join(", ");
    let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
    let values = values.join(", ");
    run(connection, &format!("prepare look_up({types}) as {query}")).await.unwrap();
    let plan = texts(connection, &format!("explain (costs off) execute look_up({values})")).await;
    run(connection, "deallocate look_up").await.unwrap();
    plan
}

/// Returns true if a plan reads a whole table of those that grow.
fn reads_whole_table(plan: &[String]) -> bool {
    plan.iter().any(|line| {
        let scanned = line.split_once("Seq Scan on ").map(|(_, rest)| rest);
        scanned.is_some_and(|rest| TABLES.contains(&rest.split(' ').next().unwrap_or_default()))
    })
}

#[tokio::test]
async fn check_accepts_the_example() {
    let example = Example::new("").await;
    let installation = Installation::new().await;
    assert_eq!(installation.start("migrate", &[]).ends().await.code, Some(0));
    let url = example.url(&example.bot);
    let checked = installation.start("check", &[("CORE_DATABASE_URL", &url)]).ends().await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let lines: Vec<_> = checked.stdout.lines().filter(|line| line.contains("Core")).collect();
    assert!(lines[0].starts_with("ok    Core (CORE_DATABASE_URL): "), "{lines:?}");
    let views = VIEWS.map(|(view, _)| format!("ok    Core: view {view}"));
    assert_eq!(lines[1..], views);
    example.drops().await;
}

#[tokio::test]
async fn example_customers_are_found() {
    let example = Example::new("").await;
    let ana = example.find("ana.lopez@example.com", SupportKind::Technical).await;
    assert_eq!(
        (ana.email.as_str(), ana.full_name.as_str()),
        ("ana.lopez@example.com", "Ana López")
    );
    assert_eq!((ana.status, ana.locale), (Status::Active, Locale::Es));
    // 2023-05-04 10:00 UTC.
    assert_eq!(ana.created_at, Some(Timestamp(1_683_194_400_000)));
    let ecosystems: Vec<_> = ana.ecosystems.iter().map(|e| (e.name.as_str(), e.role)).collect();
    assert_eq!(ecosystems, [("Casa Luz", Role::Owner), ("Huerta Norte", Role::Member)]);
    let features = ["Online store", "Mobile app", "5 seats"];
    let plan = Plan {
        name: "Community".to_owned(),
        status: PlanStatus::Active,
        price_cents: Some(4990),
        currency: "EUR".to_owned(),
        period: Period::Month,
        // 2030-03-01 00:00 UTC.
        renews_at: Some(Timestamp(1_898_553_600_000)),
        features: features.map(str::to_owned).to_vec(),
    };
    assert_eq!(ana.ecosystems[0].plan, plan);
    let other = &ana.ecosystems[1].plan;
    assert_eq!(
        (other.status, other.period, other.price_cents, other.renews_at),
        (PlanStatus::PastDue, Period::Year, Some(49900), None)
    );

    let bruno = example.find("bruno@example.com", SupportKind::Technical).await;
    assert_eq!((bruno.full_name.as_str(), bruno.locale), ("Bruno", Locale::En));
    assert!(bruno.ecosystems.is_empty(), "a membership that has ended");
    let bruno = example.find("bruno@example.com", SupportKind::Successor).await;
    let [succession] = &bruno.successions[..] else { panic!("{:?}", bruno.successions) };
    assert_eq!(succession.ecosystem_name, "Huerta Norte");
    let states: Vec<_> = succession.steps.iter().map(|step| step.status).collect();
    assert_eq!(states, [StepStatus::Done, StepStatus::Rejected, StepStatus::Waiting]);
    let rejected = &succession.steps[1];
    assert_eq!(rejected.detail, "Take a new photo of the document.\nThen send it again.");
    assert_eq!(rejected.reasons, ["The document has expired", "The photo is blurred"]);

    let carmen = example.find("carmen@example.com", SupportKind::Successor).await;
    assert_eq!(carmen.status, Status::Suspended);
    assert!(carmen.successions.is_empty());
    example.drops().await;
}

#[tokio::test]
async fn roles_can_only_read_their_views() {
    let example = Example::new("").await;
    let mut admin = example.connect_admin().await;
    let views = VIEWS.map(|(view, _)| view);
    for (role, readable) in [(&example.bot, &views[..]), (&example.functions, &views[..1])] {
        let rights = format!(
            "select cast(concat_ws(' ', table_schema, table_name, privilege_type) as text) \
             from information_schema.table_privileges where grantee = '{role}'"
        );
        let mut rights = texts(&mut admin, &rights).await;
        rights.sort_unstable();
        let mut expected: Vec<_> =
            readable.iter().map(|view| format!("support {view} SELECT")).collect();
        expected.sort_unstable();
        assert_eq!(rights, expected);
        let attributes = format!(
            "select concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolreplication, \
             rolbypassrls, rolconnlimit) from pg_roles where rolname = '{role}'"
        );
        assert_eq!(texts(&mut admin, &attributes).await, ["f f f f f 20"]);

        let mut connection = example.connect(role).await;
        for (setting, value) in [
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "5s"),
            ("search_path", "support"),
        ] {
            assert_eq!(texts(&mut connection, &format!("show {setting}")).await, [value]);
        }
        // The rights must suffice without the setting, because a client can change it.
        run(&mut connection, "set default_transaction_read_only = off").await.unwrap();
        for view in views {
            let read = format!("select * from {view}");
            if readable.contains(&view) {
                run(&mut connection, &read).await.unwrap();
            } else {
                denied(&mut connection, &read).await;
            }
        }
        for table in TABLES.into_iter().chain(["plans"]) {
            denied(&mut connection, &format!("select * from public.{table}")).await;
            denied(&mut connection, &format!("delete from public.{table}")).await;
        }
        for write in [
            // These views have one table, so a role with the right could delete its rows.
            "delete from support_users",
            "delete from support_memberships",
            "delete from support_successions",
            "create table support.mine (id text)",
            "create table public.mine (id text)",
            "create schema mine",
            "create role mine",
        ] {
            denied(&mut connection, write).await;
        }
    }
    example.drops().await;
}

#[tokio::test]
async fn every_query_uses_an_index() {
    let example = Example::new(MANY_ROWS).await;
    let email = Email::parse("customer40@example.com").unwrap();
    let mut admin = example.connect_admin().await;
    let id = texts(&mut admin, "select cast(md5('user40')::uuid as text) as id").await.remove(0);
    // The driver prepares each query. After five executions, the server can use a generic plan.
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let mut bot = example.connect(&example.bot).await;
        run(&mut bot, &format!("set plan_cache_mode = {mode}")).await.unwrap();
        for query in QUERIES {
            let plan = plan(&mut bot, query, &email, &id).await;
            assert!(!reads_whole_table(&plan), "{mode}: {query}\n{}", plan.join("\n"));
        }
    }

    // The rows suffice: without indexes, each query reads a whole table.
    let indexes = "select cast(indexname as text) from pg_indexes where indexname like 'support%'";
    let indexes = texts(&mut admin, indexes).await;
    assert_eq!(indexes.len(), 7);
    run(&mut admin, &format!("drop index {}", indexes.join(", "))).await.unwrap();
    let mut bot = example.connect(&example.bot).await;
    for query in QUERIES {
        let plan = plan(&mut bot, query, &email, &id).await;
        assert!(reads_whole_table(&plan), "{query}\n{}", plan.join("\n"));
    }
    example.drops().await;
}
