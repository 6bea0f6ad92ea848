//! Connections to Core that an outage, a change of a view or a pooler makes useless.

use futures_util::future::join_all;

use super::*;
use crate::pooler_stub::{self, Pooler};
use crate::server_stub::PowerSwitch;
use crate::sql_pool::SILENCE;

#[tokio::test]
async fn replaced_view_is_read_on_a_new_connection() {
    on_both(async |bed| {
        sqlx::any::install_default_drivers();
        let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
        sqlx::raw_sql(SCHEMA).execute(&mut admin).await.unwrap();
        let core = Core::open(&SecretString::from(bed.url.clone())).unwrap();
        let julia = email("julia@example.com");
        let look_up = async || {
            let found = core.find(&julia, SupportKind::Technical).await.unwrap();
            assert!(matches!(found, CustomerMatch::One(_)), "{found:?}");
        };
        let mut connections = Vec::new();
        for _ in 0..MAX_CONNECTIONS {
            let mut connection = core.pool.acquire().await.unwrap();
            let spellings = julia.spellings();
            let query = spellings.iter().fold(sqlx::query(USER_BY_EMAIL), Query::bind);
            assert!(query.fetch_optional(&mut *connection).await.unwrap().is_some());
            connections.push(connection);
        }
        drop(connections);
        // A connection returns to the pool in a task.
        while core.pool.num_idle() < usize::try_from(MAX_CONNECTIONS).unwrap() {
            tokio::task::yield_now().await;
        }
        // PostgreSQL refuses the cached statement: its result has another type.
        let replaced = "drop view support_users;
            create view support_users as select id as user_id, mail as email,
                cast(full_name as varchar(80)) as full_name, status, locale, created_at
            from users;";
        sqlx::raw_sql(replaced).execute(&mut admin).await.unwrap();
        look_up().await;
        if bed.url.starts_with("postgres") {
            let kill = "select count(*) from (select pg_terminate_backend(pid)
                from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()) as killed";
            sqlx::query(kill).execute(&mut admin).await.unwrap();
            // The server has ended every connection.
            look_up().await;
        }
    })
    .await;
}

/// Returns an adapter for Core, which has the schema of the tests.
async fn core_at(url: &str, schema: &str) -> Core {
    sqlx::any::install_default_drivers();
    let mut admin = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(schema.to_owned())).execute(&mut admin).await.unwrap();
    Core::open(&SecretString::from(url.to_owned())).unwrap()
}

#[tokio::test]
async fn silent_core_is_read_after_it_returns() {
    on_both(async |bed| {
        if !bed.url.starts_with("postgres") {
            return;
        }
        let server = PowerSwitch::start(&bed.url).await;
        let core = core_at(&server.url, SCHEMA).await;
        let julia = email("julia@example.com");
        let look_up = || core.find(&julia, SupportKind::Technical);
        let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
        let lock = "begin; lock table users in access exclusive mode";
        sqlx::raw_sql(lock).execute(&mut admin).await.unwrap();
        let mut look_ups = Box::pin(join_all((0..MAX_CONNECTIONS).map(|_| look_up())));
        let all_wait = async {
            let waiting = "select count(*) from pg_stat_activity
                           where datname = current_database() and wait_event_type = 'Lock'";
            let most = i64::from(MAX_CONNECTIONS);
            while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut admin).await.unwrap() < most
            {
                // The view is a snapshot of the transaction.
                let renew = "select pg_stat_clear_snapshot()";
                sqlx::raw_sql(renew).execute(&mut admin).await.unwrap();
            }
        };
        tokio::select! {
            _ = &mut look_ups => panic!("the table is locked"),
            () = all_wait => server.lose_power(),
        }
        assert!(tokio::time::timeout(SILENCE, &mut look_ups).await.is_err());
        drop(look_ups);
        admin.close().await.unwrap();
        server.regain_power();
        assert!(matches!(look_up().await.unwrap(), CustomerMatch::One(_)));
    })
    .await;
}

#[tokio::test]
async fn conflict_on_read_replica_is_repeated_once() {
    on_both(async |bed| {
        if !bed.url.starts_with("postgres") {
            return;
        }
        // The first query fails as one that a replica cancels. A lock of the session remembers it.
        let conflict = "create function is_free() returns boolean volatile language plpgsql as $$
            begin
                if exists (select 1 from pg_locks join pg_database d on d.oid = database
                           where locktype = 'advisory' and d.datname = current_database()) then
                    return true;
                end if;
                perform pg_advisory_lock(7);
                raise 'canceling statement due to conflict with recovery' using errcode = '40001';
            end $$;
            create or replace view support_users as select id as user_id, mail as email, full_name,
                status, locale, created_at from users where is_free();";
        let core = core_at(&bed.url, &format!("{SCHEMA}{conflict}")).await;
        let found = core.find(&email("julia@example.com"), SupportKind::Technical).await.unwrap();
        assert!(matches!(found, CustomerMatch::One(_)), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn pooler_refuses_look_up_before_its_setup() {
    // The stand-in accepts no setup.
    let url = pooler_stub::start(Pooler::SharesConnections).await;
    let core = Core::open(&SecretString::from(url)).unwrap();
    let julia = email("julia@example.com");
    let fault = core.find(&julia, SupportKind::Technical).await.unwrap_err().to_string();
    let expected = "looking up a customer in Core: a pooler does not keep the session: use its \
                    session mode";
    assert_eq!(fault, expected);
}
