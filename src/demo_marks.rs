//! Public settings of the demo, which `run` refuses.
//!
//! They are in the repository, so a bot that ran with one would be open to everyone. This module is
//! outside the demo, because the production build omits the demo and must refuse them too.

use secrecy::ExposeSecret;

use crate::config::{Config, ConfigFault, ConfigFaults};
use crate::keyring::Keyring;
use crate::store::StoreKey;
use crate::trail::TrailKey;

/// Bot token that the sandbox accepts.
pub const BOT_TOKEN: &str =
    "MTIwMDAwMDAwMDAwMDAwMDAzMQ.DemoOk.this-is-the-public-token-of-the-sandbox";
/// `STORE_KEY` of the demo.
pub const STORE_KEY: &str = "d1EGeDDHXK624QWNA5///ok/Axn3AGXTUeOwwSO1bBA=";
/// `TRAIL_KEY` of the demo.
pub const TRAIL_KEY: &str = "trail-secret:JNa84YXDZXNWKeOVD7vXv5PB7UpRoGPR1AH1jqIOLHY=";
/// Folder of the demo's databases and log.
pub const DATA_FOLDER: &str = "demo-data";

/// Returns the keys of the demo.
///
/// # Panics
///
/// Never, as a test shows.
pub fn keyring() -> Keyring {
    Keyring::parse(STORE_KEY, TRAIL_KEY).expect("the demo's keys are valid")
}

/// Fails if a setting is the demo's. A loopback address is allowed, because a proxy can be there.
pub fn refuse(config: &Config) -> Result<(), ConfigFaults> {
    let mut faults = Vec::new();
    let mut fault =
        |variable, hint: &str| faults.push(ConfigFault { variable, hint: hint.to_owned() });
    if config.discord.token.expose_secret() == BOT_TOKEN {
        fault("DISCORD_TOKEN", "this is the demo's public token; write the token of your own bot");
    }
    let public = "this is the demo's public key; `support-desk key` prints a new one";
    // Equal MACs mean equal keys.
    if StoreKey::parse(STORE_KEY)
        .is_ok_and(|demo| config.keys.store.macs("").contains(&demo.mac("")))
    {
        fault("STORE_KEY", public);
    }
    if TrailKey::parse(TRAIL_KEY)
        .is_ok_and(|demo| config.keys.trail.public().0.contains(demo.public()))
    {
        fault("TRAIL_KEY", public);
    }
    for (variable, url) in
        [("DATABASE_URL", &config.database_url), ("CORE_DATABASE_URL", &config.core_database_url)]
    {
        if in_data_folder(url.expose_secret()) {
            fault(variable, "this is in the demo's data folder; write another path");
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(ConfigFaults(faults)) }
}

fn in_data_folder(url: &str) -> bool {
    let file =
        url.strip_prefix("sqlite:").map(|rest| rest.split_once('?').map_or(rest, |(path, _)| path));
    file.is_some_and(|path| path.split(['/', '\\']).any(|part| part == DATA_FOLDER))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const OWN_KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";
    const OWN_TRAIL_KEY: &str = "trail-secret:DnNMx6TZJP1YF/LRIYUXDyeFy8nTjtyOOMvXC7jnT5g=";

    fn refused(token: &str, key: &str, database: &str, core: &str) -> Vec<&'static str> {
        let variables = [
            ("DISCORD_TOKEN", token),
            ("DISCORD_API_URL", "http://127.0.0.1:8400"),
            ("DISCORD_GUILD_ID", "1200000000000000001"),
            ("DISCORD_CHANNEL_ID", "1200000000000000011"),
            ("DISCORD_AGENT_ROLE_ID", "1200000000000000021"),
            ("DISCORD_LEAD_ROLE_ID", "1200000000000000022"),
            ("DATABASE_URL", database),
            ("CORE_DATABASE_URL", core),
            ("COGNITO_USER_POOL_ID", "eu-west-1_AbCdEfGhI"),
            ("COGNITO_CLIENT_ID", "client"),
            ("STORE_KEY", key),
            ("TRAIL_KEY", if key == STORE_KEY { TRAIL_KEY } else { OWN_TRAIL_KEY }),
            ("ACCESS_HOSTS", "127.0.0.1"),
        ];
        let variables: HashMap<String, String> =
            variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        refuse(&Config::from_map(&variables).unwrap())
            .err()
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|fault| fault.variable)
            .collect()
    }

    #[test]
    fn demo_settings_are_refused() {
        let (own, other) =
            ("sqlite:///var/lib/desk/demo-database.db", "postgres://localhost/demo-data");
        assert_eq!(refused("own", OWN_KEY, own, other), [""; 0]);
        assert_eq!(refused(BOT_TOKEN, OWN_KEY, own, other), ["DISCORD_TOKEN"]);
        assert_eq!(refused("own", STORE_KEY, own, other), ["STORE_KEY", "TRAIL_KEY"]);
        assert_eq!(
            refused("own", OWN_KEY, "sqlite://demo-data/desk.db?mode=rwc", other),
            ["DATABASE_URL"]
        );
        assert_eq!(
            refused("own", OWN_KEY, own, "sqlite:///srv/demo-data/core.db"),
            ["CORE_DATABASE_URL"]
        );
        assert_eq!(
            refused(BOT_TOKEN, STORE_KEY, "sqlite:demo-data/a.db", "sqlite:./demo-data/b.db").len(),
            5
        );
    }

    #[test]
    fn token_equals_the_sandbox_token() {
        assert_eq!(BOT_TOKEN, sandbox::seed::BOT_TOKEN);
    }
}
