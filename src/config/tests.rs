//! Tests of the settings: defaults, edge values and faults.

use std::collections::HashMap;
use std::os::unix::ffi::OsStringExt as _;

use secrecy::ExposeSecret;

use super::*;

mod files;
mod utc_offset;
mod warnings;

const KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";
const TRAIL_KEY: &str = "trail-secret:DnNMx6TZJP1YF/LRIYUXDyeFy8nTjtyOOMvXC7jnT5g=";

fn minimal() -> HashMap<String, String> {
    let variables = [
        ("DISCORD_TOKEN", "token"),
        ("DISCORD_GUILD_ID", "1100000000000000001"),
        ("DISCORD_CHANNEL_ID", "1100000000000000002"),
        ("DISCORD_AGENT_ROLE_ID", "1100000000000000003"),
        ("DISCORD_LEAD_ROLE_ID", "1100000000000000004"),
        (
            "CORE_DATABASE_URL",
            "postgres://desk:very-secret@core.example.com/core?sslmode=verify-full",
        ),
        ("COGNITO_USER_POOL_ID", "eu-west-1_AbCdEfGhI"),
        ("COGNITO_CLIENT_ID", "client"),
        ("STORE_KEY", KEY),
        ("TRAIL_KEY", TRAIL_KEY),
        ("ACCESS_HOSTS", "shop.example.com,waizant:"),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn with(variable: &str, value: &str) -> Result<Config, ConfigFaults> {
    let mut variables = minimal();
    variables.insert(variable.to_owned(), value.to_owned());
    Config::from_map(&variables)
}

fn names_of(faults: &ConfigFaults) -> Vec<&'static str> {
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
    assert_eq!((config.cognito.verifier_groups, config.cognito.lead_groups), (None, None));
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
    let mut named: Vec<String> = names_of(&faults).into_iter().map(ToOwned::to_owned).collect();
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
    assert_eq!(names_of(&with("DISCORD_TOKEN", "  ").unwrap_err()), ["DISCORD_TOKEN"]);
    assert!(with("PUBLIC_URL", "").unwrap().public_url.is_none());
    assert!(with("DISCORD_LEAD_ROLE_ID", "").unwrap().discord.lead_role_id.is_none());
}

#[test]
fn value_that_is_not_utf8_is_refused() {
    let latin = OsString::from_vec(b"https://contrase\xf1a.example.com".to_vec());
    let mut variables = minimal();
    variables.extend(texts(std::iter::once(("PUBLIC_URL".into(), latin))));
    let faults = Config::from_map(&variables).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "invalid settings:\n  PUBLIC_URL: the value is not UTF-8; write it in that encoding"
    );
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
        ("TRAIL_KEY", "hush"),
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
    assert_eq!(names_of(&faults), wrong.map(|(name, _)| name));
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
        ("DISCORD_API_URL", "https://discord.com/api/v10", false),
        ("DISCORD_API_URL", "https://proxy.example.com/discord/api", false),
        ("DISCORD_API_URL", "https://:word@proxy.example.com", false),
        ("DISCORD_TOKEN", "\u{feff}token", false),
        ("DISCORD_TOKEN", "tok\u{200b}en", false),
        ("DISCORD_TOKEN", "tok\u{fffd}en", false),
        ("COGNITO_CLIENT_SECRET", "contraseña", false),
        ("DATABASE_URL", "sqlite::memory:", true),
        ("DATABASE_URL", "postgresql://localhost/d", true),
        ("DATABASE_URL", "postgres://h/d", false),
        ("CORE_DATABASE_URL", "postgres://h/d", false),
        ("CORE_DATABASE_URL", "postgres://h/d?sslmode=disable", true),
        ("AWS_ENDPOINT_URL", "http://aws.example.com", false),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://aws.example.com", false),
        ("AWS_ENDPOINT_URL_LAMBDA", "http://aws.example.com", false),
        ("AWS_ENDPOINT_URL_LAMBDA", "https://aws.example.com", true),
        ("PUBLIC_URL", "https://desk.example.com", true),
        ("PUBLIC_URL", "http://127.0.0.1:8080", true),
        ("PUBLIC_URL", "http://[::1]:8080", true),
        ("PUBLIC_URL", "http://desk.example.com", false),
        ("PUBLIC_URL", "http://localhost.example.com", false),
        ("PUBLIC_URL", "https://user:word@desk.example.com", false),
        ("PUBLIC_URL", "https://desk.example.com/?a=b", false),
        ("PUBLIC_URL", "https://*.example.com", false),
        ("PUBLIC_URL", "https://desk.example.com:0", false),
        ("DATABASE_URL", "sqlite://desk.db?mode=ro", false),
        ("CORE_DATABASE_URL", "sqlite://core.db?mode=ro", true),
        ("HTTP_ADDR", "localhost:8080", false),
        ("HTTP_ADDR", "[::1]:8080", true),
        ("ADMIN_ADDR", "127.0.0.1:8080", false),
        ("COGNITO_AGENT_GROUPS", "CustomerService,Leads.EU", true),
        ("COGNITO_AGENT_GROUPS", "Customer Service", false),
        ("COGNITO_AGENT_GROUPS", "Atención-€-中文-e\u{301}-\"x\"-y", true),
        ("COGNITO_AGENT_GROUPS", "Customer\u{200b}Service", false),
        ("COGNITO_AGENT_GROUPS", "Customer\u{a0}Service", false),
        ("COGNITO_AGENT_GROUPS", "CustomerService,", false),
        ("COGNITO_AGENT_GROUPS", "Leads,\"CustomerService\",Sales", false),
        ("COGNITO_VERIFIER_GROUPS", "CustomerVerification,Trainees", true),
        ("COGNITO_LEAD_GROUPS", "CustomerServiceLeads,CustomerService", true),
        ("COGNITO_LEAD_GROUPS", "Customer Service Leads", false),
        ("COGNITO_VERIFIER_GROUPS", "Customer Verification", false),
        ("COGNITO_USER_POOL_ID", "eu-west-1_AbC dEf", false),
        ("COGNITO_USER_POOL_ID", "EU-WEST-1_AbCdEf", false),
        ("COGNITO_USER_POOL_ID", &format!("eu-west-1_{}", "x".repeat(45)), true),
        ("COGNITO_USER_POOL_ID", &format!("eu-west-1_{}", "x".repeat(46)), false),
        ("COGNITO_CLIENT_ID", &"x".repeat(128), true),
        ("COGNITO_CLIENT_ID", &"x".repeat(129), false),
        ("COGNITO_CLIENT_ID", "client-id", false),
        ("HTTP_ADDR", "0.0.0.0:9090", false),
        ("HTTP_ADDR", "[::]:9090", false),
        ("HTTP_ADDR", "[::1]:9090", true),
        ("HTTP_ADDR", "0.0.0.0:8080", true),
        ("DISCORD_AGENT_ROLE_ID", "1100000000000000001", false),
        ("DISCORD_LEAD_ROLE_ID", "1100000000000000001", false),
        ("AWS_REGION", "eu-west-1", true),
        ("AWS_REGION", "us-east-1", false),
        ("AWS_REGION", "Ireland", false),
        ("LAMBDA_ACCESS", "cs-access", true),
        ("LAMBDA_ACCESS", "cs-access:$LATEST", true),
        ("LAMBDA_ACCESS", "123456789012:function:cs-access", true),
        ("LAMBDA_ACCESS", "cs-access:", false),
        ("LAMBDA_ACCESS", "cs-message:live", false),
        ("LAMBDA_ACCESS", "arn:aws:lambda:eu-west-1:1234:function:cs-access", false),
        ("LAMBDA_ACCESS", "arn:aws:s3:::cs-access", false),
        ("LAMBDA_ACCESS", "a:b:c", false),
        (
            "LAMBDA_OTP_SEND",
            "arn:aws:lambda:eu-west-1:123456789012:function:cs-otp-send:live",
            true,
        ),
        ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", false),
        ("STORE_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false),
        ("STORE_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", false),
        ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false),
        ("RUST_LOG", "warn,support_desk=debug", true),
    ] {
        let config = with(variable, value);
        assert_eq!(config.is_ok(), valid, "{variable}={value}: {config:?}");
    }
}

