//! The matrix as a table. Each test leaves its column of a road in a file; whoever comes last has
//! written the whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::PathBuf;

use super::cell::{Cell, Verdict, rows};
use super::faults::{Fault, GROUPS, Group, Way};
use super::step::Road;
use crate::store::Engine;

const TITLE: &str = "# What an agent sees of each fault

Every fault at every step of every road, one at a time; printed by `bash tests/faults.sh`, and explained in [testing](testing.md#the-fault-matrix).

";

/// What a word of the table means.
const WORDS: [(&str, &str); 12] = [
    ("ok", "it is done, and the panel, the form or the message shows it"),
    (
        "resume",
        "it is done; the client says that the interaction failed, or leaves the panel as it was, and `/support resume` shows the panel",
    ),
    ("unseen", "it is done; the client says that the interaction failed, or shows nothing new"),
    ("press", "likewise, and the same button on the old panel shows the panel as it is"),
    (
        "said",
        "a sentence says that something failed; it is done all the same, and whoever comes back sees it",
    ),
    (
        "shown twice",
        "it is done once; the message with the link or the QR is there twice, and both lead the same way, once",
    ),
    ("again", "nothing happened; the same click, or the code typed again, does it"),
    ("said, again", "likewise, and a sentence says so, with a reference where something failed"),
    (
        "anew",
        "the same click asks once more, under another key, as nobody saw or knows what came of the first: another mail, link or QR. \
         What was opened is revoked at the close, and ends by itself within a minute",
    ),
    ("said, anew", "likewise, and a sentence says that something failed"),
    (
        "resend",
        "nobody knows, or may be told, what happened; Resend does it, under the same key where an effect has one",
    ),
    ("said, resend", "likewise, and a sentence says so"),
];

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn column(road: &Road, fault: Fault, way: Way, engine: Engine) -> PathBuf {
    folder().join(format!("{}.{fault:?}.{way:?}.{engine:?}", road.name))
}

/// Keeps a column of a road, and writes the table of all that are there.
pub fn keep(road: &Road, fault: Fault, way: Way, engine: Engine, verdicts: &[(Cell, Verdict)]) {
    let lines: Vec<_> = verdicts
        .iter()
        .map(|(cell, verdict)| {
            let word = match verdict {
                Ok(word) => word,
                Err(why) if why.starts_with("lost") => "**LOST**",
                Err(why) if why.starts_with("twice") => "**TWICE**",
                Err(_) => "**FAILS**",
            };
            format!("{}.{}={word}\n", cell.step, cell.ask.unwrap_or(0))
        })
        .collect();
    let folder = folder();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    fs::write(column(road, fault, way, engine), lines.concat()).unwrap();
    fs::write(folder.join("faults.md"), table()).unwrap();
}

/// The words of a column that were kept, by row.
fn kept(road: &Road, fault: Fault, way: Way, engine: Engine) -> BTreeMap<String, String> {
    let text = fs::read_to_string(column(road, fault, way, engine)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(row, word)| (row.to_owned(), word.to_owned()))
        .collect()
}

fn table() -> String {
    let mut text = String::new();
    let (mut cells, mut wrong, mut missing) = (0, 0, 0);
    for Group { title, way, engine, roads, asks: whom, faults } in GROUPS {
        let _ = write!(text, "## {title}\n\n| road | step | asks |");
        for (_, name, _) in faults {
            let _ = write!(text, " {name} |");
        }
        let _ = writeln!(text, "\n|{}", " --- |".repeat(faults.len() + 3));
        for road in roads {
            let columns: Vec<_> = faults
                .iter()
                .map(|(fault, ..)| (*fault, kept(road, *fault, way, engine)))
                .collect();
            for (number, ask) in rows(road) {
                let step = &road.steps[number];
                let asks = whom.unwrap_or_else(|| ask.map_or("", |ask| step.asks[ask].of));
                let mut line = format!("| {} | {} | {asks} |", road.name, step.name);
                let mut empty = true;
                for (fault, words) in &columns {
                    let applies =
                        Cell { road, step: number, ask, fault: *fault, way, engine }.applies();
                    let word =
                        words.get(&format!("{number}.{}", ask.unwrap_or(0))).map(String::as_str);
                    let word = if applies { word.unwrap_or("?") } else { "–" };
                    empty &= !applies;
                    cells += usize::from(applies);
                    missing += usize::from(word == "?");
                    wrong += usize::from(word.starts_with("**"));
                    let _ = write!(line, " {word} |");
                }
                if !empty {
                    let _ = writeln!(text, "{line}");
                }
            }
        }
        text.push('\n');
        for (_, name, meaning) in faults.iter().filter(|(.., meaning)| !meaning.is_empty()) {
            let _ = writeln!(text, "- **{name}**: {meaning}");
        }
        text.push('\n');
    }
    let mut head =
        format!("{cells} cells, {wrong} with something lost, done twice or left without an answer");
    if missing > 0 {
        let _ = write!(head, ", {missing} not tried");
    }
    format!("{TITLE}{head}.\n\n{text}{}", legend())
}

fn legend() -> String {
    let mut text = String::from("| word | |\n| --- | --- |\n");
    for (word, meaning) in WORDS {
        let _ = writeln!(text, "| {word} | {meaning} |");
    }
    text.push_str("| – | does not apply, or is tried in another row of the step |\n");
    text
}
