//! What must hold after an upgrade with kills.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use sqlx::{AnyConnection, Connection as _};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::replicas::postgres::Postgres;

/// Time between two reads of the rows.
const READ_INTERVAL: Duration = Duration::from_millis(50);
/// Objects of a stored session that every version of it has.
const OBJECTS: [&str; 5] = ["", "/actor", "/clocks", "/agent", "/customer"];
/// Field that ends with its state: the earlier sessions of a customer, which a look-up shows.
const ENDING: &str = "/past";

/// Watches that a field that was stored once stays in the row, whichever program writes it.
pub struct StoredFields {
    stop: CancellationToken,
    watching: JoinHandle<Vec<String>>,
}

impl StoredFields {
    pub fn watch(url: &str) -> Self {
        let (stop, url) = (CancellationToken::new(), url.to_owned());
        let watching = tokio::spawn(watch(url, stop.clone()));
        Self { stop, watching }
    }

    pub async fn assert_none_was_lost(self) {
        self.stop.cancel();
        let lost = self.watching.await.unwrap();
        assert!(lost.is_empty(), "lost fields: {lost:#?}");
    }
}

/// Returns the fields that were lost, with their sessions.
async fn watch(url: String, stop: CancellationToken) -> Vec<String> {
    let mut store = AnyConnection::connect(&url).await.unwrap();
    let mut known: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut lost = Vec::new();
    loop {
        let is_last = stop.is_cancelled();
        let rows: Vec<(String, String)> =
            sqlx::query_as("select id, state from sessions").fetch_all(&mut store).await.unwrap();
        for (id, state) in rows {
            let fields = fields(&serde_json::from_str(&state).unwrap());
            let before = known.entry(id.clone()).or_default();
            lost.extend(before.difference(&fields).map(|field| format!("{id}: {field}")));
            before.extend(fields);
        }
        if is_last {
            return lost;
        }
        tokio::time::sleep(READ_INTERVAL).await;
    }
}

fn fields(state: &Value) -> BTreeSet<String> {
    let names = |at: &str| -> Vec<String> {
        let object = state.pointer(at).and_then(Value::as_object);
        object.into_iter().flatten().map(|(name, _)| format!("{at}/{name}")).collect()
    };
    OBJECTS.into_iter().flat_map(names).filter(|field| field != ENDING).collect()
}

/// Asserts that each session is closed with its events, and that no work is left.
pub async fn assert_sessions_are_whole(postgres: &Postgres, finished: usize) {
    let settled = "select (select count(*) from claims where outcome is null)
        + (select count(*) from sessions where pending_since > 0)";
    // The last sessions revoke what they opened after the panel says that they are done.
    let settling = async {
        while postgres.count(settled).await > 0 {
            tokio::time::sleep(READ_INTERVAL).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), settling).await.expect("work is left");
    let finished = i64::try_from(finished).unwrap();
    for (what, expected, sql) in [
        (
            "finished sessions",
            finished,
            "select count(*) from sessions where closed_why = 'finished' and kind = 'technical'",
        ),
        (
            "open sessions",
            0,
            "select count(*) from sessions where closed_at is null and attending is not null",
        ),
        (
            "closed sessions without exactly one such event",
            0,
            "select count(*) from sessions where closed_at is not null
                 and (select count(*) from events where chain = id and kind = 'closed') <> 1",
        ),
        (
            "finished sessions without both codes, a link and its revocation",
            0,
            "select count(*) from sessions
             where closed_why = 'finished' and kind = 'technical' and (
                 (select count(*) from events where chain = id and kind = 'code_right') <> 2
                 or (select count(*) from events where chain = id and kind = 'started') <> 1
                 or (select count(*) from events where chain = id and kind = 'access_opened') < 1
                 or (select count(*) from events where chain = id and kind = 'revoked') < 1)",
        ),
        (
            "sessions whose chain does not end with their newest event",
            0,
            "select count(*) from sessions
             where trail_seq <> (select count(*) from events where chain = id)",
        ),
    ] {
        assert_eq!(postgres.count(sql).await, expected, "{what}");
    }
}

/// Asserts that no program panicked, and that each could read every row.
pub fn assert_logs_are_clean(folder: &Path) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let log = fs::read_to_string(&path).unwrap();
            for fault in ["panicked", "another version of the bot", "another STORE_KEY"] {
                assert!(!log.contains(fault), "{}: {fault}", path.display());
            }
        }
    }
}
