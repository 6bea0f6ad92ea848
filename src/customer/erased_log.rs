//! Erasures in the log. After a restore the database has the customers again, and the log says who
//! they were.

use std::io::{self, BufRead};

use commands::model::pseudonym::Pseudonym;
use commands::model::trail::kind::CUSTOMER_ERASED;
use serde::Deserialize;
use serde_json::Value;

use crate::trail::TRAIL;

/// Erasures that a log names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErasedLog {
    /// Each pseudonym once, in the order of the log.
    pub pseudonyms: Vec<Pseudonym>,
    /// Numbers of the lines that speak of an erasure and cannot be read, from 1.
    pub unreadable: Vec<usize>,
}

#[derive(Deserialize)]
struct Details {
    customer: Pseudonym,
}

/// Reads a log in JSON lines. A line that does not speak of an erasure is left out.
pub fn read_erased(log: impl BufRead) -> io::Result<ErasedLog> {
    let mut erased = ErasedLog::default();
    // Bytes, because a damaged line must not end the reading.
    for (at, line) in log.split(b'\n').enumerate() {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        if !text.contains(CUSTOMER_ERASED) {
            continue;
        }
        match parse(&text) {
            Ok(Some(pseudonym)) if !erased.pseudonyms.contains(&pseudonym) => {
                erased.pseudonyms.push(pseudonym);
            }
            Ok(_) => {}
            Err(Unreadable) => erased.unreadable.push(at + 1),
        }
    }
    Ok(erased)
}

struct Unreadable;

/// Returns the erased customer; `None` if the line is about something else.
fn parse(line: &str) -> Result<Option<Pseudonym>, Unreadable> {
    let line: Value = serde_json::from_str(line).map_err(|_| Unreadable)?;
    let is = |field: &str, word: &str| line.get(field).and_then(Value::as_str) == Some(word);
    if !is("target", TRAIL) || !is("kind", CUSTOMER_ERASED) {
        return Ok(None);
    }
    // The details are JSON in a text.
    let details = line.get("details").and_then(Value::as_str).ok_or(Unreadable)?;
    let details: Details = serde_json::from_str(details).map_err(|_| Unreadable)?;
    Ok(Some(details.customer))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JULIA: &str = "4FQ2MN0000000000000000000W";
    const TOM: &str = "7FQ2MN0000000000000000000W";

    fn line(target: &str, kind: &str, customer: &str) -> String {
        let details = json!({ "customer": customer, "sessions": 1 }).to_string();
        json!({ "target": target, "chain": "operator", "kind": kind, "details": details })
            .to_string()
    }

    #[test]
    fn each_erasure_is_read_once() {
        let good = line(TRAIL, CUSTOMER_ERASED, JULIA);
        let lines = [
            good.clone(),
            "not JSON".to_owned(),
            line("elsewhere", CUSTOMER_ERASED, TOM),
            line(TRAIL, "closed", TOM),
            // A line that was cut off, a customer that is no pseudonym, other details, a number.
            good[..good.len() - 4].to_owned(),
            line(TRAIL, CUSTOMER_ERASED, "usr-julia"),
            json!({ "target": TRAIL, "kind": CUSTOMER_ERASED, "details": {} }).to_string(),
            json!({ "target": TRAIL, "kind": CUSTOMER_ERASED, "details": "7" }).to_string(),
            good,
            line(TRAIL, CUSTOMER_ERASED, TOM),
        ];
        let mut log = lines.join("\n").into_bytes();
        log.splice(0..0, b"\xff\xfe customer_erased\n".iter().copied());
        let erased = read_erased(&log[..]).unwrap();
        let names: Vec<_> = erased.pseudonyms.iter().map(Pseudonym::as_str).collect();
        assert_eq!(names, [JULIA, TOM]);
        assert_eq!(erased.unreadable, [1, 6, 7, 8, 9]);
        assert_eq!(read_erased(&b""[..]).unwrap(), ErasedLog::default());
    }
}