#[test]
fn values_that_mislead_a_library_are_refused() {
    for (variable, value, valid) in [
        ("RUST_LOG", "INFO,commands::engine=trace,hyper=off", true),
        ("RUST_LOG", "warning", false),
        ("RUST_LOG", "inof", false),
        ("RUST_LOG", "info # default", false),
        ("RUST_LOG", "support-desk=debug", false),
        ("RUST_LOG", "support_desk=", false),
        ("RUST_LOG", "info,support_desk=verbose", false),
        ("RUST_LOG", "support_desk", false),
        ("RUST_LOG", "info, tower-http=warn,", true),
        ("PGPASSWORD", "word", true),
        ("PGSSLROOTCERT", "/etc/ca.pem", false),
        ("PGAPPNAME", "desk", true),
        ("PGPORT", "6432", false),
        ("DATABSE_URL", "sqlite://desk.db", false),
        ("DATABASE_PUBLIC_URL", "postgres://x", true),
        ("DISCORD_LEADS_CHANEL_ID", "1100000000000000005", false),
        ("COGNITO_CLIENT_ID_FILE", "/run/secrets/client", true),
        ("PUBLIC_URL_FILE", "/run/secrets/url", false),
        ("AWS_ACCESS_KEY_ID", "id", false),
        ("AWS_SECRET_ACCESS_KEY", "secret", false),
        ("AWS_SESSION_TOKEN", "token", false),
        ("AWS_DEFAULT_REGION", "us-east-1", false),
        ("AWS_DEFAULT_REGION", "eu-west-1", true),
    ] {
        let config = with(variable, value);
        assert_eq!(config.is_ok(), valid, "{variable}={value}: {config:?}");
    }
}

