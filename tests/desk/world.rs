//! Both sides of the wire in one test: the sandbox, and the product on a runtime of its own that
//! can crash.

use std::sync::Arc;
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use sandbox::clock::{Clock as _, ManualClock};
use sandbox::discord::Person;
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};
use sqlx::{Connection as _, Row as _};
use support_desk::app::{App, Listeners, Workers};
use support_desk::demo;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::{Engine, Store};

/// When every test begins: 2026-01-05 10:00 UTC, a Monday.
pub const MORNING: i64 = 1_767_607_200_000;
/// How far the clock is moved between two looks at the sessions.
const STEP: Duration = Duration::from_secs(5);
/// How often, on PostgreSQL, the bot looks whether another process is done with what it waits for.
pub const LOOK: Duration = Duration::from_millis(250);

/// The hand-moved clock as the product wants it.
pub struct Hand(pub Arc<ManualClock>);

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now())
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.0.now() + i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.0.sleep_until(until).await;
    }
}

/// A running product.
struct Product {
    runtime: Runtime,
    desk: Arc<Desk>,
    /// Where its public side is.
    public_url: String,
    /// Likewise, the operator's.
    admin_url: String,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
}

/// Everything there is.
pub struct World {
    /// The other side.
    pub sandbox: Sandbox,
    /// The time of both sides.
    pub clock: Arc<ManualClock>,
    /// The bot's own store.
    pub store: Store,
    settings: Vec<(String, String)>,
    folder: TempDir,
    product: Option<Product>,
}

impl World {
    /// Runs a test in a world of its own, and looks afterwards whether anything was left unread or
    /// was illegal.
    pub async fn run(test: impl AsyncFnOnce(&mut World)) {
        Self::run_with(&[], test).await;
    }

    /// Likewise, with settings of the bot added or replaced.
    pub async fn run_with(settings: &[(&str, &str)], test: impl AsyncFnOnce(&mut World)) {
        Self::run_on(Engine::Sqlite, settings, test).await;
    }

