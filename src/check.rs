//! `support-desk check`: checks the settings and every service that the bot needs.
//!
//! Each check prints one line: `ok`, or `FAIL` or `warn` with a hint. The checks only read. They
//! run at the same time, so one failure does not hide another.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::{fmt, iter};

use commands::ports::clock::Clock;
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use crate::cognito::{Cognito, GroupCheck, WriteAccess};
use crate::config::{Config, ConfigFaults, Connection, GroupNames};
use crate::core_db::{Core, in_mode};
use crate::lambda::Functions;
use crate::server_clocks::ServerClocks;
use crate::store::{self, Inspected, OpenError, StoreVersion, Unusable};
use crate::{aws, demo_marks, web};

mod discord;
mod permissions;
mod traces;

/// Result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Subject of the check.
    pub subject: String,
    /// The failure or warning, and what to do about it; `None` if there is neither.
    pub hint: Option<String>,
    /// True if the bot works although there is a hint.
    pub is_warning: bool,
}

impl Line {
    fn new<E: fmt::Display>(
        subject: impl Into<String>,
        result: Result<(), E>,
        advice: &str,
    ) -> Self {
        let hint = result.err().map(|error| format!("{error}; {advice}"));
        Self { subject: subject.into(), hint, is_warning: false }
    }

    fn ok(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), hint: None, is_warning: false }
    }

    fn failed(subject: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { subject: subject.into(), hint: Some(hint.into()), is_warning: false }
    }

    fn warning(subject: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { subject: subject.into(), hint: Some(hint.into()), is_warning: true }
    }

    pub fn passed(&self) -> bool {
        self.hint.is_none() || self.is_warning
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            None => write!(f, "ok    {}", self.subject),
            Some(hint) if self.is_warning => write!(f, "warn  {}: {hint}", self.subject),
            Some(hint) => write!(f, "FAIL  {}: {hint}", self.subject),
        }
    }
}

/// Returns one failed line for each fault in the settings.
pub fn config_faults(faults: &ConfigFaults) -> Vec<Line> {
    faults.0.iter().map(|fault| Line::failed(fault.variable, fault.hint.as_str())).collect()
}

/// Checks the settings and every service that they name.
pub async fn run(config: &Config, clock: Arc<dyn Clock>) -> Vec<Line> {
    let mut lines = match demo_marks::refuse(config) {
        Ok(()) => vec![Line::ok("settings")],
        Err(faults) => config_faults(&faults),
    };
    let warnings = config.warnings.iter();
    lines.extend(warnings.map(|warning| Line::warning(warning.variable, warning.hint.as_str())));
    let clocks = ServerClocks::new(Arc::clone(&clock));
    let sdk = aws::load_config(&config.aws, &clocks).await;
    let cognito = Cognito::new(&sdk, config.cognito.clone(), Arc::clone(&clock));
    let (hosts, names) = (config.access_hosts.clone(), config.lambda.clone());
    let lambda = Functions::new(&sdk, names, hosts, None, Arc::clone(&clocks));
    let (store, core, accounts, groups, attributes, recovery, functions, discord, traces) = tokio::join!(
        store(config),
        core(config),
        accounts(&cognito, config),
        groups(&cognito, config),
        // Boxed, because the joined futures are too large for the stack.
        Box::pin(attributes(&cognito)),
        Box::pin(recovery(&cognito, config)),
        functions(&lambda, config),
        Box::pin(discord::check(&config.discord, &clocks)),
        traces::check(config.collector.as_ref()),
    );
    lines.push(store);
    lines.push(listener("HTTP_ADDR", config.http_addr).await);
    lines.push(listener("ADMIN_ADDR", config.admin_addr).await);
    lines.extend(core);
    lines.push(accounts);
    lines.extend(groups);
    lines.push(leads(config));
    lines.push(attributes);
    lines.extend(recovery);
    lines.push(report_pages(config));
    lines.extend(functions);
    lines.extend(discord);
    lines.extend(traces);
    lines.push(this_clock(&clocks));
    lines
}

/// Returns the line of this machine's clock, which the answers of the other checks have compared.
fn this_clock(clocks: &ServerClocks) -> Line {
    let subject = "clock of this machine";
    match (clocks.worst(), clocks.problem()) {
        (_, Some(problem)) => Line::warning(subject, problem),
        (Some(_), None) => Line::ok(subject),
        (None, None) => Line::warning(subject, "not compared, because no service answered"),
    }
}

