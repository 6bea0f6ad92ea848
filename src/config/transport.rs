//! Protection of a connection: https or loopback, and the TLS mode of PostgreSQL.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;
use url::{Host, Url, form_urlencoded};

use super::hosts::base_url;

const DATABASE_HINT: &str = "write sqlite://path/to/file.db or postgres://user:password@host/name";
const ENCODING_HINT: &str = "write special characters of user and password percent-encoded, such \
                             as %40 for @, %2F for / and %23 for #";
const TLS_HINT: &str = "add ?sslmode=verify-full, because the server is not on this machine; \
                        sslrootcert=FILE names a private certificate authority";

const PARAMETER_HINT: &str = "the URL has a parameter that the driver does not know; see \
                              .env.example";
const IPV6_HINT: &str = "write an IPv6 address as postgres://user:password@localhost/name?\
                         hostaddr=::1, because the driver looks brackets up as a name";
const SOCKET_HINT: &str = "remove sslmode from the URL of a local socket, which has no TLS";

/// Parameters of a PostgreSQL URL that sqlx knows. It ignores all others, such as
/// `target_session_attrs` and `connect_timeout`, with a warning that quotes their values.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Returns true if no other machine can read what is sent to the URL.
pub(crate) fn is_confidential(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Returns true if the URL points to this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Parses the endpoint of an AWS service, such as a mock server.
pub(super) fn endpoint_url(text: &str) -> Result<Url, &'static str> {
    let url = base_url(text).ok_or(
        "write an https URL without user name, password, query and fragment, or leave it unset to \
         use AWS itself",
    )?;
    is_confidential(&url).then_some(url).ok_or(
        "write an https URL, because requests carry credentials, codes and proofs (http is for \
         loopback addresses only)",
    )
}

/// Parses the URL of an SQLite or PostgreSQL database.
///
/// A PostgreSQL server on another machine needs a TLS mode, because the driver's default accepts an
/// unencrypted connection without a word.
pub(super) fn database_url(text: &str) -> Result<SecretString, &'static str> {
    if text.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(text).map_err(|_| DATABASE_HINT)?;
        // Without a name SQLite makes a temporary file.
        let has_name = !options.get_filename().as_os_str().is_empty();
        return if has_name { Ok(text.into()) } else { Err(DATABASE_HINT) };
    }
    let server = Server::parse(text)?;
    if server.is_remote() && !server.names_mode { Err(TLS_HINT) } else { Ok(text.into()) }
}

/// Parses the URL of the bot's own store, which must be writable.
pub(super) fn store_url(text: &str) -> Result<SecretString, &'static str> {
    let query = text.split_once('?').map_or("", |(_, query)| query);
    let is_read_only = form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        name == "mode" && value == "ro" || name == "immutable" && value != "false"
    });
    if text.starts_with("sqlite:") && is_read_only {
        return Err("write mode=rwc, because the bot writes into its store");
    }
    database_url(text)
}

/// Returns why the connection to a database is not fully protected.
pub(super) fn weakness(url: &SecretString) -> Option<String> {
    let server = Server::parse(url.expose_secret()).ok()?;
    let why = match server.mode {
        PgSslMode::VerifyFull => return None,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => {
            "sends passwords and data unencrypted, or does so if the server asks for it"
        }
        PgSslMode::Require | PgSslMode::VerifyCa => "does not check the name of the server",
    };
    let mode = mode_name(server.mode);
    let text = || format!("sslmode={mode} {why}; write sslmode=verify-full");
    server.is_remote().then(text)
}

/// Description of a database for the operator: engine, host, port and TLS mode, never a password.
pub(crate) struct Connection<'a>(pub(crate) &'a SecretString);

impl fmt::Display for Connection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Server::parse(self.0.expose_secret()) {
            Ok(server) if server.is_socket() => f.write_str("PostgreSQL, local socket"),
            Ok(Server { options, mode, .. }) => {
                let (host, port) = (options.get_host(), options.get_port());
                write!(f, "PostgreSQL at {host}:{port}, sslmode={}", mode_name(mode))
            }
            Err(_) => f.write_str("SQLite file"),
        }
    }
}

