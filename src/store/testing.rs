//! Test bed of the store and the trail: both engines, a manual clock, and sessions to write.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commands::flows::recover;
use commands::model::customer::{MaskedCustomer, Status};
use commands::model::effect::{Effect, Pending};
use commands::model::flow_state::{Attended, RecoverState, SupportState};
use commands::model::pseudonym::Pseudonym;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::trail::TrailEvent;
use commands::model::trail::kind::CLOSED;
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SessionId, SupportKind};
use commands::ports::clock::Clock;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use serde_json::json;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tokio::sync::watch;

use super::Database;
use super::about::session_key_name;
use super::cache::RowContext;
use super::prepared::PreparedCommit;
use super::quarter::Quarter;
use super::row_columns::{self, Columns};
use super::store_keys::KEY_BYTES;
use super::subject_keys::{NOBODY, SubjectKey};
use super::test_server::{on_server, random, server};
use crate::keyring::{Keyring, test_keyring};
use crate::trail::{LoggedCheckpoint, audit, columns};

/// Start time of the tests.
pub(crate) const NOON: Timestamp = Timestamp(1_700_000_000_000);

/// A clock that only moves when a test advances it.
#[derive(Debug)]
pub(crate) struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = *now + by);
    }

    /// Waits until `count` tasks sleep.
    pub(crate) async fn wait_for_sleepers(&self, count: usize) {
        while self.0.receiver_count() < count {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + duration;
        let mut now = self.0.subscribe();
        now.wait_for(|now| *now >= until).await.unwrap();
    }
}

/// A new database that a test can open several times, as after a restart or in a second replica.
pub(crate) struct TestBed {
    pub(crate) url: String,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keys: Arc<Keyring>,
    _folder: TempDir,
}

impl TestBed {
    fn new(url: String, folder: TempDir) -> Self {
        Self {
            url,
            clock: Arc::new(ManualClock::at(NOON)),
            keys: Arc::new(test_keyring(1)),
            _folder: folder,
        }
    }

    pub(crate) async fn open(&self) -> Arc<Database> {
        let database = Database::open(
            &self.url,
            Arc::clone(&self.keys),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
        )
        .await
        .unwrap();
        database.migrate().await.unwrap();
        Arc::new(database)
    }
}

/// Runs a test on both engines.
pub(crate) async fn on_both(test: impl AsyncFn(TestBed)) {
    let folder = TempDir::new().unwrap();
    eprintln!("on SQLite");
    test(TestBed::new(
        format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display()),
        folder,
    ))
    .await;
    eprintln!("on PostgreSQL");
    let folder = TempDir::new().unwrap();
    let name = format!("test_{:016x}", random());
    let (server, _) = server().rsplit_once('/').unwrap();
    on_server(format!("create database {name}")).await;
    test(TestBed::new(format!("{server}/{name}"), folder)).await;
    on_server(format!("drop database {name} with (force)")).await;
}

/// Returns a session id that ends in the two digits of `n`.
pub(crate) fn id(n: u8) -> SessionId {
    format!("session-------------{:02}", n % 100).parse().unwrap()
}

