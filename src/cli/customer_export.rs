//! The command `customer export`.

use std::io::Write as _;
use std::process::ExitCode;

use commands::model::pseudonym::Pseudonym;
use commands::model::request::{RequestKind, RequestOutcome};
use commands::model::words::Locale;
use commands::ports::clock::Clock as _;

use super::customer::{Export, open, read_settings};
use super::customer_who::Asked;
use crate::clock::WallClock;
use crate::customer::{self, ExportOptions};

/// Writes a copy of what is stored about a customer to standard output.
pub(super) async fn export_copy(export: Export) -> anyhow::Result<ExitCode> {
    let Export { who, format, language, with_agents } = export;
    let who = who.read()?;
    let (settings, core) = read_settings(who.needs_core())?;
    let database = open(&settings).await?;
    let exported = async {
        let Asked { customer: found, request } =
            who.find(&database, core.as_ref(), RequestKind::Copy).await?;
        let locale = language.map(Locale::from).or(found.locale).unwrap_or_default();
        let options = ExportOptions { format, locale, with_agents };
        let pseudonyms: &[Pseudonym] = &found.pseudonyms;
        let now = WallClock.now();
        let copy =
            customer::export(&database, pseudonyms, options, settings.retention, now).await?;
        let left_out = copy.unverified_rows();
        if left_out > 0 {
            eprintln!(
                "support-desk: {left_out} rows that name this customer are not in the copy, \
                 because they do not verify: see `support-desk trail verify`; if an earlier key \
                 wrote them, add it to STORE_KEY_OLD or TRAIL_KEY_OLD"
            );
        }
        let text = customer::render(&copy, format)?;
        // A copy that was not written to its end leaves the request open.
        write_copy(&text)?;
        match &request {
            Some(request) => database.answer_request(request, RequestOutcome::Done).await?,
            None => {
                for pseudonym in pseudonyms {
                    database.tell_leads(RequestKind::Copy, pseudonym).await?;
                }
            }
        }
        anyhow::Ok(())
    };
    let exported = exported.await;
    database.close().await;
    exported.map(|()| ExitCode::SUCCESS)
}

/// Writes the copy. A closed output is an error here: the trail says that the copy exists.
fn write_copy(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    // As text, because the caller passes over a closed pipe.
    written.map_err(|error| anyhow::anyhow!("the copy was not written to its end: {error}"))
}
