//! The SQL in `deploy/store`: the two roles of the store on PostgreSQL. The program runs as one of
//! them.
//!
//! Each test has a database of its own, and roles of its own names, because roles belong to the
//! whole server and the tests run at the same time.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use url::Url;

use crate::installation::Installation;
use crate::program::Ended;
use crate::replicas::postgres::Postgres;

const ROLES_SQL: &str = include_str!("../../deploy/store/postgres.sql");
/// Name of the schema in the script. The names of the roles begin with it.
const SCHEMA: &str = "desk_store";
/// Code of PostgreSQL's error `insufficient_privilege`.
const DENIED: &str = "42501";
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

/// A database with the two roles.
struct Store {
    postgres: Postgres,
    /// Name of the schema.
    schema: String,
    script: String,
}

impl Store {
    /// Creates the roles, without tables.
    async fn new() -> Self {
        let postgres = Postgres::new().await;
        let (_, database) = postgres.url.rsplit_once('/').unwrap();
        let schema = database.to_owned();
        let script = ROLES_SQL.replace(SCHEMA, &schema);
        let store = Self { postgres, schema, script };
        let mut admin = store.admin().await;
        run(&mut admin, &store.script).await.unwrap();
        for role in [store.owner(), store.runner()] {
            run(&mut admin, &format!("alter role {role} password 'hush'")).await.unwrap();
        }
        store
    }

    /// Creates the roles, the tables and the rights, as the script says.
    async fn sets_up(&self, place: &Installation) {
        assert_eq!(self.migrates(place).await.code, Some(0));
        // The rights on tables need no superuser. The script can run again.
        for url in [self.url(&self.owner()), self.postgres.url.clone()] {
            let mut connection = AnyConnection::connect(&url).await.unwrap();
            run(&mut connection, &self.script).await.unwrap();
        }
    }

    /// Runs `migrate` as the owner.
    async fn migrates(&self, place: &Installation) -> Ended {
        let url = self.url(&self.owner());
        place.start_with("migrate", &[("DATABASE_URL", &url)]).ends().await
    }

    fn owner(&self) -> String {
        format!("{}_owner", self.schema)
    }

    fn runner(&self) -> String {
        format!("{}_run", self.schema)
    }

    fn url(&self, role: &str) -> String {
        let mut url = Url::parse(&self.postgres.url).unwrap();
        url.set_username(role).unwrap();
        url.set_password(Some("hush")).unwrap();
        url.into()
    }

    async fn admin(&self) -> AnyConnection {
        AnyConnection::connect(&self.postgres.url).await.unwrap()
    }

    async fn connect(&self, role: &str) -> AnyConnection {
        AnyConnection::connect(&self.url(role)).await.unwrap()
    }

    async fn drops(self) {
        let roles = format!("{}, {}", self.owner(), self.runner());
        let mut admin = self.admin().await;
        run(&mut admin, &format!("drop owned by {roles} cascade; drop role {roles}"))
            .await
            .unwrap();
        self.postgres.drops().await;
    }
}

