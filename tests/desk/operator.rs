//! The running program as its operator sees it: probes, commands beside it, and its log.

use sqlx::{AnyConnection, Connection as _};

use crate::browser;
use crate::installation::Installation;
use crate::program::{Program, free_address, listens};
use crate::replicas::postgres::Postgres;

/// Returns the statuses of the probes at both addresses: alive, ready, useful.
async fn probes(addresses: &[&str; 2]) -> [[u16; 3]; 2] {
    let mut statuses = [[0; 3]; 2];
    for (address, statuses) in addresses.iter().zip(&mut statuses) {
        for (path, status) in ["live", "ready", "health"].iter().zip(statuses) {
            *status = browser::looks_at(&format!("http://{address}/{path}")).await.status;
        }
    }
    statuses
}

#[tokio::test]
async fn probes_are_answered_during_start_and_stop() {
    let store = Postgres::new().await;
    let installation = Installation::on(&store.url).await;
    let (public, admin) = (free_address(), free_address());
    let addresses = [("HTTP_ADDR", public.as_str()), ("ADMIN_ADDR", admin.as_str())];
    let both = [public.as_str(), admin.as_str()];
    // The migration waits for this table.
    let mut holder = AnyConnection::connect(&store.url).await.unwrap();
    let hold = "begin; create table _sqlx_migrations (version bigint)";
    sqlx::raw_sql(hold).execute(&mut holder).await.unwrap();

    let program = installation.start("run", &addresses);
    listens(&admin).await;
    assert_eq!(probes(&both).await, [[200, 503, 503]; 2], "starting");
    program.signal("-TERM");
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "stopped during the start: {ended:?}");

    let program = installation.start("run", &addresses);
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
    installation.sandbox.discord.connected(1).await;
    installation.link_agents().await;
    let ben = installation.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    assert_eq!(probes(&both).await, [[200, 200, 200]; 2], "running");
    let faults = installation.sandbox.aws.faults();
    faults.hold("cs-otp-send");
    tokio::join!(ben.selects("Casa Luz"), async {
        faults.arrived("cs-otp-send", 1).await;
        program.signal("-TERM");
        installation.sandbox.discord.connected(0).await;
        assert_eq!(probes(&both).await, [[200, 503, 503]; 2], "stopping");
        faults.release("cs-otp-send");
    });
    assert!(ben.sees().await.contains("mailed to **you**"));
    assert_eq!(program.ends().await.code, Some(0));
    store.drops().await;
}

#[tokio::test]
async fn small_commands_work_beside_bot_on_postgres() {
    let store = Postgres::new().await;
    let installation = Installation::on(&store.url).await;
    installation.link_agents().await;
    let program = installation.running().await;
    let ben = installation.sandbox.discord.person("ben");
    ben.types("/support technical email:nobody@example.com").await;
    ben.sees().await;
    for (command, code, text) in [
        ("migrate", 0, "the store is up to date: 127.0.0.1:"),
        ("trail verify", 0, "events in"),
        ("trail export", 0, r#""kind":"looked_up""#),
        ("unlock customer:usr-julia", 1, "nothing to unlock"),
    ] {
        let beside = installation.start(command, &[]).ends().await;
        assert_eq!(beside.code, Some(code), "{command}: {beside:?}");
        assert!(beside.stdout.contains(text), "{command}: {beside:?}");
    }
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
    store.drops().await;
}

#[tokio::test]
async fn lockout_is_logged_at_every_log_level() {
    let installation = Installation::new().await;
    installation.link_agents().await;
    let program = installation.start("run", &[("RUST_LOG", "off")]);
    installation.sandbox.discord.connected(1).await;
    let ben = installation.sandbox.discord.person("ben");
    ben.types("/support technical email:julia@example.com").await;
    ben.presses("Start").await;
    ben.sees().await;
    ben.selects("Casa Luz").await;
    ben.sees().await;
    for _ in 0..5 {
        ben.presses("Enter code").await;
        ben.submits(["000000"]).await;
        ben.sees().await;
    }
    program.signal("-TERM");
    let ended = program.ends().await;
    let lines: Vec<_> = ended.stderr.lines().filter(|line| line.contains("locked out")).collect();
    assert_eq!(lines.len(), 1, "{ended:?}");
    assert!(lines[0].contains(r#""subject":"agent:"#), "{ended:?}");
}

#[tokio::test]
async fn check_without_credentials_prints_its_own_lines_only() {
    let installation = Installation::new().await;
    let mut variables = installation.variables(&[("AWS_EC2_METADATA_DISABLED", "true")]);
    variables.retain(|(name, _)| !matches!(*name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY"));
    let checked = Program::start(&installation.folder, "check", &variables).ends().await;
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(1), ""), "{checked:?}");
    assert!(checked.stdout.contains("no providers in chain provided credentials"), "{checked:?}");
}