    /// Likewise, with the store on this engine.
    pub async fn run_on(
        engine: Engine,
        settings: &[(&str, &str)],
        test: impl AsyncFnOnce(&mut World),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(MORNING);
        let sandbox = Sandbox::start(Settings {
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display()),
            seed: Seed::demo(),
        })
        .await
        .unwrap();
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let store = Store::new(engine, folder.path()).await;
        let mut world = Self { sandbox, clock, store, settings, folder, product: None };
        world.starts().await;
        let told = async {
            test(&mut world).await;
            world.ends().await;
        };
        steadily().bind_async(told).await;
    }

    /// Where the public side of the running product is; another place after each start.
    pub fn public_url(&self) -> &str {
        &self.product.as_ref().expect("it is running").public_url
    }

    /// Where the operator's side of the running product is.
    pub fn admin_url(&self) -> &str {
        &self.product.as_ref().expect("it is running").admin_url
    }

    /// Somebody of the cast.
    pub fn person(&self, name: &str) -> Person {
        self.sandbox.discord.person(name)
    }

    /// The address of the bot's own store.
    pub fn database_url(&self) -> String {
        self.store.url().to_owned()
    }

    /// Starts the product; it is connected when this returns, and has finished what an earlier one
    /// left.
    pub async fn starts(&mut self) {
        assert!(self.product.is_none(), "it is running");
        let core = format!("sqlite://{}?mode=rwc", self.folder.path().join("core.db").display());
        let more: Vec<(&str, &str)> =
            self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let database = more
            .iter()
            .find(|(name, _)| *name == "DATABASE_URL")
            .map_or_else(|| self.database_url(), |(_, url)| (*url).to_owned());
        let mut config = demo::config(&self.sandbox.url(), &database, &core, &more).unwrap();
        let without_page = more.iter().any(|(name, _)| *name == "PUBLIC_URL");
        let clock: Arc<dyn Clock> = Arc::new(Hand(self.clock.clone()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let stop = CancellationToken::new();
        let running = stop.clone();
        let handle = runtime.handle().clone();
        let assembling = move || async move {
            let now = clock.now();
            let listeners = Listeners::bind(&config).await.unwrap();
            let public_url = listeners.public_url().unwrap();
            let admin_url = listeners.admin_url().unwrap().to_string();
            if !without_page {
                config.public_url = Some(public_url.clone());
            }
            let app = App::assemble(config, listeners, clock).await.unwrap();
            demo::link_everybody(app.database.as_ref(), now).await.unwrap();
            let desk = Arc::clone(&app.desk);
            desk.recover().await.unwrap();
            (
                desk,
                public_url.to_string(),
                admin_url,
                tokio::spawn(app.run(Workers::Ticked, running)),
            )
        };
        // On the product's runtime, whose connections and timers die with it.
        let starting = tokio::task::spawn_blocking(move || handle.block_on(assembling()));
        // On PostgreSQL it waits until what an earlier one has claimed is free.
        let (desk, public_url, admin_url, running) = self.dozing(LOOK, starting).await.unwrap();
        self.sandbox.discord.connected(1).await;
        let resting = Arc::clone(&desk);
        self.sandbox.discord.add_idle_probe(move || {
            let desk = Arc::clone(&resting);
            Box::pin(async move { desk.at_rest().await })
        });
        self.product = Some(Product { runtime, desk, public_url, admin_url, stop, running });
    }

    /// The process is gone from one moment to the next: nothing is finished, nobody is told.
    pub fn crashes(&mut self) {
        self.sandbox.discord.clear_idle_probes();
        let product = self.product.take().expect("it is running");
        product.runtime.shutdown_background();
    }

    /// It is asked to stop, and has left the gateway when this returns: no new work, what was begun
    /// goes on.
    pub async fn asks_to_stop(&self) {
        self.product.as_ref().expect("it is running").stop.cancel();
        self.sandbox.discord.connected(0).await;
    }

    /// It is asked to stop, and ends when what was begun has ended.
    pub async fn stops(&mut self) {
        self.asks_to_stop().await;
        self.sandbox.discord.clear_idle_probes();
        let product = self.product.take().expect("it is running");
        product.running.await.unwrap().unwrap();
        product.runtime.shutdown_background();
    }

    /// It crashes and starts again on the same database.
    pub async fn restarts(&mut self) {
        self.crashes();
        // Its connection is seen to be gone: the next one is not mistaken for it.
        self.sandbox.discord.connected(0).await;
        self.starts().await;
    }

    /// Time passes, and the clocks of the sessions act as it does.
    pub async fn passes(&self, time: Duration) {
        self.sandbox.discord.wait_until_idle().await;
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.clock.advance(step);
            left -= step;
            self.sweeps().await;
        }
        self.sandbox.discord.wait_until_idle().await;
    }

    /// Does something while the clock moves over the short waits of whoever tries again, each of
    /// `at_most`.
    pub async fn dozing<T>(&self, at_most: Duration, act: impl Future<Output = T>) -> T {
        let mut act = std::pin::pin!(act);
        loop {
            tokio::select! {
                biased;
                done = &mut act => return done,
                () = self.clock.advance_to_next_wake(at_most) => {}
            }
        }
    }

    /// Moves the clock on to a moment after the start of the test.
    pub async fn passes_until(&self, since_start: Duration) {
        let now = Duration::from_millis(u64::try_from(self.clock.now() - MORNING).unwrap());
        self.passes(since_start.checked_sub(now).expect("that moment is over")).await;
    }

    /// Moves the clock on likewise, but in one leap: for hours in which no session is open.
    pub async fn leaps_until(&self, since_start: Duration) {
        self.sandbox.discord.wait_until_idle().await;
        let now = Duration::from_millis(u64::try_from(self.clock.now() - MORNING).unwrap());
        self.clock.advance(since_start.checked_sub(now).expect("that moment is over"));
        self.sweeps().await;
    }

    /// The clocks of the sessions act once.
    pub async fn sweeps(&self) {
        let product = self.product.as_ref().expect("it is running");
        let desk = Arc::clone(&product.desk);
        product.runtime.spawn(async move { desk.sweep().await }).await.unwrap().unwrap();
    }

    /// The trail so far, oldest first: what was done, and its circumstances.
    pub async fn trail(&self) -> Vec<String> {
        sqlx::any::install_default_drivers();
        let mut store = sqlx::AnyConnection::connect(&self.database_url()).await.unwrap();
        let events = sqlx::query("select kind, details from events order by rowid")
            .fetch_all(&mut store)
            .await
            .unwrap();
        events
            .iter()
            .map(|event| format!("{} {}", event.get::<String, _>(0), event.get::<String, _>(1)))
            .collect()
    }

    /// What a statement counts in the bot's store.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::any::install_default_drivers();
        let mut store = sqlx::AnyConnection::connect(&self.database_url()).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut store).await.unwrap()
    }

    /// Changes the bot's store as an administrator could.
    pub async fn executes(&self, sql: &'static str) {
        sqlx::any::install_default_drivers();
        let mut store = sqlx::AnyConnection::connect(&self.database_url()).await.unwrap();
        assert_eq!(sqlx::query(sql).execute(&mut store).await.unwrap().rows_affected(), 1);
    }

    /// The code in the newest mail to an address.
    pub fn code_for(&self, address: &str) -> String {
        self.sandbox.mail.last_code_for(address).expect("no code was mailed there")
    }

    /// A code that is not the one in the newest mail to an address.
    pub fn wrong_code_for(&self, address: &str) -> String {
        let right: u32 = self.code_for(address).parse().unwrap();
        format!("{:06}", (right + 1) % 1_000_000)
    }

    async fn ends(mut self) {
        self.sandbox.discord.wait_until_idle().await;
        let unread = self.sandbox.discord.unread();
        assert!(unread.is_empty(), "nobody read:\n{}", unread.join("\n---\n"));
        let violations = self.sandbox.discord.violations();
        assert!(violations.is_empty(), "illegal: {violations:#?}");
        let complaints = self.sandbox.aws.contract_violations();
        assert!(complaints.is_empty(), "AWS complains: {complaints:#?}");
        self.crashes();
        self.sandbox.stop().await;
        self.store.drops().await;
    }
}

