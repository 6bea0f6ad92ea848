//! The commands `customer erase` and `customer export`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use commands::model::pseudonym::Pseudonym;
use commands::model::request::{CustomerRequest, RequestKind, RequestOutcome};
use commands::model::words::Locale;
use secrecy::SecretString;

use super::customer_export::export_copy;
use super::customer_who::Who;
use super::trail::open_lines;
use super::{existing, log_warnings, print};
use crate::clock::WallClock;
use crate::config::StoreSettings;
use crate::customer::{self, CannotFind, CopyFormat, ErasedLog};
use crate::store::{CannotErase, Database, Erasable, Occasion};

/// What an erasure does not reach, for the operator.
const NOT_ERASED: &str = "not erased: look-ups of the address that found no customer or several; \
     their masked address and keyed hash can be read until the key `nobody` of their quarter is \
     destroyed";

#[derive(Clone, Subcommand)]
pub(super) enum Customer {
    /// Erase the customer whose address is on standard input: destroy the keys of everything that
    /// tells who the customer was. The trail stays and still verifies. Without --yes nothing is
    /// erased
    Erase(Erase),
    /// Write a copy of what is stored about the customer whose address is on standard input. It
    /// leaves out keyed hashes, such as that of the address that an agent typed, the customer's
    /// keys, and rows that do not verify. Standard error says how many these are
    Export(Export),
}

impl Customer {
    /// Returns true if the command erases, and does not only print what would be erased.
    pub(super) const fn erases(&self) -> bool {
        matches!(self, Self::Erase(Erase { yes: true, .. }))
    }
}

#[derive(Clone, Args)]
pub(super) struct Erase {
    #[command(flatten)]
    who: Who,
    /// Erase again whom this log in JSON lines names as erased, after a backup was restored
    #[arg(long, value_name = "FILE", conflicts_with_all = ["core_id", "request"])]
    from_log: Option<PathBuf>,
    /// Erase although a report of the customer is open
    #[arg(long)]
    despite_report: bool,
    /// Erase, instead of printing what would be erased. The log on standard error is JSON then,
    /// also on a terminal: keep its line for --from-log
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Args)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) who: Who,
    /// Format of the copy
    #[arg(long, value_enum, default_value_t = CopyFormat::Text)]
    pub(super) format: CopyFormat,
    /// Language of the text. Without it the customer's language in Core, else English
    #[arg(long, value_enum)]
    pub(super) language: Option<Language>,
    /// Name the agents. A customer has no right to their names (CJEU C-579/21)
    #[arg(long)]
    pub(super) with_agents: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Language {
    En,
    Es,
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Es => Self::Es,
        }
    }
}

pub(super) async fn run(command: Customer) -> anyhow::Result<ExitCode> {
    match command {
        Customer::Erase(erase) => erase_customer(erase).await,
        Customer::Export(export) => export_copy(export).await,
    }
}

async fn erase_customer(command: Erase) -> anyhow::Result<ExitCode> {
    let Erase { who, from_log, despite_report, yes } = command;
    if let Some(file) = from_log {
        let log = read_log(&file)?;
        let (settings, _) = read_settings(false)?;
        let database = open(&settings).await?;
        let mut done = Vec::new();
        let erased = erase_again(&database, &log, yes, &mut done).await;
        let erased = and_wipe(&database, erased, yes, &done).await;
        database.close().await;
        return erased;
    }
    let who = who.read()?;
    let (settings, core) = read_settings(who.needs_core())?;
    let database = open(&settings).await?;
    let mut done = Vec::new();
    let erased = async {
        let found = who.find(&database, core.as_ref(), RequestKind::Erasure).await?;
        let request = found.request;
        let found = find_erasable(&database, &found.customer.pseudonyms, despite_report).await;
        if !yes {
            return print_erasable(&found?);
        }
        let erased = match found {
            Ok(found) => erase(&database, &found, Occasion::Request, &mut done).await,
            Err(error) => was_erased(&database, request.as_ref(), error).await,
        };
        tell_leads(&database, request.as_ref(), &erased, &done).await?;
        erased
    };
    let erased = erased.await;
    let erased = and_wipe(&database, erased, yes, &done).await;
    database.close().await;
    erased.map(|()| ExitCode::SUCCESS)
}

/// Examines all of the customer's pseudonyms first, so that a refusal changes nothing.
async fn find_erasable(
    database: &Database,
    pseudonyms: &[Pseudonym],
    despite_report: bool,
) -> anyhow::Result<Vec<Erasable>> {
    let mut found = Vec::new();
    for pseudonym in pseudonyms {
        // First, because a customer who was erased before needs no answer of a lead.
        let erasable = database.find_erasable(pseudonym, Occasion::Request).await?;
        if !despite_report && let Some(report) = database.open_report_of(pseudonym).await? {
            return Err(ReportIsOpen { customer: pseudonym.short(), report }.into());
        }
        found.push(erasable);
    }
    Ok(found)
}

/// Returns no error if the customer of the request was erased, and only the outcome is missing.
async fn was_erased(
    database: &Database,
    request: Option<&CustomerRequest>,
    error: anyhow::Error,
) -> anyhow::Result<()> {
    match request {
        Some(request)
            if found_nothing(&error) && database.was_erased(&request.customer).await? =>
        {
            print("this customer was erased before")
        }
        _ => Err(error),
    }
}