/// Address and TLS mode of a PostgreSQL server.
struct Server {
    options: PgConnectOptions,
    mode: PgSslMode,
    /// True if the URL itself names the mode.
    names_mode: bool,
}

impl Server {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(DATABASE_HINT);
        }
        // With a `/`, `?` or `#` in the password, a part of the password counts as host or port.
        let after_host = text.splitn(4, ['/', '?', '#']).nth(3).unwrap_or_default();
        if after_host.contains('@') || text.contains('#') {
            return Err(ENCODING_HINT);
        }
        let url = Url::parse(text).map_err(|_| DATABASE_HINT)?;
        let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
        if !url.query_pairs().all(|(name, _)| is_known(&name)) {
            return Err(PARAMETER_HINT);
        }
        let names_mode =
            url.query_pairs().any(|(name, _)| matches!(&*name, "sslmode" | "ssl-mode"));
        let options = PgConnectOptions::from_str(text).map_err(|_| DATABASE_HINT)?;
        let server = Self { mode: options.get_ssl_mode(), options, names_mode };
        if server.options.get_host().starts_with('[') {
            return Err(IPV6_HINT);
        }
        let needs_tls =
            matches!(server.mode, PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        if server.is_socket() && needs_tls {
            return Err(SOCKET_HINT);
        }
        let can_connect =
            server.is_socket() || (server.has_host() && server.options.get_port() != 0);
        can_connect.then_some(server).ok_or(DATABASE_HINT)
    }

    fn has_host(&self) -> bool {
        let host = self.options.get_host();
        !host.is_empty() && !host.contains([',', ' '])
    }

    fn is_socket(&self) -> bool {
        self.options.get_socket().is_some() || self.options.get_host().starts_with('/')
    }

    fn is_remote(&self) -> bool {
        let host = self.options.get_host();
        let is_loopback = host == "localhost"
            || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback());
        !self.is_socket() && !is_loopback
    }
}

