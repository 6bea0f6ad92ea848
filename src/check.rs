//! `support-desk check`: is everything there that the bot needs? One line, one verdict and one hint
//! for each.
//!
//! It reads and changes nothing. All dependencies are asked at once, and one that is missing does
//! not hide the others.

use std::fmt;
use std::sync::Arc;

use commands::ports::clock::Clock;
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use serenity::all::{Channel, ChannelId, GuildId, HttpError};
use serenity::http::Http;

use crate::cognito::Cognito;
use crate::config::{self, Config, ConfigFaults};
use crate::core::{Core, in_mode};
use crate::gateway::http;
use crate::lambda::Functions;
use crate::store::Database;
use crate::{aws, demo_marks};

/// One dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was checked.
    pub what: String,
    /// What is wrong and what to do about it; `None` when it is well.
    pub hint: Option<String>,
}

impl Line {
    fn new<E: fmt::Display>(what: impl Into<String>, outcome: Result<(), E>, advice: &str) -> Self {
        let hint = outcome.err().map(|error| {
            if advice.is_empty() { error.to_string() } else { format!("{error}; {advice}") }
        });
        Self { what: what.into(), hint }
    }

    /// Whether it is well.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.hint.is_none()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            None => write!(f, "ok    {}", self.what),
            Some(hint) => write!(f, "FAIL  {}: {hint}", self.what),
        }
    }
}

/// Settings that cannot be read: one line a fault, and nothing else can be checked.
#[must_use]
pub fn settings(faults: &ConfigFaults) -> Vec<Line> {
    faults
        .0
        .iter()
        .map(|fault| Line { what: fault.variable.to_owned(), hint: Some(fault.hint.clone()) })
        .collect()
}

/// Checks everything that the settings name.
pub async fn check(config: &Config, clock: Arc<dyn Clock>) -> Vec<Line> {
    let mut lines = match demo_marks::refuse(config) {
        Ok(()) => vec![Line { what: "settings".to_owned(), hint: None }],
        Err(faults) => settings(&faults),
    };
    let sdk = aws::load(&config.aws, Arc::clone(&clock)).await;
    let (store, core, accounts, recovery, functions, discord) = tokio::join!(
        store(config, Arc::clone(&clock)),
        core(config),
        accounts(&sdk, config, Arc::clone(&clock)),
        // Boxed, as all of these together are too large for the stack of whoever waits for them.
        Box::pin(recovery(&sdk, config, Arc::clone(&clock))),
        functions(&sdk, config, clock),
        Box::pin(discord(&config.discord)),
    );
    lines.push(store);
    lines.extend(core);
    lines.push(accounts);
    lines.extend(recovery);
    lines.extend(functions);
    lines.extend(discord);
    lines
}

async fn store(config: &Config, clock: Arc<dyn Clock>) -> Line {
    let what = "the bot's store (DATABASE_URL)";
    // A file that is not there shall not be made by looking for it.
    let url = in_mode(config.database_url.expose_secret(), "rw");
    match Database::open(&url, Arc::clone(&config.store_key), clock).await {
        Ok(database) => {
            let answer = database.ping().await;
            database.close().await;
            Line::new(what, answer, "`support-desk migrate` brings its tables up to date")
        }
        Err(error) => {
            Line::new(what, Err(error), "a new SQLite file is made by `support-desk migrate`")
        }
    }
}

async fn core(config: &Config) -> Vec<Line> {
    let core = match Core::open(&config.core_database_url) {
        Ok(core) => core,
        Err(error) => return vec![Line::new("Core (CORE_DATABASE_URL)", Err(error), "")],
    };
    match core.check().await {
        Ok(verdicts) => verdicts
            .into_iter()
            .map(|verdict| {
                let outcome =
                    if verdict.faults.is_empty() { Ok(()) } else { Err(verdict.faults.join("; ")) };
                Line::new(format!("Core: view {}", verdict.view), outcome, "")
            })
            .collect(),
        Err(error) => {
            vec![Line::new(
                "Core (CORE_DATABASE_URL)",
                Err(error),
                "is the address right, and may this user read there?",
            )]
        }
    }
}

async fn accounts(sdk: &aws_config::SdkConfig, config: &Config, clock: Arc<dyn Clock>) -> Line {
    let cognito = Cognito::new(sdk, config.cognito.clone(), clock);
    let advice = "check COGNITO_USER_POOL_ID, AWS_REGION, the credentials, and that their policy allows DescribeUserPool, AdminGetUser, \
                  AdminListGroupsForUser, AdminUserGlobalSignOut and ListUsers on the pool";
    Line::new(
        format!("Cognito: pool {}, its users and their groups", config.cognito.user_pool_id),
        cognito.check().await,
        advice,
    )
}

