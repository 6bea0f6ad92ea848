//! The matrix as a table. Each test saves its column in a file of its own and renders the table of
//! all columns so far, so the last test completes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::PathBuf;

use super::cell::{Cell, CellResult};
use super::faults::Fault;
use super::groups::{GROUPS, Group, ReturnVia};
use super::lead_groups::LEAD_GROUPS;
use super::step::{Scenario, rows};
use crate::store::Engine;

const TITLE: &str = "# Fault matrix

Every fault at every step of every scenario. Printed by `bash tests/faults.sh`; `docs/faults.md` explains how to read it.

";

/// Words of the table and their meanings.
const WORDS: [(&str, &str); 15] = [
    ("ok", "The step is done, and the panel, the form or the message shows it."),
    (
        "resume",
        "The step is done. The client says that the interaction failed, or the panel is unchanged. `/support resume` shows the current panel.",
    ),
    (
        "press",
        "The step is done. The client says that the interaction failed, or the panel is unchanged. The same button on the old panel shows the current panel.",
    ),
    (
        "unseen",
        "The step is done. The client says that the interaction failed, or shows nothing new.",
    ),
    (
        "error",
        "The step is done, and a message says that something failed. The panel shows the step when the person comes back.",
    ),
    ("minimal", "The step is done. Discord refused the panel, so that only its buttons are shown."),
    (
        "minimal, retry",
        "As `minimal`, but an address or a menu is missing. The same command shows it.",
    ),
    ("left", "The person has left the session with the buttons on the screen."),
    ("retry", "The step is not done. The same click does it, or the code typed again."),
    ("error, retry", "As `retry`, and a message explains it."),
    (
        "new key",
        "The same click repeats the request under a new key, because its outcome is unknown or unseen: another mail, link or QR code. \
         The first link is revoked at the close and expires within a minute.",
    ),
    ("error, new key", "As `new key`, and a message explains it."),
    (
        "resend",
        "The outcome is unknown, or must not be shown. **Resend** requests another code, after its wait.",
    ),
    ("error, resend", "As `resend`, and a message explains it."),
    ("–", "The fault does not apply, or another row of the step has it."),
];

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn column(scenario: &Scenario, fault: Fault, via: ReturnVia, engine: Engine) -> PathBuf {
    folder().join(format!("{}.{fault:?}.{via:?}.{engine:?}", scenario.name))
}

/// Saves a column of a scenario, and renders the table of all saved columns.
pub fn save_column(
    scenario: &Scenario,
    fault: Fault,
    via: ReturnVia,
    engine: Engine,
    results: &[(Cell, CellResult)],
) {
    let lines: Vec<_> = results
        .iter()
        .map(|(cell, result)| {
            let word = match result {
                Ok(word) => word,
                Err(why) if why.starts_with("lost") => "**LOST**",
                Err(why) if why.starts_with("twice") => "**TWICE**",
                Err(_) => "**FAILS**",
            };
            format!("{}.{}={word}\n", cell.step, cell.call.unwrap_or(0))
        })
        .collect();
    let folder = folder();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    fs::write(column(scenario, fault, via, engine), lines.concat()).unwrap();
    fs::write(folder.join("faults.md"), render()).unwrap();
}

/// Loads a saved column: the word of each row.
fn load_column(
    scenario: &Scenario,
    fault: Fault,
    via: ReturnVia,
    engine: Engine,
) -> BTreeMap<String, String> {
    let text = fs::read_to_string(column(scenario, fault, via, engine)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(row, word)| (row.to_owned(), word.to_owned()))
        .collect()
}

/// Numbers of the cells in the table.
#[derive(Default)]
struct Totals {
    cells: usize,
    failed: usize,
    missing: usize,
}

fn render() -> String {
    let mut text = String::new();
    let mut totals = Totals::default();
    for group in GROUPS.iter().chain(&LEAD_GROUPS) {
        let _ = write!(text, "## {}\n\n| scenario | step | call |", group.title);
        for column in group.columns {
            let _ = write!(text, " {} |", column.heading);
        }
        let _ = writeln!(text, "\n|{}", " --- |".repeat(group.columns.len() + 3));
        for scenario in group.scenarios {
            render_rows(&mut text, &mut totals, group, scenario);
        }
        text.push('\n');
        for column in group.columns.iter().filter(|column| !column.meaning.is_empty()) {
            let _ = writeln!(text, "- **{}**: {}", column.heading, column.meaning);
        }
        text.push('\n');
    }
    let Totals { cells, failed, missing } = totals;
    let mut head = format!("{cells} cells, {failed} failed");
    if missing > 0 {
        let _ = write!(head, ", {missing} did not run");
    }
    format!("{TITLE}{head}.\n\n{text}{}", legend())
}

/// Renders the rows of a scenario to which at least one fault of the group applies.
fn render_rows(text: &mut String, totals: &mut Totals, group: &Group, scenario: &'static Scenario) {
    let (via, engine) = (group.via, group.engine);
    let columns: Vec<_> = group
        .columns
        .iter()
        .map(|column| (column.fault, load_column(scenario, column.fault, via, engine)))
        .collect();
    for (number, call) in rows(scenario) {
        let step = &scenario.steps[number];
        let callee =
            group.callee.unwrap_or_else(|| call.map_or("", |call| step.calls[call].function));
        let mut line = format!("| {} | {} | {callee} |", scenario.name, step.name);
        let mut empty = true;
        for (fault, words) in &columns {
            let cell = Cell { scenario, step: number, call, fault: *fault, via, engine };
            let applies = cell.applies();
            let word = words.get(&format!("{number}.{}", call.unwrap_or(0))).map(String::as_str);
            let word = if applies { word.unwrap_or("?") } else { "–" };
            empty &= !applies;
            totals.cells += usize::from(applies);
            totals.missing += usize::from(word == "?");
            totals.failed += usize::from(word.starts_with("**"));
            let _ = write!(line, " {word} |");
        }
        if !empty {
            let _ = writeln!(text, "{line}");
        }
    }
}

fn legend() -> String {
    let mut text = String::from("| word | meaning |\n| --- | --- |\n");
    for (word, meaning) in WORDS {
        let _ = writeln!(text, "| {word} | {meaning} |");
    }
    text
}
