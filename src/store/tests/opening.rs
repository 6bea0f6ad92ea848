//! Opening the store: its errors, its setup, and migrations.

use std::sync::Arc;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;

use crate::keyring::test_keyring;
use crate::pooler_stub::{self, Pooler};
use crate::server_stub::TlsServer;
use crate::store::engine::MIGRATIONS;
use crate::store::test_server::server;
use crate::store::testing::{ManualClock, NOON, found, on_both, save};
use crate::store::{Database, OpenError, inspect};

async fn open_error(url: &str) -> OpenError {
    Database::open(url, Arc::new(test_keyring(1)), Arc::new(ManualClock::at(NOON)))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn faulty_file_is_explained() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().display();
    let missing = open_error(&format!("sqlite://{path}/none/desk.db?mode=rwc")).await.to_string();
    assert_eq!(
        missing,
        format!(
            "the folder {path}/none does not exist; create it, or name another in DATABASE_URL"
        )
    );
    let missing = open_error(&format!("sqlite://{path}/desk.db")).await.to_string();
    assert_eq!(
        missing,
        format!(
            "the file {path}/desk.db does not exist; `support-desk migrate` creates it if \
             DATABASE_URL ends with ?mode=rwc"
        )
    );
    std::fs::write(
        folder.path().join("text"),
        "This text is no database. It is long enough to be recognized. ".repeat(20),
    )
    .unwrap();
    let no_database = open_error(&format!("sqlite://{path}/text?mode=rwc")).await.to_string();
    assert_eq!(
        no_database,
        format!("the file {path}/text cannot be opened or written, or is no SQLite database")
    );
    assert!(matches!(open_error("sqlite::memory:").await, OpenError::InMemory));
    assert!(matches!(open_error("sqlite://x.db?mode=rwc&nonsense=1").await, OpenError::Malformed));
    assert!(matches!(open_error("mysql://localhost/desk").await, OpenError::OtherEngine));
}

#[tokio::test]
async fn faulty_server_is_explained_without_password() {
    let (before, place) = server().rsplit_once('@').unwrap();
    let (_, password) = before.rsplit_once(':').unwrap();
    let (place, _) = place.split_once('/').unwrap();
    // Port 1 has no listener. An ephemeral port could be reused by another test.
    let port = 1;
    for (url, expected) in [
        (
            server().replace(password, "hunter2"),
            format!(
                "the PostgreSQL server at {place} refuses the user or password of DATABASE_URL"
            ),
        ),
        (
            format!("{before}@{place}/none"),
            format!(
                "the PostgreSQL server at {place} has no such database; create it, or name \
                 another in DATABASE_URL"
            ),
        ),
        (
            format!("{before}@127.0.0.1:{port}/desk"),
            format!("no PostgreSQL server answers at 127.0.0.1:{port}"),
        ),
    ] {
        let error = open_error(&url).await;
        assert_eq!(error.to_string(), expected);
        assert!(
            !format!("{error:?}").contains(password) && !format!("{error:?}").contains("hunter2")
        );
    }
}

#[tokio::test]
async fn certificate_that_is_not_accepted_is_explained() {
    let server = TlsServer::start().await;
    let (port, certificate) = (server.port, &server.certificate);
    let refused = format!(
        "the certificate of the PostgreSQL server at localhost:{port} is not accepted; set \
         sslrootcert in DATABASE_URL to the file of its certificate authority, and write the host \
         as the certificate names it"
    );
    let no_file = "a file that DATABASE_URL names in sslrootcert, sslcert or sslkey cannot be read";
    for (query, expected, cause) in [
        ("sslmode=verify-full", refused.as_str(), "no TLS connection: invalid peer certificate"),
        (
            &format!("sslmode=verify-full&sslrootcert={certificate}"),
            refused.as_str(),
            "no TLS connection: invalid peer certificate",
        ),
        ("sslmode=verify-full&sslrootcert=/no/such.pem", no_file, "entity not found"),
    ] {
        let url = format!("postgres://desk:hush@localhost:{port}/desk?{query}");
        let error = open_error(&url).await;
        let text = format!("{:#}", anyhow::Error::from(error));
        assert!(text.starts_with(expected) && text.contains(cause), "{text}");
    }
}

