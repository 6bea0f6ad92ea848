//! The gateway falls silent, closes, forgets: it is noticed, replaced, and told. In real time, as
//! heartbeats are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::clock::WallClock;
use sandbox::discord::{Greeting, RestFault};
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};
use support_desk::app::{App, Listeners, Workers};
use support_desk::gateway::{Patience, RESERVE};
use support_desk::{clock, demo};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::browser;
use crate::program::Place;

/// A small part of the patience that the program has. For answers and sessions it is longer than
/// the five seconds in which serenity replaces a connection by itself, as the program's is: two
/// that replace it at the same moment get into each other's way.
const PATIENCE: Patience = Patience {
    silence: Duration::from_millis(400),
    answer: Duration::from_secs(6),
    session: Duration::from_secs(6),
    away: Duration::from_mins(1),
    ask: Duration::from_millis(300),
    look: Duration::from_millis(20),
};
/// Likewise, where no connection comes about.
const IMPATIENT: Patience = Patience { away: Duration::from_secs(2), ..PATIENCE };
/// What a test waits for that takes serenity up to ten seconds.
const PATIENTLY: Duration = Duration::from_secs(30);

/// A running bot that loses its patience soon.
struct Bot {
    sandbox: Sandbox,
    admin: String,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Bot {
    async fn starts() -> Self {
        let bot = Self::begins(PATIENCE, |_| {}).await;
        bot.connected(1).await;
        bot
    }

    /// Starts where something is amiss from the beginning.
    async fn begins(patience: Patience, amiss: impl FnOnce(&Sandbox)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let core = format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display());
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(WallClock),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: core.clone(),
            seed: Seed::demo(),
        })
        .await
        .unwrap();
        let store = format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display());
        let config = demo::config(&sandbox.url(), &store, &core, &[]).unwrap();
        let listeners = Listeners::bind(&config).await.unwrap();
        let admin = listeners.admin_url().unwrap().to_string();
        let clock: Arc<dyn commands::ports::clock::Clock> = Arc::new(clock::WallClock);
        let mut app = App::assemble(config, listeners, Arc::clone(&clock)).await.unwrap();
        demo::link_everybody(app.database.as_ref(), clock.now()).await.unwrap();
        app.patience = patience;
        amiss(&sandbox);
        let stop = CancellationToken::new();
        let running = tokio::spawn(app.run(Workers::Running, stop.clone()));
        Self { sandbox, admin, stop, running, _folder: folder }
    }

    async fn health(&self) -> serde_json::Value {
        serde_json::from_str(&browser::looks_at(&format!("{}health", self.admin)).await.body)
            .unwrap()
    }

    /// Waits until what the health tells is so.
    async fn tells(
        &self,
        what: &str,
        is: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let began = Instant::now();
        loop {
            let health = self.health().await;
            if is(&health[what]) {
                return health;
            }
            assert!(began.elapsed() < PATIENTLY, "{what} in {health}");
            tokio::time::sleep(PATIENCE.look).await;
        }
    }

    async fn connected(&self, count: usize) {
        tokio::time::timeout(PATIENTLY, self.sandbox.discord.connected(count))
            .await
            .expect("it never came to that");
    }

    async fn answers(&self) {
        let ben = self.sandbox.discord.person("ben");
        ben.types("/support resume").await;
        ben.sees_at_last("You have no open session").await;
    }

    /// Ends by itself, and says why.
    async fn gives_up(self) -> String {
        let ended =
            tokio::time::timeout(PATIENTLY, self.running).await.expect("it goes on").unwrap();
        self.sandbox.stop().await;
        ended.expect_err("it ended well").to_string()
    }

    async fn ends(self) {
        assert!(
            self.sandbox.discord.violations().is_empty(),
            "{:#?}",
            self.sandbox.discord.violations()
        );
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        self.sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_only_quiet_is_kept() {
    let bot = Bot::starts().await;
    let before = bot.tells("heartbeat_age_ms", serde_json::Value::is_u64).await;
    assert_eq!(
        (&before["gateway"], &before["identifies_24h"], &before["up"]),
        (&"connected".into(), &1.into(), &true.into())
    );
    // Twice as long as a silent one is borne: it answers whenever it is asked.
    let began = Instant::now();
    while began.elapsed() < 2 * (PATIENCE.silence + PATIENCE.answer) {
        bot.tells("heartbeat_age_ms", |age| age.as_u64().is_some_and(|age| age < 300)).await;
        tokio::time::sleep(PATIENCE.silence).await;
    }
    let after = bot.health().await;
    assert_eq!(
        (&after["gateway_since"], &after["identifies_24h"]),
        (&before["gateway_since"], &1.into()),
        "{after}"
    );
    assert_eq!(after["starts_left"], 999);
    let before = after["last_event_at"].as_i64().unwrap();
    bot.answers().await;
    assert!(bot.health().await["last_event_at"].as_i64().unwrap() > before);
    bot.ends().await;
}

#[tokio::test]
async fn a_connection_that_has_fallen_silent_is_replaced() {
    let bot = Bot::starts().await;
    bot.tells("heartbeat_age_ms", serde_json::Value::is_u64).await;
    let began = Instant::now();
    bot.sandbox.discord.faults().silence(true);
    let lost = bot.tells("gateway", |gateway| gateway == "reconnecting").await;
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "not when serenity notices, but at once: {lost}"
    );
    bot.sandbox.discord.faults().silence(false);
    bot.connected(1).await;
    bot.tells("gateway", |gateway| gateway == "connected").await;
    let health = bot.tells("identifies_24h", |count| count == 2).await;
    assert_eq!(health["up"], true);
    bot.answers().await;
    let metrics = browser::looks_at(&format!("{}metrics", bot.admin)).await.body;
    for figure in [
        "support_desk_gateway_connected 1",
        r#"support_desk_gateway_sessions{how="replaced"}"#,
        r#"support_desk_gateway_sessions{how="identified"}"#,
        "support_desk_gateway_heartbeat_age_seconds",
        "support_desk_gateway_starts_left",
    ] {
        assert!(metrics.contains(figure), "{figure} in {metrics}");
    }
    bot.ends().await;
}

