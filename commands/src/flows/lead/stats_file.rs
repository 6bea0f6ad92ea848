//! The statistics as a file: one line for each started session.

use crate::flows::lead::figures::Outcome;
use crate::flows::lead::files::utc;
use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::words::Locale;
use crate::ports::figures::CountedSession;
use crate::say;
use crate::screens::csv_file::CsvFile;
use crate::screens::numbers::number;
use crate::screens::screen::{AttachedFile, Screen, Tone};

/// Columns of the file, as the catalog names them.
const COLUMNS: [&str; 10] = [
    "start", "kind", "scope", "agent", "ticket", "outcome", "reason", "seconds", "links",
    "customer",
];

/// Writes sessions, as many as fit.
///
/// # Errors
/// A fault if a line cannot be written.
pub fn write(
    sessions: &[CountedSession],
    max_bytes: usize,
    locale: Locale,
) -> Result<CsvFile, Fault> {
    let name = |column: &&str| say!(locale, "stats-file-column", column = *column);
    let header: Vec<_> = COLUMNS.iter().map(name).collect();
    let mut file = CsvFile::new(&header, max_bytes)?;
    for session in sessions {
        if !file.push(&cells(session))? {
            break;
        }
    }
    Ok(file)
}

fn cells(session: &CountedSession) -> Vec<String> {
    let seconds = session.verified_at.map(|at| at.since(session.started_at).as_secs());
    let links: u64 = session.opened.values().copied().map(u64::from).sum();
    vec![
        utc(session.started_at),
        session.kind.clone(),
        session.scope.clone().unwrap_or_default(),
        session.agent_name.clone(),
        session.ticket.clone().unwrap_or_default(),
        Outcome::of(session).name().to_owned(),
        session.closed_why.clone().unwrap_or_default(),
        seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        links.to_string(),
        session.customer.as_ref().map(Pseudonym::short).unwrap_or_default(),
    ]
}

/// Returns the answer with the file, of so many sessions that there are in all.
pub fn answer(file: CsvFile, total: u64, locale: Locale) -> Screen {
    let rows = file.rows();
    let shown = number(locale, rows.into());
    let text = if u64::from(rows) < total {
        let total = number(locale, total);
        say!(locale, "stats-file-part", shown = shown.as_str(), total = total)
    } else {
        say!(locale, "stats-file", rows = rows, shown = shown.as_str())
    };
    let attached = AttachedFile {
        name: "sessions.csv",
        media_type: "text/csv",
        description: say!(locale, "stats-file-about", rows = rows, shown = shown),
        bytes: file.into_bytes(),
    };
    Screen { tone: Tone::Success, file: Some(attached), ..Screen::default() }.say(text)
}
