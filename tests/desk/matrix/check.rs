//! Check of the end of a scenario: everything was done exactly once, and nothing is left open.

use std::collections::HashMap;
use std::sync::Arc;

use sandbox::Sandbox;
use sandbox::seed::LEADS_CHANNEL_ID;
use sandbox::shop::LinkState;
use sqlx::{AnyConnection, Connection as _, Row as _};
use support_desk::clock::WallClock;
use support_desk::keyring::Keyring;
use support_desk::store::Database;

use super::step::Scenario;
use crate::world::rows::read_events;

/// Trail events that occur once with the same details, which hold the number of the request. An
/// event of a repeated or refused request has other details.
const ONCE: [&str; 24] = [
    "started",
    "ecosystem_chosen",
    "ecosystem_changed",
    "code_sent",
    "code_right",
    "access_opened",
    "access_mailed",
    "closed",
    "revoke_asked",
    "revoked {\"outcome\":\"done\"",
    "linked",
    "link_asked",
    "recovery_asked",
    "password_changed",
    "alerted {\"outcome\":\"done\"",
    "taken_over",
    "unlinked",
    "locked_out",
    "unlocked",
    "alert_opened",
    "alert_told",
    "alert_handled",
    "alert_false",
    "erasure_asked",
];

/// Trail events that follow each possible change of a password. If it is unknown whether a password
/// was changed, the person sets another, and these events occur for both.
const ONCE_A_PASSWORD: [&str; 2] =
    ["notified {\"outcome\":\"done\"", "signed_out {\"outcome\":\"done\""];

/// Operations of Cognito that the bot calls only when a person asks.
const NEVER_REPEATED: [&str; 2] = ["ForgotPassword", "ConfirmForgotPassword"];

/// Contents of the bot's store.
struct StoreContents {
    trail: Vec<String>,
    /// Each event of the trail with the name of its chain before it.
    chained: Vec<String>,
    pending: usize,
    open: usize,
}

impl StoreContents {
    async fn read(url: &str, keys: &Arc<Keyring>) -> Self {
        sqlx::any::install_default_drivers();
        let mut store = AnyConnection::connect(url).await.unwrap();
        let sql = "select chain, seq, kind, details, about from events order by at, chain, seq";
        let events = read_events(url, Arc::clone(keys), sql).await;
        let chained =
            events.iter().map(|event| format!("{} {}", event.chain, event.line)).collect();
        let trail = events.into_iter().map(|event| event.line).collect();
        let rows = sqlx::query("select pending_since, closed_at from sessions")
            .fetch_all(&mut store)
            .await
            .unwrap();
        let pending = rows.iter().filter(|row| row.get::<i64, _>(0) > 0).count();
        let open = rows.iter().filter(|row| row.get::<Option<i64>, _>(1).is_none()).count();
        store.close().await.unwrap();
        Self { trail, chained, pending, open }
    }
}

/// Verifies the trail as the operator's command does. Returns its findings.
async fn verify_trail(url: &str, keys: Arc<Keyring>) -> Vec<String> {
    let database = Database::open(url, keys, Arc::new(WallClock)).await.unwrap();
    let mut findings = Vec::new();
    let verifying = database.audit(|finding| {
        findings.push(finding.to_string());
        Ok(())
    });
    verifying.await.unwrap();
    database.close().await;
    findings
}

/// Returns the number of sessions with a pending effect.
pub async fn pending_sessions(database: &str) -> usize {
    sqlx::any::install_default_drivers();
    let mut store = AnyConnection::connect(database).await.unwrap();
    let sql = "select id from sessions where pending_since > 0";
    let pending = sqlx::query(sql).fetch_all(&mut store).await.unwrap().len();
    store.close().await.unwrap();
    pending
}

/// Differences between the expected and the actual end.
#[derive(Default)]
struct Differences {
    lines: Vec<String>,
    /// True if a count exceeds its expectation within the tolerance.
    exceeded: bool,
    /// How far a count may stay below its expectation.
    lacking: usize,
}

impl Differences {
    /// Compares a count. Up to `tolerance` more than expected is correct.
    fn compare(&mut self, what: &str, expected: usize, tolerance: usize, found: usize) {
        if found + self.lacking < expected {
            self.lines.push(format!("lost: {what}, {found} instead of {expected}"));
        } else if found > expected + tolerance {
            self.lines.push(format!("twice: {what}, {found} instead of {expected}"));
        }
        self.exceeded |= found > expected;
    }
}

/// Counts that may differ from those of the scenario.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// The person has repeated a step under a new key.
    pub repeated: bool,
    /// A code with an unknown result has used up one of the session's codes, so that the last one
    /// is not mailed.
    pub spent: bool,
}

/// Checks sandbox and store at the end of a scenario. Returns true if the counts show that the
/// person has repeated a step.
///
/// # Panics
/// With everything that was lost, done twice or left open.
pub async fn check(
    sandbox: &Sandbox,
    database: &str,
    keys: Keyring,
    scenario: &Scenario,
    Tolerance { repeated, spent }: Tolerance,
) -> bool {
    let keys = Arc::new(keys);
    let StoreContents { trail, chained, pending, open } =
        StoreContents::read(database, &keys).await;
    let tolerance = usize::from(repeated);
    let mut differences = Differences { lacking: usize::from(spent), ..Differences::default() };
    check_trail(&mut differences, scenario, (&trail, &chained), tolerance);
    check_rows(&mut differences, scenario, database).await;
    check_cards(&mut differences, sandbox, database).await;
    for finding in verify_trail(database, keys).await {
        differences.lines.push(format!("the trail: {finding}"));
    }
    check_mails(&mut differences, scenario, sandbox, tolerance);
    check_calls(&mut differences, scenario, sandbox, tolerance);
    differences.compare("pending effects", 0, 0, pending);
    if scenario.resumable {
        differences.compare("open sessions", 0, 0, open);
    }
    differences.compare("open links", 0, 0, open_links(sandbox));
    assert!(differences.lines.is_empty(), "{}\n{trail:#?}", differences.lines.join("\n"));
    differences.exceeded
}

