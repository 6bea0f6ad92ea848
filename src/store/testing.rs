//! Test bed of the store and the trail: both engines, a manual clock, and sessions to write.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use commands::flows::recover;
use commands::model::customer::{MaskedCustomer, Status};
use commands::model::effect::{Effect, Pending};
use commands::model::flow_state::{Attended, RecoverState, SupportState};
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{Clocks, IDLE_CLOSE};
use commands::model::trail::TrailEvent;
use commands::model::verification::Verification;
use commands::model::words::{Actor, CloseReason, Locale, SessionId, SupportKind};
use commands::ports::clock::Clock;
use commands::ports::sessions::{Commit, Committed, Sessions as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::sync::watch;

use super::Database;
use super::seal::{StoreKey, test_key};

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
    pub(crate) key: Arc<StoreKey>,
    _folder: TempDir,
}

impl TestBed {
    fn new(url: String, folder: TempDir) -> Self {
        Self {
            url,
            clock: Arc::new(ManualClock::at(NOON)),
            key: Arc::new(test_key(1)),
            _folder: folder,
        }
    }

    pub(crate) async fn open(&self) -> Arc<Database> {
        let database = Database::open(
            &self.url,
            Arc::clone(&self.key),
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

fn random() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

async fn on_server(sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Returns the URL of the PostgreSQL server: the value of `SUPPORT_DESK_TEST_POSTGRES`, or a server
/// that this process starts.
pub(crate) fn server() -> &'static str {
    // Keep the child, because it holds the pipe: when this process ends, the pipe closes and the
    // server stops.
    static SERVER: OnceLock<(String, Option<Child>)> = OnceLock::new();
    let (url, _) = SERVER.get_or_init(|| match std::env::var("SUPPORT_DESK_TEST_POSTGRES") {
        Ok(url) => (url, None),
        Err(_) => start(),
    });
    url
}

fn start() -> (String, Option<Child>) {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Use a separate process group, so that a signal to the tests does not leave the server
    // running.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    if url.is_empty() {
        let mut why = String::new();
        child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        panic!("{why}");
    }
    (url.trim().to_owned(), Some(child))
}

/// Returns a session id that ends in the two digits of `n`.
pub(crate) fn id(n: u8) -> SessionId {
    format!("session-------------{:02}", n % 100).parse().unwrap()
}

/// Returns a session after the look-up of `customer` by the agent `discord_id`.
pub(crate) fn found(n: u8, discord_id: u64, customer: &str) -> Session {
    Session {
        id: id(n),
        actor: Actor { discord_id, agent_id: format!("sub-{discord_id}"), name: "Ana".to_owned() },
        locale: Locale::Es,
        version: 0,
        generation: 1,
        customer_id: Some(customer.to_owned()),
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
        may_be_proven: false,
        revocations: 0,
        secrets: Secrets { panel: Some(("panel-token".into(), NOON)), ..Secrets::default() },
    }
}

/// Returns a recovery that the agent has just requested.
pub(crate) fn recovering(n: u8, discord_id: u64) -> Session {
    let work = Work::Recover(RecoverState::new("mac-of-the-page".to_owned()));
    let page = Some("https://desk.example.com/recover/page-token".into());
    let secrets = Secrets { page, ..Secrets::default() };
    Session {
        customer_id: None,
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
    }
}

/// Returns the session after Start: it attends the customer.
pub(crate) fn started(mut session: Session, now: Timestamp) -> Session {
    let customer = masked(session.customer_id.as_deref().unwrap());
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
        details: json!({ "n": 1 }),
    }
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
    let audit = crate::trail::audit(database, logged, |finding| {
        findings.push(finding.to_string());
        Ok(())
    });
    audit.await.unwrap();
    findings
}

pub(crate) async fn count_rows(database: &Database, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(&database.pools.reads).await.unwrap()
}
