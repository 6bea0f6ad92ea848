//! Tests of the settings: defaults, edge values and faults.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn minimal() -> HashMap<String, String> {
    let variables = [
        ("DISCORD_TOKEN", "token"),
        ("DISCORD_GUILD_ID", "1100000000000000001"),
        ("DISCORD_CHANNEL_ID", "1100000000000000002"),
        ("DISCORD_AGENT_ROLE_ID", "1100000000000000003"),
        ("DISCORD_LEAD_ROLE_ID", "1100000000000000004"),
        ("CORE_DATABASE_URL", "postgres://desk:very-secret@core.example.com/core"),
        ("COGNITO_USER_POOL_ID", "eu-west-1_AbCdEfGhI"),
        ("COGNITO_CLIENT_ID", "client"),
        ("STORE_KEY", KEY),
        ("ACCESS_HOSTS", "shop.example.com,waizant:"),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn with(variable: &str, value: &str) -> Result<Config, ConfigFaults> {
    let mut variables = minimal();
    variables.insert(variable.to_owned(), value.to_owned());
    Config::from_map(&variables)
}

fn names(faults: &ConfigFaults) -> Vec<&'static str> {
    faults.0.iter().map(|fault| fault.variable).collect()
}

#[test]
fn required_settings_get_the_defaults() {
    let config = Config::from_map(&minimal()).unwrap();
    assert_eq!(config.discord.guild_id, 1_100_000_000_000_000_001);
    assert_eq!(config.discord.leads_channel_id, None);
    assert_eq!(config.database_url.expose_secret(), "sqlite://support-desk.db?mode=rwc");
    assert_eq!(config.lambda, Lambda::default());
    assert_eq!(config.cognito.agent_groups.names(), ["CustomerService"]);
    assert_eq!(config.http_addr.to_string(), "127.0.0.1:8080");
    assert_eq!(config.admin_addr.to_string(), "127.0.0.1:9090");
    assert_eq!(config.idle_close, IDLE_CLOSE);
    assert_eq!(config.log, "info");
    assert!(config.public_url.is_none());
}

#[test]
fn empty_environment_names_every_required_variable() {
    let faults = Config::from_map(&HashMap::new()).unwrap_err();
    let mut required: Vec<String> =
        minimal().into_keys().filter(|name| name != "DISCORD_LEAD_ROLE_ID").collect();
    let mut named: Vec<String> = names(&faults).into_iter().map(ToOwned::to_owned).collect();
    required.sort();
    named.sort();
    assert_eq!(named, required);
    assert!(
        faults.to_string().contains("STORE_KEY: is not set; write 32 random bytes in base64"),
        "{faults}"
    );
}

#[test]
fn empty_value_counts_as_not_set() {
    assert_eq!(names(&with("DISCORD_TOKEN", "  ").unwrap_err()), ["DISCORD_TOKEN"]);
    assert!(with("PUBLIC_URL", "").unwrap().public_url.is_none());
    assert!(with("DISCORD_LEAD_ROLE_ID", "").unwrap().discord.lead_role_id.is_none());
}

#[test]
fn every_fault_is_reported_without_its_value() {
    let mut variables = minimal();
    let wrong = [
        ("DISCORD_TOKEN", "hush hush"),
        ("DISCORD_API_URL", "hush"),
        ("DISCORD_GUILD_ID", "hush"),
        ("DATABASE_URL", "mysql://hush"),
        ("COGNITO_USER_POOL_ID", "hush"),
        ("LAMBDA_ACCESS", "hush hush"),
        ("STORE_KEY", "hush"),
        ("HTTP_ADDR", "hush"),
        ("PUBLIC_URL", "http://hush.example.com"),
        ("ACCESS_HOSTS", "hush hush"),
        ("IDLE_CLOSE_SECONDS", "hush"),
        ("RUST_LOG", "hush=hush=hush"),
    ];
    for (name, value) in wrong {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let faults = Config::from_map(&variables).unwrap_err();
    assert_eq!(names(&faults), wrong.map(|(name, _)| name));
    assert!(!faults.to_string().contains("hush"), "{faults}");
}

#[test]
fn edge_values_are_checked() {
    let address = |length: usize| format!("https://desk.example.com/{}", "x".repeat(length - 25));
    for (variable, value, valid) in [
        ("PUBLIC_URL", address(400).as_str(), true),
        ("PUBLIC_URL", address(401).as_str(), false),
        ("PUBLIC_URL", "https://example.com/support/desk/", true),
        ("IDLE_CLOSE_SECONDS", "9", false),
        ("IDLE_CLOSE_SECONDS", "10", true),
        ("IDLE_CLOSE_SECONDS", "900", true),
        ("IDLE_CLOSE_SECONDS", "901", false),
        ("IDLE_CLOSE_SECONDS", "15.5", false),
        ("DISCORD_GUILD_ID", "0", false),
        ("DISCORD_GUILD_ID", "4194303", false),
        ("DISCORD_GUILD_ID", "4194304", true),
        ("DISCORD_GUILD_ID", "9223372036854775807", true),
        ("DISCORD_GUILD_ID", "9223372036854775808", false),
        ("DISCORD_GUILD_ID", "-1", false),
        ("DISCORD_API_URL", "http://127.0.0.1:8400", true),
        ("DISCORD_API_URL", "http://localhost:8400", true),
        ("DISCORD_API_URL", "https://proxy.example.com/discord", true),
        ("DISCORD_API_URL", "http://proxy.example.com", false),
        ("DISCORD_API_URL", "ftp://127.0.0.1", false),
        ("DATABASE_URL", "sqlite::memory:", true),
        ("DATABASE_URL", "postgresql://h/d", true),
        ("PUBLIC_URL", "https://desk.example.com", true),
        ("PUBLIC_URL", "http://127.0.0.1:8080", true),
        ("PUBLIC_URL", "http://[::1]:8080", true),
        ("PUBLIC_URL", "http://desk.example.com", false),
        ("PUBLIC_URL", "http://localhost.example.com", false),
        ("PUBLIC_URL", "https://user:word@desk.example.com", false),
        ("PUBLIC_URL", "https://desk.example.com/?a=b", false),
        ("HTTP_ADDR", "localhost:8080", false),
        ("HTTP_ADDR", "[::1]:8080", true),
        ("ADMIN_ADDR", "127.0.0.1:8080", false),
        ("COGNITO_AGENT_GROUPS", "CustomerService,Leads.EU", true),
        ("COGNITO_AGENT_GROUPS", "Customer Service", false),
        ("COGNITO_AGENT_GROUPS", "CustomerService,", false),
        (
            "LAMBDA_OTP_SEND",
            "arn:aws:lambda:eu-west-1:123456789012:function:cs-otp-send:live",
            true,
        ),
        ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", false),
        ("RUST_LOG", "warn,support_desk=debug", true),
    ] {
        let config = with(variable, value);
        assert_eq!(config.is_ok(), valid, "{variable}={value}: {config:?}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", Config::from_map(&minimal()).unwrap());
    assert!(
        !shown.contains("very-secret") && !shown.contains(KEY) && !shown.contains("\"token\""),
        "{shown}"
    );
}
