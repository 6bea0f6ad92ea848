//! The alert rules: promtool accepts and tests them, and each has a paragraph for its reader.

use std::fs;

use super::prometheus::promtool;
use super::{assert_in_scrape, project, read};
use crate::browser;
use crate::installation::Installation;
use crate::program::free_address;

const FOLDER: &str = "deploy/prometheus";
const RULES: &str = "support-desk.rules.yml";
const TESTS: &str = "support-desk.test.yml";
/// Beginning of each `runbook_url`.
const RUNBOOK: &str = "docs/operations.md#";

fn rules() -> String {
    read(&format!("{FOLDER}/{RULES}"))
}

/// Returns the rest of each line that begins with `field`.
fn values<'a>(text: &'a str, field: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim_start().strip_prefix(field)).map(str::trim)
}

#[test]
fn promtool_accepts_the_rules_and_their_tests() {
    for arguments in [["check", "rules", RULES], ["test", "rules", TESTS]] {
        let output = promtool(&project(FOLDER), &arguments, "");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}

#[test]
fn changed_threshold_fails_its_test() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(project(FOLDER).join(TESTS), folder.path().join(TESTS)).unwrap();
    let changed = rules().replace("kind=\"revoke\"}) > 300", "kind=\"revoke\"}) > 301");
    assert_ne!(changed, rules());
    fs::write(folder.path().join(RULES), changed).unwrap();
    let output = promtool(folder.path(), &["test", "rules", TESTS], "");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("SupportDeskRevocationStuck"), "{errors}");
}

#[test]
fn each_rule_fires_and_stays_silent_in_a_test() {
    let (rules, tests) = (rules(), read(&format!("{FOLDER}/{TESTS}")));
    for alert in values(&rules, "- alert:") {
        let cases: Vec<_> = tests
            .split("- alertname: ")
            .filter_map(|case| case.strip_prefix(alert)?.strip_prefix('\n'))
            .map(|case| case.lines().any(|line| line.trim() == "exp_alerts: []"))
            .collect();
        assert!(cases.contains(&true), "{alert} is never silent in a test");
        assert!(cases.contains(&false), "{alert} never fires in a test");
    }
}

#[test]
fn each_rule_has_a_paragraph_and_each_paragraph_a_rule() {
    let (rules, operations) = (rules(), read("docs/operations.md"));
    let section = operations.split_once("\n## Alert rules\n").unwrap().1;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let alerts: Vec<_> = values(&rules, "- alert:").collect();
    let runbooks: Vec<_> = values(&rules, "runbook_url:").collect();
    let titles: Vec<_> = values(section, "### ").collect();
    assert!(alerts.len() > 20, "{alerts:?}");
    assert_eq!(alerts, titles, "the paragraphs are in the order of the rules");
    // The anchor of a title is the title in lower case.
    let anchors: Vec<_> =
        titles.iter().map(|title| format!("{RUNBOOK}{}", title.to_lowercase())).collect();
    assert_eq!(runbooks, anchors);
    for paragraph in section.split("\n### ").skip(1) {
        let text = paragraph.split_once('\n').map_or("", |(_, text)| text.trim());
        assert!(text.len() > 40, "no advice: {paragraph}");
    }
}

#[tokio::test]
async fn rules_and_runbooks_name_metrics_of_the_bot() {
    let installation = Installation::new().await;
    let admin = free_address();
    let program = installation.running_with(&[("ADMIN_ADDR", &admin)]).await;
    let scrape = browser::looks_at(&format!("http://{admin}/metrics")).await.body;
    program.signal("-TERM");
    program.ends().await;
    let rules = rules();
    for rule in rules.split("- alert: ").skip(1) {
        let query = rule.split_once("expr:").unwrap().1.split_once("labels:").unwrap().0;
        if !query.contains("absent(up{") {
            assert_in_scrape(query, &scrape);
        }
    }
}
