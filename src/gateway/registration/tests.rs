//! Registration at a start and afterwards, against the sandbox.

use std::sync::Arc;

use commands::ports::clock::Clock;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sandbox::discord::{Faults, RestFault};
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};

use super::*;
use crate::clock::hand::ManualClock;
use crate::demo;
use crate::gateway::{START_TIMEOUT, SignedIn, sign_in, watch_guild};
use crate::health::{Health, StoreStatus};

/// A wait that is longer than a start.
const LONG: Duration = Duration::from_secs(431);
const WRITE: &str = "PUT /api/v10/applications/";

/// The bot's clock, as the sandbox reads it. The calls of a start wait for nothing in the sandbox.
struct SharedClock(Arc<ManualClock>);

impl sandbox::clock::Clock for SharedClock {
    fn now(&self) -> i64 {
        self.0.now().0
    }

    fn sleep_until(&self, _: i64) -> BoxFuture<'static, ()> {
        std::future::pending().boxed()
    }
}

struct World {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
    discord: crate::config::Discord,
}

impl World {
    async fn new() -> Self {
        let clock = ManualClock::at(0);
        let settings = Settings {
            clock: Arc::new(SharedClock(Arc::clone(&clock))),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: "sqlite::memory:".to_owned(),
            seed: Seed::demo(),
        };
        let sandbox = Sandbox::start(settings).await.unwrap();
        let config = demo::config(&sandbox.url(), "sqlite://desk.db", "sqlite://core.db", &[]);
        Self { sandbox, clock, discord: config.unwrap().discord }
    }

    fn faults(&self) -> Faults {
        self.sandbox.discord.faults()
    }

    /// Starts a bot. The clock moves over its waits.
    async fn starts(&self) -> anyhow::Result<SignedIn> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let moving = async {
            loop {
                self.clock.sleeps(1).await;
                self.clock.advance(Duration::from_secs(1));
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            signed_in = sign_in(&self.discord, &clock) => signed_in,
            () = moving => unreachable!("it never ends"),
        }
    }

    /// Describes the support command as an older bot did.
    fn outdates_commands(&self) {
        self.faults().change_commands(|commands| "Older".clone_into(&mut commands[0].description));
    }

    fn has_outdated_commands(&self) -> bool {
        self.sandbox.discord.commands().iter().any(|command| command.description == "Older")
    }
}

#[tokio::test]
async fn second_start_writes_nothing() {
    let world = World::new().await;
    let first = world.starts().await.unwrap();
    world.faults().all_calls_to(WRITE, RestFault::Status(500));
    let second = world.starts().await.unwrap();
    assert_eq!(first.command_ids, second.command_ids);
    let support = world.sandbox.discord.commands().into_iter().find(|one| one.name == "support");
    let support = support.unwrap();
    assert_eq!(
        second.command_ids.mention("support resume").unwrap(),
        format!("</support resume:{}>", support.id.unwrap())
    );
    assert!(support.default_member_permissions.unwrap().is_empty(), "for administrators only");
    assert_eq!(world.clock.now(), Timestamp(0), "no wait");
}

#[tokio::test]
async fn difference_is_written_at_the_start() {
    let world = World::new().await;
    world.starts().await.unwrap();
    world.outdates_commands();
    world.starts().await.unwrap();
    assert!(!world.has_outdated_commands());
    world.faults().change_commands(|commands| {
        let extra = commands[0].clone();
        commands.push(extra);
        commands.last_mut().unwrap().name = "extra".to_owned();
    });
    world.starts().await.unwrap();
    assert_eq!(world.sandbox.discord.commands().len(), 3);
}

#[tokio::test]
async fn difference_that_cannot_be_written_is_written_later() {
    let world = World::new().await;
    let first = world.starts().await.unwrap();
    world.outdates_commands();
    world.faults().all_calls_to(WRITE, RestFault::TooMany { retry_after: LONG });
    let SignedIn { mut registration, command_ids, .. } = world.starts().await.unwrap();
    assert_eq!((registration.next_look(), command_ids), (LONG, first.command_ids));
    assert_eq!(registration.look().await, Some(GuildState::Joined));
    assert!(world.has_outdated_commands() && registration.next_look() == LONG, "still refused");

    world.faults().clear();
    assert_eq!(registration.look().await, Some(GuildState::Joined));
    assert!(!world.has_outdated_commands() && registration.next_look() == LOOK_INTERVAL);
}

