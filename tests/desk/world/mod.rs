//! Both sides of the wire in one test: the sandbox, and the product on its own runtime.

mod bodies;
mod raised;
pub mod rows;
mod time;

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::ports::clock::Clock;
use sandbox::clock::ManualClock;
use sandbox::discord::Person;
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};
use support_desk::app::{App, Listeners, Workers};
use support_desk::demo;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use time::{Hand, LOOK, MORNING};

use crate::person::{Shown, TestPerson};
use crate::store::{Engine, Store};

/// The running product.
struct Product {
    runtime: Runtime,
    desk: Arc<Desk>,
    public_url: String,
    admin_url: String,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
}

/// The sandbox, the product, and the clock that they share.
pub struct World {
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    /// Milliseconds by which the product's clock is ahead of the sandbox's.
    pub ahead: Arc<AtomicI64>,
    pub store: Store,
    core: Store,
    settings: Vec<(String, String)>,
    _folder: TempDir,
    product: Option<Product>,
    shown: Mutex<HashMap<String, Shown>>,
}

impl World {
    /// Runs a test in a new world. Fails if it leaves messages unread or the bot sent something
    /// invalid.
    pub async fn run(test: impl AsyncFnOnce(&mut World)) {
        Self::run_with(&[], test).await;
    }

    /// Runs a test in a new world, with settings of the bot added or replaced.
    pub async fn run_with(settings: &[(&str, &str)], test: impl AsyncFnOnce(&mut World)) {
        Self::run_on(Engine::Sqlite, settings, test).await;
    }

    /// Runs a test in a new world, with the store on this engine.
    pub async fn run_on(
        engine: Engine,
        settings: &[(&str, &str)],
        test: impl AsyncFnOnce(&mut World),
    ) {
        Self::run_with_core_on(Engine::Sqlite, engine, settings, test).await;
    }

    /// Runs a test in a new world, with Core on one engine and the store on another.
    pub async fn run_with_core_on(
        core: Engine,
        store: Engine,
        settings: &[(&str, &str)],
        test: impl AsyncFnOnce(&mut World),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(MORNING);
        let core = Store::new(core, &folder.path().join("core.db")).await;
        let store = Store::new(store, &folder.path().join("desk.db")).await;
        let sandbox = Sandbox::start(Settings {
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: core.url().to_owned(),
            seed: Seed::demo(),
        })
        .await
        .unwrap();
        bodies::keep_if_wanted(&sandbox);
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let shown = Mutex::default();
        let ahead = Arc::default();
        let mut world = Self {
            sandbox,
            clock,
            ahead,
            store,
            core,
            settings,
            _folder: folder,
            product: None,
            shown,
        };
        world.starts().await;
        let conversation = async {
            test(&mut world).await;
            world.ends().await;
        };
        steadily().bind_async(conversation).await;
    }

    /// Returns the address of the public listener. It changes with each start.
    pub fn public_url(&self) -> &str {
        &self.product.as_ref().expect("the product is running").public_url
    }

    /// Returns the address of the operator's listener. It changes with each start.
    pub fn admin_url(&self) -> &str {
        &self.product.as_ref().expect("the product is running").admin_url
    }

    /// Returns the person of the sandbox with this name.
    pub fn person(&self, name: &str) -> TestPerson {
        let shown = self.shown.lock().unwrap().entry(name.to_owned()).or_default().clone();
        TestPerson::new(self.sandbox.discord.person(name), shown)
    }

    pub fn database_url(&self) -> String {
        self.store.url().to_owned()
    }

    /// Starts the product and waits until it is connected and has finished pending effects.
    pub async fn starts(&mut self) {
        assert!(self.product.is_none(), "the product is running");
        let more: Vec<(&str, &str)> =
            self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let database = more
            .iter()
            .find(|(name, _)| *name == "DATABASE_URL")
            .map_or_else(|| self.database_url(), |(_, url)| (*url).to_owned());
        let mut config =
            demo::config(&self.sandbox.url(), &database, self.core.url(), &more).unwrap();
        let without_page = more.iter().any(|(name, _)| *name == "PUBLIC_URL");
        let clock: Arc<dyn Clock> =
            Arc::new(Hand { clock: self.clock.clone(), ahead: self.ahead.clone() });
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
            demo::link_agents(app.database.as_ref(), now).await.unwrap();
            let desk = Arc::clone(&app.desk);
            desk.recover().await.unwrap();
            (
                desk,
                public_url.to_string(),
                admin_url,
                tokio::spawn(app.run(Workers::Manual, running)),
            )
        };
        // Runs on the product's runtime, so that connections and timers end with it.
        let starting = tokio::task::spawn_blocking(move || handle.block_on(assembling()));
        // On PostgreSQL it waits for the leases of an earlier process.
        let (desk, public_url, admin_url, running) =
            self.with_moving_clock(LOOK, starting).await.unwrap();
        self.sandbox.discord.connected(1).await;
        let idle = Arc::clone(&desk);
        self.sandbox.discord.add_idle_probe(move || {
            let desk = Arc::clone(&idle);
            Box::pin(async move { desk.at_rest().await })
        });
        self.product = Some(Product { runtime, desk, public_url, admin_url, stop, running });
    }

    /// Crashes the product: drops its runtime without shutdown.
    pub fn crashes(&mut self) {
        self.sandbox.discord.clear_idle_probes();
        let product = self.product.take().expect("the product is running");
        crash(product.runtime);
    }

    /// Requests a shutdown and waits until the product has left the gateway. Work in flight
    /// continues.
    pub async fn asks_to_stop(&self) {
        self.product.as_ref().expect("the product is running").stop.cancel();
        self.sandbox.discord.connected(0).await;
    }

    /// Stops the product gracefully and waits for work in flight.
    pub async fn stops(&mut self) {
        self.asks_to_stop().await;
        self.sandbox.discord.clear_idle_probes();
        let product = self.product.take().expect("the product is running");
        product.running.await.unwrap().unwrap();
        crash(product.runtime);
    }

    /// Crashes the product and starts it again on the same database.
    pub async fn restarts(&mut self) {
        self.crashes();
        // Wait until the sandbox has noticed, so that it counts only the next connection.
        self.sandbox.discord.connected(0).await;
        self.starts().await;
    }

    /// Returns the code in the newest mail to an address.
    pub fn code_for(&self, address: &str) -> String {
        self.sandbox.mail.last_code_for(address).expect("no code was mailed there")
    }

    /// Returns a code that differs from the one in the newest mail to an address.
    pub fn wrong_code_for(&self, address: &str) -> String {
        let right: u32 = self.code_for(address).parse().unwrap();
        format!("{:06}", (right + 1) % 1_000_000)
    }

    async fn ends(mut self) {
        self.sandbox.discord.wait_until_idle().await;
        assert_clean(&self.sandbox);
        bodies::save_if_wanted(&self.sandbox);
        self.crashes();
        self.sandbox.stop().await;
        self.store.drops().await;
        self.core.drops().await;
    }
}

