//! What has to be there at the end of a road, whatever went wrong on it: everything once, nothing
//! lost, nothing left open.

use std::collections::HashMap;
use std::sync::Arc;

use sandbox::Sandbox;
use sandbox::shop::LinkState;
use sqlx::{AnyConnection, Connection as _, Row as _};
use support_desk::clock::WallClock;
use support_desk::store::{Database, StoreKey};

use super::step::Road;

/// What comes once with the same detail, which has the n of what was asked for. Whoever types, asks
/// or is refused again says so again.
const ONCE: [&str; 15] = [
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
];

/// Likewise, but when nobody knows whether a password was changed, and another is set: then both
/// are followed by these.
const ONCE_A_PASSWORD: [&str; 2] =
    ["notified {\"outcome\":\"done\"", "signed_out {\"outcome\":\"done\""];

/// What Cognito is never asked again for without somebody's asking again.
const NEVER_REPEATED: [&str; 2] = ["ForgotPassword", "ConfirmForgotPassword"];

/// The bot's store, as an operator would look into it.
struct Store {
    trail: Vec<String>,
    /// The same, each event behind its chain.
    chained: Vec<String>,
    pending: usize,
    open: usize,
}

impl Store {
    async fn read(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let mut store = AnyConnection::connect(url).await.unwrap();
        let events = sqlx::query("select chain, kind, details from events order by at, chain, seq")
            .fetch_all(&mut store)
            .await
            .unwrap();
        let event = |event: &sqlx::any::AnyRow| {
            format!("{} {}", event.get::<String, _>(1), event.get::<String, _>(2))
        };
        let trail = events.iter().map(event).collect();
        let chained = events
            .iter()
            .map(|row| format!("{} {}", row.get::<String, _>(0), event(row)))
            .collect();
        let rows = sqlx::query("select pending, closed_at from sessions")
            .fetch_all(&mut store)
            .await
            .unwrap();
        let pending = rows.iter().filter(|row| row.get::<i64, _>(0) == 1).count();
        let open = rows.iter().filter(|row| row.get::<Option<i64>, _>(1).is_none()).count();
        store.close().await.unwrap();
        Self { trail, chained, pending, open }
    }
}

/// What the bot itself finds wrong with its trail.
async fn audit(url: &str, key: &str) -> Vec<String> {
    let key = Arc::new(StoreKey::parse(key).unwrap());
    let database = Database::open(url, key, Arc::new(WallClock)).await.unwrap();
    let mut findings = Vec::new();
    let looked_over = support_desk::trail::audit(&database, None, |finding| {
        findings.push(finding.to_string());
        Ok(())
    });
    looked_over.await.unwrap();
    database.close().await;
    findings
}

/// How many sessions have an effect without outcome.
pub async fn pending(database: &str) -> usize {
    Store::read(database).await.pending
}

/// What was not as often as it has to be.
#[derive(Default)]
struct Wrong {
    why: Vec<String>,
    /// Something was asked for once more, and may be.
    anew: bool,
}

impl Wrong {
    fn counts(&mut self, what: &str, expected: usize, more: usize, found: usize) {
        if found < expected {
            self.why.push(format!("lost: {what}, {found} instead of {expected}"));
        } else if found > expected + more {
            self.why.push(format!("twice: {what}, {found} instead of {expected}"));
        }
        self.anew |= found > expected;
    }
}

/// Judges the other side and the store at the end of a road; `again`: the same person has asked for
/// something anew, under another key. Answers whether that shows. Panics with everything that is
/// lost or was done twice.
pub async fn judge(sandbox: &Sandbox, database: &str, key: &str, road: &Road, again: bool) -> bool {
    let Store { trail, chained, pending, open } = Store::read(database).await;
    let more = usize::from(again);
    let mut wrong = Wrong::default();
    for (beginning, expected) in road.trail {
        let found = trail.iter().filter(|event| event.starts_with(beginning)).count();
        wrong.counts(beginning, *expected, if *beginning == "looked_up" { more } else { 0 }, found);
    }
    let mut of_event: HashMap<&str, usize> = HashMap::new();
    for event in &chained {
        *of_event.entry(event).or_default() += 1;
    }
    for (event, found) in of_event {
        let what = event.split_once(' ').map_or("", |(_, what)| what);
        if ONCE.iter().any(|once| what.starts_with(once)) {
            wrong.counts(event, 1, 0, found);
        } else if ONCE_A_PASSWORD.iter().any(|once| what.starts_with(once)) {
            wrong.counts(event, 1, more, found);
        }
    }
    for finding in audit(database, key).await {
        wrong.why.push(format!("the trail: {finding}"));
    }
    let mails = sandbox.mail.all();
    // Whoever starts or sends again has another mail, and in doubt whether a password was changed
    // there is a notice more.
    wrong.counts("mails", road.mails, 2 * more, mails.len());
    let mut of_request: HashMap<&str, usize> = HashMap::new();
    for request in mails.iter().filter_map(|mail| mail.request_id.as_deref()) {
        *of_request.entry(request).or_default() += 1;
    }
    for (request, found) in of_request {
        wrong.counts(&format!("the mail of {request}"), 1, 0, found);
    }
    for (function, expected) in road.keys {
        let mut keys: Vec<_> =
            sandbox.aws.calls_of(function).into_iter().filter_map(|call| call.request_id).collect();
        keys.sort();
        keys.dedup();
        wrong.counts(&format!("keys of {function}"), *expected, more, keys.len());
    }
    for operation in NEVER_REPEATED {
        let asked: usize = road
            .steps
            .iter()
            .map(|step| step.asks.iter().filter(|ask| ask.of == operation).count())
            .sum();
        wrong.counts(operation, asked, more, sandbox.aws.calls_of(operation).len());
    }
    wrong.counts("effects that are pending", 0, 0, pending);
    if road.resumed {
        wrong.counts("sessions that are open", 0, 0, open);
    }
    let links =
        sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count();
    wrong.counts("links that are open", 0, 0, links);
    assert!(wrong.why.is_empty(), "{}\n{trail:#?}", wrong.why.join("\n"));
    wrong.anew
}
