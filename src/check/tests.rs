//! Tests of `check` against the sandbox.

mod groups;

use std::time::Duration;

use commands::model::time::Timestamp;
use sandbox::discord::Lacking;
use sandbox::seed::{self, Seed};
use sandbox::{Sandbox, Settings};

use super::*;
use crate::clock::WallClock;
use crate::demo;
use crate::pooler_stub::{self, Pooler};
use crate::store::Database;

async fn lines(more: &[(&str, &str)], migrated: bool) -> Vec<String> {
    lines_with(Arc::new(WallClock), more, migrated, |_| {}).await
}

async fn lines_at(clock: Arc<dyn Clock>, more: &[(&str, &str)], migrated: bool) -> Vec<String> {
    lines_with(clock, more, migrated, |_| {}).await
}

/// Returns the lines of `check` after `change` has changed the sandbox.
async fn lines_with(
    clock: Arc<dyn Clock>,
    more: &[(&str, &str)],
    migrated: bool,
    change: impl FnOnce(&Sandbox),
) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.path().join(name).display());
    let settings = Settings {
        clock: Arc::new(sandbox::clock::WallClock),
        listen: "127.0.0.1:0".parse().unwrap(),
        core_database: file("core.db"),
        seed: Seed::demo(),
    };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let config = demo::config(&sandbox.url(), &file("desk.db"), &file("core.db"), more).unwrap();
    if migrated {
        let url = config.database_url.expose_secret();
        let database =
            Database::open(url, Arc::clone(&config.keys), Arc::clone(&clock)).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await;
    }
    change(&sandbox);
    let lines = run(&config, clock).await.iter().map(ToString::to_string).collect();
    assert_eq!(folder.path().join("desk.db").exists(), migrated, "`check` creates no database");
    sandbox.stop().await;
    lines
}

fn failing(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("FAIL  ")).collect()
}

#[tokio::test]
async fn sandbox_passes_except_for_demo_settings() {
    let lines = Box::pin(lines(&[], true)).await;
    let failing = failing(&lines);
    assert!(
        failing.len() == 3
            && failing[0].starts_with("DISCORD_TOKEN:")
            && failing[1].starts_with("STORE_KEY:")
            && failing[2].starts_with("TRAIL_KEY:"),
        "{lines:#?}"
    );
    assert_eq!(lines.len(), 32, "{lines:#?}");
    let warning = "warn  reports of mails: off, because PUBLIC_URL is not set; mails tell customers \
                   to call, and no report closes a session";
    assert!(lines.contains(&warning.to_owned()), "{lines:#?}");
    for passed in [
        "Cognito: group CustomerService",
        "Cognito: group CustomerVerification",
        "Cognito: group CustomerServiceLeads",
        "leads: role and groups; statistics in days of UTC",
        "password recovery: off, because PUBLIC_URL is not set",
        "Discord: guild and commands",
        "Discord: roles",
        "Discord: support channel",
        "Discord: leads' channel",
        "listener (HTTP_ADDR): 127.0.0.1:0",
        "listener (ADMIN_ADDR): 127.0.0.1:0",
    ] {
        assert!(lines.contains(&format!("ok    {passed}")), "{lines:#?}");
    }
}

#[tokio::test]
async fn pooler_is_reported_for_store_and_core() {
    let url = pooler_stub::start(Pooler::SharesConnections).await;
    let databases = [("DATABASE_URL", url.as_str()), ("CORE_DATABASE_URL", url.as_str())];
    let lines = Box::pin(lines(&databases, false)).await;
    for (subject, why) in [
        ("store (DATABASE_URL)", "is behind a pooler that does not keep the session"),
        ("Core (CORE_DATABASE_URL)", "a pooler does not keep the session: use its session mode"),
    ] {
        let line = failing(&lines).into_iter().find(|line| line.starts_with(subject));
        assert!(
            line.is_some_and(|line| line.contains(why) && !line.contains("SQLite")),
            "{lines:#?}"
        );
    }
}

#[tokio::test]
async fn foreign_guild_or_channel_is_named() {
    let (guild, channel) = (
        ("DISCORD_GUILD_ID", "1200000000000000998"),
        ("DISCORD_LEADS_CHANNEL_ID", "1200000000000000999"),
    );
    for (wrong, why) in [
        (vec![guild, channel], "it does not exist"),
        (vec![guild], "it is not a channel of the guild"),
    ] {
        let lines = Box::pin(lines(&wrong, true)).await;
        let hints = failing(&lines)[3..].join("\n");
        let guild = "Discord: guild and commands: the bot is not in the guild, or lacks the ";
        let channel =
            format!("\nDiscord: leads' channel: {why}; check DISCORD_LEADS_CHANNEL_ID, and ");
        assert!(hints.starts_with(guild) && hints.contains(&channel), "{lines:#?}");
        let roles =
            "FAIL  Discord: roles: the bot is not in the guild; invite it with the bot scope";
        assert!(lines.contains(&roles.to_owned()), "{lines:#?}");
    }
}

