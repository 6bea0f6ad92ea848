//! Two products in one test, on one PostgreSQL and one sandbox, each on a runtime of its own that
//! can crash.

use std::sync::Arc;
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

use super::postgres::Postgres;
use crate::world::{Hand, LOOK, MORNING, steadily};

/// How far the clock is moved between two looks at the sessions.
const STEP: Duration = Duration::from_secs(5);

/// A running replica.
struct Replica {
    runtime: Runtime,
    desk: Arc<Desk>,
    /// The name under which it claims interactions.
    owner: String,
    _stop: CancellationToken,
}

/// Both, and the world around them.
pub struct Pair {
    /// The other side.
    pub sandbox: Sandbox,
    /// The time of all.
    pub clock: Arc<ManualClock>,
    /// What they share.
    pub postgres: Postgres,
    folder: TempDir,
    replicas: [Option<Replica>; 2],
}

impl Pair {
    /// Runs a test with two replicas, and looks afterwards whether anything was left unread or was
    /// illegal.
    pub async fn run(test: impl AsyncFnOnce(&mut Pair)) {
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
        let mut pair = Self {
            sandbox,
            clock,
            postgres: Postgres::new().await,
            folder,
            replicas: [None, None],
        };
        pair.starts(0).await;
        pair.starts(1).await;
        let story = async {
            test(&mut pair).await;
            pair.ends().await;
        };
        steadily().bind_async(story).await;
    }

    /// Somebody of the cast.
    pub fn person(&self, name: &str) -> Person {
        self.sandbox.discord.person(name)
    }

    /// What somebody sees when both replicas are done. The clock moves on over their waits for each
    /// other.
    pub async fn sees(&self, who: &Person) -> String {
        self.done().await;
        self.dozing(who.sees()).await
    }

    /// Does something while the clock moves over the replicas' waits for each other.
    pub async fn dozing<T>(&self, act: impl Future<Output = T>) -> T {
        let mut act = std::pin::pin!(act);
        loop {
            tokio::select! {
                biased;
                done = &mut act => return done,
                () = self.clock.advance_to_next_wake(LOOK) => {}
            }
        }
    }

    /// What answers clicks in one of them.
    pub fn desk(&self, which: usize) -> Arc<Desk> {
        Arc::clone(&self.replicas[which].as_ref().expect("it is running").desk)
    }