/// Without `PUBLIC_URL` there is nothing wrong, but nobody can recover a password: that is said
/// too.
async fn recovery(
    sdk: &aws_config::SdkConfig,
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Vec<Line> {
    let Some(url) = &config.public_url else {
        return vec![Line {
            what: "password recovery: not set up, as PUBLIC_URL is not set".to_owned(),
            hint: None,
        }];
    };
    let cognito = Cognito::new(sdk, config.cognito.clone(), clock);
    let advice =
        "check COGNITO_CLIENT_ID, and COGNITO_CLIENT_SECRET if the app client has a secret";
    vec![
        Line {
            what: format!(
                "password recovery: its pages are below {} (PUBLIC_URL)",
                crate::web::pages(url)
            ),
            hint: None,
        },
        Line::new(
            "Cognito: the app client for password recovery",
            cognito.check_recovery().await,
            advice,
        ),
    ]
}

async fn functions(
    sdk: &aws_config::SdkConfig,
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Vec<Line> {
    let functions = Functions::new(sdk, config.lambda.clone(), config.access_hosts.clone(), clock);
    let names = [
        ("LAMBDA_OTP_SEND", &config.lambda.otp_send),
        ("LAMBDA_OTP_VERIFY", &config.lambda.otp_verify),
        ("LAMBDA_ACCESS", &config.lambda.access),
        ("LAMBDA_MESSAGE", &config.lambda.message),
    ];
    let checks = names.map(|(variable, name)| {
        let functions = &functions;
        async move {
            let advice =
                format!("check {variable}, AWS_REGION, the credentials, and that their policy allows InvokeFunction on it");
            Line::new(format!("Lambda: {name}"), functions.dry_run(name).await, &advice)
        }
    });
    join_all(checks).await
}

async fn discord(discord: &config::Discord) -> Vec<Line> {
    let http = http(discord);
    let (user, gateway, guild, leads) = tokio::join!(
        http.get_current_user(),
        http.get_gateway(),
        guild(&http, discord),
        leads(&http, discord)
    );
    vec![
        Line::new(
            "Discord: the bot's token",
            user.map(drop).map_err(|error| discord_error(&error)),
            "check DISCORD_TOKEN",
        ),
        Line::new(
            "Discord: the gateway",
            gateway.map(drop).map_err(|error| discord_error(&error)),
            "check DISCORD_API_URL and the way to Discord",
        ),
        guild,
        leads,
    ]
}

/// Whether the commands can be registered there: whoever may read them may.
async fn guild(http: &Http, discord: &config::Discord) -> Line {
    let read = async {
        http.set_application_id(http.get_current_application_info().await?.id);
        http.get_guild_commands(GuildId::new(discord.guild_id)).await
    };
    let advice =
        "check DISCORD_GUILD_ID, and that the bot was invited with the applications.commands scope";
    Line::new(
        "Discord: the guild and its commands",
        read.await.map(drop).map_err(|error| discord_error(&error)),
        advice,
    )
}

/// Whether the bot sees the channel. That it may write there only a message would show.
async fn leads(http: &Http, discord: &config::Discord) -> Line {
    let Some(id) = discord.leads_channel_id else {
        return Line {
            what: "alerts: only in the log, as DISCORD_LEADS_CHANNEL_ID is not set".to_owned(),
            hint: None,
        };
    };
    let seen = match http.get_channel(ChannelId::new(id)).await {
        Ok(Channel::Guild(channel)) if channel.guild_id.get() == discord.guild_id => Ok(()),
        Ok(_) => Err("it is not a channel of the guild".to_owned()),
        Err(error) => Err(discord_error(&error)),
    };
    let advice = "check DISCORD_LEADS_CHANNEL_ID, and that the bot has View Channel, Send Messages and Embed Links there";
    Line::new("Discord: the leads' channel", seen, advice)
}

/// What went wrong, without the request: its address or headers may carry the token.
fn discord_error(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(answer))
            if answer.status_code.as_u16() == 401 =>
        {
            "the token is not valid".to_owned()
        }
        serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
            format!("answered {}", answer.status_code)
        }
        serenity::Error::Http(HttpError::Request(request))
            if request.is_connect() || request.is_timeout() =>
        {
            "not reached".to_owned()
        }
        _ => "the answer is not Discord's".to_owned(),
    }
}

#[cfg(test)]
#[cfg(feature = "demo")]
mod tests {
    use sandbox::seed::Seed;
    use sandbox::{Sandbox, Settings};

    use super::*;
    use crate::clock::WallClock;
    use crate::demo;