/// Snapshots without what is random: the ids of sessions and the references of faults.
pub fn steadily() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    // The headings "Session closed" and "Session locked" look like a session's id: they are set
    // aside meanwhile.
    settings.add_filter(r"(Session|Sesión) (closed|locked|cerrada|bloqueada)", "$1\u{2060}$2");
    settings.add_filter(r"(Session:?|Sesión:?) [A-Za-z0-9_-]{6}", "$1 ······");
    settings.add_filter(r"· [A-Za-z0-9_-]{6} —", "· ······ —");
    settings.add_filter("\u{2060}", " ");
    settings.add_filter("F-[0-9A-Z]{6}", "F-······");
    settings
}

/// The steps of the road up to the panel with the buttons, for tests that are about what comes
/// after.
impl World {
    /// `who` verifies the customer in the ecosystem; everything on the way is read.
    pub async fn verifies(&self, who: &Person, customer: &str, ecosystem: &str) {
        self.proves_agent(who, customer, ecosystem).await;
        who.presses("Send code").await;
        who.presses("Enter code").await;
        who.submits([self.code_for(customer).as_str()]).await;
        who.sees().await;
    }

    /// As far as the announcement that a code will be sent to the customer.
    pub async fn proves_agent(&self, who: &Person, customer: &str, ecosystem: &str) {
        self.chooses(who, customer, ecosystem).await;
        who.presses("Enter code").await;
        who.submits([self.code_for(&self.mailbox_of(who)).as_str()]).await;
        who.sees().await;
    }

    /// As far as the agent's code being on its way.
    pub async fn chooses(&self, who: &Person, customer: &str, ecosystem: &str) {
        who.types(&format!("/support technical email:{customer}")).await;
        who.presses("Start").await;
        who.selects(ecosystem).await;
        who.sees().await;
    }

    /// The address of an agent's BackOffice account.
    #[expect(clippy::unused_self, reason = "it reads as something that the world knows")]
    pub fn mailbox_of(&self, who: &Person) -> String {
        format!("{}@waizant.example", who.profile().name)
    }
}