#[test]
fn quoted_value_of_every_setting_is_refused() {
    let all = include_str!("../../.env.example");
    let names = all.lines().filter_map(|line| {
        let (name, _) = line.trim_start_matches('#').split_once('=')?;
        name.chars().all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c)).then_some(name)
    });
    let mut checked = 0;
    for name in names {
        let value = minimal().remove(name).unwrap_or_else(|| "hush".to_owned());
        for (left, right) in [("\"", "\""), ("'", "'"), ("“", "”"), ("\"", ""), ("", "'")] {
            let faults = with(name, &format!(" {left}{value}{right} ")).unwrap_err();
            assert_eq!(names_of(&faults), [name], "{left}…{right}");
            let text = faults.to_string();
            assert!(text.contains("remove the quotes") && !text.contains(&value), "{text}");
        }
        checked += 1;
    }
    assert!(checked >= 30, "{checked} settings in .env.example");
}

#[test]
fn function_in_another_region_is_refused_unless_mocked() {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:cs-access";
    let mut variables = minimal();
    variables.insert("AWS_REGION".to_owned(), "eu-west-1".to_owned());
    variables.insert("LAMBDA_ACCESS".to_owned(), arn.to_owned());
    assert_eq!(names_of(&Config::from_map(&variables).unwrap_err()), ["LAMBDA_ACCESS"]);
    variables.insert("AWS_ENDPOINT_URL".to_owned(), "http://127.0.0.1:8400/aws".to_owned());
    assert!(Config::from_map(&variables).is_ok());
}

#[test]
fn group_in_both_lists_is_refused() {
    for (verifiers, refused) in
        [("CustomerVerification", false), ("Trainees,CustomerService", true), ("", false)]
    {
        let config = with("COGNITO_VERIFIER_GROUPS", verifiers);
        let hint = "CustomerService is in COGNITO_AGENT_GROUPS too, so its members open access \
                    links; write it in one of the two";
        let hints = config.err().map(|faults| faults.0[0].hint.clone());
        assert_eq!(hints.as_deref(), refused.then_some(hint), "{verifiers}");
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
