//! Names of the settings, and names that are probably misspelt.

/// Secrets, and the variables that name a file with the secret.
pub(super) const SECRETS: [(&str, &str); 10] = [
    ("DISCORD_TOKEN", "DISCORD_TOKEN_FILE"),
    ("DATABASE_URL", "DATABASE_URL_FILE"),
    ("CORE_DATABASE_URL", "CORE_DATABASE_URL_FILE"),
    ("STORE_KEY", "STORE_KEY_FILE"),
    ("STORE_KEY_OLD", "STORE_KEY_OLD_FILE"),
    ("TRAIL_KEY", "TRAIL_KEY_FILE"),
    ("TRAIL_KEY_OLD", "TRAIL_KEY_OLD_FILE"),
    ("COGNITO_CLIENT_SECRET", "COGNITO_CLIENT_SECRET_FILE"),
    ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY_FILE"),
    ("AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN_FILE"),
];

/// The bot's own settings. Those of the AWS SDK, of OpenTelemetry and of `tracing` are not among
/// them.
pub(super) const OWN: [&str; 32] = [
    "ACCESS_HOSTS",
    "ADMIN_ADDR",
    "COGNITO_AGENT_GROUPS",
    "COGNITO_CLIENT_ID",
    "COGNITO_CLIENT_SECRET",
    "COGNITO_LEAD_GROUPS",
    "COGNITO_USER_POOL_ID",
    "COGNITO_VERIFIER_GROUPS",
    "CORE_DATABASE_URL",
    "DATABASE_URL",
    "DESK_UTC_OFFSET",
    "DISCORD_AGENT_ROLE_ID",
    "DISCORD_API_URL",
    "DISCORD_CHANNEL_ID",
    "DISCORD_GUILD_ID",
    "DISCORD_LEADS_CHANNEL_ID",
    "DISCORD_LEAD_ROLE_ID",
    "DISCORD_TOKEN",
    "HTTP_ADDR",
    "IDLE_CLOSE_SECONDS",
    "LAMBDA_ACCESS",
    "LAMBDA_MESSAGE",
    "LAMBDA_OTP_SEND",
    "LAMBDA_OTP_VERIFY",
    "LEADS_LOCALE",
    "PUBLIC_URL",
    "RETENTION_ABOUT_DAYS",
    "RETENTION_TRAIL_DAYS",
    "STORE_KEY",
    "STORE_KEY_OLD",
    "TRAIL_KEY",
    "TRAIL_KEY_OLD",
];

/// Beginnings that only settings of the bot have. Other programs use `HTTP_` and `PUBLIC_` too.
const OWN_PREFIXES: [&str; 12] = [
    "ACCESS_",
    "COGNITO_",
    "CORE_",
    "DATABASE_",
    "DESK_",
    "DISCORD_",
    "IDLE_",
    "LAMBDA_",
    "LEADS_",
    "RETENTION_",
    "STORE_",
    "TRAIL_",
];

/// Beginnings of variables that other parts of the program or of the system read, as far as a file
/// of settings can hold them.
const FOREIGN_PREFIXES: [&str; 17] = [
    "AWS_",
    "GLIBC_",
    "HOME",
    "HTTPS_",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "LANG",
    "LC_",
    "MIMALLOC_",
    "OTEL_",
    "PG",
    "RES_OPTIONS",
    "RUST_",
    "SSL_",
    "TOKIO_",
    "TZ",
];

/// Most characters that a misspelt name differs in: one that is missing, and one that is wrong.
const MAX_TYPOS: usize = 2;