#[tokio::test]
async fn id_that_matches_nothing_is_named() {
    let (agent, lead) = ("DISCORD_AGENT_ROLE_ID", "DISCORD_LEAD_ROLE_ID");
    let (support, channel) = ("DISCORD_CHANNEL_ID", seed::SUPPORT_CHANNEL_ID.to_string());
    let [category, forum, voice, thread, foreign] = [
        seed::CATEGORY_ID,
        seed::FORUM_ID,
        seed::VOICE_ID,
        seed::THREAD_ID,
        seed::FOREIGN_CHANNEL_ID,
    ]
    .map(|id| id.to_string());
    for (wrong, expected) in [
        (
            (agent, channel.as_str()),
            "Discord: roles: the guild has no such role; check DISCORD_AGENT_ROLE_ID",
        ),
        (
            (lead, "1200000000000000999"),
            "Discord: roles: the guild has no such role; check DISCORD_LEAD_ROLE_ID",
        ),
        (
            (support, "1200000000000000999"),
            "Discord: support channel: it does not exist; check DISCORD_CHANNEL_ID",
        ),
        (
            (support, &category),
            "Discord: support channel: it is a category or forum, which has no messages of its own; check DISCORD_CHANNEL_ID",
        ),
        (
            (support, &forum),
            "Discord: support channel: it is a category or forum, which has no messages of its own; check DISCORD_CHANNEL_ID",
        ),
        (
            (support, &voice),
            "Discord: support channel: it is a voice channel; set DISCORD_CHANNEL_ID to a text channel",
        ),
        (
            (support, &thread),
            "Discord: support channel: it is a thread; set DISCORD_CHANNEL_ID to the channel above it, and threads work too",
        ),
        (
            (support, &foreign),
            "Discord: support channel: it is not a channel of the guild; check DISCORD_CHANNEL_ID",
        ),
    ] {
        let lines = Box::pin(lines(&[wrong], true)).await;
        assert_eq!(failing(&lines)[3..], [expected], "{lines:#?}");
    }
}

#[tokio::test]
async fn portal_and_place_of_the_bot_are_checked() {
    let changed = async |change: fn(&Sandbox)| {
        Box::pin(lines_with(Arc::new(WallClock), &[], true, change)).await
    };
    let endpoint = "FAIL  Discord: application: it has an Interactions Endpoint URL, so Discord \
                    sends the bot no interaction: remove it in the developer portal";
    let lines = changed(|sandbox| {
        sandbox.discord.faults().set_endpoint_url(Some("https://desk.example.com/hush"));
    })
    .await;
    assert!(lines.contains(&endpoint.to_owned()), "{lines:#?}");
    let open = "warn  Discord: application: anyone can invite it: turn Public Bot off in the \
                developer portal; users can install it: turn User Install off in the developer \
                portal";
    let lines = changed(|sandbox| {
        sandbox.discord.faults().make_public(true);
        sandbox.discord.faults().allow_user_install(true);
    })
    .await;
    assert!(lines.contains(&open.to_owned()), "{lines:#?}");
    let lines = changed(|sandbox| sandbox.discord.faults().kick_bot(true)).await;
    let kicked = "FAIL  Discord: guild and commands: the bot is not in the guild, or lacks the \
                  applications.commands scope: check DISCORD_GUILD_ID, and invite the bot again";
    assert!(lines.contains(&kicked.to_owned()), "{lines:#?}");
    let lines = changed(|sandbox| {
        let faults = sandbox.discord.faults();
        faults.take_permission(seed::SUPPORT_CHANNEL_ID, Some(Lacking::View));
        faults.take_permission(seed::LEADS_CHANNEL_ID, Some(Lacking::View));
    })
    .await;
    let hidden = "warn  Discord: support channel: not checked, because the bot does not see the ";
    assert!(lines.iter().any(|line| line.starts_with(hidden)), "{lines:#?}");
    let leads = "FAIL  Discord: leads' channel: the bot does not see it; check ";
    assert!(lines.iter().any(|line| line.starts_with(leads)), "{lines:#?}");
    let lines = changed(|sandbox| {
        let faults = sandbox.discord.faults();
        faults.take_permission(seed::SUPPORT_CHANNEL_ID, Some(Lacking::Send));
    })
    .await;
    let silent = "warn  Discord: support channel: the bot cannot post the launcher of /desk \
                  launcher; give it View Channel and Send Messages there";
    assert!(lines.contains(&silent.to_owned()), "{lines:#?}");
}