async fn store(config: &Config) -> Line {
    let subject = format!("store (DATABASE_URL): {}", Connection(&config.database_url));
    // Open without `create`, because `check` must not create the database.
    let url = in_mode(config.database_url.expose_secret(), "rw");
    match store::inspect(&url).await {
        Ok(inspected) => usable_store(subject, inspected),
        Err(Unusable::Open(error @ OpenError::NoFile(_))) => {
            Line::new(subject, Err(error), "for a new file, run `support-desk migrate`")
        }
        // With the chain of causes, as `run` prints it.
        Err(error) => {
            let hint = format!("{:#}", anyhow::Error::from(error));
            Line { subject, hint: Some(hint), is_warning: false }
        }
    }
}

fn usable_store(subject: String, inspected: Inspected) -> Line {
    match (inspected.version, inspected.may_migrate) {
        (StoreVersion::Current, true) => Line::ok(subject),
        (StoreVersion::Current, false) => Line::ok(format!(
            "{subject}; its user may not migrate, so run `support-desk migrate` as the owner of \
             the store before `run` at each upgrade"
        )),
        (StoreVersion::Newer { store, program }, _) => Line::warning(
            subject,
            format!(
                "a newer version of the bot has migrated the store to {store}, and this program \
                 knows {program}: it works, but upgrade it"
            ),
        ),
        (StoreVersion::Behind { store, program }, _) => Line::warning(
            subject,
            format!("{}: `run` migrates it at the start", store::behind(store, program)),
        ),
    }
}

/// Checks that the machine has an address to listen on. A running bot can have taken the port.
async fn listener(variable: &str, address: SocketAddr) -> Line {
    let subject = format!("listener ({variable}): {address}");
    match TcpListener::bind(address).await {
        Err(error) if error.kind() != ErrorKind::AddrInUse => {
            Line::failed(subject, format!("cannot listen: {error}; check {variable}"))
        }
        _ => Line::ok(subject),
    }
}

async fn core(config: &Config) -> Vec<Line> {
    let subject = format!("Core (CORE_DATABASE_URL): {}", Connection(&config.core_database_url));
    let core = match Core::open(&config.core_database_url) {
        Ok(core) => core,
        Err(error) => {
            return vec![Line::failed(subject, error.to_string())];
        }
    };
    let views = match core.check().await {
        Ok(views) => views,
        Err(error) => {
            let advice = "check the address, and that this user may read the views";
            return vec![Line::new(subject, Err(error), advice)];
        }
    };
    let views = views.into_iter().map(|view| {
        let subject = format!("Core: view {}", view.view);
        if view.problems.is_empty() {
            Line::ok(subject)
        } else {
            Line::failed(subject, view.problems.join("; "))
        }
    });
    iter::once(Line::ok(subject)).chain(views).collect()
}

async fn accounts(cognito: &Cognito, config: &Config) -> Line {
    let advice = "check COGNITO_USER_POOL_ID, AWS_REGION, the credentials, and that their policy \
                  allows DescribeUserPool, AdminGetUser, AdminListGroupsForUser, \
                  AdminUserGlobalSignOut and ListUsers on the pool";
    let subject = format!("Cognito: pool {}, users and groups", config.cognito.user_pool_id);
    Line::new(subject, cognito.check().await, advice)
}

/// Checks that each group exists. Without permission for that it is a warning, because the bot
/// itself does not need the call.
async fn groups(cognito: &Cognito, config: &Config) -> Vec<Line> {
    let settings = [
        ("COGNITO_AGENT_GROUPS", Some(&config.cognito.agent_groups)),
        ("COGNITO_VERIFIER_GROUPS", config.cognito.verifier_groups.as_ref()),
        ("COGNITO_LEAD_GROUPS", config.cognito.lead_groups.as_ref()),
    ];
    let names = settings.into_iter().flat_map(|(variable, groups)| {
        let names = groups.into_iter().flat_map(GroupNames::names);
        names.map(move |name| (variable, name))
    });
    let checks = names.map(|(variable, name)| async move {
        let subject = format!("Cognito: group {name}");
        match cognito.check_group(name).await {
            Ok(GroupCheck::Exists) => Line::ok(subject),
            Ok(GroupCheck::Missing) => Line::failed(
                subject,
                format!(
                    "the pool has no such group; check {variable}, in which upper and lower case \
                     count"
                ),
            ),
            Ok(GroupCheck::NotPermitted) => Line::warning(
                subject,
                "not checked, because the policy does not allow GetGroup; compare the name with \
                 the pool's groups, in which upper and lower case count",
            ),
            Err(error) => Line::failed(subject, format!("{error}; check {variable}")),
        }
    });
    join_all(checks).await
}