#[tokio::test]
async fn pooler_without_sessions_is_refused() {
    for pooler in [
        Pooler::RefusesConnections("08P01"),
        Pooler::RefusesStatements("26000"),
        Pooler::RefusesStatements("42P05"),
        Pooler::SharesConnections,
    ] {
        let url = pooler_stub::start(pooler).await;
        let error = open_error(&url).await;
        assert!(matches!(error, OpenError::Pooled(_)), "{pooler:?}: {error:?}");
        let (_, place) = url.split_once('@').unwrap();
        let (place, _) = place.split_once('/').unwrap();
        assert_eq!(
            error.to_string(),
            format!(
                "the PostgreSQL server at {place} is behind a pooler that does not keep the \
                 session; use the pooler's session mode (PgBouncer: pool_mode = session and \
                 ignore_startup_parameters = extra_float_digits), or name the server itself in \
                 DATABASE_URL"
            )
        );
    }
    let url = pooler_stub::start(Pooler::KeepsSessions).await;
    Database::open(&url, Arc::new(test_keyring(1)), Arc::new(ManualClock::at(NOON))).await.unwrap();
}

#[tokio::test]
async fn second_migration_changes_nothing() {
    on_both(async |bed| {
        let database =
            Database::open(&bed.url, Arc::clone(&bed.keys), bed.clock.clone()).await.unwrap();
        assert!(database.ping().await.is_err(), "the tables do not exist yet");
        database.migrate().await.unwrap();
        database.migrate().await.unwrap();
        database.ping().await.unwrap();
        database.close().await;
        assert!(database.ping().await.is_err());
    })
    .await;
}

#[tokio::test]
async fn store_of_unreleased_version_is_refused() {
    on_both(async |bed| {
        bed.open().await.close().await;
        let sqlite = bed.url.starts_with("sqlite:");
        let checksum = if sqlite { "x'00'" } else { "'\\x00'" };
        let mut store = AnyConnection::connect(&bed.url).await.unwrap();
        let change = format!("update _sqlx_migrations set checksum = {checksum} where version = 1");
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut store).await.unwrap();
        store.close().await.unwrap();
        let error = open_error(&bed.url).await;
        assert!(matches!(error, OpenError::Unreleased), "{error:?}");
        assert_eq!(
            error.to_string(),
            "the store was made by an earlier, unreleased version and must be recreated: delete \
             it, or name a new file or database in DATABASE_URL"
        );
    })
    .await;
}

#[tokio::test]
async fn inspection_keeps_the_journal_of_a_file() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display());
    let key = Arc::new(test_keyring(1));
    let database = Database::open(&url, key, Arc::new(ManualClock::at(NOON))).await.unwrap();
    database.migrate().await.unwrap();
    database.close().await;
    let mut admin = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("pragma journal_mode = delete").execute(&mut admin).await.unwrap();
    inspect(&url).await.unwrap();
    let mode: String =
        sqlx::query_scalar("pragma journal_mode").fetch_one(&mut admin).await.unwrap();
    assert_eq!(mode, "delete");
}

#[tokio::test]
async fn replicas_migrate_at_once() {
    on_both(async |bed| {
        let opened = tokio::join!(bed.open(), bed.open(), bed.open());
        opened.0.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn lost_connection_is_replaced() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.ping().await.unwrap();
        if bed.url.starts_with("postgres") {
            let kill =
                "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and pid <> pg_backend_pid()) as killed";
            // This uses one of the store's own connections, so that all others are terminated.
            sqlx::query(kill).execute(&database.pools.writes).await.unwrap();
            let other = bed.open().await;
            sqlx::query(kill).execute(&other.pools.writes).await.unwrap();
        }
        database.ping().await.unwrap();
        save(&database, found(1, 7, "julia")).await;
    })
    .await;
}

#[tokio::test]
async fn sqlite_commits_reach_the_disk() {
    on_both(async |bed| {
        if bed.url.starts_with("sqlite") {
            let database = bed.open().await;
            let pragma = |name: &'static str| {
                sqlx::query_scalar::<_, i64>(name).fetch_one(&database.pools.writes)
            };
            assert_eq!(pragma("pragma synchronous").await.unwrap(), 2);
            assert_eq!(pragma("pragma foreign_keys").await.unwrap(), 1);
            let mode: String = sqlx::query_scalar("pragma journal_mode")
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
            assert_eq!(mode, "wal");
        }
    })
    .await;
}

#[test]
fn every_migration_is_in_the_binary() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    assert_eq!(MIGRATIONS.iter().count(), std::fs::read_dir(folder).unwrap().count());
}
