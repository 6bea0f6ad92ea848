//! The daily verification and retention of the running program, as operator and leads see them.

use insta::assert_snapshot;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::browser;
use crate::customer::{JULIA, ends, execute, runs};
use crate::installation::Installation;
use crate::program::{PROCESS_TIMEOUT, Program, free_address};

/// Returns an installation in which a look-up was closed, whose `looked_up` somebody has changed,
/// and in which the daily work is due.
async fn tampered() -> Installation {
    let (place, program) = runs().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees_at_last("[Start verification").await;
    ben.presses("Close").await;
    ends(program).await;
    for statement in
        ["update events set details = '{}' where kind = 'looked_up'", "delete from daily_work"]
    {
        execute(&place.store_url(), statement.to_owned()).await;
    }
    place
}

/// Waits for a message in the leads' channel.
async fn alert(place: &Installation) -> String {
    let discord = &place.sandbox.discord;
    let mut changed = discord.changed();
    loop {
        let alert = discord.channel_sees(LEADS_CHANNEL_ID).await;
        if let Some((before, id)) = alert.split_once("\nA-") {
            return format!("{before}\nA-······{}", &id[6..]);
        }
        tokio::time::timeout(PROCESS_TIMEOUT, changed.changed()).await.unwrap().unwrap();
    }
}

async fn running(place: &Installation, admin: &str) -> Program {
    place.running_with(&[("ADMIN_ADDR", admin)]).await
}

#[tokio::test]
async fn finding_reaches_log_health_metrics_and_leads() {
    let place = tampered().await;
    let admin = free_address();
    let program = running(&place, &admin).await;
    assert_snapshot!(alert(&place).await, @"
    (everyone sees this)
    <@&1200000000000000022>
    🔴 Urgent · The audit trail does not verify
    The verification of the audit trail has one finding. Somebody may have changed the database. Tell the operator now: the log names each finding, and `support-desk trail verify` shows them again.
    A-······
    [Handled] [False alarm] [Show]
    ");
    let health = browser::looks_at(&format!("http://{admin}/health")).await.body;
    assert!(health.contains(r#""trail_findings":1"#), "{health}");
    assert!(health.contains(r#""retention_overdue":false"#), "{health}");
    let metrics = browser::looks_at(&format!("http://{admin}/metrics")).await.body;
    let finding = "support_desk_trail_findings_total{place=\"chain\"} 1";
    assert!(metrics.contains(finding), "{metrics}");
    let log = ends(program).await;
    let found = "event 1 (looked_up, ";
    assert!(
        log.lines().any(|line| line.contains("trail: session") && line.contains(found)),
        "{log}"
    );

    // It is done once a day.
    let program = running(&place, &admin).await;
    let health = browser::looks_at(&format!("http://{admin}/health")).await.body;
    assert!(health.contains(r#""trail_findings":1"#), "{health}");
    let log = ends(program).await;
    assert!(!log.contains("trail verified"), "{log}");
}
