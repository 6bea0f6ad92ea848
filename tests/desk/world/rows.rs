//! Rows of the bot's store.

use std::sync::Arc;

use commands::model::account::AccountLink;
use commands::model::request::RequestOutcome;
use commands::model::session::Session;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use futures_util::future::join_all;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use support_desk::clock::WallClock;
use support_desk::demo_marks;
use support_desk::keyring::Keyring;
use support_desk::store::{Database, EndedOne, Occasion};

use super::World;
use super::time::Hand;

impl World {
    /// Returns the trail, oldest first: kind and details of each event, and after `about` its
    /// opened details. Core's id replaces a pseudonym, and `…` a keyed hash.
    pub async fn trail(&self) -> Vec<String> {
        let sql = "select chain, seq, kind, details, about from events order by rowid";
        self.events(sql).await.iter().map(|event| without_mac(&event.line)).collect()
    }

    /// Returns the events that a statement selects, as [`read_events`] does.
    pub async fn events(&self, sql: &'static str) -> Vec<OpenedEvent> {
        read_events(&self.database_url(), demo_keys(), sql).await
    }

    /// Opens what a session's row is about, as JSON.
    pub async fn open_about(&self, session: &str, text: &str) -> Option<String> {
        let store = open(&self.database_url(), demo_keys()).await;
        let about = store.open_about(session, text).await.unwrap();
        store.close().await;
        about.map(|about| about.to_string())
    }

    /// Returns the pseudonym of a customer who was looked up.
    pub async fn pseudonym(&self, core_id: &str) -> String {
        pseudonym(&self.database_url(), demo_keys(), core_id).await
    }

    /// Closes a session as the operator's command does, beside the bot.
    pub async fn operator_closes(&self, session: &str) -> EndedOne {
        let store = self.open_store().await;
        let ended = store.end_session(session).await.unwrap();
        store.close().await;
        ended
    }

    /// Saves the outcome of a request as the operator's commands do.
    pub async fn answers_request(&self, id: &str, outcome: RequestOutcome) {
        let store = self.open_store().await;
        let request = store.find_request(&id.parse().unwrap()).await.unwrap().unwrap();
        store.answer_request(&request, outcome).await.unwrap();
        store.close().await;
    }

    /// Opens the store on the clock of the test.
    async fn open_store(&self) -> Database {
        let clock = Hand { clock: Arc::clone(&self.clock), ahead: Arc::default() };
        Database::open(&self.database_url(), demo_keys(), Arc::new(clock)).await.unwrap()
    }

    /// Erases a customer as the operator's command does.
    pub async fn erases(&self, core_id: &str) {
        let store = self.open_store().await;
        let pseudonym = store.find_pseudonym(core_id).await.unwrap().unwrap();
        store.erase(&pseudonym, Occasion::Request).await.unwrap();
        store.close().await;
    }

    /// Returns the newest event that closes a session. A revocation can follow it.
    pub async fn newest_close(&self) -> String {
        let trail = self.trail().await;
        let newest = trail.into_iter().rfind(|event| event.starts_with("closed "));
        newest.expect("no session was closed")
    }

