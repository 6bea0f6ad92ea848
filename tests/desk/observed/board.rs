//! The board for Grafana: each query runs on a real Prometheus that has seen a walk.

use sandbox::discord::Person;
use serde_json::Value;

use super::prometheus::{JOB, Prometheus, promtool};
use super::{assert_in_scrape, project, read};
use crate::browser;
use crate::installation::Installation;
use crate::program::free_address;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

/// Panels that the walk leaves empty, because they list only what has occurred.
const EMPTY: [&str; 1] = ["Faults"];

/// Panels on which the walk shows something.
const WALKED: [&str; 20] = [
    "Replicas connected",
    "Store accepts writes",
    "Clicks by outcome",
    "First answer, 50th and 99th percentile",
    "Refusals",
    "Codes",
    "Closed sessions",
    "Length of sessions, 50th percentile",
    "Calls by outcome",
    "Calls, 95th percentile",
    "Look-ups in Core, 95th percentile",
    "Tries by route and status",
    "Tries, 95th percentile",
    "Gateway events",
    "Sessions left today",
    "Commit, 50th and 99th percentile",
    "Commits a batch",
    "Claims",
    "Trail",
    "Memory",
];

/// Returns the title and the queries of each panel, with the variables of the board filled in.
fn panels(board: &Value) -> Vec<(String, Vec<String>)> {
    let panels = board["panels"].as_array().unwrap().iter();
    let panels = panels.filter(|panel| panel["type"] != "row");
    let query = |target: &Value| {
        let query = target["expr"].as_str().unwrap();
        query.replace("$job", JOB).replace("$__rate_interval", "5m")
    };
    panels
        .map(|panel| {
            let queries = panel["targets"].as_array().unwrap().iter().map(query).collect();
            (panel["title"].as_str().unwrap().to_owned(), queries)
        })
        .collect()
}

/// Helps a customer from the look-up to Finish, with a refused look-up and a wrong code.
async fn walk(installation: &Installation, ben: &Person) {
    let code = |of: &str| installation.sandbox.mail.last_code_for(of).unwrap();
    ben.types("/support technical email:nobody@example.com").await;
    ben.sees().await;
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.presses("Start").await;
    ben.sees().await;
    ben.selects("Casa Luz").await;
    ben.sees().await;
    let wrong = if code(BEN) == "000000" { "000001" } else { "000000" };
    for typed in [wrong, code(BEN).as_str()] {
        ben.presses("Enter code").await;
        ben.submits([typed]).await;
        ben.sees().await;
    }
    ben.presses("Send code").await;
    ben.sees().await;
    ben.presses("Enter code").await;
    ben.submits([code(JULIA).as_str()]).await;
    ben.sees().await;
    ben.presses("Waizant Web").await;
    ben.sees().await;
    ben.presses("Finish").await;
    ben.sees().await;
}

#[tokio::test]
async fn board_shows_a_walk() {
    let installation = Installation::new().await;
    installation.link_agents().await;
    let admin = free_address();
    let program = installation.running_with(&[("ADMIN_ADDR", &admin)]).await;
    // Before the walk, so that the first events are increases.
    let prometheus = Prometheus::scraping(&admin).await;
    walk(&installation, &installation.sandbox.discord.person("ben")).await;
    let scrape = browser::looks_at(&format!("http://{admin}/metrics")).await.body;

    let checked = promtool(&project(""), &["check", "metrics"], &scrape);
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    let board: Value = serde_json::from_str(&read("deploy/grafana/support-desk.json")).unwrap();
    let panels = panels(&board);
    assert!(panels.len() > 30, "only {} panels", panels.len());
    for title in WALKED.iter().chain(&EMPTY) {
        assert!(panels.iter().any(|(panel, _)| panel == title), "no panel {title}");
    }
    for (title, queries) in &panels {
        for query in queries {
            // The number of targets is a metric of Prometheus itself.
            if !query.starts_with("count(up{") {
                assert_in_scrape(query, &scrape);
            }
            let is_walked = WALKED.contains(&title.as_str());
            let may_be_empty = EMPTY.contains(&title.as_str());
            prometheus
                .returns(query, |values| {
                    (may_be_empty || !values.is_empty()) && (!is_walked || has_data(title, values))
                })
                .await;
        }
    }
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
}

/// Returns true if a value is above 0. Unanswered tries, unreadable events and findings stay at 0.
fn has_data(title: &str, values: &[f64]) -> bool {
    let stays_at_zero = ["Tries by route and status", "Gateway events", "Claims", "Trail"];
    values.iter().any(|value| *value > 0.0)
        || (stays_at_zero.contains(&title) && values.iter().all(|value| *value == 0.0))
}

#[test]
#[should_panic(expected = "the bot has no metric")]
fn renamed_metric_is_found() {
    assert_in_scrape("sum(support_desk_clicks_renamed_total)", "support_desk_clicks_total 1");
}
