//! The metrics of a conversation.

use commands::model::time::minutes;
use sandbox::aws::Fault;

use crate::browser::looks_at;
use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

async fn scrape(world: &World) -> String {
    looks_at(&format!("{}metrics", world.admin_url())).await.body
}

/// Panics unless the scrape has each of the lines. A line is without the prefix `support_desk_`.
fn assert_lines(scrape: &str, lines: &[&str]) {
    for line in lines {
        let line = format!("support_desk_{line}");
        let metric = line.split(['{', ' ']).next().unwrap();
        let same: Vec<_> = scrape.lines().filter(|other| other.starts_with(metric)).collect();
        assert!(same.contains(&line.as_str()), "no {line} in {same:#?}");
    }
}

#[tokio::test]
async fn walk_is_counted_once() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:nobody@example.com").await;
        ben.sees().await;
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let wrong = world.wrong_code_for(BEN);
        for code in [wrong, world.code_for(BEN)] {
            ben.presses("Enter code").await;
            ben.submits([code.as_str()]).await;
            ben.sees().await;
        }
        assert_lines(
            &scrape(world).await,
            &[
                "sessions_open{kind=\"technical\"} 1",
                "refusals_total{reason=\"unknown_customer\"} 1",
                "refusals_total{reason=\"wrong_code\"} 1",
                "clicks_total{kind=\"command\",outcome=\"refused\"} 1",
                "clicks_total{kind=\"form\",outcome=\"refused\"} 1",
                "clicks_total{kind=\"form\",outcome=\"done\"} 1",
                "clicks_total{kind=\"button\",outcome=\"fault\"} 0",
                "first_answer_seconds_count{kind=\"form\"} 2",
                "first_answer_seconds_count{kind=\"command\"} 2",
                "codes_total{purpose=\"agent_mfa\",event=\"asked\"} 1",
                "codes_total{purpose=\"agent_mfa\",event=\"sent\"} 1",
                "codes_total{purpose=\"agent_mfa\",event=\"wrong\"} 1",
                "codes_total{purpose=\"agent_mfa\",event=\"right\"} 1",
                "codes_total{purpose=\"agent_mfa\",event=\"locked\"} 0",
                "calls_total{service=\"lambda\",call=\"otp_send\",outcome=\"done\"} 1",
                "claims_total{how=\"lost\"} 0",
                "store_retries_total{reason=\"conflict\"} 0",
            ],
        );
        let faults = world.sandbox.aws.faults();
        faults.next("cs-otp-send", 1, &Fault::FunctionError);
        ben.presses("Send code").await;
        let line = log.line_of(&ben.sees().await);
        assert!(line.contains("\"interaction\":"), "{line}");
        faults.always("cs-access", Fault::FunctionError);
        ben.presses("Cancel").await;
        ben.submits(["The customer hung up"]).await;
        ben.sees().await;
        world.passes(minutes(2)).await;
        let text = scrape(world).await;
        assert_lines(
            &text,
            &[
                "sessions_open{kind=\"technical\"} 0",
                "sessions_closed_total{kind=\"technical\",reason=\"cancelled\"} 1",
                "session_seconds_count{kind=\"technical\",reason=\"other\"} 1",
                "codes_total{purpose=\"customer_consent\",event=\"not_sent\"} 1",
                "faults_total{call=\"otp_send\"} 1",
                "clicks_total{kind=\"button\",outcome=\"fault\"} 1",
                "effects_pending{kind=\"revoke\"} 1",
            ],
        );
        let oldest = "support_desk_effects_oldest_seconds{kind=\"revoke\"} ";
        let oldest = text.lines().find_map(|line| line.strip_prefix(oldest)).unwrap();
        let oldest: f64 = oldest.parse().unwrap();
        assert!((120.0..180.0).contains(&oldest), "{oldest}");
    })
    .await;
}

#[tokio::test]
async fn fifth_wrong_code_counts_a_lockout() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for _ in 0..5 {
            ben.presses("Enter code").await;
            ben.submits([world.wrong_code_for(BEN).as_str()]).await;
            ben.sees().await;
        }
        assert_lines(
            &scrape(world).await,
            &[
                "codes_total{purpose=\"agent_mfa\",event=\"wrong\"} 5",
                "codes_total{purpose=\"agent_mfa\",event=\"locked\"} 1",
                "lockouts_total{reason=\"wrong_codes\"} 1",
                "sessions_closed_total{kind=\"technical\",reason=\"agent_locked_out\"} 1",
            ],
        );
    })
    .await;
}
