//! Two replicas in one test, on one PostgreSQL and one sandbox. Each has a runtime of its own,
//! which can crash.

use std::sync::Arc;
use std::time::Duration;

use commands::engine::desk::Desk;
use commands::ports::clock::Clock;
use futures_util::FutureExt as _;
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
use crate::world::{Hand, LOOK, MORNING, assert_clean, crash, steadily};

/// Step of the clock between two sweeps.
const STEP: Duration = Duration::from_secs(5);

struct Replica {
    runtime: Runtime,
    desk: Arc<Desk>,
    /// Name of the replica in its claims.
    owner: String,
    _stop: CancellationToken,
}

/// Two replicas and their world.
pub struct Pair {
    pub sandbox: Sandbox,
    /// Clock of the sandbox and of both replicas.
    pub clock: Arc<ManualClock>,
    /// Shared store of the replicas.
    pub postgres: Postgres,
    folder: TempDir,
    replicas: [Option<Replica>; 2],
}

impl Pair {
    /// Runs a test with two replicas. Fails if a message stays unread or a call was invalid.
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
        let running = async {
            test(&mut pair).await;
            pair.ends().await;
        };
        steadily().bind_async(running).await;
    }

    pub fn person(&self, name: &str) -> Person {
        self.sandbox.discord.person(name)
    }

    /// Returns what a person sees when both replicas are done. The clock moves over their waits for
    /// each other.
    pub async fn sees(&self, who: &Person) -> String {
        self.claims_closed().await;
        self.with_moving_clock(who.sees()).await
    }

    /// Awaits `act` while the clock moves over the replicas' waits for each other.
    pub async fn with_moving_clock<T>(&self, act: impl Future<Output = T>) -> T {
        self.clock.advance_during(LOOK, act).await
    }

    pub fn desk(&self, which: usize) -> Arc<Desk> {
        Arc::clone(&self.replicas[which].as_ref().expect("the replica is running").desk)
    }

    /// Runs `work` on the runtime of a replica.
    pub fn spawn<T: Send + 'static>(
        &self,
        which: usize,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.replicas[which].as_ref().expect("the replica is running").runtime.spawn(work)
    }

    /// Starts a replica. Returns when it is connected and has finished the pending effects.
    pub async fn starts(&mut self, which: usize) {
        assert!(self.replicas[which].is_none(), "the replica is running");
        let running = self.replicas.iter().flatten().count();
        let core = format!("sqlite://{}?mode=rwc", self.folder.path().join("core.db").display());
        let mut config = demo::config(&self.sandbox.url(), &self.postgres.url, &core, &[]).unwrap();
        config.public_url = Some("http://127.0.0.1:1/".parse().unwrap());
        let clock: Arc<dyn Clock> =
            Arc::new(Hand { clock: self.clock.clone(), ahead: Arc::default() });
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
            demo::link_agents(app.database.as_ref(), now).await.unwrap();
            let (desk, owner) = (Arc::clone(&app.desk), app.database.owner().to_owned());
            desk.recover().await.unwrap();
            tokio::spawn(app.run(Workers::Manual, cancelled));
            (desk, owner)
        };
        let starting = tokio::task::spawn_blocking(move || handle.block_on(assembling()));
        let (desk, owner) = self.with_moving_clock(starting).await.unwrap();
        self.sandbox.discord.connected(running + 1).await;
        self.replicas[which] = Some(Replica { runtime, desk, owner, _stop: stop });
        self.probe();
    }

    /// Crashes a replica: drops its runtime without shutdown.
    pub async fn crashes(&mut self, which: usize) {
        let replica = self.replicas[which].take().expect("the replica is running");
        crash(replica.runtime);
        self.probe();
        self.sandbox.discord.connected(self.replicas.iter().flatten().count()).await;
    }

    /// Returns the replica that owns the only open claim.
    pub async fn claim_owner(&self) -> usize {
        let owners = self.postgres.texts("select owner from claims where outcome is null").await;
        assert_eq!(owners.len(), 1, "{owners:?}");
        self.replicas
            .iter()
            .position(|replica| replica.as_ref().is_some_and(|replica| replica.owner == owners[0]))
            .unwrap()
    }

    /// Waits until no claim is open.
    pub async fn claims_closed(&self) {
        let closing = async {
            let open = "select count(*) from claims where outcome is null";
            while self.postgres.count(open).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        self.without_effects(closing).await;
    }

    /// Awaits `act`. The clock moves to the next reading of a claim that a replica waits for.
    ///
    /// It stands still while a replica performs an effect, because a lease would expire before its
    /// replica could renew it.
    pub async fn without_effects<T>(&self, act: impl Future<Output = T>) -> T {
        let wake = async || {
            if self.postgres.count("select count(*) from sessions where pending_since > 0").await
                == 0
            {
                // Does nothing if no wake is near.
                self.clock.advance_to_next_wake(LOOK).now_or_never();
            }
            tokio::task::yield_now().await;
        };
        let mut act = std::pin::pin!(act);
        loop {
            tokio::select! {
                biased;
                done = &mut act => return done,
                () = wake() => {}
            }
        }
    }

    /// Moves the clock in steps. Both replicas sweep at the same time after each.
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

    /// Runs one sweep in each replica, concurrently.
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
            self.with_moving_clock(sweep).await.unwrap().unwrap();
        }
    }

    /// Runs one sweep in one replica.
    pub async fn sweep(&self, which: usize) {
        let desk = self.desk(which);
        self.with_moving_clock(self.spawn(which, async move { desk.sweep().await }))
            .await
            .unwrap()
            .unwrap();
    }

    /// Finishes pending effects in one replica, as a process does at its start.
    pub async fn recovers(&self, which: usize) {
        let desk = self.desk(which);
        self.with_moving_clock(self.spawn(which, async move { desk.recover().await }))
            .await
            .unwrap()
            .unwrap();
    }

    /// Waits until sandbox and replicas are idle.
    pub async fn settled(&self) {
        self.with_moving_clock(self.sandbox.discord.wait_until_idle()).await;
    }

    /// Returns the code in the newest mail to an address.
    pub fn code_for(&self, address: &str) -> String {
        self.sandbox.mail.last_code_for(address).expect("no code was mailed there")
    }

    /// Returns the number of trail events that begin with this text.
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
        assert_clean(&self.sandbox);
        self.sandbox.discord.clear_idle_probes();
        for replica in &mut self.replicas {
            if let Some(replica) = replica.take() {
                crash(replica.runtime);
            }
        }
        self.sandbox.stop().await;
        self.postgres.drops().await;
    }
}

/// Common beginnings of a session. All messages are read.
impl Pair {
    /// Opens a session until the agent's code is mailed.
    pub async fn chooses(&self, who: &Person, customer: &str, ecosystem: &str) {
        who.types(&format!("/support technical email:{customer}")).await;
        self.sees(who).await;
        who.presses("Start").await;
        self.sees(who).await;
        who.selects(ecosystem).await;
        self.sees(who).await;
    }

    /// Opens a session until agent and customer are verified.
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