/// Changes the card of the request, or raises one for an erasure without a request.
async fn tell_leads(
    database: &Database,
    request: Option<&CustomerRequest>,
    erased: &anyhow::Result<()>,
    done: &[Erasable],
) -> anyhow::Result<()> {
    let Some(request) = request else {
        for erasable in done {
            database.tell_leads(RequestKind::Erasure, &erasable.pseudonym).await?;
        }
        return Ok(());
    };
    let outcome = match erased {
        Ok(()) => RequestOutcome::Done,
        Err(error) => RequestOutcome::Refused(refusal_word(error)),
    };
    Ok(database.answer_request(request, outcome).await?)
}

/// Returns the word of a refusal on the card of a request.
fn refusal_word(error: &anyhow::Error) -> &'static str {
    if error.is::<ReportIsOpen>() {
        return "report";
    }
    match error.downcast_ref() {
        Some(CannotErase::Open { .. } | CannotErase::Unverified { .. }) => "open",
        Some(CannotErase::LockedOut { .. }) => "locked",
        _ => "other",
    }
}

/// A report of the customer is not handled yet, so its evidence is kept.
#[derive(Debug, thiserror::Error)]
#[error(
    "a report of {customer} is open ({report}): let a lead answer its alert first, or add \
     --despite-report"
)]
struct ReportIsOpen {
    customer: String,
    report: String,
}

/// Removes erased rows from the files, if the command erases. Does so also if it found nothing to
/// erase, because an earlier one can have been interrupted after its commit.
async fn and_wipe<T>(
    database: &Database,
    erased: anyhow::Result<T>,
    yes: bool,
    done: &[Erasable],
) -> anyhow::Result<T> {
    if !yes || done.is_empty() && erased.as_ref().is_err_and(|error| !found_nothing(error)) {
        return erased;
    }
    match (erased, database.wipe().await) {
        (erased, Ok(())) => erased,
        (Ok(_), Err(error)) => Err(error.into()),
        (Err(error), Err(not_wiped)) => Err(anyhow::Error::new(not_wiped).context(error)),
    }
}

/// Returns true if nothing is stored about the customer.
fn found_nothing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(CannotErase::Unknown))
        || matches!(error.downcast_ref(), Some(CannotFind::NotInStore))
}

/// Says what would be erased.
fn print_erasable(found: &[Erasable]) -> anyhow::Result<()> {
    for erasable in found {
        print(format_args!("would erase {}", describe(erasable)))?;
    }
    print(NOT_ERASED)?;
    print("nothing was erased; add --yes to erase")
}

/// Erases what was found, adds it to `erased`, and says so.
async fn erase(
    database: &Database,
    found: &[Erasable],
    occasion: Occasion,
    erased: &mut Vec<Erasable>,
) -> anyhow::Result<()> {
    let mut result = Ok(());
    for erasable in found {
        match database.erase(&erasable.pseudonym, occasion).await {
            Ok(done) => erased.push(done),
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    for done in erased.iter() {
        print(format_args!("erased {}", describe(done)))?;
    }
    if !erased.is_empty() {
        print(NOT_ERASED)?;
    }
    Ok(result?)
}

async fn erase_again(
    database: &Database,
    log: &ErasedLog,
    yes: bool,
    erased: &mut Vec<Erasable>,
) -> anyhow::Result<ExitCode> {
    let (mut found, mut refused) = (Vec::new(), 0);
    for pseudonym in &log.pseudonyms {
        match database.find_erasable(pseudonym, Occasion::Restore).await {
            Ok(erasable) => found.push(erasable),
            // This store has no key of the customer.
            Err(CannotErase::Unknown) => {}
            Err(error @ (CannotErase::Open { .. } | CannotErase::Unverified { .. })) => {
                refused += 1;
                print(format_args!("not erased: {error}"))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    for line in &log.unreadable {
        print(format_args!("line {line} of the log names an erasure and cannot be read"))?;
    }
    if found.is_empty() {
        print("no erasure of the log has to be repeated")?;
    } else if yes {
        erase(database, &found, Occasion::Restore, erased).await?;
    } else {
        print_erasable(&found)?;
    }
    let is_done = refused == 0 && log.unreadable.is_empty();
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read_log(file: &Path) -> anyhow::Result<ErasedLog> {
    let lines = open_lines(file)?;
    customer::read_erased(lines).with_context(|| format!("cannot read {}", file.display()))
}

/// Describes a customer for the operator: short form, sessions, time of the first look-up, keys.
fn describe(erasable: &Erasable) -> String {
    let Erasable { pseudonym, known_since, sessions, quarters } = erasable;
    let quarters: Vec<_> = quarters.iter().map(ToString::to_string).collect();
    let keys = if quarters.is_empty() { "none".to_owned() } else { quarters.join(", ") };
    let since = crate::trail::event::format_time(known_since.0);
    let since = since.unwrap_or_else(|| "an unknown time".to_owned());
    let pseudonym = pseudonym.short();
    format!("{pseudonym}: sessions: {sessions}, known since {since}, keys: {keys}")
}

/// Returns the settings, and Core's URL if the command needs it.
pub(super) fn read_settings(
    needs_core: bool,
) -> anyhow::Result<(StoreSettings, Option<SecretString>)> {
    let (settings, core) = if needs_core {
        let (settings, core) = StoreSettings::from_env_with_core()?;
        (settings, Some(core))
    } else {
        (StoreSettings::from_env()?, None)
    };
    log_warnings(&settings.warnings);
    Ok((settings, core))
}

pub(super) async fn open(settings: &StoreSettings) -> anyhow::Result<Database> {
    let url = existing(&settings.url);
    let database = Database::open(&url, Arc::clone(&settings.keys), Arc::new(WallClock)).await?;
    database.require_tables().await?;
    // Under another key the customer would look unknown.
    if let Some(foreign) = database.foreign_key().await? {
        anyhow::bail!("{}", foreign.sentence());
    }
    Ok(database)
}
