//! The trail as a file: pseudonyms and ticket numbers, nothing of what the store seals.

use crate::flows::lead::files::utc;
use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::words::{Locale, SessionId};
use crate::ports::trail_search::{TrailLine, TrailPart};
use crate::say;
use crate::screens::csv_file::{CsvFile, MAX_ROWS};
use crate::screens::numbers::number;
use crate::screens::screen::{AttachedFile, Screen, Tone};

/// Events that are read at a time.
const CHUNK: u32 = 1_000;

/// Columns of the file, as the catalog names them.
const COLUMNS: [&str; 7] = ["time", "actor", "session", "customer", "ticket", "kind", "details"];

/// Returns the next events to read after so many. `None` if the file is full.
pub fn next_part(skipped: u32) -> Option<TrailPart> {
    let limit = CHUNK.min(MAX_ROWS.saturating_sub(skipped));
    (limit > 0).then_some(TrailPart { is_oldest_first: false, skipped, limit, opens: false })
}

/// Starts a file.
///
/// # Errors
/// A fault if the header cannot be written.
pub fn start(max_bytes: usize, locale: Locale) -> Result<CsvFile, Fault> {
    let name = |column: &&str| say!(locale, "desk-file-column", column = *column);
    let header: Vec<_> = COLUMNS.iter().map(name).collect();
    CsvFile::new(&header, max_bytes)
}

/// Returns the cells of an event.
pub fn cells(line: &TrailLine) -> Vec<String> {
    vec![
        utc(line.at),
        line.actor.clone(),
        line.session.as_ref().map(SessionId::to_string).unwrap_or_default(),
        line.customer.as_ref().map(Pseudonym::short).unwrap_or_default(),
        line.ticket.clone().unwrap_or_default(),
        line.kind.clone(),
        line.details.to_string(),
    ]
}

/// Returns the answer with the file, of so many events that there are in all.
pub fn answer(file: CsvFile, total: u64, locale: Locale) -> Screen {
    let rows = file.rows();
    let shown = number(locale, rows.into());
    let text = if u64::from(rows) < total {
        let total = number(locale, total);
        say!(locale, "desk-file-part", shown = shown.as_str(), total = total)
    } else {
        say!(locale, "desk-file", rows = rows, shown = shown.as_str())
    };
    let attached = AttachedFile {
        name: "trail.csv",
        media_type: "text/csv",
        description: say!(locale, "desk-file-about", rows = rows, shown = shown),
        bytes: file.into_bytes(),
    };
    Screen { tone: Tone::Success, file: Some(attached), ..Screen::default() }.say(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_in_chunks_up_to_its_lines() {
        assert_eq!(next_part(0).map(|part| part.limit), Some(1_000));
        assert_eq!(next_part(9_500).map(|part| part.limit), Some(500));
        assert_eq!(next_part(MAX_ROWS), None);
    }
}