    /// Does something in one of them.
    pub fn spawn<T: Send + 'static>(
        &self,
        which: usize,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.replicas[which].as_ref().expect("it is running").runtime.spawn(work)
    }

    /// Starts a replica; it is connected when this returns, and has finished what it found.
    pub async fn starts(&mut self, which: usize) {
        assert!(self.replicas[which].is_none(), "it is running");
        let running = self.replicas.iter().flatten().count();
        let core = format!("sqlite://{}?mode=rwc", self.folder.path().join("core.db").display());
        let mut config = demo::config(&self.sandbox.url(), &self.postgres.url, &core, &[]).unwrap();
        config.public_url = Some("https://desk.example.com/".parse().unwrap());
        let clock: Arc<dyn Clock> = Arc::new(Hand(self.clock.clone()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (stop, handle) = (CancellationToken::new(), runtime.handle().clone());
        let cancelled = stop.clone();
        let assembling = move || async move {
            let now = clock.now();
            let listeners = Listeners::bind(&config).await.unwrap();
            let app = App::assemble(config, listeners, clock).await.unwrap();
            demo::link_everybody(app.database.as_ref(), now).await.unwrap();
            let (desk, owner) = (Arc::clone(&app.desk), app.database.owner().to_owned());
            desk.recover().await.unwrap();
            tokio::spawn(app.run(Workers::Ticked, cancelled));
            (desk, owner)
        };
        let starting = tokio::task::spawn_blocking(move || handle.block_on(assembling()));
        let (desk, owner) = self.dozing(starting).await.unwrap();
        self.sandbox.discord.connected(running + 1).await;
        self.replicas[which] = Some(Replica { runtime, desk, owner, _stop: stop });
        self.probe();
    }

    /// The process is gone from one moment to the next.
    pub async fn crashes(&mut self, which: usize) {
        let replica = self.replicas[which].take().expect("it is running");
        replica.runtime.shutdown_background();
        self.probe();
        self.sandbox.discord.connected(self.replicas.iter().flatten().count()).await;
    }

    /// Which of them has claimed what is not done yet.
    pub async fn at_work(&self) -> usize {
        let owners = self.postgres.texts("select owner from claims where outcome is null").await;
        assert_eq!(owners.len(), 1, "{owners:?}");
        self.replicas
            .iter()
            .position(|replica| replica.as_ref().is_some_and(|replica| replica.owner == owners[0]))
            .unwrap()
    }

    /// Whoever is at work is done. The clock stands still meanwhile: moved on, it would run away
    /// from a lease that is renewed.
    pub async fn done(&self) {
        while self.postgres.count("select count(*) from claims where outcome is null").await > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Time passes, and the clocks of the sessions act as it does, in both replicas at the same
    /// moment.
    pub async fn passes(&self, time: Duration) {
        self.settled().await;
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.clock.advance(step);
            left -= step;
            self.sweeps().await;
        }
        self.settled().await;
    }

    /// Both let the clocks act.
    pub async fn sweeps(&self) {
        let sweeping: Vec<_> = self
            .replicas
            .iter()
            .flatten()
            .map(|replica| {
                let desk = Arc::clone(&replica.desk);
                replica.runtime.spawn(async move { desk.sweep().await })
            })
            .collect();
        for sweep in sweeping {
            self.dozing(sweep).await.unwrap().unwrap();
        }
    }

    /// One of them lets the clocks act.
    pub async fn sweep(&self, which: usize) {
        let desk = self.desk(which);
        self.dozing(self.spawn(which, async move { desk.sweep().await })).await.unwrap().unwrap();
    }

    /// One of them finishes what it finds, as a process does that starts.
    pub async fn recovers(&self, which: usize) {
        let desk = self.desk(which);
        self.dozing(self.spawn(which, async move { desk.recover().await })).await.unwrap().unwrap();
    }

    /// Nobody has anything left to do.
    pub async fn settled(&self) {
        self.dozing(self.sandbox.discord.wait_until_idle()).await;
    }

    /// The code in the newest mail to an address.
    pub fn code_for(&self, address: &str) -> String {
        self.sandbox.mail.last_code_for(address).expect("no code was mailed there")
    }

    /// How many events of the trail begin like this.
    pub async fn events(&self, beginning: &str) -> usize {
        self.postgres.trail().await.iter().filter(|event| event.starts_with(beginning)).count()
    }

    fn probe(&self) {
        self.sandbox.discord.clear_idle_probes();
        for replica in self.replicas.iter().flatten() {
            let desk = Arc::clone(&replica.desk);
            self.sandbox.discord.add_idle_probe(move || {
                let desk = Arc::clone(&desk);
                Box::pin(async move { desk.at_rest().await })
            });
        }
    }

    async fn ends(mut self) {
        self.settled().await;
        let unread = self.sandbox.discord.unread();
        assert!(unread.is_empty(), "nobody read:\n{}", unread.join("\n---\n"));
        let violations = self.sandbox.discord.violations();
        assert!(violations.is_empty(), "illegal: {violations:#?}");
        let complaints = self.sandbox.aws.contract_violations();
        assert!(complaints.is_empty(), "AWS complains: {complaints:#?}");
        self.sandbox.discord.clear_idle_probes();
        for replica in &mut self.replicas {
            if let Some(replica) = replica.take() {
                replica.runtime.shutdown_background();
            }
        }
        self.sandbox.stop().await;
        self.postgres.drops().await;
    }
}

/// The steps of the road, everything read.
impl Pair {
    /// As far as the agent's code being on its way.
    pub async fn chooses(&self, who: &Person, customer: &str, ecosystem: &str) {
        who.types(&format!("/support technical email:{customer}")).await;
        self.sees(who).await;
        who.presses("Start").await;
        self.sees(who).await;
        who.selects(ecosystem).await;
        self.sees(who).await;
    }

    /// As far as the panel with the buttons.
    pub async fn verifies(&self, who: &Person, mailbox: &str, customer: &str, ecosystem: &str) {
        self.chooses(who, customer, ecosystem).await;
        who.presses("Enter code").await;
        who.submits([self.code_for(mailbox).as_str()]).await;
        self.sees(who).await;
        who.presses("Send code").await;
        self.sees(who).await;
        who.presses("Enter code").await;
        who.submits([self.code_for(customer).as_str()]).await;
        self.sees(who).await;
    }
}