async fn run(connection: &mut AnyConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

/// Returns the first column of the rows that a statement selects, in order.
async fn texts(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap();
    let mut texts: Vec<_> = rows.iter().map(|row| row.get(0)).collect();
    texts.sort_unstable();
    texts
}

/// Asserts that the server denies a statement because the role lacks the right.
async fn denied(connection: &mut AnyConnection, sql: &str) {
    let error = run(connection, sql).await.expect_err(sql);
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    assert_eq!(code.as_deref(), Some(DENIED), "{sql}: {error}");
}

/// Returns the names and rights of the script's lines, in order.
fn lines() -> Vec<(&'static str, &'static str)> {
    let (_, values) = ROLES_SQL.split_once("from (values").unwrap();
    let (values, _) = values.split_once(") as lines").unwrap();
    let texts: Vec<_> = values
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| line.split('\'').skip(1).step_by(2))
        .collect();
    let mut lines: Vec<_> = texts.chunks(2).map(|line| (line[0], line[1])).collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn session_is_walked_as_the_run_role() {
    let store = Store::new().await;
    let place = Installation::on(&store.url(&store.runner())).await;
    store.sets_up(&place).await;
    let checked = place.start("check", &[]).ends().await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let note = "; its user may not migrate, so run `support-desk migrate` as the owner of the \
                store before `run` at each upgrade";
    let mut lines = checked.stdout.lines();
    assert!(lines.any(|line| line.starts_with("ok    store") && line.ends_with(note)));

    place.link_agents().await;
    let program = place.running().await;
    let ben = place.sandbox.discord.person("ben");
    let code = |address| place.sandbox.mail.last_code_for(address).unwrap();
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees_at_last("[Start verification").await;
    ben.presses("Start").await;
    ben.sees_at_last("Choose the ecosystem").await;
    ben.selects("Casa Luz").await;
    ben.sees_at_last("[Enter code]").await;
    ben.presses("Enter code").await;
    // A wrong code counts against a limit, and a right one ends the count.
    ben.submits(["000000"]).await;
    ben.sees_at_last("4 attempts left").await;
    ben.presses("Enter code").await;
    ben.submits([code(BEN).as_str()]).await;
    ben.sees_at_last("[Send code]").await;
    ben.presses("Send code").await;
    ben.sees_at_last("[Enter code]").await;
    ben.presses("Enter code").await;
    ben.submits([code(JULIA).as_str()]).await;
    ben.sees_at_last("4 of 4").await;
    ben.presses("Waizant Web").await;
    ben.sees_at_last("Web is ready").await;
    ben.presses("Finish").await;
    ben.sees_at_last("This session was finished").await;
    program.signal("-TERM");
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for fault in ["ERROR", "42501", "privilege"] {
        assert!(!ended.stderr.contains(fault), "{ended:?}");
    }
    assert!(ended.stderr.contains("trail checkpoint written"), "{ended:?}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let unlocked = place.start("unlock customer:nobody", &[]).ends().await;
    assert!(unlocked.stdout.contains("nothing to unlock"), "{unlocked:?}");

    // The run role reads a customer's copy, and only the owner erases the customer.
    let copy = place.start(&format!("customer export < {JULIA}"), &[]).ends().await;
    assert!(copy.stdout.contains("Casa Luz"), "{copy:?}");
    let erase = format!("customer erase --yes < {JULIA}");
    let refused = place.start(&erase, &[]).ends().await;
    assert!(refused.sentence().contains("erase as the owner"), "{refused:?}");
    let owner = store.url(&store.owner());
    let erased = place.start(&erase, &[("DATABASE_URL", &owner)]).ends().await;
    assert_eq!((erased.code, erased.stderr.contains("ERROR")), (Some(0), false), "{erased:?}");
    let copy = place.start(&format!("customer export < {JULIA}"), &[]).ends().await;
    assert!(copy.sentence().contains("nothing is stored about this customer"), "{copy:?}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    store.drops().await;
}

#[tokio::test]
async fn run_role_has_the_rights_of_the_script_only() {
    let store = Store::new().await;
    let place = Installation::new().await;
    store.sets_up(&place).await;
    let mut owner = store.connect(&store.owner()).await;
    let tables = format!("select tablename::text from pg_tables where schemaname = '{SCHEMA}'");
    let tables = texts(&mut owner, &tables.replace(SCHEMA, &store.schema)).await;
    assert!(tables.contains(&"events".to_owned()), "{tables:?}");
    let names: Vec<_> = lines().into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, tables, "each table has one line in deploy/store/postgres.sql");
    let mut expected: Vec<_> = lines()
        .into_iter()
        .flat_map(|(name, rights)| {
            rights.split(", ").map(move |right| format!("{name} {}", right.to_uppercase()))
        })
        .collect();
    expected.sort_unstable();
    let runner = store.runner();
    let rights = format!(
        "select concat_ws(' ', table_name, privilege_type)::text
         from information_schema.table_privileges where grantee = '{runner}'"
    );
    assert_eq!(texts(&mut owner, &rights).await, expected);
    for (name, rights) in [
        ("_sqlx_migrations", "select"),
        ("store_meta", "select"),
        ("events", "select, insert"),
        ("checkpoints", "select, insert"),
        ("trail_keys", "select, insert"),
    ] {
        assert!(lines().contains(&(name, rights)), "{name}");
    }
    assert!(
        lines().iter().all(|(name, rights)| *name != "sessions" || !rights.contains("delete")),
        "the bot deletes no session"
    );
    for role in [store.owner(), runner] {
        let attributes = format!(
            "select concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolreplication,
             rolbypassrls, rolconnlimit) from pg_roles where rolname = '{role}'"
        );
        assert_eq!(texts(&mut owner, &attributes).await, ["f f f f f 30"]);
    }
    store.drops().await;
}

#[tokio::test]
async fn run_role_cannot_change_the_trail_or_tables() {
    let store = Store::new().await;
    let place = Installation::new().await;
    store.sets_up(&place).await;
    let mut runner = store.connect(&store.runner()).await;
    for table in ["events", "checkpoints", "trail_keys", "store_meta", "_sqlx_migrations"] {
        denied(&mut runner, &format!("delete from {table}")).await;
        denied(&mut runner, &format!("truncate {table}")).await;
        denied(&mut runner, &format!("drop table {table}")).await;
        denied(&mut runner, &format!("alter table {table} add column mine text")).await;
    }
    for write in [
        "update events set kind = 'closed'",
        "update checkpoints set at = 0",
        "update store_meta set min_reader = 1",
        "update _sqlx_migrations set success = false",
        "delete from sessions",
        "create table mine (id text)",
        "create table public.mine (id text)",
        "create schema mine",
        "create role mine",
        &format!("set role {}", store.owner()),
    ] {
        denied(&mut runner, write).await;
    }
    let create = format!("create table {}.mine (id text)", store.schema);
    denied(&mut runner, &create).await;
    store.drops().await;
}

#[tokio::test]
async fn missing_tables_and_rights_are_explained() {
    let store = Store::new().await;
    let place = Installation::on(&store.url(&store.runner())).await;
    let no_tables = "the store has no tables: run `support-desk migrate` as the owner of the store";
    let fails = async |sentence: &str| {
        for command in ["run", "run --no-migrate"] {
            let ended = place.start(command, &[]).ends().await;
            assert!(ended.sentence().contains(sentence), "{command}: {ended:?}");
        }
        let checked = place.start("check", &[]).ends().await;
        assert_eq!(checked.code, Some(1), "{checked:?}");
        let mut lines = checked.stdout.lines();
        assert!(
            lines.any(|line| line.starts_with("FAIL  store") && line.contains(sentence)),
            "{checked:?}"
        );
    };
    fails(no_tables).await;
    let migrated = place.start("migrate", &[]).ends().await;
    assert!(migrated.sentence().contains(no_tables), "{migrated:?}");

    // The script did not run after the migration.
    assert_eq!(store.migrates(&place).await.code, Some(0));
    fails("the user of DATABASE_URL has no rights on the store's tables").await;
    let mut owner = store.connect(&store.owner()).await;
    run(&mut owner, &store.script).await.unwrap();
    assert_eq!(place.start("check", &[]).ends().await.code, Some(0));

    // A newer version adds a table, and the script is an older one.
    run(&mut owner, "create table added (id text)").await.unwrap();
    let error = run(&mut owner, &store.script).await.unwrap_err().to_string();
    assert!(error.contains("no line for added: run the script of the version"), "{error}");
    run(&mut owner, "rollback").await.unwrap();
    fails("may not read the table added").await;
    run(&mut owner, "drop table added").await.unwrap();
    assert_eq!(place.start("check", &[]).ends().await.code, Some(0));
    store.drops().await;
}