/// Crashes a process: its tasks end where they wait. Returns after the last task has ended, because
/// a task that is about to end can still handle an answer of the test.
pub fn crash(runtime: Runtime) {
    let ended = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(10)));
    ended.join().unwrap();
}

/// Fails if a message is unread, or if the bot made a call that Discord or AWS would refuse. Cards
/// in the leads' channel can stay unread, because most tests are not about alerts.
pub fn assert_clean(sandbox: &Sandbox) {
    let mut unread = sandbox.discord.unread();
    unread.retain(|text| !text.starts_with("#leads:"));
    assert!(unread.is_empty(), "unread messages:\n{}", unread.join("\n---\n"));
    let violations = sandbox.discord.violations();
    assert!(violations.is_empty(), "invalid calls of Discord: {violations:#?}");
    let unknown = sandbox.discord.unknown_keys();
    assert!(unknown.is_empty(), "keys that Discord does not know: {unknown:#?}");
    let complaints = sandbox.aws.contract_violations();
    assert!(complaints.is_empty(), "invalid calls of AWS: {complaints:#?}");
}

/// Returns snapshot settings that replace session ids and fault references, which are random.
pub fn steadily() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    // Headings such as "Session closed" match the pattern of an id. A joiner protects them.
    settings.add_filter(r"(Session|Sesión) (closed|locked|cerrada|bloqueada)", "$1\u{2060}$2");
    settings.add_filter(r"(Session:?|Sesión:?) [A-Za-z0-9_-]{6}", "$1 ······");
    settings.add_filter(r"· [A-Za-z0-9_-]{6} —", "· ······ —");
    // Lines of a lead's list, its menu, and a customer's pseudonym.
    settings.add_filter(r"`[A-Za-z0-9_-]{6}`", "`······`");
    settings.add_filter(r"[A-Za-z0-9_-]{6} · ([A-Z]\w+ [A-Z]\w+) —", "······ · $1 —");
    settings.add_filter(r#"(Close session|Cerrar la sesión) [A-Za-z0-9_-]{6}""#, "$1 ······\"");
    settings.add_filter("La sesión [A-Za-z0-9_-]{6} está", "La sesión ······ está");
    settings.add_filter(r"C-[0-9A-HJKMNP-TV-Z]{6}", "C-······");
    settings.add_filter(r"(?m)^[A-Za-z0-9_-]{6} · (Technical|Ecosystem|Asistencia)", "······ · $1");
    settings.add_filter("\u{2060}", " ");
    settings.add_filter("F-[0-9A-Z]{6}", "F-······");
    settings.add_filter("A-[0-9A-HJKMNP-TV-Z]{6}", "A-······");
    settings.add_filter(r"(session|sesión) [A-Za-z0-9_-]{6} ·", "$1 ······ ·");
    settings.add_filter(r"(?m)(session|sesión) [A-Za-z0-9_-]{6}$", "$1 ······");
    settings.add_filter("R-[0-9A-HJKMNP-TV-Z]{6}", "R-······");
    settings
}

/// Steps of Technical Assistance, for tests that start at a later step.
impl World {
    /// Verifies agent and customer, up to the panel with the actions. Reads every panel.
    pub async fn verifies(&self, who: &Person, customer: &str, ecosystem: &str) {
        self.proves_agent(who, customer, ecosystem).await;
        who.presses("Send code").await;
        who.presses("Enter code").await;
        who.submits([self.code_for(customer).as_str()]).await;
        who.sees().await;
    }

    /// Verifies the agent, up to the announcement of the customer's code.
    pub async fn proves_agent(&self, who: &Person, customer: &str, ecosystem: &str) {
        self.chooses(who, customer, ecosystem).await;
        who.presses("Enter code").await;
        who.submits([self.code_for(&self.mailbox_of(who)).as_str()]).await;
        who.sees().await;
    }

    /// Starts a session and chooses the ecosystem, so that the agent's code is mailed.
    pub async fn chooses(&self, who: &Person, customer: &str, ecosystem: &str) {
        who.types(&format!("/support technical email:{customer}")).await;
        who.presses("Start").await;
        who.selects(ecosystem).await;
        who.sees().await;
    }

    /// Returns the address of an agent's BackOffice account.
    #[expect(clippy::unused_self, reason = "callers read it as a property of the world")]
    pub fn mailbox_of(&self, who: &Person) -> String {
        format!("{}@waizant.example", who.profile().name)
    }
}
