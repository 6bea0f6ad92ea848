//! An older program on a store that a newer one has migrated, as its operator sees it.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::installation::Installation;
use crate::store::{Engine, Store};

/// Changes the store as a newer program does.
async fn changed(installation: &Installation, sql: &str) {
    let mut store = AnyConnection::connect(&installation.store_url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
}

#[tokio::test]
async fn older_program_runs_on_newer_store_from_min_reader() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(engine, &folder.path().join("desk.db")).await;
        let installation = Installation::on(store.url()).await;
        installation.link_agents().await;
        let migration = "insert into _sqlx_migrations
            (version, description, success, checksum, execution_time)
            select 99, description, success, checksum, execution_time
            from _sqlx_migrations where version = 1;";
        let newest = "(select max(version) from _sqlx_migrations where version < 99)";
        let set = format!("{migration} update store_meta set min_reader = {newest}");
        changed(&installation, &set).await;

        let checked = installation.start("check", &[]).ends().await;
        assert_eq!(checked.code, Some(0), "{checked:?}");
        let mut lines = checked.stdout.lines();
        let warning = "a newer version of the bot has migrated the store to 99";
        assert!(
            lines.any(|line| line.starts_with("warn  store") && line.contains(warning)),
            "{checked:?}"
        );
        let logged = "a newer version of the bot has migrated the store: continuing";
        let migrated = installation.start("migrate", &[]).ends().await;
        assert!(migrated.code == Some(0) && migrated.stderr.contains(logged), "{migrated:?}");
        let program = installation.running().await;
        let ben = installation.sandbox.discord.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.sees_at_last("[Start verification").await;
        program.signal("-TERM");
        let ended = program.ends().await;
        assert!(ended.code == Some(0) && ended.stderr.contains(logged), "{ended:?}");

        changed(&installation, "update store_meta set min_reader = min_reader + 1").await;
        let sentence = "the store needs a program with migration";
        for command in [
            "run",
            "run --no-migrate",
            "migrate",
            "trail verify",
            "trail export",
            "unlock customer:nobody",
        ] {
            let ended = installation.start(command, &[]).ends().await;
            assert!(ended.sentence().contains(sentence), "{command}: {ended:?}");
        }
        let checked = installation.start("check", &[]).ends().await;
        assert_eq!(checked.code, Some(1), "{checked:?}");
        let mut lines = checked.stdout.lines();
        assert!(
            lines.any(|line| line.starts_with("FAIL  store") && line.contains(sentence)),
            "{checked:?}"
        );
        store.drops().await;
    }
}
