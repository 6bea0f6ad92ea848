//! The demo: the bot and the sandbox in one process, with settings of its own. It reads nothing of
//! the environment.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use commands::model::account::AccountLink;
use commands::model::email::mask_email;
use commands::model::time::Timestamp;
use commands::ports::account_links::AccountLinks as _;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys as _;
use commands::ports::sessions::{Commit, Sessions as _};
use sandbox::cast::{self, Cast, StaffAccount};
use sandbox::{Sandbox, Settings};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Listeners, Workers};
use crate::config::{AwsSource, Config, ConfigFaults};
use crate::demo_marks::{BOT_TOKEN, DATA_FOLDER, STORE_KEY};
use crate::keys::DeskKeys;
use crate::store::Database;
use crate::telemetry::{self, Format};

/// Where the page is, unless the port is taken.
const PAGE: &str = "127.0.0.1:8400";

/// The one agent of the cast who has not linked an account yet.
pub const NOT_LINKED: &str = "olga";

/// Runs the demo until it is asked to stop.
pub async fn run(stop: CancellationToken) -> anyhow::Result<()> {
    let folder = PathBuf::from(DATA_FOLDER);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let log = std::fs::File::create(folder.join("demo.log")).context("cannot write the log")?;
    telemetry::start_writing("info", Format::Json, Arc::new(log))?;

    let database = format!("sqlite://{}?mode=rwc", file(&folder, "support-desk.db"));
    let core = format!("sqlite://{}?mode=rwc", file(&folder, "core.db"));
    let sandbox = start(&core).await?;
    let clock: Arc<dyn Clock> = Arc::new(crate::clock::WallClock);
    let mut config = config(&sandbox.url(), &database, &core, &[])?;
    let listeners = Listeners::bind(&config).await?;
    config.public_url = Some(listeners.public_url()?);
    let app = App::assemble(config, listeners, Arc::clone(&clock)).await?;
    link_everybody(app.database.as_ref(), clock.now()).await?;
    println!(
        "Support Desk's demo is at {} (its data and log are in {}; Ctrl-C stops it)",
        sandbox.url(),
        folder.display()
    );
    let result = app.run(Workers::Running, stop).await;
    sandbox.stop().await;
    result
}

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// Starts the sandbox at its own port, or at a free one when somebody else has that.
async fn start(core: &str) -> anyhow::Result<Sandbox> {
    let settings = |listen: SocketAddr| Settings {
        clock: Arc::new(sandbox::clock::WallClock),
        listen,
        core_database: core.to_owned(),
        cast: Cast::demo(),
    };
    match Sandbox::start(settings(PAGE.parse()?)).await {
        Err(sandbox::StartError::Listen(..)) => {
            Ok(Sandbox::start(settings("127.0.0.1:0".parse()?)).await?)
        }
        started => Ok(started?),
    }
}

/// The settings of a bot that lives in the sandbox at `url`. `more` are added, or replace.
pub fn config(
    url: &str,
    database: &str,
    core: &str,
    more: &[(&str, &str)],
) -> Result<Config, ConfigFaults> {
    let ids = [
        ("DISCORD_GUILD_ID", cast::GUILD_ID),
        ("DISCORD_CHANNEL_ID", cast::SUPPORT_CHANNEL_ID),
        ("DISCORD_LEADS_CHANNEL_ID", cast::LEADS_CHANNEL_ID),
        ("DISCORD_AGENT_ROLE_ID", cast::AGENT_ROLE_ID),
        ("DISCORD_LEAD_ROLE_ID", cast::LEAD_ROLE_ID),
    ];
    let words = [
        ("DISCORD_TOKEN", BOT_TOKEN),
        ("DISCORD_API_URL", url),
        ("DATABASE_URL", database),
        ("CORE_DATABASE_URL", core),
        ("COGNITO_USER_POOL_ID", cast::USER_POOL_ID),
        ("COGNITO_CLIENT_ID", cast::CLIENT_ID),
        ("COGNITO_AGENT_GROUPS", cast::AGENT_GROUP),
        ("STORE_KEY", STORE_KEY),
        ("ACCESS_HOSTS", "127.0.0.1,waizant:"),
        // Any free ports. Who starts the bot binds them, and tells it where its recovery page is.
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("ADMIN_ADDR", "127.0.0.1:0"),
    ];
    let mut variables: HashMap<String, String> =
        ids.map(|(name, id)| (name.to_owned(), id.to_string())).into();
    variables.extend(
        words.iter().chain(more).map(|(name, word)| ((*name).to_owned(), (*word).to_owned())),
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

/// Links every agent of the cast to the BackOffice account of the same name, all but one.
pub async fn link_everybody(store: &Database, now: Timestamp) -> anyhow::Result<()> {
    let keys = DeskKeys::new(Arc::new(crate::store::StoreKey::parse(STORE_KEY)?));
    let Cast { people, staff, .. } = Cast::demo();
    for person in people
        .iter()
        .filter(|person| person.name != NOT_LINKED && (person.is_agent() || person.is_lead()))
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
            email_mac: keys.mac(&account.email),
            linked_at: now,
        };
        store.commit(Commit { now, account_link: Some(link), ..Commit::default() }).await?;
    }
    Ok(())
}