#[tokio::test]
async fn address_of_another_machine_fails() {
    let lines = Box::pin(lines(&[("HTTP_ADDR", "192.0.2.7:8080")], true)).await;
    let line = failing(&lines)[3];
    assert!(
        line.starts_with("listener (HTTP_ADDR): 192.0.2.7:8080: cannot listen: ")
            && line.ends_with("; check HTTP_ADDR"),
        "{line}"
    );
}

#[tokio::test]
async fn public_url_adds_the_recovery_checks() {
    let page = ("PUBLIC_URL", "https://desk.example.com/support/");
    let lines_ok = Box::pin(lines(&[page], true)).await;
    assert!(
        lines_ok.contains(
            &"ok    password recovery: pages below \
              https://desk.example.com/support/recover/ (PUBLIC_URL)"
                .to_owned()
        ),
        "{lines_ok:#?}"
    );
    assert!(
        lines_ok.contains(&"ok    Cognito: app client for password recovery".to_owned()),
        "{lines_ok:#?}"
    );
    for (wrong, hint) in [
        (
            ("COGNITO_CLIENT_ID", "another"),
            "the service answered ResourceNotFoundException; check COGNITO_CLIENT_ID",
        ),
        (
            ("COGNITO_CLIENT_SECRET", "hush"),
            "COGNITO_CLIENT_SECRET is set, which does not match the app client; check",
        ),
    ] {
        let lines = Box::pin(lines(&[page, wrong], true)).await;
        let line = failing(&lines)
            .into_iter()
            .find(|line| line.starts_with("Cognito: app client"))
            .unwrap();
        assert!(line.contains(hint) && !line.contains("hush"), "{line}");
    }
}

#[tokio::test]
async fn every_failure_is_named() {
    let wrong = [
        ("LAMBDA_ACCESS", "nope"),
        ("COGNITO_USER_POOL_ID", "eu-west-1_nope"),
        ("DISCORD_TOKEN", "nope"),
    ];
    let lines = Box::pin(lines(&wrong, false)).await;
    let failing = failing(&lines);
    let expected = [
        "STORE_KEY:",
        "TRAIL_KEY:",
        "store",
        "Cognito: pool eu-west-1_nope",
        "Cognito: group CustomerService: the pool has no such group",
        "Cognito: group CustomerVerification: the pool has no such group",
        "Cognito: group CustomerServiceLeads: the pool has no such group",
        "Cognito: attributes that the app client can write: ",
        "Lambda: nope: ",
        "Discord: token: the token is not valid",
        "Discord: application: the token is not valid",
        "Discord: roles: the token is not valid",
        "Discord: support channel: the token is not valid",
        "Discord: leads' channel: the token is not valid",
    ];
    assert_eq!(failing.len(), expected.len(), "{lines:#?}");
    for (line, beginning) in failing.iter().zip(expected) {
        assert!(line.starts_with(beginning), "{line}");
    }
    assert_eq!(lines.len(), 31, "{lines:#?}");
}

#[tokio::test]
async fn weak_tls_mode_is_a_warning_that_names_the_setting() {
    let url = "postgres://desk:hush@db.invalid/core?sslmode=require";
    let lines = Box::pin(lines(&[("CORE_DATABASE_URL", url)], true)).await;
    let warning = "warn  CORE_DATABASE_URL: sslmode=require does not check the name of the server; \
                   write sslmode=verify-full";
    assert!(lines.contains(&warning.to_owned()), "{lines:#?}");
    let shown = "Core (CORE_DATABASE_URL): PostgreSQL at db.invalid:5432, sslmode=require: ";
    assert!(failing(&lines).iter().any(|line| line.starts_with(shown)), "{lines:#?}");
    assert!(!lines.join("\n").contains("hush"), "{lines:#?}");
}

/// A clock that differs from that of the services.
struct WrongClock(i64);

#[async_trait::async_trait]
impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        Timestamp(WallClock.now().0 + self.0)
    }

    async fn sleep(&self, duration: Duration) {
        WallClock.sleep(duration).await;
    }
}

#[tokio::test]
async fn wrong_clock_is_a_warning() {
    for (ms, expected) in [(0, "ok    clock"), (90_000, "warn  clock"), (-90_000, "warn  clock")] {
        let lines = Box::pin(lines_at(Arc::new(WrongClock(ms)), &[], true)).await;
        let line = lines.last().unwrap();
        assert!(line.starts_with(expected), "{ms}: {line}");
        let direction = if ms > 0 { "s ahead of " } else { "s behind " };
        assert!(ms == 0 || line.contains(direction), "{line}");
        assert_eq!(failing(&lines).len(), 3, "a warning is no failure: {lines:#?}");
    }
}
