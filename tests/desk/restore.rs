//! A backup that is put back: what was open is revoked, and the log names what is missing.

use std::fs;

use sandbox::shop::LinkState;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::installation::Installation;
use crate::program::PROCESS_TIMEOUT;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

/// Verifies agent and customer by the running program.
async fn verifies(place: &Installation) {
    let ben = place.sandbox.discord.person("ben");
    let code = |address| place.sandbox.mail.last_code_for(address).unwrap();
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees_at_last("[Start verification").await;
    ben.presses("Start").await;
    ben.sees_at_last("Choose the ecosystem").await;
    ben.selects("Casa Luz").await;
    ben.sees_at_last("[Enter code]").await;
    ben.presses("Enter code").await;
    ben.submits([code(BEN).as_str()]).await;
    ben.sees_at_last("[Send code]").await;
    ben.presses("Send code").await;
    ben.sees_at_last("[Enter code]").await;
    ben.presses("Enter code").await;
    ben.submits([code(JULIA).as_str()]).await;
    ben.sees_at_last("4 of 4").await;
}

#[tokio::test]
async fn restored_store_revokes_what_was_open_and_the_log_names_the_loss() {
    let place = Installation::new().await;
    place.link_agents().await;
    let program = place.running().await;
    verifies(&place).await;
    let backup = place.folder.path().join("backup.db");
    let mut store = AnyConnection::connect(&place.store_url()).await.unwrap();
    let copy = AssertSqlSafe(format!("vacuum into '{}'", backup.display()));
    sqlx::raw_sql(copy).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
    // After the backup: an access link that its session does not know.
    let ben = place.sandbox.discord.person("ben");
    ben.presses("Waizant Web").await;
    ben.sees_at_last("Web is ready").await;
    program.signal("-KILL");
    let log = program.ends().await.stderr;
    let log_file = place.folder.path().join("log.jsonl");
    fs::write(&log_file, &log).unwrap();
    assert!(place.sandbox.shop.links().iter().all(|link| link.state == LinkState::Open));

    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.store_file(ending));
    }
    fs::copy(&backup, place.store_file("")).unwrap();
    let well = place.start("trail verify", &[]).ends().await;
    assert_eq!(well.code, Some(0), "the backup itself is intact: {well:?}");
    let compare = format!("trail verify --log {}", log_file.display());
    let compared = place.start(&compare, &[]).ends().await;
    assert_eq!(compared.code, Some(1), "{compared:?}");
    let missing = compared.stdout.matches("is in the log and not in the database").count();
    assert!(missing > 0, "{compared:?}");

    let ended = place.start("end-sessions", &[]).ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("1 sessions closed"), "{ended:?}");
    let program = place.running().await;
    let mut changed = place.sandbox.discord.changed();
    while !place.sandbox.shop.links().iter().all(|link| link.state == LinkState::Revoked) {
        tokio::time::timeout(PROCESS_TIMEOUT, changed.changed()).await.unwrap().unwrap();
    }
    ben.types("/support resume").await;
    ben.sees_at_last("no open session").await;
    program.signal("-TERM");
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let well = place.start("trail verify", &[]).ends().await;
    assert_eq!(well.code, Some(0), "{well:?}");
}
