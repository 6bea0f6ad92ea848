//! Connections that an outage of the server leaves behind. They look alive and are useless.

use std::sync::Arc;

use commands::ports::account_links::AccountLinks as _;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use futures_util::future::join_all;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::server_stub::PowerSwitch;
use crate::sql_pool::SILENCE;
use crate::store::Database;
use crate::store::testing::{NOON, TestBed, found, id, moved, on_both, save, started};

/// Connections of the store's pool on PostgreSQL.
const POOLED: usize = 8;

fn is_postgres(bed: &TestBed) -> bool {
    bed.url.starts_with("postgres")
}

/// Executes a statement on every connection of the pool, as a pooler or an outage would.
async fn on_each_connection(database: &Database, statement: &'static str) {
    let mut connections = Vec::new();
    for _ in 0..POOLED {
        connections.push(database.pools.writes.acquire().await.unwrap());
    }
    for connection in &mut connections {
        sqlx::raw_sql(statement).execute(&mut **connection).await.unwrap();
    }
    drop(connections);
    // A connection returns to the pool in a task.
    while database.pools.writes.num_idle() < POOLED {
        tokio::task::yield_now().await;
    }
}

/// Makes every connection of the pool read-only, as one that began during a failover.
async fn make_read_only(database: &Database) {
    on_each_connection(database, "set default_transaction_read_only = on").await;
}

#[tokio::test]
async fn read_only_connections_of_outage_are_replaced() {
    on_both(async |bed| {
        if !is_postgres(&bed) {
            // A SQLite file has no server that fails over.
            return;
        }
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;

        make_read_only(&database).await;
        database.ping().await.unwrap();
        make_read_only(&database).await;
        let session = save(&database, moved(session, NOON)).await;
        make_read_only(&database).await;
        save(&database, started(session, NOON)).await;
        make_read_only(&database).await;
        save(&database, found(2, 8, "tom")).await;
        make_read_only(&database).await;
        assert!(database.checkpoint(NOON).await.unwrap().written.is_some());
        for n in 3..20 {
            save(&database, found(n, 7, "julia")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn silent_connections_are_replaced() {
    on_both(async |bed| {
        if !is_postgres(&bed) {
            return;
        }
        bed.open().await.close().await;
        let server = PowerSwitch::start(&bed.url).await;
        let (key, clock) = (Arc::clone(&bed.keys), bed.clock.clone());
        let database = Database::open(&server.url, key, clock).await.unwrap();
        on_each_connection(&database, "select 1").await;
        let session = save(&database, found(1, 7, "julia")).await;

        for _ in 0..2 {
            server.lose_power();
            // Each connection waits for an answer when its caller gives up.
            let clicks = join_all((0..POOLED).map(|_| database.ping()));
            assert!(tokio::time::timeout(SILENCE, clicks).await.is_err());
            server.regain_power();
            database.ping().await.unwrap();
        }
        save(&database, moved(session, NOON)).await;
    })
    .await;
}

#[tokio::test]
async fn read_only_server_is_not_healthy() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.ping().await.unwrap();
        let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
        if is_postgres(&bed) {
            let name: String = sqlx::query_scalar("select current_database()::text")
                .fetch_one(&mut admin)
                .await
                .unwrap();
            let set = |mode: &str| {
                AssertSqlSafe(format!(
                    "alter database {name} set default_transaction_read_only = {mode}"
                ))
            };
            sqlx::raw_sql(set("on")).execute(&mut admin).await.unwrap();
            make_read_only(&database).await;
            let fault = database.ping().await.unwrap_err().to_string();
            assert!(fault.ends_with("25006, the database is read-only"), "{fault}");
            sqlx::raw_sql(set("off")).execute(&mut admin).await.unwrap();
        } else {
            sqlx::raw_sql("begin immediate").execute(&mut admin).await.unwrap();
            let fault = database.ping().await.unwrap_err().to_string();
            assert!(fault.ends_with("5, locked by another process"), "{fault}");
            sqlx::raw_sql("rollback").execute(&mut admin).await.unwrap();
        }
        database.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn statement_that_no_longer_fits_is_prepared_again() {
    on_both(async |bed| {
        if !is_postgres(&bed) {
            // SQLite prepares such a statement again by itself.
            return;
        }
        let database = bed.open().await;
        save(&database, found(1, 7, "julia")).await;
        let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
        for change in [
            // "cached plan must not change result type"
            "alter table sessions alter column state type varchar",
            "alter table sessions alter column state type text",
        ] {
            assert!(database.reload(&id(1)).await.unwrap().is_some(), "it is cached now");
            sqlx::raw_sql(change).execute(&mut admin).await.unwrap();
            assert!(database.reload(&id(1)).await.unwrap().is_some(), "{change}");
        }
        for n in 0..4 {
            database.reload(&id(1)).await.unwrap();
            database.of_discord(7).await.unwrap();
            on_each_connection(&database, "deallocate all").await;
            // Each statement is missing on every connection.
            database.reload(&id(1)).await.unwrap();
            database.of_discord(7).await.unwrap();
            assert_eq!(database.open_of(7).await.unwrap(), [id(1)], "{n}");
        }
    })
    .await;
}