#[tokio::test]
async fn what_cannot_be_resumed_is_begun_again() {
    let bot = Bot::starts().await;
    let faults = bot.sandbox.discord.faults();
    // Session timed out, invalid sequence number (documentation, "Gateway Close Event Codes"), and
    // a session declared invalid.
    for (nth, code) in [Some(4009), Some(4007), None].into_iter().enumerate() {
        match code {
            Some(code) => {
                if code == 4007 {
                    faults.forget_sessions();
                }
                faults.close_sockets(code);
            }
            None => faults.invalidate_sessions(false),
        }
        bot.tells("identifies_24h", |count| count == nth + 2).await;
        bot.connected(1).await;
        bot.tells("gateway", |gateway| gateway == "connected").await;
        bot.answers().await;
    }
    faults.drop_sockets();
    bot.connected(0).await;
    bot.connected(1).await;
    bot.answers().await;
    assert_eq!(bot.health().await["identifies_24h"], 4, "a resume is free");
    bot.ends().await;
}

#[tokio::test]
async fn a_connection_on_which_nobody_is_greeted_is_replaced() {
    let bot =
        Bot::begins(PATIENCE, |sandbox| sandbox.discord.faults().greet_with(Greeting::Nothing))
            .await;
    let replaced = async |times: usize| {
        let figure = format!(r#"support_desk_gateway_sessions{{how="replaced"}} {times}"#);
        let began = Instant::now();
        while !browser::looks_at(&format!("{}metrics", bot.admin)).await.body.contains(&figure) {
            assert!(began.elapsed() < PATIENTLY, "{figure}");
            tokio::time::sleep(PATIENCE.look).await;
        }
    };
    let faults = bot.sandbox.discord.faults();
    replaced(1).await;
    assert_eq!(bot.health().await["gateway"], "connecting");
    faults.greet_with(Greeting::Ready);
    bot.connected(1).await;
    bot.answers().await;
    // It resumes what it has, its heartbeats are confirmed, and RESUMED never comes.
    faults.greet_with(Greeting::Nothing);
    faults.ask_to_reconnect();
    bot.tells("gateway", |gateway| gateway == "reconnecting").await;
    replaced(2).await;
    faults.greet_with(Greeting::Ready);
    bot.connected(1).await;
    bot.tells("gateway", |gateway| gateway == "connected").await;
    bot.answers().await;
    bot.ends().await;
}

#[tokio::test]
async fn a_gateway_that_takes_a_connection_and_never_answers_ends_the_process() {
    let asked = "GET /api/v10/gateway/bot";
    let bot = Bot::begins(IMPATIENT, |sandbox| {
        sandbox.discord.faults().hold_upgrades(true);
        sandbox.discord.faults().all_calls_to(asked, RestFault::Status(503));
    })
    .await;
    // As long as Discord itself is away a new process would do no better, and this one keeps the
    // clocks.
    tokio::time::sleep(2 * IMPATIENT.away).await;
    assert!(!bot.running.is_finished());
    bot.sandbox.discord.faults().clear();
    let why = bot.gives_up().await;
    assert!(
        why.starts_with("Discord answers, but its gateway has not let the bot in for "),
        "{why}"
    );
}

#[tokio::test]
async fn a_connection_that_is_lost_to_a_gateway_that_never_answers_ends_the_process() {
    let bot = Bot::begins(IMPATIENT, |_| {}).await;
    bot.connected(1).await;
    bot.sandbox.discord.faults().hold_upgrades(true);
    bot.sandbox.discord.faults().drop_sockets();
    let why = bot.gives_up().await;
    assert!(
        why.starts_with("Discord answers, but its gateway has not let the bot in for "),
        "{why}"
    );
}

#[tokio::test]
async fn the_last_sessions_of_the_day_are_not_begun() {
    let place = Place::new().await;
    place.sandbox.discord.faults().starts_left(RESERVE);
    let ended = place.start("run", &[]).ends().await;
    assert!(
        ended
            .sentence()
            .contains("20 of the 1000 gateway sessions that Discord allows in a day are left"),
        "{ended:?}"
    );
    assert_eq!(place.sandbox.discord.connections(), 0);
    place.sandbox.discord.faults().starts_left(RESERVE + 1);
    let program = place.running().await;
    program.signal("-TERM");
    let ended = program.ends().await;
    assert!(
        ended.code == Some(0) && ended.stderr.contains("few gateway sessions are left"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn sessions_that_are_begun_in_vain_count_too() {
    // Discord tells what is left, or stumbles whenever it is asked.
    for told in [true, false] {
        let bot = Bot::starts().await;
        bot.tells("starts_left", |left| left == 999).await;
        let faults = bot.sandbox.discord.faults();
        if told {
            faults.starts_left(RESERVE);
        } else {
            faults.starts_left(RESERVE + 3);
            faults.close_sockets(4009);
            bot.tells("identifies_24h", |count| count == 2).await;
            bot.tells("starts_left", |left| left == RESERVE + 3).await;
            faults.all_calls_to("GET /api/v10/gateway/bot", RestFault::Status(503));
        }
        faults.greet_with(Greeting::Invalid);
        faults.invalidate_sessions(false);
        let why = bot.gives_up().await;
        assert!(
            why.contains("20 of the 1000 gateway sessions that Discord allows in a day are left"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn the_gateway_is_where_discord_has_said_also_when_it_stumbles_then() {
    let place = Place::new().await;
    // Asked for are the address, what is left of the day, and, by serenity, the address once more.
    place.sandbox.discord.faults().one_call_to("GET /api/v10/gateway", 2, RestFault::Status(500));
    let program = place.running().await;
    place.sandbox.discord.faults().all_met().await;
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
}

#[tokio::test]
async fn without_a_true_answer_about_the_gateway_nothing_is_connected_to() {
    let place = Place::new().await;
    let begins = "support-desk: asking Discord for its gateway: ";
    for fault in [
        RestFault::Status(500),
        RestFault::Cut,
        RestFault::TooMany { retry_after: Duration::from_secs(1) },
    ] {
        place.sandbox.discord.faults().all_calls_to("GET /api/v10/gateway", fault);
        let ended = place.start("run", &[]).ends().await;
        assert!(ended.sentence().starts_with(begins), "{fault:?}: {ended:?}");
        place.sandbox.discord.faults().clear();
    }
    // Somebody else's server answers there.
    let page = format!("{}/aws", place.sandbox.url());
    let ended = place.start("run", &[("DISCORD_API_URL", page.as_str())]).ends().await;
    assert!(ended.sentence().starts_with(begins), "{ended:?}");
    assert_eq!(place.sandbox.discord.connections(), 0);
}