/// Returns the name of a mode in a URL.
fn mode_name(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_server_needs_a_tls_mode() {
        for (rest, expected) in [
            ("localhost/desk", Ok(None)),
            ("127.0.0.1:5433/desk", Ok(None)),
            ("127.8.8.8/desk", Ok(None)),
            ("[::1]/desk", Err(IPV6_HINT)),
            ("localhost/desk?hostaddr=::1", Ok(None)),
            ("%2Frun%2Fpg/desk?sslmode=require", Err(SOCKET_HINT)),
            ("localhost/desk?host=/run/pg&sslmode=verify-full", Err(SOCKET_HINT)),
            ("localhost/desk?target_session_attrs=read-write", Err(PARAMETER_HINT)),
            ("localhost/desk?connect_timeout=5", Err(PARAMETER_HINT)),
            ("localhost/desk?channel_binding=require", Err(PARAMETER_HINT)),
            ("db.example.com/desk?sslmode=verify-full&sslrootcrt=/ca.pem", Err(PARAMETER_HINT)),
            ("localhost/desk?options[search_path]=desk&application_name=desk", Ok(None)),
            ("%2Fvar%2Frun%2Fpostgresql/desk", Ok(None)),
            ("localhost/desk?sslmode=disable", Ok(None)),
            ("db.example.com/desk?sslmode=verify-full", Ok(None)),
            ("db.example.com/desk?ssl-mode=VERIFY-FULL", Ok(None)),
            ("db.example.com/desk?sslrootcert=/ca.pem&sslmode=verify-full", Ok(None)),
            ("db.example.com/desk?sslmode=verify-ca", Ok(Some("check the name"))),
            ("db.example.com/desk?sslmode=require", Ok(Some("check the name"))),
            ("db.example.com/desk?sslmode=prefer", Ok(Some("unencrypted"))),
            ("db.example.com/desk?sslmode=allow", Ok(Some("unencrypted"))),
            ("db.example.com/desk?sslmode=disable", Ok(Some("unencrypted"))),
            ("db.example.com/desk?sslmode=verify-full&sslmode=disable", Ok(Some("unencrypted"))),
            ("db.example.com/desk", Err(TLS_HINT)),
            ("10.0.0.7/desk", Err(TLS_HINT)),
            ("[2001:db8::1]/desk?sslmode=verify-full", Err(IPV6_HINT)),
            ("localhost.example.com/desk", Err(TLS_HINT)),
            ("localhost/desk?host=db.example.com", Err(TLS_HINT)),
            ("localhost/desk?hostaddr=192.0.2.7", Err(TLS_HINT)),
            ("db.example.com/desk?sslmod=verify-full", Err(PARAMETER_HINT)),
            ("db.example.com/desk?sslmode=verify", Err(DATABASE_HINT)),
            ("localhost:0/desk", Err(DATABASE_HINT)),
            ("localhost:port/desk", Err(DATABASE_HINT)),
            ("one.example.com,two.example.com/desk?sslmode=verify-full", Err(DATABASE_HINT)),
        ] {
            for scheme in ["postgres", "postgresql"] {
                let parsed = database_url(&format!("{scheme}://desk:hush@{rest}"));
                let weak = parsed.map(|url| weakness(&url));
                match (weak, expected) {
                    (Ok(None), Ok(None)) => {}
                    (Ok(Some(text)), Ok(Some(part))) => assert!(text.contains(part), "{text}"),
                    (Err(hint), Err(expected)) => assert_eq!(hint, expected, "{rest}"),
                    (other, _) => panic!("{rest}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn password_is_never_taken_for_the_host() {
        for password in ["12/34", "12?34", "12#34", "hush/hush", "12/3?4", "1/2@3"] {
            let url = format!("postgres://desk:{password}@localhost/desk");
            assert!(database_url(&url).is_err(), "{password}");
        }
        let encoded = database_url("postgres://desk:1%2F2%403%23@localhost/desk").unwrap();
        let shown = Connection(&encoded).to_string();
        assert_eq!(shown, "PostgreSQL at localhost:5432, sslmode=prefer");
    }

    #[test]
    fn connection_shows_engine_host_and_mode_only() {
        for (url, shown) in [
            ("sqlite://hush/desk.db?mode=rwc", "SQLite file"),
            ("postgres://desk:hush@%2Frun%2Fpg/desk", "PostgreSQL, local socket"),
            (
                "postgres://desk:hush@db.example.com:6432/hush?sslmode=verify-full",
                "PostgreSQL at db.example.com:6432, sslmode=verify-full",
            ),
        ] {
            assert_eq!(Connection(&database_url(url).unwrap()).to_string(), shown);
        }
    }

    #[test]
    fn store_must_be_a_writable_file() {
        for (url, valid) in [
            ("sqlite://desk.db", true),
            ("sqlite://desk.db?mode=rwc", true),
            ("sqlite://desk.db?mode=rw&immutable=false", true),
            ("sqlite://desk.db?mode=ro", false),
            ("sqlite://desk.db?immutable=true", false),
            ("sqlite://?mode=rwc", false),
            ("sqlite:", false),
            ("sqlite://desk.db?mode=write", false),
            ("postgres://localhost/desk?mode=ro", false),
        ] {
            assert_eq!(store_url(url).is_ok(), valid, "{url}");
        }
        assert!(database_url("sqlite://core.db?mode=ro").is_ok(), "Core is only read");
    }

    #[test]
    fn endpoint_is_https_or_loopback() {
        for (url, valid) in [
            ("https://lambda.example.com", true),
            ("http://127.0.0.1:8400/aws", true),
            ("http://localhost:4566", true),
            ("http://[::1]:4566", true),
            ("http://lambda.example.com", false),
            ("http://10.0.0.7:4566", false),
            ("http://localhost.example.com", false),
            ("ftp://127.0.0.1", false),
            ("lambda.example.com", false),
            ("https://*.example.com", false),
            ("https://lambda.example.com:0", false),
            ("https://user:word@lambda.example.com", false),
            ("https://:word@lambda.example.com", false),
            ("https://lambda.example.com/?a=b", false),
            ("https://lambda.example.com/#a", false),
        ] {
            assert_eq!(endpoint_url(url).is_ok(), valid, "{url}");
        }
    }
}
