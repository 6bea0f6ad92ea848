//! Traces of the real program, as an independent receiver gets them.

pub mod collector;
mod receiver;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use sandbox::aws::Fault;
use sandbox::discord::Person;
use serde_json::Value;
use support_desk::telemetry::traces::FLUSH_LIMIT;
use tokio::net::TcpListener;

use crate::browser::looks_at;
use crate::installation::Installation;
use crate::program::{free_address, listens};
use crate::stored_text::has_number;
use collector::RawCollector;
use receiver::{Received, Receiver};

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Time between two exports, in milliseconds.
const DELAY: &str = "OTEL_BSP_SCHEDULE_DELAY";
/// Longer than the test, so that only the end of the program exports.
const NEVER: &str = "3600000";

/// Helps a customer through Technical Assistance, after a fault of a function. Returns the codes.
async fn help_customer(installation: &Installation, ben: &Person) -> Vec<String> {
    let code = |address: &str| installation.sandbox.mail.last_code_for(address).unwrap();
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.presses("Start").await;
    ben.sees_at_last("Choose").await;
    ben.selects("Casa Luz").await;
    ben.sees_at_last("[Enter code]").await;
    let agents = code(BEN);
    ben.presses("Enter code").await;
    ben.submits([agents.as_str()]).await;
    ben.sees_at_last("[Send code]").await;
    ben.presses("Send code").await;
    ben.sees_at_last("[Enter code]").await;
    let customers = code(JULIA);
    ben.presses("Enter code").await;
    ben.submits([customers.as_str()]).await;
    ben.sees_at_last("[Waizant Store]").await;
    installation.sandbox.aws.faults().next("cs-access", 1, &Fault::FunctionError);
    ben.presses("Waizant Store").await;
    ben.sees_at_last("Something failed on our side").await;
    ben.presses("Waizant Store").await;
    ben.sees().await;
    ben.presses("Finish").await;
    ben.sees_at_last("was finished at").await;
    vec![agents, customers]
}

/// Returns the names of a span's ancestors, from its parent to its root.
fn ancestors<'a>(span: &'a Received, by_id: &HashMap<&str, &'a Received>) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut child = span;
    while !child.parent.is_empty() {
        let parent = by_id.get(child.parent.as_str());
        let parent = parent.unwrap_or_else(|| panic!("the parent of {child:?} is missing"));
        assert_eq!(parent.trace, child.trace, "{child:?}");
        names.push(parent.name.as_str());
        child = parent;
    }
    names
}

#[tokio::test]
async fn session_arrives_as_spans_without_its_data() {
    let (installation, receiver) = tokio::join!(Installation::new(), Receiver::start());
    installation.link_agents().await;
    let settings = [(ENDPOINT, receiver.url.as_str()), (DELAY, NEVER)];
    let program = installation.running_with(&settings).await;
    let ben = installation.sandbox.discord.person("ben");
    let codes = help_customer(&installation, &ben).await;
    program.signal("-TERM");
    let ended = program.ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let is_revocation = |span: &Received| span.get("effect") == "revoke";
    let spans = receiver.receives(is_revocation).await;
    let by_id: HashMap<&str, &Received> =
        spans.iter().map(|span| (span.id.as_str(), span)).collect();
    let find = |name: &str, key: &str, value: &str| -> Vec<&Received> {
        let is_it = |span: &&Received| span.name == name && span.get(key) == value;
        let found: Vec<&Received> = spans.iter().filter(is_it).collect();
        assert!(!found.is_empty(), "no {name} with {key} {value}: {spans:#?}");
        found
    };
    find("click", "kind", "support_technical");
    for click in [find("click", "kind", "press"), find("click", "kind", "submit")].concat() {
        assert_eq!(click.get("flow"), "technical", "{click:?}");
        assert!(!click.get("stage").is_empty() && click.parent.is_empty(), "{click:?}");
    }
    for effect in ["send", "verify", "issue", "revoke"] {
        for span in find("effect", "effect", effect) {
            assert_eq!(ancestors(span, &by_id), ["click"], "{span:?}");
            assert_eq!(span.get("attempt"), "1", "{span:?}");
        }
    }
    for call in ["otp_send", "otp_verify", "access_issue", "access_revoke"] {
        for span in find("call", "call", call) {
            assert_eq!(ancestors(span, &by_id), ["effect", "click"], "{span:?}");
            assert_eq!(span.get("service"), "lambda", "{span:?}");
        }
    }
    for (call, service) in
        [("interaction_answer", "discord"), ("customer_find", "core"), ("account_read", "cognito")]
    {
        for span in find("call", "call", call) {
            assert_eq!(span.get("service"), service, "{span:?}");
        }
        let in_click = |span: &&Received| ancestors(span, &by_id).first() == Some(&"click");
        assert!(find("call", "call", call).iter().any(in_click), "{call}");
    }
    for commit in find("commit", "engine", "sqlite") {
        assert!(commit.get("batch_size").parse::<u32>().unwrap() >= 1, "{commit:?}");
        assert_eq!(commit.get("outcome"), "saved", "{commit:?}");
    }
    let parents: BTreeSet<&str> = find("commit", "outcome", "saved")
        .into_iter()
        .filter_map(|commit| ancestors(commit, &by_id).first().copied())
        .collect();
    assert!(parents.contains("click") && parents.contains("effect"), "{parents:?}");
    for span in &spans {
        assert_eq!(span.is_error, span.get("outcome") == "fault", "{span:?}");
        assert!(span.took < 60_000_000_000, "{span:?}");
    }

    let failed = find("effect", "outcome", "fault");
    let line = ended.stderr.lines().find(|line| line.contains("the function failed")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["trace_id"], failed[0].trace.as_str(), "{line}");

    let names_and_values: Vec<_> =
        spans.iter().map(|span| format!("{} {:?}", span.name, span.attributes)).collect();
    let text = names_and_values.join("\n");
    let session = installation.sandbox.aws.calls_of("cs-otp-send")[0].body["session_id"].clone();
    let (session, person) = (session.as_str().unwrap().to_owned(), ben.id().to_string());
    for hush in [JULIA, "Julia", "Peña", "Ben", "@", "http", "a-private-token", &session, &person]
    {
        assert!(!text.contains(hush), "{hush} is in a span");
    }
    assert!(codes.iter().all(|code| !has_number(&text, code)), "a code is in a span");
    for field in ["\"events\"", "\"links\"", "\"message\"", "\"traceState\""] {
        assert!(!receiver.text().contains(field), "a span has {field}");
    }
    assert!(installation.sandbox.discord.violations().is_empty());
}