#[tokio::test]
async fn next_look_is_never_too_soon_or_too_late() {
    let world = World::new().await;
    world.starts().await.unwrap();
    world.outdates_commands();
    for (asked, expected) in [(61, 61), (3_600, 3_600), (3_601, 3_600)] {
        let retry_after = Duration::from_secs(asked);
        world.faults().all_calls_to(WRITE, RestFault::TooMany { retry_after });
        let signed_in = world.starts().await.unwrap();
        assert_eq!(signed_in.registration.next_look(), Duration::from_secs(expected));
        world.faults().clear();
    }
    let SignedIn { mut registration, .. } = world.starts().await.unwrap();
    world.outdates_commands();
    registration.unwritten = Some(LONG);
    let retry_after = Duration::from_secs(1);
    world.faults().all_calls_to(WRITE, RestFault::TooMany { retry_after });
    registration.look().await;
    assert_eq!(registration.next_look(), SHORTEST_INTERVAL);
}

#[tokio::test]
async fn missing_command_that_cannot_be_written_ends_the_start() {
    let world = World::new().await;
    world.faults().all_calls_to(WRITE, RestFault::TooMany { retry_after: LONG });
    let error = world.starts().await.err().unwrap();
    assert_eq!(
        format!("{error:#}"),
        "cannot register the commands: Discord answered with status 429 and asks to wait 431 s, \
         longer than the start can wait: start again after that"
    );
}

#[tokio::test]
async fn start_survives_short_failures_of_each_call() {
    for route in [
        "GET /api/v10/gateway",
        "GET /api/v10/gateway/bot",
        "GET /api/v10/oauth2/applications/@me",
        "GET /api/v10/applications/",
        WRITE,
    ] {
        // A world each, because Discord allows few writes.
        let world = World::new().await;
        for fault in [
            RestFault::Status(502),
            RestFault::Cut,
            RestFault::TooMany { retry_after: Duration::from_secs(10) },
        ] {
            world.faults().change_commands(Vec::clear);
            world.faults().next_calls_to(route, 1, fault);
            world.starts().await.unwrap();
            world.faults().all_met().await;
        }
    }
}

#[tokio::test]
async fn start_gives_up_after_a_minute() {
    let world = World::new().await;
    world.faults().all_calls_to("GET /api/v10/gateway", RestFault::Status(503));
    let error = world.starts().await.err().unwrap();
    let text = "cannot get the gateway's address: Discord answered with status 503";
    assert_eq!(format!("{error:#}"), text);
    let took = world.clock.now().since(Timestamp(0));
    assert!(took > START_TIMEOUT / 2 && took <= START_TIMEOUT, "{took:?}");
}

#[tokio::test]
async fn unusable_application_or_guild_ends_the_start() {
    let world = World::new().await;
    world.faults().set_endpoint_url(Some("https://desk.example.com/interactions"));
    let error = format!("{:#}", world.starts().await.err().unwrap());
    assert!(
        error.starts_with("the bot's application cannot be used: it has an Interactions"),
        "{error}"
    );
    world.faults().set_endpoint_url(None);
    world.faults().kick_bot(true);
    let error = format!("{:#}", world.starts().await.err().unwrap());
    assert_eq!(error, format!("cannot register the commands: {OUTSIDE}"));
}

#[tokio::test]
async fn kicked_bot_is_seen_within_an_hour() {
    let world = World::new().await;
    let SignedIn { registration, .. } = world.starts().await.unwrap();
    let ping = || Box::pin(std::future::ready(Ok(StoreStatus::default()))) as _;
    let health = Health::new(world.clock.clone(), Box::new(ping));
    health.set_gateway(crate::health::GatewayState::Connected);
    let looking = async {
        for (kicked, expected) in
            [(false, GuildState::Joined), (true, GuildState::Kicked), (false, GuildState::Joined)]
        {
            world.faults().kick_bot(kicked);
            if expected == GuildState::Joined {
                // The guild of a bot that was kicked can have lost its commands.
                world.faults().change_commands(Vec::clear);
            }
            world.clock.sleeps(1).await;
            world.clock.advance(LOOK_INTERVAL);
            while health.report().await.guild != expected
                || world.sandbox.discord.commands().is_empty()
            {
                tokio::task::yield_now().await;
            }
            assert_eq!(health.report().await.up, expected == GuildState::Joined);
        }
    };
    tokio::select! {
        () = looking => {}
        never = watch_guild(registration, &health, world.clock.as_ref()) => match never {},
    }
}