/// Says if there are leads. They need a role in Discord and a group in Cognito, so that neither
/// system alone makes one.
fn leads(config: &Config) -> Line {
    let (role, groups) = (config.discord.lead_role_id, config.cognito.lead_groups.as_ref());
    let missing = match (role, groups) {
        (Some(_), Some(_)) => {
            let offset = config.utc_offset;
            return Line::ok(format!("leads: role and groups; statistics in days of {offset}"));
        }
        (None, None) => {
            let why = "neither DISCORD_LEAD_ROLE_ID nor COGNITO_LEAD_GROUPS is set";
            return Line::ok(format!("leads: none, because {why}"));
        }
        (Some(_), None) => "COGNITO_LEAD_GROUPS",
        (None, Some(_)) => "DISCORD_LEAD_ROLE_ID",
    };
    Line::warning("leads", format!("/desk refuses every user, because {missing} is not set"))
}

/// Checks that agents cannot change the attributes that identify them.
async fn attributes(cognito: &Cognito) -> Line {
    let subject = "Cognito: attributes that the app client can write";
    let advice = "an agent can appear under another name or address in a customer's mail; remove \
                  them from WriteAttributes of each app client with which agents sign in";
    match cognito.check_write_access().await {
        Ok(WriteAccess::Locked) => Line::ok(subject),
        Ok(WriteAccess::Writable(names)) => {
            Line::warning(subject, format!("{}: {advice}", names.join(", ")))
        }
        Ok(WriteAccess::All) => {
            Line::warning(subject, format!("all standard attributes: {advice}"))
        }
        Ok(WriteAccess::NotPermitted) => Line::warning(
            subject,
            "not checked, because the policy does not allow DescribeUserPoolClient; compare its \
             WriteAttributes with the manual",
        ),
        Err(error) => Line::failed(subject, format!("{error}; check COGNITO_CLIENT_ID")),
    }
}

/// Warns if mails have no link to a report page.
fn report_pages(config: &Config) -> Line {
    match &config.public_url {
        Some(url) => {
            let pages = web::report_base_url(url);
            Line::ok(format!("reports of mails: pages below {pages} (PUBLIC_URL)"))
        }
        None => Line::warning(
            "reports of mails",
            "off, because PUBLIC_URL is not set; mails tell customers to call, and no report \
             closes a session",
        ),
    }
}

/// Checks the password recovery. Without `PUBLIC_URL` it is off, which is no failure.
async fn recovery(cognito: &Cognito, config: &Config) -> Vec<Line> {
    let Some(url) = &config.public_url else {
        return vec![Line::ok("password recovery: off, because PUBLIC_URL is not set")];
    };
    let pages = web::recovery_base_url(url);
    let advice =
        "check COGNITO_CLIENT_ID, and COGNITO_CLIENT_SECRET if the app client has a secret";
    let subject = "Cognito: app client for password recovery";
    vec![
        Line::ok(format!("password recovery: pages below {pages} (PUBLIC_URL)")),
        Line::new(subject, cognito.check_recovery().await, advice),
    ]
}

async fn functions(lambda: &Functions, config: &Config) -> Vec<Line> {
    let names = [
        ("LAMBDA_OTP_SEND", &config.lambda.otp_send),
        ("LAMBDA_OTP_VERIFY", &config.lambda.otp_verify),
        ("LAMBDA_ACCESS", &config.lambda.access),
        ("LAMBDA_MESSAGE", &config.lambda.message),
    ];
    let checks = names.map(|(variable, name)| async move {
        let advice = format!(
            "check {variable}, AWS_REGION, the credentials, and that their policy allows \
             InvokeFunction on it"
        );
        Line::new(format!("Lambda: {name}"), lambda.dry_run(name).await, &advice)
    });
    join_all(checks).await
}

#[cfg(test)]
#[cfg(feature = "demo")]
mod tests;
