//! Versions: an older program on a newer store, and stores that no program can use.

use std::sync::Arc;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::store::engine::MIGRATIONS;
use crate::store::testing::{TestBed, found, on_both, save};
use crate::store::versions::program;
use crate::store::{Database, StoreVersion, inspect};

/// Number of a migration of a newer program.
const NEWER: i64 = 99;

async fn change(bed: &TestBed, sql: &str) {
    let mut store = AnyConnection::connect(&bed.url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
}

/// Adds a migration to the store, as another program would.
async fn add_migration(bed: &TestBed, version: i64) {
    let add = format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         select {version}, description, success, checksum, execution_time
         from _sqlx_migrations where version = 1"
    );
    change(bed, &add).await;
}

async fn set_min_reader(bed: &TestBed, min_reader: i64) {
    change(bed, &format!("update store_meta set min_reader = {min_reader}")).await;
}

/// Opens the store without a migration.
async fn open(bed: &TestBed) -> Database {
    Database::open(&bed.url, Arc::clone(&bed.keys), bed.clock.clone()).await.unwrap()
}

/// Asserts that `check`, `migrate`, `run` and `run --no-migrate` refuse the store with a sentence.
async fn refused(bed: &TestBed, sentence: &str) {
    assert_eq!(inspect(&bed.url).await.unwrap_err().to_string(), sentence);
    let database = open(bed).await;
    assert_eq!(database.migrate().await.unwrap_err().to_string(), sentence);
    assert_eq!(database.require_tables().await.unwrap_err().to_string(), sentence);
    database.close().await;
}

#[tokio::test]
async fn newer_store_is_used_from_its_min_reader() {
    on_both(async |bed| {
        bed.open().await.close().await;
        add_migration(&bed, NEWER).await;
        set_min_reader(&bed, program()).await;
        let inspected = inspect(&bed.url).await.unwrap();
        let newer = StoreVersion::Newer { store: NEWER, program: program() };
        assert_eq!((inspected.version, inspected.may_migrate), (newer, true));
        let database = bed.open().await;
        database.require_tables().await.unwrap();
        save(&database, found(1, 7, "julia")).await;
        let status = database.status().await.unwrap();
        assert_eq!((status.migration, status.program_migration), (Some(NEWER), Some(program())));
        database.close().await;

        let needed = program() + 1;
        set_min_reader(&bed, needed).await;
        let sentence = format!(
            "the store needs a program with migration {needed} or newer, and this program has \
             migration {}: run the newer version of support-desk, or restore the backup from \
             before its upgrade",
            program()
        );
        refused(&bed, &sentence).await;
    })
    .await;
}

#[tokio::test]
async fn store_without_tables_is_refused_unless_it_is_migrated() {
    on_both(async |bed| {
        let database = open(&bed).await;
        let sentence =
            "the store has no tables: run `support-desk migrate` as the owner of the store";
        assert_eq!(database.require_tables().await.unwrap_err().to_string(), sentence);
        assert_eq!(inspect(&bed.url).await.unwrap_err().to_string(), sentence);
        database.migrate().await.unwrap();
        database.require_tables().await.unwrap();
        assert_eq!(inspect(&bed.url).await.unwrap().version, StoreVersion::Current);
    })
    .await;
}

#[tokio::test]
async fn store_that_lacks_a_migration_is_migrated() {
    on_both(async |bed| {
        let newest = program();
        let store = newest - 1;
        sqlx::any::install_default_drivers();
        let mut older = AnyConnection::connect(&bed.url).await.unwrap();
        MIGRATIONS.run_to(store, &mut older).await.unwrap();
        older.close().await.unwrap();
        let behind = StoreVersion::Behind { store, program: newest };
        assert_eq!(inspect(&bed.url).await.unwrap().version, behind);
        let database = open(&bed).await;
        assert_eq!(
            database.require_tables().await.unwrap_err().to_string(),
            format!(
                "the store has migration {store}, and this program needs migration {newest}: run \
                 `support-desk migrate` as the owner of the store"
            )
        );
        database.migrate().await.unwrap();
        database.require_tables().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn migration_applied_in_part_is_refused() {
    on_both(async |bed| {
        bed.open().await.close().await;
        add_migration(&bed, NEWER).await;
        for version in [NEWER, 1] {
            let break_off =
                format!("update _sqlx_migrations set success = false where version = {version}");
            change(&bed, &break_off).await;
            let sentence = format!(
                "migration {version} of the store was applied in part: restore the backup from \
                 before the upgrade, then run `support-desk migrate`"
            );
            refused(&bed, &sentence).await;
        }
    })
    .await;
}

#[tokio::test]
async fn foreign_history_is_refused() {
    on_both(async |bed| {
        bed.open().await.close().await;
        let sentence = |version| {
            format!(
                "the store has migration {version}, which belongs to no version of this program: \
                 check DATABASE_URL, or restore a backup"
            )
        };
        add_migration(&bed, 0).await;
        refused(&bed, &sentence(0)).await;
        change(&bed, "delete from _sqlx_migrations where version in (0, 2)").await;
        add_migration(&bed, NEWER).await;
        refused(&bed, &sentence(NEWER)).await;
    })
    .await;
}

#[tokio::test]
async fn store_has_one_row_of_versions() {
    on_both(async |bed| {
        let database = bed.open().await;
        for id in [1, 2] {
            let add = sqlx::query("insert into store_meta (id, min_reader) values ($1, 1)");
            assert!(add.bind(id).execute(&database.pools.writes).await.is_err(), "{id}");
        }
        let min_reader: i64 = sqlx::query_scalar("select min_reader from store_meta")
            .fetch_one(&database.pools.reads)
            .await
            .unwrap();
        assert!(min_reader <= program(), "this program can use the store that it makes");
    })
    .await;
}

/// A migration that takes something away must exclude the programs that need it.
#[test]
fn migration_that_removes_raises_min_reader() {
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > 3) {
        let sql = migration.sql.as_str().to_lowercase();
        let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
        let sql = lines.collect::<Vec<_>>().join(" ");
        let removes = ["drop ", "rename ", "alter column ", "set not null", "delete from "];
        if removes.iter().any(|word| sql.contains(word)) {
            let raise = format!("update store_meta set min_reader = {}", migration.version);
            assert!(sql.contains(&raise), "migration {} lacks: {raise}", migration.version);
        }
    }
}