/// Checks sandbox and store after the person has left the session.
///
/// # Panics
/// With everything that was done twice or left open.
pub async fn check_left(sandbox: &Sandbox, database: &str, keys: Keyring) {
    let keys = Arc::new(keys);
    let StoreContents { trail, pending, open, .. } = StoreContents::read(database, &keys).await;
    let mut differences = Differences::default();
    for finding in verify_trail(database, keys).await {
        differences.lines.push(format!("the trail: {finding}"));
    }
    check_requests(&mut differences, sandbox);
    differences.compare("closed sessions", 1, 0, count_closed(&trail));
    differences.compare("pending effects", 0, 0, pending);
    differences.compare("open sessions", 0, 0, open);
    differences.compare("open links", 0, 0, open_links(sandbox));
    assert!(differences.lines.is_empty(), "{}\n{trail:#?}", differences.lines.join("\n"));
}

fn count_closed(trail: &[String]) -> usize {
    trail.iter().filter(|event| event.starts_with("closed ")).count()
}

fn open_links(sandbox: &Sandbox) -> usize {
    sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count()
}

/// Compares the trail: the events that the scenario lists, and each event of [`ONCE`].
fn check_trail(
    differences: &mut Differences,
    scenario: &Scenario,
    (trail, chained): (&[String], &[String]),
    tolerance: usize,
) {
    let once_a_password =
        |event: &str| ONCE_A_PASSWORD.iter().any(|beginning| event.starts_with(beginning));
    for (beginning, expected) in scenario.trail {
        // No scenario looks an unknown customer up. Faults of Core do, to warm the bot up.
        let counted = trail.iter().filter(|event| !event.contains(r#""found":false"#));
        let found = counted.filter(|event| event.starts_with(beginning)).count();
        let repeats = *beginning == "looked_up" || once_a_password(beginning);
        differences.compare(beginning, *expected, if repeats { tolerance } else { 0 }, found);
    }
    let mut of_event: HashMap<&str, usize> = HashMap::new();
    for event in chained {
        *of_event.entry(event).or_default() += 1;
    }
    for (event, found) in of_event {
        let kind = event.split_once(' ').map_or("", |(_, kind)| kind);
        if ONCE.iter().any(|beginning| kind.starts_with(beginning)) {
            differences.compare(event, 1, 0, found);
        } else if once_a_password(kind) {
            differences.compare(event, 1, tolerance, found);
        }
    }
}

/// Compares the rows that the scenario counts.
async fn check_rows(differences: &mut Differences, scenario: &Scenario, database: &str) {
    let mut store = AnyConnection::connect(database).await.unwrap();
    for (statement, expected) in scenario.rows {
        let found: i64 = sqlx::query_scalar(*statement).fetch_one(&mut store).await.unwrap();
        let [expected, found] = [*expected, found].map(|count| usize::try_from(count).unwrap());
        differences.compare(statement, expected, 0, found);
    }
    store.close().await.unwrap();
}

/// Compares the cards: one in the leads' channel for each alert.
async fn check_cards(differences: &mut Differences, sandbox: &Sandbox, database: &str) {
    let mut store = AnyConnection::connect(database).await.unwrap();
    let sql = "select id from alerts";
    let alerts: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut store).await.unwrap();
    store.close().await.unwrap();
    let channel = sandbox.discord.channel(LEADS_CHANNEL_ID);
    let cards: Vec<String> = channel.iter().map(|card| card.embeds.to_string()).collect();
    for alert in &alerts {
        let found = cards.iter().filter(|card| card.contains(alert)).count();
        differences.compare(&format!("cards of {alert}"), 1, 0, found);
    }
    differences.compare("cards", alerts.len(), 0, cards.len());
}

/// Compares the mails: their number, and one for each request.
fn check_mails(
    differences: &mut Differences,
    scenario: &Scenario,
    sandbox: &Sandbox,
    tolerance: usize,
) {
    // A repeated request mails once more. A second change of the password mails a second notice.
    differences.compare("mails", scenario.mails, 2 * tolerance, sandbox.mail.all().len());
    check_requests(differences, sandbox);
}

/// Compares the mails of each request with one.
fn check_requests(differences: &mut Differences, sandbox: &Sandbox) {
    let mails = sandbox.mail.all();
    let mut of_request: HashMap<&str, usize> = HashMap::new();
    for request in mails.iter().filter_map(|mail| mail.request_id.as_deref()) {
        *of_request.entry(request).or_default() += 1;
    }
    for (request, found) in of_request {
        differences.compare(&format!("mails of {request}"), 1, 0, found);
    }
}

/// Compares the calls: idempotency keys of each function, and calls that must not be repeated.
fn check_calls(
    differences: &mut Differences,
    scenario: &Scenario,
    sandbox: &Sandbox,
    tolerance: usize,
) {
    for (function, expected) in scenario.keys {
        let mut keys: Vec<_> =
            sandbox.aws.calls_of(function).into_iter().filter_map(|call| call.request_id).collect();
        keys.sort();
        keys.dedup();
        differences.compare(&format!("keys of {function}"), *expected, tolerance, keys.len());
    }
    for operation in NEVER_REPEATED {
        let expected: usize = scenario
            .steps
            .iter()
            .map(|step| step.calls.iter().filter(|call| call.function == operation).count())
            .sum();
        let found = sandbox.aws.calls_of(operation).len();
        differences.compare(operation, expected, tolerance, found);
    }
}