    /// Returns the number that a statement selects from the bot's store.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.unwrap()
    }

    /// Returns the texts that a statement selects from the bot's store.
    pub async fn select(&self, sql: &'static str) -> Vec<Option<String>> {
        sqlx::query_scalar(sql).fetch_all(&mut self.connect().await).await.unwrap()
    }

    /// Changes the newest session, as a changed program with the bot's keys can.
    pub async fn rewrites_newest_session(&self, change: impl FnOnce(&mut Session)) {
        let ids = self.select("select id from sessions order by rowid desc limit 1").await;
        let id = ids[0].as_deref().unwrap().parse().unwrap();
        let store = open(&self.database_url(), demo_keys()).await;
        let mut session = Session::clone(&store.find(&id).await.unwrap().unwrap().session());
        change(&mut session);
        let now = session.clocks.active_at;
        let commit = Commit { now, session: Some(session), ..Commit::default() };
        let committed = store.commit(commit).await.unwrap();
        assert!(matches!(committed, Committed::Saved { .. }), "{committed:?}");
        store.close().await;
    }

    /// Stores copies of the newest session under these ids.
    pub async fn copies_newest_session(&self, ids: impl IntoIterator<Item = String>) {
        let newest = self.select("select id from sessions order by rowid desc limit 1").await;
        let newest = newest[0].as_deref().unwrap().parse().unwrap();
        let store = open(&self.database_url(), demo_keys()).await;
        let session = store.find(&newest).await.unwrap().unwrap().session();
        let now = session.clocks.active_at;
        let commits = ids.into_iter().map(|id| {
            let copy = Session { id: id.parse().unwrap(), version: 0, ..Session::clone(&session) };
            store.commit(Commit { now, session: Some(copy), ..Commit::default() })
        });
        for committed in join_all(commits).await {
            let committed = committed.unwrap();
            assert!(matches!(committed, Committed::Saved { .. }), "{committed:?}");
        }
        store.close().await;
    }

    /// Stores account links, as linking does.
    pub async fn adds_links(&self, links: impl IntoIterator<Item = AccountLink>) {
        let store = open(&self.database_url(), demo_keys()).await;
        for link in links {
            let commit = Commit {
                now: link.linked_at,
                account_link: Some(Box::new(link)),
                ..Commit::default()
            };
            let committed = store.commit(commit).await.unwrap();
            assert!(matches!(committed, Committed::Saved { .. }), "{committed:?}");
        }
        store.close().await;
    }

    /// Changes one row of the bot's store, as an administrator can.
    pub async fn executes(&self, sql: impl Into<String>) {
        assert_eq!(self.runs(sql).await, 1);
    }

    /// Runs a statement on the bot's store. Returns the number of changed rows.
    pub async fn runs(&self, sql: impl Into<String>) -> u64 {
        let query = sqlx::query(AssertSqlSafe(sql.into()));
        query.execute(&mut self.connect().await).await.unwrap().rows_affected()
    }

    /// Verifies the trail as the operator's command does. Returns its findings.
    pub async fn findings(&self) -> Vec<String> {
        let store = open(&self.database_url(), demo_keys()).await;
        let mut findings = Vec::new();
        let verifying = store.audit(|finding| {
            findings.push(finding.to_string());
            Ok(())
        });
        verifying.await.unwrap();
        store.close().await;
        findings
    }

    async fn connect(&self) -> AnyConnection {
        connect(&self.database_url()).await
    }
}

/// An event of the trail.
pub struct OpenedEvent {
    pub chain: String,
    /// Kind and details, as [`World::trail`] returns them.
    pub line: String,
}

/// Returns the events that a statement selects, with what was sealed in them: chain, number, kind,
/// details and sealed details.
pub async fn read_events(url: &str, keys: Arc<Keyring>, sql: &'static str) -> Vec<OpenedEvent> {
    let (mut connection, store) = (connect(url).await, open(url, keys).await);
    let rows: Vec<(String, i64, String, String, Option<String>)> =
        sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
    let pseudonyms: Vec<String> = sqlx::query_scalar("select pseudonym from subjects")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let mut customers = Vec::new();
    for pseudonym in pseudonyms {
        let core_id = store.core_id_of(&pseudonym.parse().unwrap()).await.unwrap();
        customers.push((pseudonym, core_id.unwrap()));
    }
    let mut events = Vec::new();
    for (chain, seq, kind, details, about) in rows {
        let mut line = format!("{kind} {details}");
        for (pseudonym, core_id) in &customers {
            line = line.replace(pseudonym, &format!("<{core_id}>"));
        }
        if let Some(about) = about {
            let binding = support_desk::store::event_binding(&chain, seq);
            let about = store.open_about(&binding, &about).await.unwrap();
            line = format!("{line} about {}", about.expect("the sealed details open"));
        }
        events.push(OpenedEvent { chain, line });
    }
    store.close().await;
    connection.close().await.unwrap();
    events
}

/// Returns the pseudonym of a customer who was looked up.
pub async fn pseudonym(url: &str, keys: Arc<Keyring>, core_id: &str) -> String {
    let store = open(url, keys).await;
    let pseudonym = store.find_pseudonym(core_id).await.unwrap();
    store.close().await;
    pseudonym.expect("the customer was looked up").to_string()
}

fn demo_keys() -> Arc<Keyring> {
    Arc::new(demo_marks::keyring())
}

async fn open(url: &str, keys: Arc<Keyring>) -> Database {
    Database::open(url, keys, Arc::new(WallClock)).await.unwrap()
}

async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// Replaces the keyed hash of an address, which depends on the store's key.
fn without_mac(event: &str) -> String {
    const FIELD: &str = r#""email_mac":""#;
    match event.split_once(FIELD).and_then(|(head, tail)| Some((head, tail.split_once('"')?.1))) {
        Some((head, tail)) => format!(r#"{head}{FIELD}…"{tail}"#),
        None => event.to_owned(),
    }
}