#[tokio::test]
async fn collector_that_is_away_changes_nothing_for_a_person() {
    let installation = Installation::new().await;
    installation.link_agents().await;
    // It accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_address = silent.local_addr().unwrap().to_string();
    for address in [free_address(), silent_address] {
        let (url, admin) = (format!("http://{address}"), free_address());
        let settings = [(ENDPOINT, url.as_str()), (DELAY, "50"), ("ADMIN_ADDR", admin.as_str())];
        let program = installation.running_with(&settings).await;
        listens(&admin).await;
        let ben = installation.sandbox.discord.person("ben");
        help_customer(&installation, &ben).await;
        let is_away = !address.ends_with(&silent.local_addr().unwrap().port().to_string());
        if is_away {
            drops_spans(&admin).await;
        }
        program.signal("-TERM");
        let stopped = Instant::now();
        let ended = program.ends().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(stopped.elapsed() < FLUSH_LIMIT + Duration::from_secs(15), "{ended:?}");
        let warnings = ended.stderr.matches("traces cannot be exported").count();
        assert!(warnings <= 1 && (warnings == 1 || !is_away), "{ended:?}");
        installation.sandbox.discord.connected(0).await;
    }
    assert!(installation.sandbox.discord.violations().is_empty());
}

/// Waits until the metrics count spans that were dropped.
async fn drops_spans(admin: &str) {
    let url = format!("http://{admin}/metrics");
    loop {
        let metrics = looks_at(&url).await.body;
        let count = metrics.lines().find_map(|line| {
            line.strip_prefix("support_desk_spans_dropped_total ")?.parse::<u64>().ok()
        });
        if count.expect("the counter exists from the start") > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn check_tests_the_collector() {
    let installation = Installation::new().await;
    assert_eq!(installation.start("migrate", &[]).ends().await.code, Some(0));
    let collector = RawCollector::start_for(|headers| {
        headers.get("authorization").is_some_and(|value| value == "Bearer hush")
    })
    .await;
    let header = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush");
    let url = (ENDPOINT, collector.url.as_str());
    let closed = format!("http://{}", free_address());
    for (settings, code, line) in [
        (vec![url, header], 0, "ok    traces (OTEL_EXPORTER_OTLP_ENDPOINT): collector\n"),
        (
            vec![url],
            0,
            "warn  traces (OTEL_EXPORTER_OTLP_ENDPOINT): collector: accepts no spans: the \
             collector answered with status 401 Unauthorized; check the address and \
             OTEL_EXPORTER_OTLP_HEADERS\n",
        ),
        (vec![(ENDPOINT, closed.as_str()), header], 0, "collector: accepts no spans: "),
        (
            vec![(ENDPOINT, "http://otel.example.com:4318"), header],
            1,
            "FAIL  OTEL_EXPORTER_OTLP_ENDPOINT: write the https URL of a collector ",
        ),
        (
            vec![url, ("OTEL_EXPORTER_OTLP_HEADERS", "hush")],
            1,
            "FAIL  OTEL_EXPORTER_OTLP_HEADERS: write comma-separated name=value pairs",
        ),
    ] {
        let checked = installation.start("check", &settings).ends().await;
        assert_eq!(checked.code, Some(code), "{checked:?}");
        assert!(checked.stdout.contains(line), "{line}: {checked:?}");
        assert!(!checked.stdout.contains("hush") && !checked.stderr.contains("hush"));
    }
}
