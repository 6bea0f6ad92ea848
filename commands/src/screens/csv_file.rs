//! CSV files for leads, in UTF-8 with a byte order mark, because spreadsheets else misread accents.

use crate::model::fault::Fault;

/// Most lines of a file below its header. Ours: mass export is what attackers buy.
pub const MAX_ROWS: u32 = 10_000;

/// Most bytes of a file: four fifths of what Discord takes without boosts, 10 MiB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Characters that begin a formula, and their full-width forms, which some spreadsheets convert.
pub const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file that grows line by line, up to a number of lines and bytes.
#[derive(Debug)]
pub struct CsvFile {
    bytes: Vec<u8>,
    rows: u32,
    max_bytes: usize,
}

/// Returns the most bytes of a file. `limit`: what Discord takes, as the interaction says.
pub fn max_bytes(limit: u32) -> usize {
    // The rest is for the other parts of the call.
    usize::try_from(limit / 5 * 4).map_or(MAX_BYTES, |bytes| bytes.min(MAX_BYTES))
}

impl CsvFile {
    /// Starts a file with its header.
    ///
    /// # Errors
    /// A fault if the header cannot be written.
    pub fn new(header: &[String], max_bytes: usize) -> Result<Self, Fault> {
        let mut bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
        bytes.extend(line(header)?);
        Ok(Self { bytes, rows: 0, max_bytes })
    }

    /// Adds a line. Returns false if the file is full; the line is then left out.
    ///
    /// # Errors
    /// A fault if the line cannot be written.
    pub fn push(&mut self, cells: &[String]) -> Result<bool, Fault> {
        let line = line(cells)?;
        if self.rows >= MAX_ROWS || self.bytes.len() + line.len() > self.max_bytes {
            return Ok(false);
        }
        self.bytes.extend(line);
        self.rows += 1;
        Ok(true)
    }

    /// Returns the number of lines below the header.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Returns the number of bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Writes a line (RFC 4180).
fn line(cells: &[String]) -> Result<Vec<u8>, Fault> {
    let fault = |error: csv::Error| Fault::new("writing a file", error);
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(1024)
        .from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| disarmed(cell))).map_err(fault)?;
    writer.into_inner().map_err(|error| Fault::new("writing a file", error.into_error()))
}

/// Returns a cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").
///
/// A spreadsheet that separates cells at semicolons, tabs or breaks sees several cells in one.
fn disarmed(cell: &str) -> String {
    let disarm = |part: &str| {
        let is_formula = part.trim_start().starts_with(FORMULA_STARTS);
        if is_formula { format!("'{part}") } else { part.to_owned() }
    };
    cell.split_inclusive([';', '\t', '\n']).map(disarm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn text(file: CsvFile) -> String {
        String::from_utf8(file.into_bytes()).unwrap()
    }

    #[test]
    fn file_begins_with_its_mark_and_keeps_accents_and_quotes() {
        let mut file = CsvFile::new(&cells(&["time", "what"]), MAX_BYTES).unwrap();
        assert!(file.push(&cells(&["10:04", "Núñez, \"Casa\"\nLuz"])).unwrap());
        let written = "\u{feff}time,what\r\n10:04,\"Núñez, \"\"Casa\"\"\nLuz\"\r\n";
        assert_eq!(text(file), written);
    }

    #[test]
    fn cell_that_begins_as_a_formula_gets_an_apostrophe() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " @a"] {
            assert_eq!(disarmed(cell), format!("'{cell}"));
        }
        for (cell, disarmed_cell) in [
            ("\t=1", "\t'=1"),
            ("x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"),
            ("a; @b;c", "a;' @b;c"),
            ("a\n+1", "a\n'+1"),
        ] {
            assert_eq!(disarmed(cell), disarmed_cell);
        }
        for cell in ["a=1", "10:04", "", "ZD-1", "a; b"] {
            assert_eq!(disarmed(cell), cell);
        }
    }

    #[test]
    fn ten_thousand_lines_fit_and_no_more() {
        let mut file = CsvFile::new(&cells(&["n"]), MAX_BYTES).unwrap();
        for n in 0..MAX_ROWS {
            assert!(file.push(&[n.to_string()]).unwrap());
        }
        assert!(!file.push(&cells(&["more"])).unwrap());
        assert_eq!(file.rows(), 10_000);
        assert_eq!(text(file).lines().count(), 10_001);
    }

    #[test]
    fn line_that_exceeds_the_bytes_is_left_out() {
        let header = CsvFile::new(&cells(&["n"]), MAX_BYTES).unwrap().into_bytes().len();
        let mut file = CsvFile::new(&cells(&["n"]), header + 5).unwrap();
        assert!(file.push(&cells(&["123"])).unwrap(), "five bytes with the end of the line");
        assert!(!file.push(&cells(&["4"])).unwrap());
        assert_eq!((file.rows(), file.into_bytes().len()), (1, header + 5));
    }

    #[test]
    fn four_fifths_of_the_limit_of_discord_count_up_to_8_mib() {
        assert_eq!(max_bytes(10 * 1024 * 1024), 8 * 1024 * 1024);
        assert_eq!(max_bytes(500 * 1024 * 1024), 8 * 1024 * 1024);
        assert_eq!(max_bytes(1_000), 800);
        assert_eq!(max_bytes(0), 0);
    }
}