/// Unknown variable that resembles a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resembling {
    /// It is probably meant to be this setting.
    Misspelt(&'static str),
    /// It begins like this setting. It can belong to another program.
    Alike(&'static str),
}

/// Returns the own setting that an environment variable resembles.
pub(super) fn resembling(name: &str) -> Option<Resembling> {
    if is_known(name) || is_service_link(name) {
        return None;
    }
    let (nearest, typos) = nearest(name);
    let is_file = name.strip_suffix("_FILE").is_some_and(|name| OWN.contains(&name));
    if typos <= MAX_TYPOS || is_file {
        return Some(Resembling::Misspelt(nearest));
    }
    let is_alike = OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    is_alike.then_some(Resembling::Alike(nearest))
}

/// Returns the nearest own setting for a name in a file of settings that no part of the program
/// reads.
pub(crate) fn unknown_in_file(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let is_foreign = FOREIGN_PREFIXES.iter().any(|prefix| upper.starts_with(prefix));
    match resembling(name) {
        Some(Resembling::Misspelt(meant) | Resembling::Alike(meant)) => Some(meant),
        None => (!is_known(name) && !is_foreign).then(|| nearest(name).0),
    }
}

/// Returns the other of the two names of one secret.
pub(crate) fn counterpart(name: &str) -> Option<&'static str> {
    SECRETS.iter().find_map(|(secret, file)| {
        if name == *secret { Some(*file) } else { (name == *file).then_some(*secret) }
    })
}

fn is_known(name: &str) -> bool {
    OWN.contains(&name) || counterpart(name).is_some()
}

/// Returns true for the variables with which Kubernetes and Docker describe another service, such
/// as `DATABASE_SERVICE_HOST`.
fn is_service_link(name: &str) -> bool {
    name.ends_with("_PORT")
        || ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT_"].iter().any(|part| name.contains(part))
}

fn nearest(name: &str) -> (&'static str, usize) {
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    let by_typos = OWN.iter().map(|own| (*own, typos(name, own)));
    by_typos.min_by_key(|(_, typos)| *typos).unwrap_or((OWN[0], usize::MAX))
}

/// Returns the number of characters to insert, remove or replace (Levenshtein).
fn typos(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_name_has_its_setting() {
        use Resembling::{Alike, Misspelt};
        for (name, expected) in [
            ("DATABSE_URL", Some(Misspelt("DATABASE_URL"))),
            ("DISCORD_LEADS_CHANEL_ID", Some(Misspelt("DISCORD_LEADS_CHANNEL_ID"))),
            ("COGNITO_CLIENT_ID_FILE", Some(Misspelt("COGNITO_CLIENT_ID"))),
            ("PUBLIC_URL_FILE", Some(Misspelt("PUBLIC_URL"))),
            ("HTTP_ADR", Some(Misspelt("HTTP_ADDR"))),
            ("STORE_KEYS", Some(Misspelt("STORE_KEY"))),
            // Hosting platforms set such variables for other programs.
            ("DATABASE_PUBLIC_URL", Some(Alike("DATABASE_URL"))),
            ("DISCORD_LEADS_CHANNEL", Some(Alike("DISCORD_LEADS_CHANNEL_ID"))),
            ("STORE_KEY", None),
            ("STORE_KEY_FILE", None),
            ("HTTP_PROXY", None),
            ("AWS_REGION", None),
            ("PATH", None),
            ("PUBLIC_IP", None),
            ("DATABASE_SERVICE_HOST", None),
            ("CORE_PORT_5432_TCP_ADDR", None),
            ("STORE_PORT", None),
        ] {
            assert_eq!(resembling(name), expected, "{name}");
        }
    }

    #[test]
    fn file_holds_known_names_only() {
        for name in ["AWS_PROFILE", "RUST_LOG", "SSL_CERT_FILE", "https_proxy", "TZ", "STORE_KEY"] {
            assert_eq!(unknown_in_file(name), None, "{name}");
        }
        for name in ["PUBLIC_IP", "URL", "KEY", "LEADS_CHANNEL"] {
            assert!(unknown_in_file(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_documented_setting_is_known() {
        let example = include_str!("../../.env.example");
        let names = example.lines().filter_map(|line| {
            let (name, _) = line.trim_start_matches('#').split_once('=')?;
            name.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some(name)
        });
        let foreign = ["AWS_", "OTEL_", "RUST_LOG"];
        let is_own = |name: &&str| !foreign.iter().any(|prefix| name.starts_with(prefix));
        let mut own: Vec<&str> = names.filter(is_own).collect();
        own.sort_unstable();
        assert_eq!(own, OWN);
    }
}