/// Returns a session after the look-up of `customer` by the agent `discord_id`.
pub(crate) fn found(n: u8, discord_id: u64, customer: &str) -> Session {
    Session {
        id: id(n),
        actor: Actor {
            discord_id,
            agent_id: format!("sub-{discord_id}"),
            name: "Ana".to_owned(),
            unknown: UnknownFields::NONE,
        },
        locale: Locale::Es,
        version: 0,
        generation: 1,
        pseudonym: Some(pseudonym(customer)),
        ticket: None,
        scope: Scope::Act,
        work: Work::Support(
            SupportKind::Technical,
            SupportState::Found { customer: masked(customer), attended: Attended::No },
        ),
        clocks: Clocks::starting(NOON, IDLE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven: false,
        past: None,
        revocations: 0,
        secrets: Secrets { panel: Some(("panel-token".into(), NOON)), ..Secrets::default() },
        unknown: UnknownFields::NONE,
    }
}

/// Returns a pseudonym that tests recognize the customer by.
pub(crate) fn pseudonym(customer: &str) -> Pseudonym {
    let mut bytes = [0; Pseudonym::BYTES];
    bytes.iter_mut().zip(customer.bytes()).for_each(|(byte, letter)| *byte = letter);
    Pseudonym::from_bytes(bytes)
}

/// Returns a recovery that the agent has just requested.
pub(crate) fn recovering(n: u8, discord_id: u64) -> Session {
    let work = Work::Recover(RecoverState::new("mac-of-the-page".to_owned()));
    let page = Some("https://desk.example.com/recover/page-token".into());
    let secrets = Secrets { page, ..Secrets::default() };
    Session {
        pseudonym: None,
        work,
        clocks: recover::clocks(NOON),
        secrets,
        ..found(n, discord_id, "")
    }
}

fn masked(customer: &str) -> MaskedCustomer {
    MaskedCustomer {
        id: customer.to_owned(),
        name: "J*** P***".to_owned(),
        email: "j•••@e•••.com".to_owned(),
        status: Status::Active,
        since: Some(NOON),
        choices: 1,
        locale: Locale::Es,
        unknown: UnknownFields::NONE,
    }
}

/// Returns the session after Start: it attends the customer.
pub(crate) fn started(mut session: Session, now: Timestamp) -> Session {
    let customer = masked(session.core_id().unwrap());
    session.work = Work::Support(SupportKind::Technical, SupportState::Choosing { customer });
    session.clocks.started_at = Some(now);
    moved(session, now)
}

/// Returns the session after a transition.
pub(crate) fn moved(mut session: Session, now: Timestamp) -> Session {
    session.generation += 1;
    session.clocks.renew(now);
    session
}

pub(crate) fn closed(mut session: Session, now: Timestamp) -> Session {
    session.work = match session.work {
        Work::Recover(state) => {
            Work::Recover(RecoverState { closed: Some(CloseReason::Finished), ..state })
        }
        _ => Work::Support(SupportKind::Technical, SupportState::Closed(CloseReason::Finished)),
    };
    session.clocks.closed_at = Some(now);
    session
}

/// Returns the session with a pending effect.
pub(crate) fn with_pending(mut session: Session, effect: Effect) -> Session {
    session.pending.push(Pending::new(effect, NOON));
    session
}

pub(crate) fn event(session: Option<&SessionId>, kind: &'static str) -> TrailEvent {
    TrailEvent {
        at: NOON,
        actor: "discord:7".to_owned(),
        session: session.cloned(),
        kind,
        details: if kind == CLOSED {
            json!({ "n": 1, "why": CloseReason::Finished.name() })
        } else {
            json!({ "n": 1 })
        },
        customer: None,
        about: json!(null),
    }
}

/// Prepares a commit whose session has no row yet, with a new key.
pub(super) fn prepare_new(commit: Commit) -> PreparedCommit {
    let keys = test_keyring(1);
    let key = commit.session.as_ref().map(|session| {
        let name = session_key_name(session);
        let sealed = keys.store.seal(&name.binding(), vec![7; KEY_BYTES]).unwrap();
        Arc::new(SubjectKey::unseal(&keys.store, name, &sealed).unwrap())
    });
    let before = RowContext { key, ..RowContext::default() };
    PreparedCommit::new(commit, before, NOON, Vec::new(), &keys).unwrap()
}

pub(crate) fn empty_commit(now: Timestamp) -> Commit {
    Commit { now, ..Commit::default() }
}

/// Returns a commit with nothing but a session.
pub(crate) fn commit_of(session: Session) -> Commit {
    Commit { session: Some(session), ..empty_commit(NOON) }
}

pub(crate) fn saved(version: i64) -> Committed {
    Committed::Saved { counts: Vec::new(), version }
}

/// Saves a session and returns it with its new version.
pub(crate) async fn save(database: &Database, mut session: Session) -> Session {
    let committed = database.commit(commit_of(session.clone())).await.unwrap();
    session.version += 1;
    assert_eq!(committed, saved(session.version));
    session
}

/// Audits the trail. `logged` is a checkpoint that must exist.
pub(crate) async fn findings(database: &Database, logged: Option<(i64, &str)>) -> Vec<String> {
    let mut findings = Vec::new();
    let keys = database.keys.trail.public();
    let logged =
        logged.map(|(seq, signature)| LoggedCheckpoint { seq, signature: signature.to_owned() });
    let audit = audit(&database.pools, &keys, logged.as_ref(), |finding| {
        findings.push(finding.to_string());
        Ok(())
    });
    audit.await.unwrap();
    findings
}

/// Audits the trail as [`findings`] does, except for owners and closes: the events of these tests
/// are all of one agent.
pub(crate) async fn chain_findings(database: &Database) -> Vec<String> {
    let mut found = findings(database, None).await;
    found.retain(|found| !found.contains("its row belongs to") && !found.contains("its close"));
    found
}

/// Replaces columns of a session's row as another version of the bot would write them: with an
/// authentic MAC.
pub(crate) async fn rewrite(database: &Database, id: &SessionId, change: impl Fn(&mut Columns)) {
    let engine = database.pools.engine;
    let row = columns::select(engine, &row_columns::cells(), "from sessions where id = $1");
    let row = sqlx::query_as(row).bind(id.as_str()).fetch_one(&database.pools.reads);
    let mut columns: Columns = row.await.unwrap();
    change(&mut columns);
    let mac = database.keys.store.sign_row(columns.fields().as_bytes());
    let update = sqlx::query(
        "update sessions set state = $2, kind = $3, about = $4, sealed = $5, mac = $6 where id = $1",
    )
    .bind(id.as_str())
    .bind(&columns.state)
    .bind(&columns.kind)
    .bind(columns.about.as_deref())
    .bind(columns.sealed.as_deref())
    .bind(mac);
    assert_eq!(update.execute(&database.pools.writes).await.unwrap().rows_affected(), 1);
}

pub(crate) async fn count_rows(database: &Database, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(&database.pools.reads).await.unwrap()
}

/// Returns the session that attends a customer, and its agent.
pub(super) async fn attending(database: &Database, customer: &str) -> Option<(SessionId, u64)> {
    let row = sqlx::query_as("select id, discord_id from sessions where attending = $1")
        .bind(pseudonym(customer).to_string())
        .fetch_optional(&database.pools.reads);
    let row: Option<(String, i64)> = row.await.unwrap();
    row.map(|(id, agent)| (id.parse().unwrap(), agent.cast_unsigned()))
}

/// Returns the quarters of which a subject has a key, oldest first. `None`: the subject without a
/// customer.
pub(crate) async fn quarters_of(database: &Database, subject: Option<&Pseudonym>) -> Vec<Quarter> {
    let quarters = sqlx::query_scalar("select quarter from subject_keys where subject = $1")
        .bind(subject.map_or(NOBODY, Pseudonym::as_str))
        .fetch_all(&database.pools.reads);
    let quarters: Vec<String> = quarters.await.unwrap();
    let mut quarters: Vec<Quarter> = quarters.iter().map(|text| text.parse().unwrap()).collect();
    quarters.sort_unstable();
    quarters
}