    async fn lines(more: &[(&str, &str)], migrated: bool) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.path().join(name).display());
        let settings = Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: file("core.db"),
            seed: Seed::demo(),
        };
        let sandbox = Sandbox::start(settings).await.unwrap();
        // Neither the token nor the key of the demo is what is tested here.
        let config =
            demo::config(&sandbox.url(), &file("desk.db"), &file("core.db"), more).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        if migrated {
            let url = config.database_url.expose_secret();
            let database = Database::open(url, Arc::clone(&config.store_key), Arc::clone(&clock))
                .await
                .unwrap();
            database.migrate().await.unwrap();
            database.close().await;
        }
        let lines = check(&config, clock).await.iter().map(ToString::to_string).collect();
        assert_eq!(folder.path().join("desk.db").exists(), migrated, "looking makes nothing");
        sandbox.stop().await;
        lines
    }

    fn failing(lines: &[String]) -> Vec<&str> {
        lines.iter().filter_map(|line| line.strip_prefix("FAIL  ")).collect()
    }

    #[tokio::test]
    async fn everything_is_well_in_the_sandbox_but_for_the_marks_of_the_demo() {
        let lines = Box::pin(lines(&[], true)).await;
        let failing = failing(&lines);
        assert!(
            failing.len() == 2
                && failing[0].starts_with("DISCORD_TOKEN:")
                && failing[1].starts_with("STORE_KEY:"),
            "{lines:#?}"
        );
        assert_eq!(lines.len(), 18, "{lines:#?}");
        for well in [
            "password recovery: not set up, as PUBLIC_URL is not set",
            "Discord: the guild and its commands",
            "Discord: the leads' channel",
        ] {
            assert!(lines.contains(&format!("ok    {well}")), "{lines:#?}");
        }
    }

    #[tokio::test]
    async fn a_guild_or_channel_that_is_not_the_bot_s_is_named() {
        let (guild, channel) = (
            ("DISCORD_GUILD_ID", "1200000000000000998"),
            ("DISCORD_LEADS_CHANNEL_ID", "1200000000000000999"),
        );
        for (wrong, why) in [
            (vec![guild, channel], "answered 404 Not Found"),
            (vec![guild], "it is not a channel of the guild"),
        ] {
            let lines = Box::pin(lines(&wrong, true)).await;
            let said = failing(&lines)[2..].join("\n");
            let guild = "Discord: the guild and its commands: answered 403 Forbidden; check DISCORD_GUILD_ID, and ";
            let channel = format!(
                "\nDiscord: the leads' channel: {why}; check DISCORD_LEADS_CHANNEL_ID, and "
            );
            assert!(said.starts_with(guild) && said.contains(&channel), "{lines:#?}");
        }
    }

    #[tokio::test]
    async fn without_a_channel_of_the_leads_that_is_said() {
        let lines = Box::pin(lines(&[("DISCORD_LEADS_CHANNEL_ID", "")], true)).await;
        let said =
            "ok    alerts: only in the log, as DISCORD_LEADS_CHANNEL_ID is not set".to_owned();
        assert!(lines.contains(&said) && lines.len() == 18, "{lines:#?}");
    }

    #[tokio::test]
    async fn with_a_page_the_app_client_is_asked_too() {
        let page = ("PUBLIC_URL", "https://desk.example.com/support/");
        let well = Box::pin(lines(&[page], true)).await;
        assert!(
            well.contains(
                &"ok    password recovery: its pages are below https://desk.example.com/support/recover/ (PUBLIC_URL)".to_owned()
            ),
            "{well:#?}"
        );
        assert!(
            well.contains(&"ok    Cognito: the app client for password recovery".to_owned()),
            "{well:#?}"
        );
        for (wrong, hint) in [
            (
                ("COGNITO_CLIENT_ID", "another"),
                "the service answered ResourceNotFoundException; check COGNITO_CLIENT_ID",
            ),
            (
                ("COGNITO_CLIENT_SECRET", "hush"),
                "COGNITO_CLIENT_SECRET is set, and does not fit the app client; check",
            ),
        ] {
            let lines = Box::pin(lines(&[page, wrong], true)).await;
            let line = failing(&lines)
                .into_iter()
                .find(|line| line.starts_with("Cognito: the app client"))
                .unwrap();
            assert!(line.contains(hint) && !line.contains("hush"), "{line}");
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_named_and_hides_nothing_else() {
        let wrong = [
            ("LAMBDA_ACCESS", "nope"),
            ("COGNITO_USER_POOL_ID", "eu-west-1_nope"),
            ("DISCORD_TOKEN", "nope"),
        ];
        let lines = Box::pin(lines(&wrong, false)).await;
        let failing = failing(&lines);
        let expected = [
            "STORE_KEY:",
            "the bot's store",
            "Cognito: pool eu-west-1_nope",
            "Lambda: nope: ",
            "Discord: the bot's token: the token is not valid",
            "Discord: the guild and its commands: the token is not valid",
            "Discord: the leads' channel: the token is not valid",
        ];
        assert_eq!(failing.len(), expected.len(), "{lines:#?}");
        for (line, beginning) in failing.iter().zip(expected) {
            assert!(line.starts_with(beginning), "{line}");
        }
        assert_eq!(lines.len(), 17, "{lines:#?}");
    }
}
