//! The demo: the bot and the sandbox in one process. It has its own settings and ignores the
//! environment.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::model::account::AccountLink;
use commands::model::email::{mailbox, mask_email};
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys as _;
use commands::ports::sessions::{Commit, Sessions as _};
use sandbox::seed::{self, Seed, StaffAccount};
use sandbox::{Sandbox, Settings};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Listeners, Workers};
use crate::config::{AwsSource, Config, ConfigFaults};
use crate::demo_marks::{BOT_TOKEN, DATA_FOLDER, STORE_KEY, TRAIL_KEY};
use crate::keys::DeskKeys;
use crate::store::{Database, RunLock};
use crate::telemetry::{self, Format};

/// Default address of the demo's page.
const PAGE_ADDR: &str = "127.0.0.1:8400";

/// Time between two requests of the demo's Discord to reconnect. Ours: the real one sends one every
/// few hours.
const RECONNECT_INTERVAL: Duration = Duration::from_hours(2);

/// Name of the only agent without a linked account.
pub const UNLINKED_AGENT: &str = "olga";

/// Runs the demo until `stop` is cancelled.
pub async fn run(stop: CancellationToken) -> anyhow::Result<()> {
    std::fs::create_dir_all(DATA_FOLDER)
        .with_context(|| format!("cannot create the folder {DATA_FOLDER}"))?;
    let database = format!("sqlite://{DATA_FOLDER}/support-desk.db?mode=rwc");
    let _lock = RunLock::acquire(&database)?;
    let log = std::fs::File::create(format!("{DATA_FOLDER}/demo.log"))
        .context("cannot create the log file")?;
    telemetry::start_writing("info", Format::Json, Arc::new(log))?;

    let core = format!("sqlite://{DATA_FOLDER}/core.db?mode=rwc");
    let sandbox = start(&core).await?;
    sandbox.discord.faults().ask_to_reconnect_every(RECONNECT_INTERVAL);
    let clock: Arc<dyn Clock> = Arc::new(crate::clock::WallClock);
    let mut config = config(&sandbox.url(), &database, &core, &[])?;
    let listeners = Listeners::bind(&config).await?;
    config.public_url = Some(listeners.public_url()?);
    let app = App::assemble(config, listeners, Arc::clone(&clock)).await?;
    link_agents(app.database.as_ref(), clock.now()).await?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "demo running at {} (data and log in {DATA_FOLDER}, stop with Ctrl-C)",
        sandbox.url()
    )?;
    drop(out);
    let result = Box::pin(app.run(Workers::Running, stop)).await;
    sandbox.stop().await;
    result
}

/// Starts the sandbox at [`PAGE_ADDR`], or at any free port if that is taken.
async fn start(core: &str) -> anyhow::Result<Sandbox> {
    let settings = |listen: SocketAddr| Settings {
        clock: Arc::new(sandbox::clock::WallClock),
        listen,
        core_database: core.to_owned(),
        seed: Seed::demo(),
    };
    match Sandbox::start(settings(PAGE_ADDR.parse()?)).await {
        Err(sandbox::StartError::Listen(..)) => {
            Ok(Sandbox::start(settings("127.0.0.1:0".parse()?)).await?)
        }
        started => Ok(started?),
    }
}

/// Returns the settings of a bot in the sandbox at `url`. `more` adds or replaces variables.
pub fn config(
    url: &str,
    database: &str,
    core: &str,
    more: &[(&str, &str)],
) -> Result<Config, ConfigFaults> {
    let ids = [
        ("DISCORD_GUILD_ID", seed::GUILD_ID),
        ("DISCORD_CHANNEL_ID", seed::SUPPORT_CHANNEL_ID),
        ("DISCORD_LEADS_CHANNEL_ID", seed::LEADS_CHANNEL_ID),
        ("DISCORD_AGENT_ROLE_ID", seed::AGENT_ROLE_ID),
        ("DISCORD_LEAD_ROLE_ID", seed::LEAD_ROLE_ID),
    ];
    let texts = [
        ("DISCORD_TOKEN", BOT_TOKEN),
        ("DISCORD_API_URL", url),
        ("DATABASE_URL", database),
        ("CORE_DATABASE_URL", core),
        ("COGNITO_USER_POOL_ID", seed::USER_POOL_ID),
        ("COGNITO_CLIENT_ID", seed::CLIENT_ID),
        ("COGNITO_AGENT_GROUPS", seed::AGENT_GROUP),
        ("COGNITO_VERIFIER_GROUPS", seed::VERIFIER_GROUP),
        ("COGNITO_LEAD_GROUPS", seed::LEAD_GROUP),
        ("STORE_KEY", STORE_KEY),
        ("TRAIL_KEY", TRAIL_KEY),
        ("ACCESS_HOSTS", "127.0.0.1,waizant:"),
        // Any free ports. The caller binds them and sets the URL of the recovery page.
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("ADMIN_ADDR", "127.0.0.1:0"),
    ];
    let mut variables: HashMap<String, String> =
        ids.map(|(name, id)| (name.to_owned(), id.to_string())).into();
    variables.extend(
        texts.iter().chain(more).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    );
    let mut config = Config::from_map(&variables)?;
    config.aws = AwsSource::Fixed {
        endpoint_url: format!("{url}/aws"),
        region: "eu-west-1".to_owned(),
        access_key_id: "demo".to_owned(),
        secret_access_key: SecretString::from("demo"),
    };
    Ok(config)
}

/// Links each agent and lead, except [`UNLINKED_AGENT`], to the BackOffice account of that name.
pub async fn link_agents(store: &Database, now: Timestamp) -> anyhow::Result<()> {
    let keys = DeskKeys::new(Arc::clone(&store.keys));
    let Seed { people, staff, .. } = Seed::demo();
    for person in people
        .iter()
        .filter(|person| person.name != UNLINKED_AGENT && (person.is_agent() || person.is_lead()))
    {
        let own =
            |account: &&StaffAccount| account.email.split('@').next() == Some(person.name.as_str());
        let Some(account) = staff.iter().find(own) else { continue };
        if store.of_discord(person.id).await?.is_some() {
            continue;
        }
        let link = AccountLink {
            discord_id: person.id,
            agent_id: account.sub.clone(),
            name: account.name.clone(),
            email: mask_email(&account.email),
            email_mac: keys.mac(&mailbox(&account.email)),
            linked_at: now,
        };
        store
            .commit(Commit { now, account_link: Some(Box::new(link)), ..Commit::default() })
            .await?;
    }
    Ok(())
}
